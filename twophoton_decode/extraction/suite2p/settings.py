"""What suite2p is told: its settings where they differ from its defaults."""

from __future__ import annotations

import os
from typing import Any

from twophoton_decode.settings import ExtractionSettings

_REGISTRATION_BATCH = 100
_SUITE2P = {"max_overlap": 0.75, "spatial_scale": 0, "highpass_neuropil": 25}
"""Of suite2p's own settings of detection, the defaults."""
_FEWEST_BINS, _MOST_BINS = 100, 5000
_PROCESS_BYTES = 1.0e9
"""Of suite2p with torch and of this process, before a frame is binned."""
_MOVIES_HELD = 4.5
"""Binned movies, float32, that detection holds at its peak: filtered and coarser versions.
Measured 4.3 with 975 bins of 512 x 512 px."""


def suite2p_settings(
    settings: ExtractionSettings,
    frame_rate_hz: float,
    blocks: tuple[int, int] | None,
    field: tuple[int, int],
) -> dict[str, Any]:
    """Settings for suite2p, to be laid over its own defaults.

    Parameters
    ----------
    frame_rate_hz : float
        Frames per second of a plane.
    blocks : (int, int) or None
        Rows and columns of blocks of non-rigid registration; None for none.
    field : (int, int)
        Rows and columns of a frame.
    """
    registration: dict[str, Any] = {
        "nonrigid": blocks is not None,
        "batch_size": min(_REGISTRATION_BATCH, settings.batch_frames),
    }
    if blocks:
        registration["block_size"] = blocks
    classifier = os.path.abspath(settings.classifier) if settings.classifier else None
    return {
        "torch_device": settings.device,
        "fs": frame_rate_hz,
        "tau": settings.indicator_decay_s,
        "run": {"do_regmetrics": settings.registration_metrics},
        "registration": registration,
        "detection": _detection(settings, field),
        "extraction": {"batch_size": settings.batch_frames},
        "classification": {
            "use_builtin_classifier": classifier is None,
            "classifier_path": classifier,
        },
    }


def _detection(settings: ExtractionSettings, field: tuple[int, int]) -> dict[str, Any]:
    """What else is told only differs from suite2p's defaults, so that earlier ROIs are kept."""
    told: dict[str, Any] = {
        "threshold_scaling": settings.threshold_scaling,
        "nbins": most_bins(settings.memory_gb, field),
    }
    if settings.max_overlap != _SUITE2P["max_overlap"]:
        told["max_overlap"] = settings.max_overlap
    sparsery = {
        "spatial_scale": settings.spatial_scale,
        "highpass_neuropil": settings.highpass_neuropil_px,
    }
    sparsery = {name: value for name, value in sparsery.items() if value != _SUITE2P[name]}
    return told | ({"sparsery_settings": sparsery} if sparsery else {})


def most_bins(memory_gb: float, field: tuple[int, int]) -> int:
    """How many bins of averaged frames detection may hold in `memory_gb`."""
    one = 4 * field[0] * field[1] * _MOVIES_HELD
    bins = int((memory_gb * 1e9 - _PROCESS_BYTES) / one)
    return min(max(bins, _FEWEST_BINS), _MOST_BINS)


def coarse_bins_note(settings: ExtractionSettings, rate: float, shape: tuple[int, int, int]) -> str:
    """That `memory_gb` makes bins longer than suite2p's would be; empty if it does not."""
    frames, *field = shape
    usual = max(1, frames // _MOST_BINS, round(settings.indicator_decay_s * rate))
    most = most_bins(settings.memory_gb, (field[0], field[1]))
    if frames // most <= usual:
        return ""
    return (
        f"ROIs were detected in averages of {frames // most} frames, not {usual}, to stay within "
        f"memory_gb = {settings.memory_gb:g}; with more memory, fast cells are found more reliably"
    )
