"""The microscope's movie: one or many TIFFs, understood before they are read.

Plain multi-page TIFFs and ImageJ's are read, in the pixel types below, compressed or not.
Every other layout is refused in words, never guessed.
"""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.recording.natural_order import natural_order
from twophoton_decode.recording.tiff_directories import Chain, PageFormat, walk
from twophoton_decode.records import Recording

PIXEL_TYPES = {(1, 8): "uint8", (1, 16): "uint16", (2, 16): "int16", (3, 32): "float32"}
"""Readable pixel types by TIFF's sample format and bits."""

_SUFFIXES = (".tif", ".tiff")
_KINDS = {1: "unsigned integers", 2: "integers", 3: "floating point", 5: "complex integers"}
_PALETTE, _BLACK_IS_ZERO = 3, 1
# Flags of tifffile that say nothing about the order of pages.
_HARMLESS = frozenset({"imagej", "shaped", "uniform", "multipage", "tiled", "final", "contiguous"})
_HARMLESS |= {"memmappable", "bigtiff", "appendable", "reduced", "jfif", "volumetric", "geotiff"}


def open_recording(paths: Sequence[str | Path]) -> Recording:
    """What the movie in `paths` is, without reading its pixels.

    Parameters
    ----------
    paths : sequence of str or Path
        TIFF files, folders of them, or globs. Files that lie in one folder are put in the
        natural order of their names (``raw_2`` before ``raw_10``); folders keep the order
        in which they are given.

    Raises
    ------
    UsageError
        Nothing lies at one of the paths, or one file is given twice.
    MovieError
        A file is no TIFF, is truncated, or has a layout or pixel type that cannot be read
        without guessing; frames differ in size; a folder holds no TIFF.
    """
    files = _in_order(paths)
    parts = [_understand(file) for file in files]
    first = parts[0]
    for part in parts[1:]:
        if (part.height, part.width, part.dtype) != (first.height, first.width, first.dtype):
            raise MovieError(
                f"{part.file} has {part.text()}, but {first.file} has {first.text()}. The files "
                "of one recording must agree: leave out what belongs to another one."
            )
    return Recording(
        file=np.array([str(part.file) for part in parts]),
        file_frames=np.array([part.frames for part in parts]),
        height=first.height,
        width=first.width,
        dtype=first.dtype,
        layout=" and ".join(sorted({part.layout for part in parts})),
    )


def read_frames(recording: Recording, start: int, stop: int) -> np.ndarray:
    """The frames `start` up to `stop`, (frames, height, width), across the files' borders."""
    if not 0 <= start < stop <= recording.frames:
        raise MovieError(
            f"frames {start} to {stop} were asked for, but the movie has {recording.frames}."
        )
    return np.concatenate(list(_read(recording, start, stop, stop - start)))


def chunks(recording: Recording, size: int) -> Iterator[np.ndarray]:
    """All frames in order, at most `size` at a time, (frames, height, width).

    A chunk ends at the end of its file, so every file is opened once.
    """
    return _read(recording, 0, recording.frames, size)


def where(recording: Recording, frame: int) -> str:
    """A frame in words, such as ``frame 312 of raw_2.tif``; both counts begin at 0."""
    ends = np.cumsum(recording.file_frames)
    number = int(np.searchsorted(ends, frame, side="right"))
    inside = frame - int(ends[number] - recording.file_frames[number])
    return f"frame {inside} of {Path(recording.file[number]).name}"


@dataclass(frozen=True)
class _Part:
    """What one file holds."""

    file: Path
    frames: int
    height: int
    width: int
    dtype: str
    layout: str

    def text(self) -> str:
        return f"frames of {self.height} x {self.width} px in {self.dtype}"


def _in_order(paths: Sequence[str | Path]) -> list[Path]:
    """Every TIFF file that `paths` name, sorted naturally inside each folder."""
    if not paths:
        raise UsageError("no movie was given: name TIFF files or folders of them.")
    folders: dict[Path, list[Path]] = {}
    for path in paths:
        for file in _expand(Path(path)):
            folders.setdefault(file.parent, []).append(file)
    files = [file for found in folders.values() for file in sorted(found, key=natural_order)]
    twice = sorted({str(file) for file in files if files.count(file) > 1})
    if twice:
        raise UsageError(f"{twice[0]} is given twice: name every file of the movie once.")
    return files


def _expand(path: Path) -> list[Path]:
    if path.is_dir():
        visible = [file for file in path.iterdir() if not file.name.startswith(".")]
        found = [file for file in visible if file.suffix.lower() in _SUFFIXES]
        if not found:
            raise MovieError(f"{path} holds no TIFF: expected files ending in .tif or .tiff.")
        return found
    if path.exists():
        return [path]
    matches = [Path(match) for match in glob.glob(str(path))]
    if not matches:
        raise UsageError(f"there is no file or folder {path} (looked from {os.getcwd()}).")
    return [file for match in matches for file in _expand(match)]


def _understand(file: Path) -> _Part:
    chain = walk(file)
    if not chain.directories:
        if chain.cut:
            raise _truncated(file, 0, None)
        raise MovieError(f"{file} has no pages: expected a movie.")
    page = _common_format(file, chain)
    layout, announced = _announced(file)
    return _Part(
        file=file,
        frames=_whole_frames(file, chain, page, announced),
        height=page.height,
        width=page.width,
        dtype=PIXEL_TYPES[page.sample_format, page.bits],
        layout=layout,
    )


def _common_format(file: Path, chain: Chain) -> PageFormat:
    """The format of all pages, if it is one that can be read."""
    first = chain.directories[0].format
    for number, directory in enumerate(chain.directories):
        if directory.format != first:
            raise MovieError(
                f"{file}: page {number} has {_format_text(directory.format)}, but page 0 has "
                f"{_format_text(first)}. A movie's frames must agree; take out what is no frame."
            )
    if first.samples != 1 or first.photometric not in (_BLACK_IS_ZERO, _PALETTE):
        raise MovieError(
            f"{file} holds colour or inverted pictures ({first.samples} samples per pixel, "
            f"photometric {first.photometric}). Expected one grey level per pixel, black is zero."
        )
    if (first.sample_format, first.bits) not in PIXEL_TYPES:
        raise MovieError(
            f"{file} holds {_format_text(first)}. Readable are {', '.join(PIXEL_TYPES.values())}: "
            "convert it first, for instance to float32."
        )
    return first


def _format_text(page: PageFormat) -> str:
    pixel = PIXEL_TYPES.get(
        (page.sample_format, page.bits),
        f"{page.bits}-bit {_KINDS.get(page.sample_format, 'pixels')}",
    )
    samples = f" with {page.samples} samples per pixel" if page.samples != 1 else ""
    return f"frames of {page.height} x {page.width} px in {pixel}{samples}"


def _announced(file: Path) -> tuple[str, int | None]:
    """The layout, and how many frames the metadata promise (None: they do not say)."""
    try:
        with tifffile.TiffFile(file) as tiff:
            page = tiff.pages.first
            strange = sorted(page.flags - _HARMLESS)
            imagej = tiff.imagej_metadata if page.is_imagej else None
            description = page.description
    except (tifffile.TiffFileError, ValueError, KeyError, OSError) as error:
        raise MovieError(f"{file} cannot be understood as a TIFF: {error}.") from error
    if strange:
        raise MovieError(
            f"{file} is a TIFF of the kind {', '.join(strange)}, whose order of frames, planes and "
            "channels is not read yet. Save it as a plain or ImageJ TIFF with one plane and one "
            "channel."
        )
    if imagej is not None:
        return "imagej", _imagej_frames(file, imagej)
    return "plain", _described_frames(file, description)


def _imagej_frames(file: Path, metadata: dict[str, object]) -> int:
    """Frames of an ImageJ file with one axis.

    Its name says little: ImageJ calls the images of any plain stack slices, and tifffile
    writes channels by default. So one axis, whatever its name, is a movie.
    """
    axes = {name: int(str(metadata.get(name, 1))) for name in ("channels", "slices", "frames")}
    longer = [f"{count} {name}" for name, count in axes.items() if count > 1]
    if len(longer) > 1:
        raise MovieError(
            f"{file} is an ImageJ stack of {' and '.join(longer)}. Expected frames only: split it "
            "in ImageJ into one plane and one channel (Image > Hyperstacks > Make Substack)."
        )
    return int(str(metadata.get("images", 1)))


def _described_frames(file: Path, description: str) -> int | None:
    """Frames by the shape that tifffile writes into the first page's description.

    A file written frame by frame describes each frame on its own, and promises nothing.
    """
    try:
        shape = json.loads(description)["shape"]
    except (ValueError, KeyError, TypeError):
        return None
    longer = [size for size in shape[:-2] if size > 1]
    if len(longer) > 1:
        raise MovieError(
            f"{file} holds an array of shape {tuple(shape)}. Expected frames only, (frames, "
            "height, width): save one plane and one channel."
        )
    return longer[0] if longer else None


def _whole_frames(file: Path, chain: Chain, page: PageFormat, announced: int | None) -> int:
    """The number of frames, if all of them lie in the file entirely."""
    first = chain.directories[0]
    whole = chain.whole_pages
    if announced is not None and announced > len(chain.directories) and not first.compressed:
        # One directory for pixels that follow each other, as ImageJ writes above 4 GB.
        frame_bytes = page.height * page.width * page.bits // 8
        whole = max(0, min((chain.file_bytes - first.data_start) // frame_bytes, announced))
        if whole == announced and len(chain.directories) == 1 and not chain.cut:
            return announced
    if chain.cut or whole < len(chain.directories):
        raise _truncated(file, whole, announced or (None if chain.cut else len(chain.directories)))
    if announced is not None and announced != len(chain.directories):
        raise _truncated(file, whole, announced)
    return whole


def _truncated(file: Path, whole: int, announced: int | None) -> MovieError:
    promise = f" of {announced} announced" if announced else ""
    return MovieError(
        f"{file} is truncated: it holds {whole} whole frames{promise}, then it ends. Copy it again "
        "from the microscope's computer."
    )


def _read(recording: Recording, start: int, stop: int, size: int) -> Iterator[np.ndarray]:
    before = 0
    for file, frames in zip(recording.file, recording.file_frames.tolist(), strict=True):
        first, last = max(start - before, 0), min(stop - before, frames)
        if first < last:
            yield from _read_file(recording, Path(file), frames, range(first, last, size), last)
        before += frames


def _read_file(
    recording: Recording, file: Path, frames: int, starts: range, stop: int
) -> Iterator[np.ndarray]:
    shape = (-1, recording.height, recording.width)
    with tifffile.TiffFile(file) as tiff:
        for first in starts:
            last = min(first + starts.step, stop)
            try:
                read = _contiguous if frames > 1 and len(tiff.pages) == 1 else _paged
                pixels = read(tiff, first, last, np.dtype(recording.dtype)).reshape(shape)
            except Exception as error:
                raise MovieError(
                    f"{file}: frames {first} to {last - 1} cannot be decoded ({error}). The file "
                    "is damaged; copy it again from the microscope's computer."
                ) from error
            yield pixels.astype(recording.dtype, copy=False)


def _paged(tiff: tifffile.TiffFile, first: int, last: int, dtype: np.dtype) -> np.ndarray:
    return tiff.asarray(key=slice(first, last))


def _contiguous(tiff: tifffile.TiffFile, first: int, last: int, dtype: np.dtype) -> np.ndarray:
    page = tiff.pages.first
    pixels = page.imagelength * page.imagewidth
    offset = page.dataoffsets[0] + first * pixels * dtype.itemsize
    stored = dtype.newbyteorder(tiff.byteorder)
    return tiff.filehandle.read_array(stored, count=(last - first) * pixels, offset=offset)
