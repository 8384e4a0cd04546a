"""One TIFF file: its frames, its pixel type, and the texts that its microscope wrote."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile

from twophoton_decode.errors import MovieError
from twophoton_decode.files.pixel_types import PIXEL_TYPES
from twophoton_decode.recording.file import MovieFile
from twophoton_decode.recording.levels.calibration import Calibration
from twophoton_decode.recording.levels.imagej import imagej_calibration
from twophoton_decode.recording.tiff.announced import Promise, count_images, truncated
from twophoton_decode.recording.tiff.directories import walk
from twophoton_decode.recording.tiff.imagej import (
    IMAGEJ,
    DescribedAxes,
    described_axes,
    imagej_metadata,
    promised_images,
)
from twophoton_decode.recording.tiff.pages import Chain, PageFormat
from twophoton_decode.recording.tiff.parts import joined_axes
from twophoton_decode.recording.tiff.scanimage.header import is_scanimage

_FORMATS = {1: "uint", 2: "int", 3: "float"}
_PIXEL_TYPES = {
    (code, bits): f"{name}{bits}"
    for code, name in _FORMATS.items()
    for bits in (8, 16, 32, 64)
    if f"{name}{bits}" in PIXEL_TYPES
}
"""Readable pixel types by TIFF's sample format and bits."""

_KINDS = {1: "unsigned integers", 2: "integers", 3: "floating point", 5: "complex integers"}
_PALETTE, _BLACK_IS_ZERO = 3, 1
# Flags of tifffile that say nothing about the order of pages, and those that are understood.
_HARMLESS = frozenset({"imagej", "shaped", "uniform", "multipage", "tiled", "final", "contiguous"})
_HARMLESS |= {"memmappable", "bigtiff", "appendable", "reduced", "jfif", "volumetric", "geotiff"}
_HARMLESS |= {"scanimage", "ome"}
# Where OME-XML says the order, Micro-Manager's and the MetaMorph tags of Bruker's do not.
_HARMLESS_IN_OME = frozenset({"micromanager", "stk"})
_SCANIMAGE_MAGIC = 117637889
_TEXT_BYTES = 512
_DESCRIPTION_BYTES = 2**16


@dataclass(frozen=True, kw_only=True)
class TiffFile(MovieFile):
    """What one file holds; every page is whole. Kinds are plain, imagej, scanimage and ome.

    Attributes
    ----------
    description : str
        The first page's description.
    header, regions : str
        ScanImage's header and its regions of interest; empty for other kinds.
    axes : DescribedAxes or None
        ImageJ's or tifffile's sizes of frames, slices and channels.
    """

    chain: Chain
    description: str
    header: str
    regions: str
    axes: DescribedAxes | None = None

    def page_texts(self) -> Iterator[str]:
        """The beginning of every page's own description."""
        return _page_texts(self.file, self.chain, _TEXT_BYTES)


def _page_texts(file: Path, chain: Chain, most_bytes: int) -> Iterator[str]:
    with file.open("rb") as stream:
        for directory in chain.directories:
            start, end = directory.description
            stream.seek(start)
            yield stream.read(min(end - start, most_bytes)).decode("latin-1").rstrip("\0")


def understand(file: Path) -> TiffFile:
    """Read the tags of `file`, not its pixels.

    Raises
    ------
    MovieError
        It is no TIFF, truncated or damaged, or its pixels or layout cannot be read without
        guessing.
    """
    return _understood(file, _texts)


def understand_pages(file: Path) -> TiffFile:
    """The same where something else says what the pages are: descriptions are not looked at.

    Raises
    ------
    MovieError
        It is no TIFF, truncated or damaged, or its pixels cannot be read.
    """
    return _understood(file, lambda file: _Texts("plain", ""))


def images_of_directories(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """How many images each directory stands for, and the first byte of their pixels.

    Raises
    ------
    MovieError
        As `understand`.
    """
    chain = walk(file)
    promises = [promise for promise, _ in _parts(file, chain, _texts(file))]
    starts = np.array([directory.data_start for directory in chain.directories])
    return count_images(file, chain, promises).images, starts


def _understood(file: Path, texts_of: Callable[[Path], _Texts]) -> TiffFile:
    chain = walk(file)
    if not chain.directories:
        if chain.cut:
            raise truncated(file, 0, 0)
        raise MovieError(f"{file} has no pages: expected a movie.")
    page = _common_format(file, chain)
    dtype = _PIXEL_TYPES[page.sample_format, page.bits]
    texts = texts_of(file)
    parts = _parts(file, chain, texts)
    counts = count_images(file, chain, [promise for promise, _ in parts])
    _refuse_overlap(file, chain)
    axes = [axes for _, axes in parts if axes is not None]
    calibration, doubt = Calibration(), ""
    if texts.kind == "imagej":
        calibration, doubt = imagej_calibration(imagej_metadata(texts.description), dtype)
    return TiffFile(
        file=file,
        chain=chain,
        pages=int(counts.images.sum()),
        height=page.height,
        width=page.width,
        dtype=dtype,
        axes=joined_axes(axes) if axes else None,
        calibration=calibration,
        warnings=(*counts.warnings, *([doubt] if doubt else [])),
        **vars(texts),
    )


def _parts(file: Path, chain: Chain, texts: _Texts) -> list[tuple[Promise, DescribedAxes | None]]:
    """What descriptions of ImageJ and tifffile say, each of the pages up to the next one."""
    first = (0, texts.description)
    if texts.kind not in ("plain", "imagej") or described_axes(file, texts.description) is None:
        return []
    described = [first]
    if promised_images(file, texts.description) != len(chain.directories):
        others = enumerate(_page_texts(file, chain, _DESCRIPTION_BYTES))
        begins = (IMAGEJ, '{"shape"')
        described += [(page, text) for page, text in others if page and text.startswith(begins)]
    return [
        (Promise(page, promised_images(file, text)), described_axes(file, text))
        for page, text in described
    ]


def _refuse_overlap(file: Path, chain: Chain) -> None:
    if chain.overlapping_page is not None:
        raise MovieError(
            f"{file} is damaged: page {chain.overlapping_page} lies on other parts of the file. "
            "Copy it again from the microscope's computer."
        )


def _common_format(file: Path, chain: Chain) -> PageFormat:
    """The format of all pages, if it is one that can be read."""
    first = chain.directories[0].format
    for number, directory in enumerate(chain.directories):
        if directory.format._replace(storage=first.storage) != first:
            raise MovieError(
                f"{file}: page {number} has {_format_text(directory.format)}, but page 0 has "
                f"{_format_text(first)}. A movie's frames must agree; remove what is not a frame."
            )
        if directory.format != first:
            raise MovieError(
                f"{file}: page {number} is stored differently (compression, strips or tiles) "
                "from page 0. The file is damaged, or was joined from several; save it again."
            )
    if first.samples != 1 or first.photometric not in (_BLACK_IS_ZERO, _PALETTE):
        raise MovieError(
            f"{file} holds colour or inverted pictures ({first.samples} samples per pixel, "
            f"photometric {first.photometric}). Expected one grey level per pixel, black is zero."
        )
    if (first.sample_format, first.bits) not in _PIXEL_TYPES:
        raise MovieError(
            f"{file} holds {_format_text(first)}. Readable are {', '.join(PIXEL_TYPES)}: "
            "convert it first, for instance to float32."
        )
    return first


def _format_text(page: PageFormat) -> str:
    pixel = _PIXEL_TYPES.get(
        (page.sample_format, page.bits),
        f"{page.bits}-bit {_KINDS.get(page.sample_format, 'pixels')}",
    )
    samples = f" with {page.samples} samples per pixel" if page.samples != 1 else ""
    return f"frames of {page.height} x {page.width} px in {pixel}{samples}"


@dataclass(frozen=True)
class _Texts:
    kind: str
    description: str
    header: str = ""
    regions: str = ""


def _texts(file: Path) -> _Texts:
    """What the metadata say, by the program that wrote them."""
    try:
        with tifffile.TiffFile(file, is_scanimage=False) as tiff:
            page = tiff.pages.first
            known = _HARMLESS | (_HARMLESS_IN_OME if "ome" in page.flags else set())
            strange = sorted(page.flags - known)
            imagej = page.is_imagej
            description, software = page.description, page.software
            artist = str(page.tags.valueof(315) or "")
    except (tifffile.TiffFileError, ValueError, KeyError, TypeError, OSError) as error:
        raise MovieError(f"{file} cannot be understood as a TIFF: {error}.") from error
    if strange:
        raise MovieError(
            f"{file} is a TIFF of the kind {', '.join(strange)}, whose order of frames, planes and "
            "channels is not read. Save it as a plain or ImageJ TIFF with one plane and one "
            "channel."
        )
    block = _scanimage_block(file)
    header, regions = block or ("", "")
    for text in (header, software, description):
        if text and is_scanimage(text):
            return _Texts("scanimage", description, text, regions or artist)
    if block is not None:
        raise MovieError(
            f"{file} was written by ScanImage, but its header, which begins with {header[:40]!r}, "
            "cannot be understood. Expected lines such as SI.hChannels.channelSave = 1, or the "
            "same as JSON. Copy the file again from the microscope's computer; if that changes "
            "nothing, save it as a plain TIFF with one plane and one channel."
        )
    if description.lstrip().startswith("<") and "OME" in description[:2000]:
        return _Texts("ome", description)
    return _Texts("imagej" if imagej else "plain", description)


def _scanimage_block(file: Path) -> tuple[str, str] | None:
    """The texts that ScanImage puts between a BigTIFF's header and its first page.

    None where there is no such block; empty where it is longer than the file.
    """
    with file.open("rb") as stream:
        begin = stream.read(32)
        if begin[:4] != b"II+\0" or len(begin) < 32:
            return None
        magic, _, header_bytes, regions_bytes = struct.unpack("<4I", begin[16:])
        if magic != _SCANIMAGE_MAGIC:
            return None
        if header_bytes + regions_bytes > file.stat().st_size:
            return "", ""
        header, regions = stream.read(header_bytes), stream.read(regions_bytes)
    return header.decode("latin-1").rstrip("\0"), regions.decode("latin-1").rstrip("\0")
