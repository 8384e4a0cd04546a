"""ScanImage's header, versions 3.8 (``state.*``) and from 4 on (``SI.*``), as facts."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.matlab_values import Value, assignments, matlab_value

_MODERN = r"(?:scanimage\.)?SI\d*\."
_CLASSIC = r"state\."


@dataclass(frozen=True)
class ScanImageHeader:
    """How ScanImage ordered its images.

    A volume is `slots` images per channel long; the first `planes` of them are planes, the
    rest is the time in which the objective flies back. An image is the mean of `averaged`.
    """

    channels: int
    planes: int
    slots: int
    averaged: int
    rate_hz: float
    bidirectional: bool | None
    warnings: tuple[str, ...] = ()


def is_scanimage(text: str) -> bool:
    """Whether `text` is a header of ScanImage's."""
    return bool(assignments(text, _MODERN) or assignments(text, rf"{_CLASSIC}(?:acq|software)\."))


def read_header(text: str, regions: str, file: str) -> ScanImageHeader:
    """The facts of the header `text`; `regions` is the JSON of its regions of interest.

    Raises
    ------
    MovieError
        The header lacks what the order of images depends on, or contradicts itself; or the
        recording is of several regions (mroi) or a slow stack of depths.
    """
    modern = assignments(text, _MODERN)
    if modern:
        return _modern(_Lines(modern, file), regions)
    return _classic(_Lines(assignments(text, _CLASSIC), file))


@dataclass(frozen=True)
class _Lines:
    """The lines of a header, read when asked for: unreadable is an error, absent is not."""

    lines: dict[str, str]
    file: str

    def get(self, *names: str) -> Value | None:
        """The value of the first name there is; None if there is none of them."""
        name = next((name for name in names if name in self.lines), None)
        if name is None:
            return None
        value = matlab_value(self.lines[name])
        if value is None:
            raise MovieError(
                f"{self.file}: ScanImage's header has {name} = {self.lines[name][:60]!r}, which "
                "cannot be understood. The file is damaged; copy it again from the microscope's "
                "computer."
            )
        return value

    def number(self, *names: str, default: float = 0.0) -> float:
        value = self.get(*names)
        return default if isinstance(value, (str, tuple)) or value is None else float(value)

    def count(self, *names: str, default: int) -> int:
        """A number of images, at least 1."""
        value = self.number(*names, default=default)
        return int(value) if math.isfinite(value) and value >= 1 else default

    def flag(self, *names: str) -> bool | None:
        value = self.get(*names)
        return None if value is None or isinstance(value, (str, tuple)) else bool(value)

    def missing(self, what: str, names: str) -> MovieError:
        return MovieError(
            f"{self.file}: ScanImage's header does not say {what} ({names} is missing), so images "
            "cannot be told apart. Save the recording as a plain TIFF with one plane and one "
            "channel."
        )


def _modern(lines: _Lines, regions: str) -> ScanImageHeader:
    _refuse_regions(lines, regions)
    saved = lines.get("hChannels.channelSave", "channelsSave")
    if saved is None:
        raise lines.missing("which channels were saved", "channelSave")
    channels = len(saved) if isinstance(saved, tuple) else 1
    planes, slots, warnings = _volume(lines)
    averaged = lines.count("hScan2D.logAverageFactor", "acqNumAveragedFrames", default=1)
    frames = lines.number("hRoiManager.scanFrameRate", "scanFrameRate")
    volumes = lines.number("hRoiManager.scanVolumeRate") if slots > 1 else 0.0
    return ScanImageHeader(
        channels=max(channels, 1),
        planes=planes,
        slots=slots,
        averaged=averaged,
        rate_hz=_rate(volumes or frames / slots) / averaged,
        bidirectional=lines.flag("hScan2D.bidirectional", "scanBidirectional"),
        warnings=warnings,
    )


def _rate(value: float) -> float:
    return value if math.isfinite(value) and value > 0 else 0.0


def _volume(lines: _Lines) -> tuple[int, int, tuple[str, ...]]:
    """Planes, images of one volume, and what is odd.

    Numbers of slices are left over from earlier recordings where the stack is off.
    """
    flags = [lines.flag("hStackManager.enable"), lines.flag("hFastZ.enable", "fastZEnable")]
    if flags == [None, None]:
        raise lines.missing("whether planes were taken", "hFastZ.enable")
    slices = lines.count("hStackManager.numSlices", "stackNumSlices", default=1)
    if not any(flags):
        left_over = f"the header names {slices} slices, but its stack is off: taken as one plane"
        return 1, 1, (left_over,) if slices > 1 else ()
    slots = lines.count("hStackManager.numFramesPerVolumeWithFlyback", default=0)
    slots = slots or lines.count("hFastZ.numFramesPerVolume", default=0)
    planes = lines.count("hStackManager.actualNumSlices", default=slices)
    flyback = lines.count("hFastZ.numDiscardFlybackFrames", "fastZNumDiscardFrames", default=0)
    slots = slots or planes + flyback
    repeats = lines.count("hStackManager.framesPerSlice", default=1)
    if planes > 1 and repeats > 1 and slots >= planes * repeats:
        raise _slow_stack(lines.file, planes, repeats)
    if slots < planes:
        raise MovieError(
            f"{lines.file}: ScanImage's header contradicts itself: {planes} planes in volumes of "
            f"{slots} images. The order of images cannot be known."
        )
    idle = f"{slots - planes} of every {slots} images are flyback, and left out"
    return planes, slots, (idle,) if slots > planes else ()


def _slow_stack(file: str, planes: int, repeats: int) -> MovieError:
    return MovieError(
        f"{file} is a stack of {planes} depths with {repeats} images at each, one depth after the "
        "other. Expected a movie: split it into one file for each depth."
    )


def _refuse_regions(lines: _Lines, regions: str) -> None:
    """Several regions (mroi) lie above each other in one image, with idle lines between."""
    enabled = lines.flag("hRoiManager.mroiEnable")
    fields = _scan_fields(regions)
    if enabled and fields is None:
        found = "an unknown number of"
    elif enabled is not False and (fields or 0) > 1:
        found = str(fields)
    else:
        return
    raise MovieError(
        f"{lines.file} was recorded with ScanImage's mroi: {found} regions share each image. Such "
        "recordings are not read: split the regions into one movie each, then extract these."
    )


def _scan_fields(regions: str) -> int | None:
    """Number of fields that were scanned; None if `regions` does not say."""
    try:
        group: Any = json.loads(regions.strip("\0 \r\n\t"))
        rois = group["RoiGroups"]["imagingRoiGroup"]["rois"]
        return sum(len(_listed(roi["scanfields"])) for roi in _listed(rois))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _listed(value: Any) -> list[Any]:
    """MATLAB writes a list of one as the thing itself."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _classic(lines: _Lines) -> ScanImageHeader:
    """ScanImage 3: no fast planes, and a stack is one of depths."""
    channels = lines.count("acq.numberOfChannelsSave", default=0) or sum(
        bool(lines.flag(f"acq.savingChannel{number}")) for number in range(1, 5)
    )
    if not channels:
        raise lines.missing("which channels were saved", "state.acq.numberOfChannelsSave")
    depths = lines.count("acq.numberOfZSlices", default=1)
    if depths > 1:
        raise _slow_stack(lines.file, depths, lines.count("acq.numberOfFrames", default=1))
    averaged = lines.count("acq.numAvgFramesSave", default=1) if _averages(lines) else 1
    return ScanImageHeader(
        channels=channels,
        planes=1,
        slots=1,
        averaged=averaged,
        rate_hz=_rate(lines.number("acq.frameRate")) / averaged,
        bidirectional=lines.flag("acq.bidirectionalScan"),
    )


def _averages(lines: _Lines) -> bool:
    return bool(lines.flag("acq.averaging"))
