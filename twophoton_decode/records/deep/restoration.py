"""A restored movie beside the raw one, and what restoration invented where the truth is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class Restoration(Record):
    """How a movie was restored, frames of it, and counts on simulations as bright as it is.

    Methods are raw, the moving average, and the network (docs/methods/restoration.md).
    """

    method: np.ndarray = array("method", dtype=str, doc="raw, moving average, restored")
    ssim: np.ndarray = array("method", doc="of frames of cells with the clean ones, mean")
    recall: np.ndarray = array("method", doc="share of particles of clean frames that are kept")
    invented: np.ndarray = array("method", doc="invented particles a frame, scenes with cells")
    invented_empty: np.ndarray = array("method", doc="invented particles a frame, empty scenes")
    invented_noise: np.ndarray = array("method", doc="the same in a movie of noise alone")
    slope: np.ndarray = array("method", doc="of event amplitudes on true ones")
    area_slope: np.ndarray = array("method", doc="of event areas on true ones")
    missed: np.ndarray = array("method", doc="share of events with less than half their amplitude")
    trace_r: np.ndarray = array("method", doc="correlation of traces with true ones, median")
    flicker: np.ndarray = array(
        "method", doc="SD of false changes of whole frames, share of the mean"
    )
    baseline: np.ndarray = array(
        "method", doc="false drift of baselines over quarters, share, median over cells"
    )
    scenes: int = scalar(doc="simulated scenes with cells")
    empty_scenes: int = scalar(doc="simulated scenes without cells, one frame each")
    noise_frames: int = scalar(doc="frames of noise alone that were looked at")
    events: int = scalar(doc="true events in the scenes with cells")
    trace: np.ndarray = array("series frame", doc="a simulated cell: clean, raw, average, restored")
    simulated: np.ndarray = array(
        "series simulated_y simulated_x",
        doc="a simulated frame: clean, raw, average, restored, photons",
    )
    empty: np.ndarray = array(
        "series simulated_y simulated_x", doc="the same of a scene without cells"
    )
    shown_frame: np.ndarray = array("shown", dtype=np.int64, doc="frames that are shown, from 0")
    shown: np.ndarray = array("method shown y x", dtype=np.float32, doc="these frames, photons")
    residual: np.ndarray = array(
        "shown y x", dtype=np.float32, doc="raw less restored, in SD of the expected noise"
    )
    mean_residual: np.ndarray = array(
        "y x",
        dtype=np.float32,
        doc="mean of that over frames, times the square root of their number: 1 SD where it is "
        "noise alone",
    )
    mean_frame: np.ndarray = array(
        "y x", dtype=np.float32, doc="mean of the raw frames looked at, photons"
    )
    residual_frames: int = scalar(doc="frames in `mean_residual`")
    loss: str = scalar(doc="ssim, mse or pix2pix")
    trained_on: str = scalar(doc="simulation, self, or a file")
    window: int = scalar(doc="frames that the network sees")
    average_window: int = scalar(doc="frames of the moving average")
    steps: int = scalar(doc="steps of training")
    best_step: int = scalar(doc="the one whose weights are used")
    held_out_loss: np.ndarray = array("check", doc="loss on held-out pairs along training")
    gain: float = scalar(doc="grey levels that a photon adds")
    dark: float = scalar(doc="grey level without light")
    read_noise: float = scalar("photons", doc="SD of noise without light")
    photons: float = scalar("photons", doc="mean of the movie per pixel and frame")
    noise_correlation: float = scalar(doc="of neighbouring pixels' noise")
    cut_pixels: int = scalar(doc="restored pixels cut at an end of the 16 bits")
    notes: list[str] = scalar(doc="what a reader must know")
