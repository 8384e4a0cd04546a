"""The .mat header of a Scanbox recording: its variable `info`, versions 2 and 3.

Version 2 codes the channels in one number, version 3 lists them in `chan`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.io

from twophoton_decode.errors import MovieError
from twophoton_decode.files.damage.mat_elements import check_elements
from twophoton_decode.files.damage.read_errors import readable
from twophoton_decode.recording.tiff.imagej import rate_from_interval

_VERSIONS = (2, 3)
# Version 2: both photomultipliers, the first, the second.
_CHANNELS = {1: 2, 2: 1, 3: 1}
_BIDIRECTIONAL = 0
_TABLE_COLUMNS = 2
_MOST_PIXELS = 2**14
_MOST_PLANES = 2**10
_LARGEST_COUNT = 2**31


@dataclass(frozen=True)
class SbxHeader:
    """What an .sbx file holds; `rate_hz` is that of one plane, 0 if unknown.

    `announced` is the number of frames of all planes that were asked for, 0 if unknown.
    """

    height: int
    width: int
    channels: int
    planes: int
    rate_hz: float
    bidirectional: bool | None
    announced: int
    warnings: tuple[str, ...] = ()


def read_header(movie: Path) -> SbxHeader:
    """The header that lies beside `movie`, under the same name with .mat.

    Raises
    ------
    MovieError
        There is none; it is damaged, of another version, lacks what the order of images
        depends on, or contradicts itself.
    """
    info = _Info(_read_info(movie), movie.with_suffix(".mat"))
    version = info.number("scanbox_version", default=1)
    if version not in _VERSIONS:
        raise info.error(f"is of Scanbox's version {version:g}; versions 2 and 3 are read")
    if info.number("fold_lines", default=0):
        raise info.error("folds several frames into one (fold_lines), which is not read")
    scanmode = info.number("scanmode", default=-1)
    height, width = _size(info, scanmode)
    planes, note = _planes(info)
    lines = 2 if scanmode == _BIDIRECTIONAL else 1
    known = scanmode in (0, 1)
    rate = info.number("resfreq", default=0) * lines / height / planes if known else 0.0
    line_scan = "the header calls it a line scan" if not info.number("area_line", default=1) else ""
    return SbxHeader(
        height=height,
        width=width,
        channels=_channels(info),
        planes=planes,
        rate_hz=rate_from_interval(1 / rate) if rate > 0 else 0.0,
        bidirectional=scanmode == _BIDIRECTIONAL if known else None,
        announced=info.part("config").count("frames", default=0),
        warnings=tuple(filter(None, (note, line_scan))),
    )


@dataclass(frozen=True)
class _Info:
    """Fields of a MATLAB structure, read when asked for."""

    fields: Mapping[str, Any]
    file: Path

    def number(self, name: str, default: float | None = None) -> float:
        """A single finite number; the default where the field is absent or empty."""
        value = np.ravel(self.fields.get(name, ()))
        if not value.size and default is not None:
            return default
        if value.size == 1 and value.dtype.kind in "biuf" and math.isfinite(value[0]):
            return float(value[0])
        raise self.error(f"has {name} = {str(self.fields.get(name))[:60]!r}, not a number")

    def count(self, name: str, default: float | None = None) -> int:
        """A whole number that can count frames, planes or channels."""
        value = self.number(name, default)
        if value != round(value) or abs(value) > _LARGEST_COUNT:
            raise self.error(f"has {name} = {value:g}; expected a whole number below 2^31")
        return int(value)

    def numbers(self, name: str) -> np.ndarray:
        """All numbers of a field; none where it is absent."""
        value = np.asarray(self.fields.get(name, ()))
        if value.size and value.dtype.kind not in "biuf":
            raise self.error(f"has {name} = {str(value)[:60]!r}, not numbers")
        return value

    def part(self, name: str) -> _Info:
        """A structure in the structure; empty where there is none."""
        value = self.fields.get(name)
        return _Info(value if isinstance(value, dict) else {}, self.file)

    def error(self, what: str) -> MovieError:
        return MovieError(
            f"{self.file}: Scanbox's header {what}. The order of images is unknown; save the movie "
            "as a plain TIFF with one plane and one channel."
        )


def _read_info(movie: Path) -> dict[str, Any]:
    header = movie.with_suffix(".mat")
    if not header.is_file():
        raise MovieError(
            f"{movie} has no header: expected {header.name} beside it, which Scanbox writes with "
            "every .sbx."
        )
    expected = "Scanbox's header, a MATLAB file up to version 7 with the variable info"
    with readable(header, expected, MovieError, "Copy it again from the microscope's computer."):
        check_elements(header)
        info = scipy.io.loadmat(header, variable_names=["info"], simplify_cells=True)["info"]
    if not isinstance(info, dict):
        raise MovieError(f"{header} is no Scanbox header: its variable info is no structure.")
    return info


def _size(info: _Info, scanmode: float) -> tuple[int, int]:
    """Rows and columns; the records of a buffer are two lines each in both directions."""
    size = info.numbers("sz").ravel()
    whole = size.size == 2 and bool((size == np.floor(size)).all())
    if not whole or not (size.min() >= 1 and size.max() <= _MOST_PIXELS):
        raise info.error(f"has sz = {size.tolist()}, not rows and columns")
    height, width = (int(each) for each in size)
    records = info.number("recordsPerBuffer", default=0)
    lines = records * (2 if scanmode == _BIDIRECTIONAL else 1)
    if records and "chan" not in info.fields and lines != height:
        raise info.error(f"contradicts itself: {height} rows in sz, but {lines:g} lines a frame")
    return height, width


def _channels(info: _Info) -> int:
    if "chan" in info.fields:
        chan = info.part("chan")
        channels, saved = chan.count("nchan"), np.count_nonzero(chan.numbers("save"))
        if channels < 1 or (saved and saved != channels):
            raise info.error(f"contradicts itself: {channels} channels, of which {saved} saved")
        return channels
    code = info.count("channels")
    if code not in _CHANNELS:
        raise info.error(f"has channels = {code}; 1, 2 and 3 are known")
    return _CHANNELS[code]


def _planes(info: _Info) -> tuple[int, str]:
    """The period of the lens's waveform, and what is odd about it."""
    volumes = info.fields.get("volscan")
    if volumes is not None and not info.number("volscan", default=0):
        return 1, ""
    param = info.numbers("otparam").ravel()
    periods = {int(param[2])} if param.size >= 3 and 1 <= param[2] <= _MOST_PLANES else set()
    periods |= {size for size in (info.numbers("otwave").size, _table_rows(info)) if size > 0}
    if len(periods) > 1:
        listed = " and ".join(str(period) for period in sorted(periods))
        raise info.error(f"contradicts itself: volumes of {listed} planes")
    if not periods and volumes is not None:
        raise info.error("says that planes were taken, but not how many")
    planes = max(periods, default=1)
    guessed = volumes is None and planes > 1
    note = f"the header has no volscan: {planes} planes are taken from the lens's waveform"
    return planes, note if guessed else ""


def _table_rows(info: _Info) -> int:
    """Rows of the lens's table, of two columns; one alone comes without its first axis."""
    table = info.numbers("etl_table")
    if table.ndim > 2 or (table.ndim == 1 and table.size not in (0, _TABLE_COLUMNS)):
        raise info.error(f"has an etl_table of the shape {table.shape}, not rows of two numbers")
    return len(np.atleast_2d(table)) if table.size else 0
