"""ScanImage's header, versions 3.8 (``state.*``) and from 4 on (``SI.*``), as facts."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.tiff.scanimage.lines import HeaderLines, classic_lines, modern_lines
from twophoton_decode.recording.tiff.scanimage.volume import read_volume, slow_stack

_CLASSIC_GROUPS = ("acq.", "software.")


@dataclass(frozen=True)
class ScanImageHeader:
    """How ScanImage ordered its images.

    A volume is `slots` saved images per channel long; the first `planes` of them are planes,
    the rest is the time in which the objective flies back. An image is the mean of `averaged`
    frames.
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
    return bool(modern_lines(text)) or any(
        name.startswith(_CLASSIC_GROUPS) for name in classic_lines(text)
    )


def read_header(text: str, regions: str, file: str) -> ScanImageHeader:
    """The facts of the header `text`; `regions` is the JSON of its regions of interest.

    Raises
    ------
    MovieError
        The header lacks what the order of images depends on, or contradicts itself; or the
        recording is of several regions (mroi), a slow stack of depths, or of averages over
        several depths.
    """
    modern = modern_lines(text)
    if modern:
        return _modern(HeaderLines(modern, file), regions)
    return _classic(HeaderLines(classic_lines(text), file))


def _modern(lines: HeaderLines, regions: str) -> ScanImageHeader:
    _refuse_regions(lines, regions)
    saved = lines.get("hChannels.channelSave", "channelsSave")
    if saved is None:
        raise lines.missing("which channels were saved", "channelSave")
    channels = len(saved) if isinstance(saved, tuple) else 1
    averaged = lines.count("hScan2D.logAverageFactor", "acqNumAveragedFrames", default=1)
    volume = read_volume(lines, averaged)
    frames = lines.number("hRoiManager.scanFrameRate", "scanFrameRate")
    volumes = lines.number("hRoiManager.scanVolumeRate") if volume.slots > 1 else 0.0
    return ScanImageHeader(
        channels=max(channels, 1),
        planes=volume.planes,
        slots=volume.slots,
        averaged=averaged,
        rate_hz=_rate(volumes or frames / (volume.slots * averaged)),
        bidirectional=lines.flag("hScan2D.bidirectional", "scanBidirectional"),
        warnings=volume.warnings,
    )


def _rate(value: float) -> float:
    return value if math.isfinite(value) and value > 0 else 0.0


def _refuse_regions(lines: HeaderLines, regions: str) -> None:
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


def _classic(lines: HeaderLines) -> ScanImageHeader:
    """ScanImage 3: no fast planes, and a stack is one of depths."""
    channels = lines.count("acq.numberOfChannelsSave", default=0) or sum(
        bool(lines.flag(f"acq.savingChannel{number}")) for number in range(1, 5)
    )
    if not channels:
        raise lines.missing("which channels were saved", "state.acq.numberOfChannelsSave")
    depths = lines.count("acq.numberOfZSlices", default=1)
    if depths > 1:
        raise slow_stack(lines.file, depths, lines.count("acq.numberOfFrames", default=1))
    averaged = 1
    if lines.flag("acq.averaging"):
        averaged = lines.count("acq.numAvgFramesSave", default=1)
    return ScanImageHeader(
        channels=channels,
        planes=1,
        slots=1,
        averaged=averaged,
        rate_hz=_rate(lines.number("acq.frameRate")) / averaged,
        bidirectional=lines.flag("acq.bidirectionalScan"),
    )
