"""Response matrices and what is made of them: .npy, .npz, .mat and .h5."""

import h5py
import numpy as np
import scipy.io
from reading import Door, Reading, digest

from twophoton_decode.files.array import read_array
from twophoton_decode.formats.arrays import import_arrays
from twophoton_decode.settings import ResponseSettings

VALUES = np.random.default_rng(3).normal(size=(2, 5, 4))
BOTH = frozenset({"structure", "values"})


def read(file):
    values = read_array(file)
    return Reading({"shape": values.shape, "type": str(values.dtype)}, digest(values))


def saved(name, write):
    def make(folder):
        write(folder / name, VALUES)
        return folder / name

    return make


def matlab_7_3(path, values):
    """HDF5 behind MATLAB's 512 bytes, axes reversed."""
    with h5py.File(path, "w", userblock_size=512) as file:
        file.create_dataset("R", data=values.T).attrs["MATLAB_class"] = np.bytes_("double")
    with path.open("r+b") as stream:
        text = b"MATLAB 7.3 MAT-file, Platform: GLNXA64"
        stream.write(text.ljust(116) + bytes(8) + b"\x00\x02IM")


def hdf5(path, values, **options):
    with h5py.File(path, "w") as file:
        file.create_dataset("R", data=values, **options)


def fletcher(path, values):
    hdf5(path, values, fletcher32=True, chunks=values.shape)


def deflated(path, values):
    hdf5(path, values, compression="gzip", shuffle=True)


def responses_and_pictures(folder):
    rng = np.random.default_rng(0)
    np.save(folder / "I.npy", rng.random((4, 8, 8)).astype(np.float32))
    np.save(folder / "R.npy", rng.normal(size=(3, 4, 5)))
    return folder / "R.npy"


def read_responses(file):
    found = import_arrays(
        file, "repeat image cell", file.with_name("I.npy"), settings=ResponseSettings(), size_px=8
    )
    return Reading(
        {"shape": found.response.shape, "excluded": len(found.excluded_line)},
        digest(found.response),
        frozenset(found.notes),
    )


DOORS = [
    Door("npy", "arrays", saved("a.npy", np.save), read),
    Door("npz", "arrays", saved("a.npz", lambda path, a: np.savez(path, R=a)), read, BOTH),
    Door(
        "npz deflated", "arrays",
        saved("a.npz", lambda path, a: np.savez_compressed(path, R=a)), read, BOTH,
    ),
    Door("mat v5", "arrays", saved("a.mat", lambda p, a: scipy.io.savemat(p, {"R": a})), read),
    Door(
        "mat v5 deflated", "arrays",
        saved("a.mat", lambda p, a: scipy.io.savemat(p, {"R": a}, do_compression=True)), read,
    ),
    Door("mat v7.3", "arrays", saved("a.mat", matlab_7_3), read),
    Door("h5", "arrays", saved("a.h5", hdf5), read),
    Door("h5 checksum", "arrays", saved("a.h5", fletcher), read),
    Door("h5 deflated", "arrays", saved("a.h5", deflated), read),
    Door("import arrays", "arrays", responses_and_pictures, read_responses),
]  # fmt: skip
