"""The file of a restored movie: a 16-bit TIFF that keeps what the raw one said of itself."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

import numpy as np
import tifffile

from twophoton_decode import __version__
from twophoton_decode.deep.microscope.restoration.streaming import Levels, Unfinished
from twophoton_decode.errors import UsageError
from twophoton_decode.records import Recording

MARK: Final = "Restored by tpdecode"
"""How the description of a restored movie begins."""
_FEWEST_LEVELS = 2000
_MARGIN = 0.5
_LARGEST = 65535
_MOST_INFO = 20_000
TIFFS: Final = (".tif", ".tiff")


def check_output(file: Path, beside: tuple[Path, ...], recording: Recording) -> None:
    """`UsageError` where the result cannot go there, before anything is computed."""
    if file.suffix.lower() not in TIFFS:
        raise UsageError(f"-o {file}: expected a name that ends in .tif, such as restored.tif.")
    if file.resolve() in {Path(each).resolve() for each in recording.file.tolist()}:
        raise UsageError(
            f"-o {file} is a file of the raw movie, which is never changed. Choose another name."
        )
    for each in (file, *beside):
        if each.exists() or each.is_symlink():
            raise UsageError(f"{each} is there already. Remove it, or choose another name.")
    if not file.absolute().parent.is_dir():
        raise UsageError(f"-o {file}: there is no folder {file.absolute().parent}.")
    needed = 2 * recording.frames * recording.height * recording.width
    free = shutil.disk_usage(file.absolute().parent).free
    if needed > free:
        raise UsageError(
            f"-o {file} would take {needed / 1e9:.3g} GB, but {free / 1e9:.3g} GB are free there. "
            "Free some space, or choose another disk."
        )


def levels_for(lowest: float, highest: float) -> Levels:
    """How grey levels are stored in 16 bits: as they are where that is fine enough.

    Levels from zero on and a range of 2000 are kept as they are. Otherwise levels begin below
    the lowest one, in steps that are a power of two, so that no brightness is lost to rounding.
    """
    span = max(highest - lowest, 1e-6)
    low, high = lowest - _MARGIN * span, highest + _MARGIN * span
    if highest <= _LARGEST and lowest >= 0 and span >= _FEWEST_LEVELS:
        return Levels(0.0, 1.0)
    offset = float(np.floor(low))
    scale = float(2.0 ** np.ceil(np.log2((high - offset) / _LARGEST)))
    return Levels(offset, scale)


def unfinished_folder(file: Path) -> Path:
    """Where what is made for `file` lies until it is whole."""
    return file.with_name(f".{file.name}.unfinished")


def open_unfinished(
    file: Path, recording: Recording, rate_hz: float, levels: Levels, about: str, identity: str
) -> Unfinished:
    """A file with room for all frames, or the one that an interrupted call left.

    Raises
    ------
    OSError
        It cannot be written.
    """
    folder = unfinished_folder(file)
    folder.mkdir(exist_ok=True)
    movie, state = folder / "movie.tif", folder / "frames.json"
    shape = (recording.frames, recording.height, recording.width)
    begins = _begins(movie, shape)
    if begins is None or not Unfinished(movie, begins, state, identity).done()[0]:
        state.unlink(missing_ok=True)
        _make(movie, shape, recording, rate_hz, levels, about)
        begins = _begins(movie, shape)
    assert begins is not None
    return Unfinished(movie, begins, state, identity)


def _begins(movie: Path, shape: tuple[int, int, int]) -> int | None:
    """The byte at which the frames begin; None where there is no such file."""
    try:
        with tifffile.TiffFile(movie) as tiff:
            series = tiff.series[0]
            begins = series.dataoffset
            return begins if series.shape == shape and begins is not None else None
    except (OSError, ValueError, IndexError, TypeError, tifffile.TiffFileError):
        return None


def _make(
    movie: Path,
    shape: tuple[int, int, int],
    recording: Recording,
    rate_hz: float,
    levels: Levels,
    about: str,
) -> None:
    told, resolution = _raw_words(recording)
    metadata: dict[str, Any] = {"axes": "TYX", "Info": f"{about}\n{told}"}
    if rate_hz:
        metadata |= {"finterval": 1 / rate_hz, "fps": rate_hz}
    if (levels.offset, levels.scale) != (0.0, 1.0):
        metadata |= {"cf": 0, "c0": levels.offset, "c1": levels.scale, "vunit": "Gray Value"}
    tifffile.imwrite(
        movie, None, shape=shape, dtype="<u2", byteorder="<", imagej=True, metadata=metadata,
        software=f"{MARK} {__version__}", **resolution,
    )  # fmt: skip


def _raw_words(recording: Recording) -> tuple[str, dict[str, Any]]:
    """What the first raw file says of itself, and its resolution; nothing where it is no TIFF."""
    file = Path(str(recording.file[0]))
    if file.suffix.lower() not in TIFFS:
        return "", {}
    with tifffile.TiffFile(file, is_scanimage=False) as tiff:
        page = tiff.pages.first
        software = page.tags.valueof("Software", default="")
        words = [str(software), str(page.description)]
        resolution = page.tags.valueof("XResolution"), page.tags.valueof("YResolution")
        unit = page.tags.valueof("ResolutionUnit", default=1)
    told = "\n".join(each[:_MOST_INFO] for each in words if each)
    if None in resolution:
        return told, {}
    given = tuple(a / b if b else 1.0 for a, b in resolution)
    return told, {"resolution": given, "resolutionunit": int(unit)}
