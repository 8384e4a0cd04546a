"""Cells that see clips: rates frame by frame, spikes, and the indicator's slow light [ours]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.simulation.areas import v1_rates
from twophoton_decode.simulation.clips.motion import moving_clips
from twophoton_decode.simulation.microscope.calcium import calcium_traces

TRANSIENT_S = 0.2
GREY = 0.5
SPONTANEOUS = 0.1
"""Rate at a grey screen, as a share of the mean one."""


@dataclass(frozen=True)
class ClipParameters:
    """What a session of clips is simulated from; equal parameters give equal sessions.

    Parameters
    ----------
    clips, frames, cells, repeats : int
        Number of clips, frames of each, cells, and showings of each clip.
    side : int
        Of a frame, px.
    rows : int or None
        So many rows in the middle of a frame are shown, the others are grey; None: all.
    rate_hz : float
        Frames of clips, and of the recording, per second.
    latency_s : (float, float)
        From a frame to the spikes that it evokes, shortest and longest over cells.
    transience : float
        Largest share of its rate 0.2 s before that a cell subtracts; it is uniform from 0 to this
        over cells, so that some answer to what is there and others to what has changed.
    grey_s : float
        Grey screen between showings.
    rise_s, decay_s : float
        Of the indicator.
    mean_hz : float
        Mean rate of a cell.
    noise : float
        Standard deviation of the recording's noise in a frame, in peaks of one spike.
    seed : int
    """

    clips: int = 110
    frames: int = 50
    cells: int = 350
    repeats: int = 1
    side: int = 32
    rows: int | None = None
    rate_hz: float = 10.0
    latency_s: tuple[float, float] = (0.05, 0.25)
    transience: float = 0.8
    grey_s: float = 1.0
    rise_s: float = 0.06
    decay_s: float = 0.7
    mean_hz: float = 3.0
    noise: float = 1.5
    seed: int = 0


@dataclass(frozen=True, eq=False)
class ClipSession:
    """Clips, when they were shown, and what every cell's indicator shone.

    Attributes
    ----------
    parameters : ClipParameters
    picture : ndarray, shape (clips, frames, side, side), float32, 0…1
    clip : ndarray of int, shape (showings,)
        The clip of each showing.
    start : ndarray of int, shape (showings,)
        The recording's frame at which each showing begins.
    spikes : ndarray of int, shape (cells, recording frames)
    dff : ndarray, shape (cells, recording frames), float32
        In peaks of one spike, with noise.
    """

    parameters: ClipParameters
    picture: np.ndarray
    clip: np.ndarray
    start: np.ndarray
    spikes: np.ndarray
    dff: np.ndarray

    def at_frames(self, trace: np.ndarray) -> np.ndarray:
        """A trace (cells, recording frames) at the frames of each showing, (showing, frame, cell).

        Showings begin with a frame of the recording, so that nothing is interpolated.
        """
        frame = self.start[:, None] + np.arange(self.parameters.frames)
        return np.ascontiguousarray(trace.T[frame], dtype=np.float32)


def simulate_clips(parameters: ClipParameters) -> ClipSession:
    """Clips with motion, shown in random order, and the calcium of cells that see them."""
    streams = [np.random.default_rng([parameters.seed, number]) for number in range(4)]
    size = parameters.clips, parameters.frames, parameters.side
    picture = moving_clips(*size, parameters.rate_hz, streams[0])
    if parameters.rows is not None:
        top = (parameters.side - parameters.rows) // 2
        picture[:, :, :top] = picture[:, :, top + parameters.rows :] = GREY
    order = [streams[1].permutation(parameters.clips) for _ in range(parameters.repeats)]
    clip = np.concatenate(order)
    gap = round(parameters.grey_s * parameters.rate_hz)
    start = gap + np.arange(len(clip)) * (parameters.frames + gap)
    rate_hz = _rates(picture, parameters, streams[2])
    spikes = _spikes(rate_hz, clip, start, gap, parameters, streams[3])
    dff = _fluorescence(spikes, parameters, streams[3])
    return ClipSession(parameters, picture, clip, start, spikes, dff)


def _rates(
    picture: np.ndarray, parameters: ClipParameters, generator: np.random.Generator
) -> np.ndarray:
    """Rate of every cell in every frame, Hz, (clips, frames, cells), of mean `mean_hz`.

    `v1_rates` of each frame, late by each cell's latency, less a share of the rate 0.2 s before.
    """
    frames = picture.reshape(-1, parameters.side, parameters.side)
    seen = np.maximum(v1_rates(frames, parameters.cells, generator), 0)
    seen = seen.reshape(*picture.shape[:2], -1)
    cells = parameters.cells
    late = parameters.rate_hz * generator.uniform(*parameters.latency_s, cells)
    share = generator.uniform(0.0, parameters.transience, cells)
    before = _delayed(seen, late + TRANSIENT_S * parameters.rate_hz)
    rates = np.maximum(_delayed(seen, late) - share * before, 0)
    return np.asarray(parameters.mean_hz * rates / np.maximum(rates.mean(axis=(0, 1)), 1e-12))


def _delayed(rates: np.ndarray, late: np.ndarray) -> np.ndarray:
    """Rates (clips, frames, cells) moved on by so many frames (cells,), between frames in part.

    Before a clip its first frame stands still.
    """
    whole = np.floor(late).astype(int)
    part, frame = late - whole, np.arange(rates.shape[1])[:, None]
    cell = np.arange(rates.shape[2])
    earlier, earliest = (rates[:, np.maximum(frame - whole - more, 0), cell] for more in (0, 1))
    return np.asarray((1 - part) * earlier + part * earliest)


def _spikes(
    rate_hz: np.ndarray,
    clip: np.ndarray,
    start: np.ndarray,
    gap: int,
    parameters: ClipParameters,
    generator: np.random.Generator,
) -> np.ndarray:
    """Poisson spikes of every cell in every frame of the recording, (cells, recording frames)."""
    total = start[-1] + parameters.frames + gap
    expected = np.full((total, parameters.cells), SPONTANEOUS * parameters.mean_hz)
    for number, first in zip(clip, start, strict=True):
        expected[first : first + parameters.frames] = rate_hz[number]
    return np.asarray(generator.poisson(expected / parameters.rate_hz)).T


def _fluorescence(
    spikes: np.ndarray, parameters: ClipParameters, generator: np.random.Generator
) -> np.ndarray:
    """The indicator's light, in peaks of one spike, plus normal noise."""
    cell, frame = np.nonzero(spikes)
    count = spikes[cell, frame]
    within = generator.random(int(count.sum()))
    clean = calcium_traces(
        np.repeat(cell, count),
        (np.repeat(frame, count) + within) / parameters.rate_hz,
        cells=parameters.cells,
        frames=spikes.shape[1],
        frame_rate_hz=parameters.rate_hz,
        rise_s=parameters.rise_s,
        decay_s=parameters.decay_s,
        dff_per_spike=np.ones(parameters.cells),
    )
    noise = generator.normal(0.0, parameters.noise, clean.shape)
    return np.asarray(clean + noise, dtype=np.float32)
