"""Traces as a perfect extraction of a simulated movie would give them."""

import numpy as np

from twophoton_decode.records import Traces


def traces_of(planted, shape, order, is_cell):
    """ROIs with the masks of the planted cells in `order`, whose brightness is 100 (1 + ΔF/F)."""
    offset, y, x = planted.masks
    pixels = [np.arange(offset[cell], offset[cell + 1]) for cell in order]
    every = np.concatenate(pixels)
    count, frames = len(order), planted.dff.shape[1]
    signal = 100 * (1 + planted.dff[order])
    none = np.zeros((1, frames))
    return Traces(
        fluorescence=signal.astype(np.float32),
        neuropil=np.zeros((count, frames), np.float32),
        deconvolved=np.zeros((count, frames), np.float32),
        is_cell=is_cell,
        cell_probability=np.ones(count),
        plane=np.zeros(count),
        center_y=np.zeros(count),
        center_x=np.zeros(count),
        pixel_offset=np.cumsum([0, *map(len, pixels)]),
        pixel_y=y[every],
        pixel_x=x[every],
        pixel_weight=np.ones(every.size),
        mean_image=np.ones((1, *shape)),
        motion_y=none,
        motion_x=none,
        bad_frame=np.zeros(frames, bool),
        frame_rate_hz=8.0,
        plane_delay_s=np.zeros(1),
        intensity_offset=0.0,
        intensity_scale=1.0,
    )


def traces_of_signal(signal, frame_rate_hz):
    """ROIs of one pixel without neuropil, all of them cells, with this fluorescence."""
    cells, frames = signal.shape
    none = np.zeros((1, frames))
    return Traces(
        fluorescence=signal, neuropil=np.zeros_like(signal), deconvolved=np.zeros_like(signal),
        is_cell=np.ones(cells, bool), cell_probability=np.ones(cells), plane=np.zeros(cells),
        center_y=np.zeros(cells), center_x=np.zeros(cells), pixel_offset=np.arange(cells + 1),
        pixel_y=np.zeros(cells), pixel_x=np.zeros(cells), pixel_weight=np.ones(cells),
        mean_image=np.ones((1, 8, 8)), motion_y=none, motion_x=none,
        bad_frame=np.zeros(frames, bool), plane_delay_s=[0.0], frame_rate_hz=frame_rate_hz,
        intensity_offset=0.0, intensity_scale=1.0,
    )  # fmt: skip
