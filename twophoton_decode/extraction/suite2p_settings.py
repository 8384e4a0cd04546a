"""What suite2p is told: its settings where they differ from its defaults."""

from __future__ import annotations

import os
from typing import Any

from twophoton_decode.settings import ExtractionSettings

_REGISTRATION_BATCH = 100
_FEWEST_BINS, _MOST_BINS = 100, 5000
_PROCESS_BYTES = 1.0e9
"""Of suite2p with torch, before it has read a frame."""
_MOVIES_HELD = 2.5
"""Detection holds the binned movie, its filtered and its coarser versions, float32."""


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
        "diameter": [settings.diameter_px, settings.diameter_px],
        "run": {"do_regmetrics": settings.registration_metrics},
        "registration": registration,
        "detection": {
            "threshold_scaling": settings.threshold_scaling,
            "nbins": most_bins(settings.memory_gb, field),
        },
        "extraction": {"batch_size": settings.batch_frames},
        "classification": {
            "use_builtin_classifier": classifier is None,
            "classifier_path": classifier,
        },
    }


def most_bins(memory_gb: float, field: tuple[int, int]) -> int:
    """How many bins of averaged frames detection may hold in `memory_gb`."""
    one = 4 * field[0] * field[1] * _MOVIES_HELD
    bins = int((memory_gb * 1e9 - _PROCESS_BYTES) / one)
    return min(max(bins, _FEWEST_BINS), _MOST_BINS)
