"""TIFFs of pictures as they are displayed: one picture, or a stack of them."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import tifffile

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.files.damage.read_errors import readable
from twophoton_decode.stimulus.picture_files.pixels import (
    PictureFile,
    check_size,
    displayed,
    upright_size,
)

_HEADER_BYTES = 16


def read_tiff_picture(path: Path) -> PictureFile:
    """The only picture of a TIFF; previews beside it are passed over.

    Raises
    ------
    StimulusImageError
        It is damaged, holds several pictures, is transparent in parts, or in colours that
        are not read.
    """
    with _opened(path) as tiff:
        return _displayed(_only_picture(tiff, path), path)


def tiff_size(path: Path) -> tuple[int, int]:
    """Height and width of the upright picture, without decoding it."""
    with _opened(path) as tiff:
        page = _only_picture(tiff, path)
        return upright_size(page.imagelength, page.imagewidth, _orientation(page))


def read_tiff_stack(path: Path) -> tuple[np.ndarray, list[str]]:
    """All pictures of a TIFF, (image, y, x) or (image, y, x, 3), and notes.

    Raises
    ------
    StimulusImageError
        It is damaged, its pictures differ in size, or as for `read_tiff_picture`.
    """
    with _opened(path) as tiff:
        # First, as it counts pages: the series are found by iterating over them.
        pages = _pictures(tiff)
        _refuse_broken_chain(tiff, path)
        notes = _about_axes(tiff, path)
        if _frames(tiff) > len(pages):
            return _one_directory(tiff, path), notes
        found = [_displayed(page, path) for page in pages]
        turned = dict.fromkeys(
            f"{path.name}: pictures were {n}." for one in found for n in one.notes
        )
        stack = _stacked([one.pixels for one in found], path)
        return stack, [*notes, *turned, *_unclaimed(tiff, path)]


@contextmanager
def _opened(path: Path) -> Iterator[tifffile.TiffFile]:
    with (
        readable(path, "a TIFF picture", StimulusImageError, "Save it again as TIFF or PNG."),
        tifffile.TiffFile(path) as tiff,
    ):
        yield tiff


def _pictures(tiff: tifffile.TiffFile) -> list[tifffile.TiffPage]:
    """Pages that are no smaller preview, and no mask, of another page."""
    # To iterate over the pages would never end where their chain runs in a circle.
    pages = [tiff.pages[number].aspage() for number in range(len(tiff.pages))]
    return [page for page in pages if not page.is_reduced and not page.is_mask] or pages


def _only_picture(tiff: tifffile.TiffFile, path: Path) -> tifffile.TiffPage:
    pages = _pictures(tiff)
    if len(pages) == 1 and _frames(tiff) == 1:
        return pages[0]
    raise StimulusImageError(
        f"{path} holds {max(len(pages), _frames(tiff))} pictures: expected one. Save each as "
        "a file of its own, or name this file itself as the stack of pictures; a movie belongs "
        "after --movie."
    )


def _about_axes(tiff: tifffile.TiffFile, path: Path) -> list[str]:
    """That one axis counts the pictures; a note where it is called channels."""
    for series in tiff.series:
        outer = [
            (axis, size)
            for axis, size in zip(series.axes, series.shape, strict=True)
            if axis not in "YXS" and size > 1
        ]
        if len(outer) > 1:
            listed = ", ".join(f"{axis} {size}" for axis, size in outer)
            raise StimulusImageError(
                f"{path} has several axes beside height and width ({listed}): expected pictures "
                "only. Save it with one axis, colours as RGB."
            )
        if outer and outer[0][0] == "C":
            return [f"{path.name}: its {outer[0][1]} channels are taken as pictures."]
    return []


def _frames(tiff: tifffile.TiffFile) -> int:
    """Pictures by the description of a stack whose pixels follow each other in one piece."""
    if len(tiff.pages) > 1 or not (tiff.is_imagej or tiff.is_shaped):
        return 1
    series, page = tiff.series[0], tiff.pages.first
    return max(1, math.prod(series.shape) // max(1, math.prod(page.shape)))


def _one_directory(tiff: tifffile.TiffFile, path: Path) -> np.ndarray:
    page, frames = tiff.pages.first, _frames(tiff)
    needed = frames * page.nbytes
    if page.compression != tifffile.COMPRESSION.NONE or needed > path.stat().st_size:
        raise StimulusImageError(
            f"{path} is cut short: it announces {frames} pictures, which take {needed} bytes, but "
            f"has {path.stat().st_size}. Copy it again."
        )
    pixels = tiff.series[0].asarray().reshape(frames, *page.shape)
    return _stacked([_shown(each, page, path) for each in pixels], path)


def _displayed(page: tifffile.TiffPage, path: Path) -> PictureFile:
    check_size(path, page.imagelength, page.imagewidth, max(1, page.nbytes // max(1, page.size)))
    _refuse_missing_bytes(page, path)
    return displayed(_shown(page.asarray(), page, path), _orientation(page), path)


def _orientation(page: tifffile.TiffPage) -> int:
    tag = page.tags.get("Orientation")
    return int(tag.value) if tag is not None and isinstance(tag.value, int) else 1


def _refuse_missing_bytes(page: tifffile.TiffPage, path: Path) -> None:
    """tifffile fills with zeros what does not lie in the file."""
    size = path.stat().st_size
    places = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    plain = page.compression == tifffile.COMPRESSION.NONE
    stored = sum(page.databytecounts)
    needed = math.prod(page.shape) * page.bitspersample // 8 if plain else 1
    if stored < needed or any(not count or start + count > size for start, count in places):
        raise StimulusImageError(
            f"{path} is cut short or damaged: the pixels of page {page.index} are not all in the "
            "file. Copy it again."
        )


def _shown(pixels: np.ndarray, page: tifffile.TiffPage, path: Path) -> np.ndarray:
    """Stored values as displayed, colour last; alpha is kept."""
    photometric = page.photometric
    show = _SHOWN.get(photometric)
    jpeg = page.compression in (6, 7)
    if photometric == tifffile.PHOTOMETRIC.YCBCR and jpeg:
        show = _plain
    if show is None:
        name = getattr(photometric, "name", str(photometric))
        raise StimulusImageError(
            f"{path} stores its colours as {name}, which is not read: what a screen shows "
            "depends on the program. Save it as grey or RGB."
        )
    colour_last = np.moveaxis(pixels, 0, -1) if page.axes == "SYX" else pixels
    return show(_full_range(colour_last, page), page, path)


def _full_range(pixels: np.ndarray, page: tifffile.TiffPage) -> np.ndarray:
    """Whole numbers of unusual width, such as 12 bits, as parts of their largest value."""
    bits = page.bitspersample
    usual = pixels.dtype.kind not in "u" or bits == 8 * pixels.dtype.itemsize
    palette = page.photometric == tifffile.PHOTOMETRIC.PALETTE
    return pixels if usual or palette else pixels / (2**bits - 1)


def _plain(pixels: np.ndarray, page: tifffile.TiffPage, path: Path) -> np.ndarray:
    return pixels


def _inverted(pixels: np.ndarray, page: tifffile.TiffPage, path: Path) -> np.ndarray:
    """Where 0 is white; alpha behind the grey stays."""
    if pixels.dtype == bool:
        return ~pixels
    if page.sampleformat != tifffile.SAMPLEFORMAT.UINT:
        raise StimulusImageError(
            f"{path} says that 0 is white (MINISWHITE), but has pixels of the type "
            f"{pixels.dtype}, which have no largest value. Save it with 0 as black."
        )
    largest = np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else 1.0
    if pixels.ndim == 2:
        return largest - pixels
    return np.concatenate([largest - pixels[..., :1], pixels[..., 1:]], axis=-1)


def _by_palette(pixels: np.ndarray, page: tifffile.TiffPage, path: Path) -> np.ndarray:
    """Colours of 16 bits; of writers that fill only the lower or upper 8, those fill the range."""
    colours = np.asarray(page.colormap)
    if colours.shape != (3, 2**page.bitspersample):
        raise StimulusImageError(
            f"{path} has a palette of the shape {colours.shape}: expected 3 colours for each of "
            f"{2**page.bitspersample} indices. Save it as RGB."
        )
    if colours.max() < 256:
        colours = colours * 257
    elif not (colours % 256).any():
        colours = colours // 256 * 257
    return np.moveaxis(colours.astype(np.uint16)[:, pixels], 0, -1)


def _stacked(pictures: list[np.ndarray], path: Path) -> np.ndarray:
    shapes = [picture.shape for picture in pictures]
    expected = max(shapes, key=shapes.count)
    for page, shape in enumerate(shapes):
        if shape != expected:
            raise StimulusImageError(
                f"{path}, page {page}: expected a picture of the shape {expected} like the "
                f"others, found {shape}. Save pictures of one size and kind."
            )
    return np.stack(pictures)


def _refuse_broken_chain(tiff: tifffile.TiffFile, path: Path) -> None:
    """tifffile stops without an error where the chain of pages leads out of the file."""
    form, last = tiff.tiff, tiff.pages[-1].offset
    tags = _number_at(tiff, last, form.tagnoformat)
    following = last + form.tagnosize + tags * form.tagsize
    if _number_at(tiff, following, form.offsetformat):
        raise StimulusImageError(
            f"{path} is cut short or damaged: it should hold more than {len(tiff.pages)} pictures. "
            "Copy it again."
        )


def _number_at(tiff: tifffile.TiffFile, place: int, form: str) -> int:
    tiff.filehandle.seek(place)
    number: int = struct.unpack(form, tiff.filehandle.read(struct.calcsize(form)))[0]
    return number


def _unclaimed(tiff: tifffile.TiffFile, path: Path) -> list[str]:
    """Room for a picture that no page names: the chain of pages may be broken."""
    claimed = _HEADER_BYTES
    for page in (page.aspage() for page in tiff.pages):
        claimed += tiff.tiff.tagnosize + tiff.tiff.tagsize * len(page.tags) + tiff.tiff.offsetsize
        claimed += sum(tag.valuebytecount for tag in page.tags) + sum(page.databytecounts)
    spare = path.stat().st_size - claimed
    if spare < min(sum(page.aspage().databytecounts) for page in tiff.pages):
        return []
    return [
        f"{path.name} has {spare} bytes that belong to none of its {len(tiff.pages)} pictures: "
        "pictures may be missing at its end."
    ]


_SHOWN: dict[int, Callable[[np.ndarray, tifffile.TiffPage, Path], np.ndarray]] = {
    tifffile.PHOTOMETRIC.MINISWHITE: _inverted,
    tifffile.PHOTOMETRIC.MINISBLACK: _plain,
    tifffile.PHOTOMETRIC.RGB: _plain,
    tifffile.PHOTOMETRIC.PALETTE: _by_palette,
}
