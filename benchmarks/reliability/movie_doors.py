"""Movies: TIFFs of every kind, HDF5, NWB, Scanbox's files and Bruker's folders."""

import io

import h5py
import numpy as np
import scipy.io
import tifffile
from reading import Door, Reading, digest

from twophoton_decode.recording.inspection import inspect
from twophoton_decode.recording.movie import chunks, open_recording, select

SHAPE = frozenset({"structure"})
MOVIE = np.random.default_rng(2).integers(100, 4000, (6, 9, 10)).astype(np.uint16)
SCANIMAGE = (
    "SI.hChannels.channelSave = 1\nSI.hFastZ.enable = false\nSI.hStackManager.enable = false\n"
    "SI.hRoiManager.scanFrameRate = 30\n"
)
FOLDERS = {".xml", ".tiff"}


def read(file):
    """Every frame of every plane and channel, and what `tpdecode inspect` says."""
    paths = [file.parent] if file.suffix in FOLDERS else [file]
    recording = open_recording(paths)
    parts = [(p, c) for p in range(recording.planes) for c in range(recording.channels)]
    frames = [np.concatenate(list(chunks(select(recording, *part), 4))) for part in parts]
    notes = inspect(paths, most_frames=3).warnings
    kept = ("frames", "planes", "channels", "height", "width", "dtype")
    return Reading(
        {name: getattr(recording, name) for name in kept},
        digest(*frames),
        frozenset([*recording.warnings, *notes]),
    )


def page_by_page(texts=None, bigtiff=False, **options):
    def make(folder):
        with tifffile.TiffWriter(folder / "raw.tif", bigtiff=bigtiff) as writer:
            for number, frame in enumerate(MOVIE):
                text = texts and texts.format(number + 1)
                writer.write(frame, contiguous=False, metadata=None, description=text, **options)
        return folder / "raw.tif"

    return make


def at_once(**options):
    def make(folder):
        tifffile.imwrite(folder / "raw.tif", MOVIE, **options)
        return folder / "raw.tif"

    return make


def tiff_pixels(content):
    """Bytes that belong to uncompressed frames."""
    pixels = np.zeros(len(content), dtype=bool)
    with tifffile.TiffFile(io.BytesIO(content)) as tiff:
        for page in tiff.pages:
            for start, count in zip(page.dataoffsets, page.databytecounts, strict=True):
                pixels[start : start + count] = True
        if len(tiff.pages) == 1:
            pixels[tiff.pages[0].dataoffsets[0] :][: tiff.series[0].nbytes] = True
    return pixels


def hdf5(**options):
    def make(folder):
        with h5py.File(folder / "movie.h5", "w") as file:
            file.create_dataset("data", data=MOVIE, **options)
        return folder / "movie.h5"

    return make


def nwb(folder):
    with h5py.File(folder / "movie.nwb", "w") as file:
        file.attrs["nwb_version"] = "2.6.0"
        series = file.create_group("acquisition/TwoPhotonSeries")
        series.attrs["neurodata_type"] = "TwoPhotonSeries"
        series["data"] = MOVIE.transpose(0, 2, 1)
        series["dimension"] = np.array([10, 9])
        series["timestamps"] = np.arange(len(MOVIE)) / 30.0
    return folder / "movie.nwb"


def scanbox(damaged, do_compression=True):
    def make(folder):
        info = {
            "scanbox_version": 2, "scanmode": 1, "resfreq": 7930.0, "recordsPerBuffer": 9,
            "sz": np.array([9, 10], np.uint16), "channels": 2, "volscan": 0, "fold_lines": 0,
            "area_line": 1, "config": {"frames": 6, "lines": 9},
        }  # fmt: skip
        (folder / "a.sbx").write_bytes((65535 - MOVIE).astype("<u2").tobytes())
        scipy.io.savemat(folder / "a.mat", {"info": info}, do_compression=do_compression)
        return folder / damaged

    return make


def read_scanbox(file):
    return read(file.with_suffix(".sbx"))


def all_pixels(content):
    return np.ones(len(content), dtype=bool)


def bruker(damaged):
    def make(folder):
        frames = ""
        for number, frame in enumerate(MOVIE, 1):
            name = f"T_Cycle00001_Ch2_{number:06d}.ome.tiff"
            tifffile.imwrite(folder / name, frame, metadata=None)
            frames += (
                f'<Frame relativeTime="{number / 8}" absoluteTime="{number / 8}" index="{number}">'
                f'<File channel="2" channelName="Ch2" page="1" filename="{name}" /></Frame>'
            )
        (folder / "T.xml").write_text(
            '<?xml version="1.0" encoding="utf-8"?>\n<PVScan version="5.6"><PVStateShard>'
            '<PVStateValue key="framePeriod" value="0.125" /></PVStateShard>'
            f'<Sequence type="TSeries Timed Element" cycle="1">{frames}</Sequence></PVScan>'
        )
        return folder / damaged

    return make


DOORS = [
    Door("tiff pages", "TIFF movies", page_by_page(), read, SHAPE, tiff_pixels),
    Door("tiff strips", "TIFF movies", page_by_page(rowsperstrip=4), read, SHAPE, tiff_pixels),
    Door("tiff tiles", "TIFF movies", page_by_page(tile=(16, 16)), read, SHAPE, tiff_pixels),
    Door("tiff lzw", "TIFF movies", page_by_page(compression="lzw"), read, SHAPE),
    Door("tiff deflate", "TIFF movies", page_by_page(compression="zlib"), read, SHAPE),
    Door("tiff zstd", "TIFF movies", page_by_page(compression="zstd"), read, SHAPE),
    Door("tiff packbits", "TIFF movies", page_by_page(compression="packbits"), read, SHAPE),
    Door("tiff big", "TIFF movies", at_once(bigtiff=True), read, SHAPE, tiff_pixels),
    Door("imagej", "TIFF movies", at_once(imagej=True), read, SHAPE, tiff_pixels),
    Door(
        "imagej one directory", "TIFF movies", at_once(imagej=True, truncate=True), read, SHAPE,
        tiff_pixels,
    ),
    Door(
        "ome", "TIFF movies", at_once(ome=True, metadata={"axes": "TYX"}), read, SHAPE, tiff_pixels
    ),
    Door(
        "scanimage", "TIFF movies",
        page_by_page("frameNumbers = {}\n", bigtiff=True, software=SCANIMAGE), read, SHAPE,
        tiff_pixels,
    ),
    Door("h5 movie", "HDF5 movies", hdf5(), read),
    Door("h5 movie checksum", "HDF5 movies", hdf5(chunks=(2, 9, 10), fletcher32=True), read),
    Door("h5 movie deflated", "HDF5 movies", hdf5(compression="gzip"), read),
    Door("nwb", "HDF5 movies", nwb, read),
    Door("sbx", "Scanbox", scanbox("a.sbx"), read, places=all_pixels),
    Door("sbx header", "Scanbox", scanbox("a.mat"), read_scanbox),
    Door("sbx header plain", "Scanbox", scanbox("a.mat", do_compression=False), read_scanbox),
    Door("bruker xml", "Bruker's XML", bruker("T.xml"), read, SHAPE),
    Door(
        "bruker tiff", "Bruker's XML", bruker("T_Cycle00001_Ch2_000003.ome.tiff"), read, SHAPE
    ),
]  # fmt: skip
