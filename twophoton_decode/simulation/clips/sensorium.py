"""A simulated mouse that saw videos, as a folder in the layout of SENSORIUM 2023."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from twophoton_decode.simulation.clips.responses import (
    ClipParameters,
    ClipSession,
    simulate_clips,
)
from twophoton_decode.simulation.parameters import generators
from twophoton_decode.simulation.sensorium import SHAPE, drawn_tiers, meta_of_cells, write_meta
from twophoton_decode.simulation.writing import make_empty

RATE_HZ = 30.0
SHOWN_S = 5.0
NOISE = 0.5
"""Of the indicator in a frame, in peaks of one spike."""
FILLED_UP = 0.08
"""Files are longer than videos by so much, NaN, as the competition's are (324 for 300 frames)."""


def video_parameters(
    cells: int, videos: int, repeats: int, shown_s: float, seed: int
) -> ClipParameters:
    """Videos of 36 × 64 px at 30 Hz; around them the screen is grey."""
    return ClipParameters(
        clips=videos, frames=max(2, round(shown_s * RATE_HZ)), cells=cells, repeats=repeats,
        side=SHAPE[1], rows=SHAPE[0], rate_hz=RATE_HZ, noise=NOISE, seed=seed,
    )  # fmt: skip


def write_video_mouse(parameters: ClipParameters, folder: Path) -> None:
    """Write ``data`` and ``meta`` of one mouse, and ``truth.npz``.

    A fifth of the videos (two at least) are of the tier oracle and shown `repeats` times, the
    others train and are shown once. Responses are what each frame adds to the indicator's light
    where it decays exponentially, cut at 0. Behaviour is a running speed that is drawn.

    Raises
    ------
    UsageError
        `folder` already holds files.
    """
    make_empty(folder)
    session = simulate_clips(parameters)
    tier = drawn_tiers(parameters.clips, parameters.seed, tested="oracle", validation="")
    repeat = np.array(
        [(session.clip[:place] == each).sum() for place, each in enumerate(session.clip)]
    )
    shown = np.flatnonzero((tier[session.clip] == "oracle") | (repeat == 0))
    trials = generators(parameters.seed)["files"].permutation(shown)
    _write_data(session, trials, folder / "data")
    write_meta(
        folder / "meta",
        {"tiers": tier[session.clip[trials]], "trial_idx": trials},
        meta_of_cells(parameters.cells, parameters.seed),
    )
    np.savez_compressed(
        folder / "truth.npz", allow_pickle=False, clip=session.clip[trials], trial=trials,
        spikes=session.at_frames(session.spikes)[trials].astype(np.uint16),
    )  # fmt: skip


def _write_data(session: ClipSession, trials: np.ndarray, folder: Path) -> None:
    given = session.parameters
    rows, columns = SHAPE
    top, more = (columns - rows) // 2, int(np.ceil(FILLED_UP * given.frames))
    response = session.at_frames(_added(session))
    speed = generators(given.seed)["running"].gamma(1.0, 1.0, (trials.size, 1, given.frames))
    for name in ("videos", "responses", "behavior"):
        (folder / name).mkdir(parents=True)
    for number, trial in enumerate(trials):
        video = 255 * session.picture[session.clip[trial], :, top : top + rows]
        behaviour = np.concatenate([np.ones_like(speed[number]), speed[number]])
        values = np.moveaxis(video, 0, -1), response[trial].T, behaviour
        for name, each in zip(("videos", "responses", "behavior"), values, strict=True):
            filled = np.full((*each.shape[:-1], more), np.nan)
            whole = np.concatenate([each, filled], axis=-1).astype(np.float32)
            np.save(folder / name / f"{number}.npy", whole, allow_pickle=False)


def _added(session: ClipSession) -> np.ndarray:
    """What each frame adds to a decaying indicator, at least 0, (cells, recording frames)."""
    given, dff = session.parameters, session.dff
    before = np.concatenate([dff[:, :1], dff[:, :-1]], axis=1)
    return np.maximum(dff - np.exp(-1 / (given.rate_hz * given.decay_s)) * before, 0)
