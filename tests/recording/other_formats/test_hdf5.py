"""Movies in HDF5: axes, the dataset that is meant, storage, damage."""

import struct

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.recording.movie import chunks, open_recording, read_frames, select, where
from twophoton_decode.recording.planes.used import interleaved

SAME_FOLDER = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
HEIGHT, WIDTH = 10, 9


def stack(*shape, dtype="uint16"):
    """Every pixel differs, so that a misread frame shows."""
    values = np.arange(np.prod([*shape, HEIGHT, WIDTH])) % 60000
    return (
        (values % 251 if dtype == "uint8" else values).astype(dtype).reshape(*shape, HEIGHT, WIDTH)
    )


def write(path, pixels, name="mov", labels=(), **options):
    with h5py.File(path, "a") as file:
        dataset = file.create_dataset(name, data=pixels, **options)
        for number, label in enumerate(labels):
            dataset.dims[number].label = label
    return path


def one(recording, plane=0, channel=0):
    return np.concatenate(list(chunks(select(recording, plane, channel), 3)))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32", ">u2", ">f4"])
@pytest.mark.parametrize(
    "storage", [{}, {"chunks": (3, 4, 9), "compression": "gzip"}, {"chunks": (1, 10, 9)}]
)
def test_frames_come_back(tmp_path, dtype, storage):
    frames = stack(7, dtype=dtype)
    recording = open_recording([write(tmp_path / "a.h5", frames, **storage)])
    assert (recording.frames, recording.height, recording.width) == frames.shape
    assert (recording.layout, recording.dataset.tolist()) == ("hdf5", ["/mov"])
    assert recording.dtype == np.dtype(dtype).newbyteorder("=").name
    assert np.array_equal(one(recording), frames)
    assert read_frames(recording, 2, 6).dtype == np.dtype(recording.dtype)
    assert np.array_equal(read_frames(recording, 2, 6), frames[2:6])


def test_four_axes_are_frames_and_planes_as_in_suite2p(tmp_path):
    images = stack(6, 3)
    recording = open_recording([write(tmp_path / "a.hdf5", images)])
    assert (recording.frames, recording.planes, recording.channels) == (6, 3, 1)
    assert recording.warnings == (
        "the axes of /mov (6 x 3 x 10 x 9) have no names: they are taken as frames, planes, y, x, "
        "as suite2p does",
    )
    for plane in range(3):
        assert np.array_equal(one(recording, plane), images[:, plane])
    assert where(select(recording, 2, 0), 4) == "image 14 of a.hdf5"


@pytest.mark.parametrize(
    ("labels", "axes"),
    [
        (("time", "plane", "channel", "row", "col"), "tzcyx"),
        (("X", "Y", "Frames", "Z"), "xytz"),
        (("c", "t", "x", "y"), "ctxy"),
        (("y", "x", "t"), "yxt"),
    ],
)
def test_axes_with_names_come_in_any_order(tmp_path, labels, axes):
    size = {"t": 4, "z": 3 if "z" in axes else 1, "c": 2 if "c" in axes else 1}
    images = stack(*size.values())
    unnamed = tuple(place for place, axis in enumerate("tzcyx") if axis not in axes)
    kept = [axis for axis in "tzcyx" if axis in axes]
    stored = images.squeeze(unnamed).transpose([kept.index(axis) for axis in axes])
    recording = open_recording([write(tmp_path / "a.h5", stored, labels=labels)])
    assert recording.axes == axes
    assert (recording.frames, recording.planes, recording.channels) == tuple(size.values())
    by = recording.source.get("planes", "")
    assert by == ("names of the HDF5 dimensions" if len(axes) > 3 else "")
    for plane in range(size["z"]):
        for channel in range(size["c"]):
            assert np.array_equal(one(recording, plane, channel), images[:, plane, channel])


@pytest.mark.parametrize("value", ["TCYX", b"TCYX", "t, c, y, x", ["t", "c", "y", "x"]])
def test_axes_may_stand_in_an_attribute(tmp_path, value):
    images = stack(4, 2)
    write(tmp_path / "a.h5", images)
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file["mov"].attrs["axes"] = value
    recording = open_recording([tmp_path / "a.h5"])
    assert (recording.planes, recording.channels) == (1, 2)
    assert np.array_equal(one(recording, 0, 1), images[:, 1])
    assert recording.warnings == ()


@pytest.mark.parametrize(
    ("shape", "labels", "message"),
    [
        ((4, 2), ("t", "wavelength", "y", "x"), "axes called t, wavelength, y, x"),
        ((4, 2), ("t", "z", "y", ""), "axes called t, z, y, "),
        ((4, 2), ("t", "t", "y", "x"), "axes called t, t, y, x"),
        ((4,), ("z", "y", "x"), "axes called z, y, x"),
        ((4, 2, 2), (), r"Expected \(frames, y, x\)"),
    ],
)
def test_axes_that_are_not_understood(tmp_path, shape, labels, message):
    write(tmp_path / "a.h5", stack(*shape), labels=labels)
    with pytest.raises(MovieError, match=message):
        open_recording([tmp_path / "a.h5"])


def test_interleaved_planes_are_told_apart_by_the_settings(tmp_path):
    images = stack(5, 3)
    write(tmp_path / "a.h5", images.reshape(15, HEIGHT, WIDTH))
    recording = interleaved(open_recording([tmp_path / "a.h5"]), planes=3, channels=1)
    for plane in range(3):
        assert np.array_equal(one(recording, plane), images[:, plane])


def test_suite2ps_name_comes_first(tmp_path):
    write(tmp_path / "a.h5", stack(4))
    write(tmp_path / "a.h5", stack(5) + 1, name="data")
    assert np.array_equal(one(open_recording([tmp_path / "a.h5"])), stack(5) + 1)


@pytest.mark.parametrize("name", ["/group/raw", "group/raw", "link", "group/again"])
def test_a_dataset_is_named(tmp_path, name):
    write(tmp_path / "a.h5", stack(4))
    write(tmp_path / "a.h5", stack(3) + 7, name="group/raw")
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file["link"] = h5py.SoftLink("/group/raw")
        file["group/again"] = h5py.SoftLink("raw")
    recording = open_recording([f"{tmp_path}/a.h5::{name}"])
    assert np.array_equal(one(recording), stack(3) + 7)
    assert np.array_equal(one(open_recording([f"{tmp_path}/*.h5::{name}"])), stack(3) + 7)


def test_several_movies_in_one_file_are_listed(tmp_path):
    write(tmp_path / "a.h5", stack(4))
    write(tmp_path / "a.h5", stack(3), name="group/raw")
    # None of these is like a movie.
    write(tmp_path / "a.h5", stack(1), name="mean")
    write(tmp_path / "a.h5", np.zeros((40, 40, 3)), name="rgb")
    write(tmp_path / "a.h5", np.zeros((4, 10, 9), "S3"), name="words")
    with pytest.raises(
        UsageError, match=r"2 datasets .*/group/raw \(3, 10, 9\), /mov \(4, 10, 9\)"
    ):
        open_recording([tmp_path / "a.h5"])
    with pytest.raises(UsageError, match=r"no dataset 'gone'; it holds /group/raw .*, /mov"):
        open_recording([f"{tmp_path}/a.h5::gone"])
    with pytest.raises(UsageError, match="no dataset '/group'"):
        open_recording([f"{tmp_path}/a.h5::/group"])


def test_a_file_without_movie(tmp_path):
    write(tmp_path / "a.h5", np.arange(5))
    with pytest.raises(MovieError, match="holds no dataset that could be a movie"):
        open_recording([tmp_path / "a.h5"])


def test_files_follow_each_other(tmp_path):
    images = stack(7, 2)
    for name, part in (("m_2.h5", images[:4]), ("m_10.h5", images[4:])):
        write(tmp_path / name, part)
    recording = open_recording([tmp_path])
    assert recording.file_frames.tolist() == [8, 6]
    assert np.array_equal(one(recording, 1), images[:, 1])
    assert np.array_equal(read_frames(select(recording, 0, 0), 2, 6), images[2:6, 0])


def test_parts_of_one_file_follow_each_other(tmp_path):
    write(tmp_path / "a.h5", stack(3), name="first")
    write(tmp_path / "a.h5", stack(2) + 9, name="second")
    paths = [f"{tmp_path}/a.h5::second", f"{tmp_path}/a.h5::first"]
    assert np.array_equal(one(open_recording(paths)), np.concatenate([stack(2) + 9, stack(3)]))
    with pytest.raises(UsageError, match="given twice"):
        open_recording([paths[0], paths[0]])


def test_files_must_agree(tmp_path):
    write(tmp_path / "a.h5", stack(4, 2))
    write(tmp_path / "b.h5", stack(4, 3))
    with pytest.raises(MovieError, match=r"b\.h5 has 3 planes and 1 channel in the order tzyx"):
        open_recording([tmp_path])
    write(tmp_path / "c.h5", stack(4, 2).astype("int16"))
    with pytest.raises(MovieError, match=r"c\.h5 has frames of 10 x 9 px in int16, but"):
        open_recording([tmp_path / "a.h5", tmp_path / "c.h5"])


@pytest.mark.parametrize("dtype", ["float64", "int32", "uint32", "int64", "int8"])
def test_every_pixel_type_comes_back(tmp_path, dtype):
    images = stack(4, dtype="uint16").astype(dtype)
    write(tmp_path / "a.h5", images)
    recording = open_recording([tmp_path / "a.h5"])
    assert recording.dtype == dtype
    assert np.array_equal(read_frames(recording, 0, 4), images)


def test_complex_pixels_are_refused(tmp_path):
    write(tmp_path / "a.h5", stack(4).astype("complex64"))
    with pytest.raises(MovieError, match="no dataset that could be a movie"):
        open_recording([tmp_path / "a.h5"])


def test_pixels_in_other_files_are_not_followed(tmp_path):
    write(tmp_path / "other.h5", stack(4))
    (tmp_path / "raw.bin").write_bytes(stack(4).tobytes())
    layout = h5py.VirtualLayout(shape=(4, HEIGHT, WIDTH), dtype="u2")
    layout[:] = h5py.VirtualSource(tmp_path / "other.h5", "mov", shape=(4, HEIGHT, WIDTH))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["linked"] = h5py.ExternalLink("other.h5", "/mov")
        file["soft"] = h5py.SoftLink("/linked")
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset(
            "outside",
            (4, HEIGHT, WIDTH),
            "u2",
            external=[(str(tmp_path / "raw.bin"), 0, h5py.h5f.UNLIMITED)],
        )
    for name in ("linked", "soft", "virtual", "outside"):
        with pytest.raises(MovieError, match="lies in another file, which is not followed"):
            open_recording([f"{tmp_path}/a.h5::{name}"])


def test_links_in_a_circle_lead_nowhere(tmp_path):
    write(tmp_path / "a.h5", stack(4))
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file["one"], file["two"] = h5py.SoftLink("/two"), h5py.SoftLink("/one")
    with pytest.raises(UsageError, match="no dataset 'one'"):
        open_recording([f"{tmp_path}/a.h5::one"])


def test_a_filter_that_is_not_installed(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_chunk((4, HEIGHT, WIDTH))
        plan.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, ())
        space = h5py.h5s.create_simple((4, HEIGHT, WIDTH))
        created = h5py.h5d.create(file.id, b"mov", h5py.h5t.NATIVE_UINT16, space, plan)
        h5py.Dataset(created)[:] = stack(4)
    with pytest.raises(MovieError, match="compressed by the HDF5 filter 32015"):
        open_recording([tmp_path / "a.h5"])


# Damage


@pytest.mark.parametrize("storage", [{}, {"chunks": (1, HEIGHT, WIDTH)}])
def test_frames_that_were_never_written_are_not_zeros(tmp_path, storage):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        dataset = file.create_dataset("mov", (6, HEIGHT, WIDTH), "u2", **storage)
        if storage:
            dataset[:4] = stack(4)
    with pytest.raises(MovieError, match=r"is truncated: \d+ of \d+ (chunks|bytes) were written"):
        open_recording([tmp_path / "a.h5"])


@pytest.fixture(params=["latest", "earliest"])
def whole(request, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w", libver=request.param) as file:
        file.create_dataset("mov", data=stack(8), chunks=(2, HEIGHT, WIDTH), fletcher32=True)
    return tmp_path, (tmp_path / "a.h5").read_bytes()


@given(share=st.floats(0, 0.999))
@SAME_FOLDER
def test_a_file_cut_short_is_noticed(whole, share):
    folder, content = whole
    (folder / "b.h5").write_bytes(content[: int(share * len(content))])
    with pytest.raises(MovieError, match=r"is not an HDF5 file|is truncated or damaged"):
        open_recording([folder / "b.h5"])


@given(place=st.floats(0, 1, exclude_max=True))
@SAME_FOLDER
def test_a_changed_pixel_fails_its_checksum(whole, place):
    folder, content = whole
    frame = int(place * 8)
    at = content.index(stack(8)[frame].tobytes())
    (folder / "b.h5").write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    with pytest.raises(MovieError, match=r"frames \d+ to \d+ cannot be decoded"):
        one(open_recording([folder / "b.h5"]))


def test_a_chunk_shorter_than_its_checksum_is_never_read(tmp_path):
    """HDF5 would read memory that is not its own."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        mov = file.create_dataset("mov", data=stack(6), chunks=(2, HEIGHT, WIDTH), fletcher32=True)
        mov.id.write_direct_chunk((2, 0, 0), b"abc")
    with pytest.raises(MovieError, match=r"the chunk at \(2, 0, 0\) takes 3 bytes"):
        open_recording([tmp_path / "a.h5"])


def test_a_chunk_listed_twice_does_not_stand_for_another(tmp_path):
    path = write(tmp_path / "a.h5", stack(6), chunks=(2, HEIGHT, WIDTH))
    last, second = (struct.pack("<4Q", frame, 0, 0, 0) for frame in (4, 2))
    content = path.read_bytes()
    assert content.count(last) == 1
    path.write_bytes(content.replace(last, second))
    with pytest.raises(MovieError, match="is truncated: 2 of 3 chunks were written"):
        open_recording([path])


def test_what_is_no_hdf5(tmp_path):
    for name, content in (("a.h5", b"time,image\n"), ("b.hdf5", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(MovieError, match="is not an HDF5 file: expected one by its suffix"):
            open_recording([tmp_path / name])
