"""Traces of several planes with motion and frame means, for the figures of quality."""

from __future__ import annotations

import numpy as np

from twophoton_decode.extraction.quality.measure import quality
from twophoton_decode.records import Quality, Traces
from twophoton_decode.settings import TraceSettings

SETTINGS = TraceSettings()
RATE = 10.0
SIDE = 48


def traces(rois=20, cells=8, planes=1, frames=1200, *, bad=(), old=False) -> Traces:
    """Round ROIs with exponential transients; those that are cells the more active ones."""
    rng = np.random.default_rng(rois + 10 * planes)
    events = rng.random((rois, frames)) < np.linspace(0.02, 0.0, rois)[:, None]
    kernel = np.exp(-np.arange(40) / 15)
    active = np.array([np.convolve(row, kernel)[:frames] for row in events])
    fall = np.exp(-0.2 * np.arange(frames) / frames)
    neuropil = 50 * fall + rng.standard_normal((rois, frames))
    signal = 100 * fall * (1 + active) + 0.7 * neuropil + 5 * rng.standard_normal((rois, frames))
    centre = rng.uniform(4, SIDE - 4, (rois, 2))
    grid = np.stack(np.mgrid[-2:3, -2:3]).reshape(2, -1)
    pixels = centre.astype(int)[:, :, None] + grid
    bad_frame = np.zeros(frames, dtype=bool)
    bad_frame[list(bad)] = True
    optional = {} if old else {
        "block_motion": rng.gamma(4, 0.1, (planes, frames)),
        "motion_correlation": 0.04 + 0.001 * rng.standard_normal((planes, frames)),
        "frame_mean": 60 * fall + 0.1 * rng.standard_normal((planes, frames)),
        "correlation_image": np.pad(rng.random((planes, SIDE - 8, SIDE - 8)),
                                    ((0, 0), (4, 4), (4, 4)), constant_values=np.nan),
    }  # fmt: skip
    return Traces(
        fluorescence=signal.astype(np.float32),
        neuropil=neuropil.astype(np.float32),
        deconvolved=active.astype(np.float32),
        is_cell=np.arange(rois) < cells,
        cell_probability=np.linspace(0.95, 0.02, rois),
        plane=np.arange(rois) % planes,
        center_y=centre[:, 0],
        center_x=centre[:, 1],
        pixel_offset=np.arange(rois + 1) * 25,
        pixel_y=pixels[:, 0].ravel(),
        pixel_x=pixels[:, 1].ravel(),
        pixel_weight=np.ones(25 * rois),
        mean_image=rng.gamma(4, 20, (planes, SIDE, SIDE)),
        motion_y=rng.integers(-2, 3, (planes, frames)) * np.arange(1, planes + 1)[:, None],
        motion_x=rng.integers(-1, 2, (planes, frames)),
        bad_frame=bad_frame,
        plane_delay_s=np.arange(planes) * 0.01,
        frame_rate_hz=RATE,
        intensity_offset=0.0,
        intensity_scale=1.0,
        **optional,
    )


def measured(found: Traces) -> Quality:
    """The quality of such traces."""
    return quality(found, SETTINGS)
