"""Simulated sessions: responses that follow patches of the pictures, in movies and as arrays."""

import numpy as np
import pytest
from extracted_session import pretend_extracted

from twophoton_decode.pipeline.run import Session
from twophoton_decode.records import Traces
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import Settings

IMAGES, REPEATS, CELLS, SIDE, RATE, APART = 36, 3, 20, 24, 8.0, 20
"""Frames between onsets; the cells respond from 2 to 6 frames after one."""
KINDS = [f"kind {number % 9}" for number in range(IMAGES)]


def respond(path, network=""):
    """Responses, and what is decoded of them, without figures, which take longest of all here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twophoton_decode.pipeline.run.draw_figures", lambda *given: [])
        session = Session(SessionFolder.open(path))
        session.run_only("respond")
        if network:
            session.run_only("time-bins")
            session.run_deep("deep-decode", (network,))


def pictures(count=IMAGES, seed=0):
    """Smooth noise, 0 to 1."""
    coarse = np.random.default_rng(seed).random((count, SIDE // 4, SIDE // 4))
    return np.kron(coarse, np.ones((4, 4)))


def drive():
    """How each cell responds to each picture, (images, cells): mean luminance of one patch."""
    coarse = pictures()[:, ::4, ::4].reshape(IMAGES, -1)
    return coarse[:, np.random.default_rng(1).permutation(36)[:CELLS]]


def timed_movie(folder, rows, start=2, responses=None, **log):
    """A session as after extraction: fluorescence 100 (1 + response) while the cells respond.

    `rows` of the log are images, or what they say instead: text with the image, its condition
    and whether cells respond to it; they respond from `start` frames after the onset where no
    picture was shown. Gives the session, the signal (cells, frames) and the onsets in frames.
    """
    onset = 8 + APART * np.arange(len(rows))
    frames = onset[-1] + APART + 8
    signal = np.full((CELLS, frames), 100.0)
    lines = []
    for row, frame in zip(rows, onset, strict=True):
        image, condition, driven = row if isinstance(row, tuple) else (row, "shown", True)
        if driven:
            begin = frame + (2 if condition == "shown" else start)
            signal[:, begin : begin + 4] += 50 * drive()[image][:, None]
        kind = "" if image == "" else KINDS[image]
        lines.append(f"{image},{frame / RATE},{kind},{condition}")
    signal += np.random.default_rng(3).normal(0, 0.5, signal.shape)
    (folder / "log.csv").write_text("image,onset_s,category,condition\n" + "\n".join(lines) + "\n")
    np.save(folder / "pictures.npy", pictures())
    SessionFolder.create(
        folder / "S",
        Settings.model_validate({
            "source": {
                "movie": ["../movie.tif"], "log": "../log.csv", "images": "../pictures.npy",
            },
            "recording": {"frame_rate_hz": RATE},
            "responses": {
                "baseline_window_s": [-0.5, 0.0], "response_window_s": [0.25, 0.75],
                **(responses or {}),
            },
            "images": {"size_px": SIDE},
            "decoding": {"bootstraps": 200, "folds": 6},
            "traces": {"signal": "corrected"},
            "deep": {"input_px": 64, "units": 200},
            "log": log,
        }),
    )  # fmt: skip
    (folder / "movie.tif").write_bytes(b"never read")
    zeros = np.zeros((1, frames))
    pretend_extracted(
        SessionFolder.open(folder / "S"),
        Traces(
            fluorescence=signal, neuropil=np.zeros_like(signal), deconvolved=np.zeros_like(signal),
            is_cell=np.ones(CELLS, bool), cell_probability=np.ones(CELLS), plane=np.zeros(CELLS),
            center_y=np.zeros(CELLS), center_x=np.zeros(CELLS), pixel_offset=np.arange(CELLS + 1),
            pixel_y=np.zeros(CELLS), pixel_x=np.zeros(CELLS), pixel_weight=np.ones(CELLS),
            mean_image=np.ones((1, 8, 8)), motion_y=zeros, motion_x=zeros,
            bad_frame=np.zeros(frames, bool), plane_delay_s=[0.0], frame_rate_hz=RATE,
            intensity_offset=0.0, intensity_scale=1.0,
        ),
    )  # fmt: skip
    return folder / "S", signal, onset


def shown_order():
    """Every image three times, mixed."""
    return np.random.default_rng(2).permutation(np.repeat(np.arange(IMAGES), REPEATS))
