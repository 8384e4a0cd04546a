"""Clips decoded from responses, by decoders that each add one step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class MovieDecoding(Record):
    """Clips decoded by fits to other clips, and what each step of doing so adds.

    A *rung* is a decoder, from the plainest to the temporal one (docs/methods/movie.md).
    """

    rung: np.ndarray = array("rung", dtype=str, doc="decoders, each with one step more")
    score: np.ndarray = array(
        "score",
        dtype=str,
        doc="video_r, frame_r, motion_r, energy_r, identification (docs/methods/movie.md)",
    )
    value: np.ndarray = array(
        "rung score clip", doc="mean over the showings of a clip; NaN where it only trains"
    )
    value_mean: np.ndarray = array("rung score", doc="mean over clips")
    value_ci95: np.ndarray = array(
        "rung score end", doc="its 95 % interval over clips; NaN where all score the same"
    )
    gain: np.ndarray = array(
        "rung score", doc="of the last rung over this one, mean of paired differences over clips"
    )
    gain_ci95: np.ndarray = array("rung score end", doc="its 95 % interval over clips")
    null: np.ndarray = array(
        "null",
        dtype=str,
        doc="decoded clips shifted round in time by 2 s or more; other clips of the fold in place "
        "of the one shown",
    )
    null_mean: np.ndarray = array(
        "null rung score", doc="the same scores with them, mean over clips; NaN where undefined"
    )
    lag_s: np.ndarray = array(
        "rung fold lag", "s", doc="from a frame to the responses that decode it; NaN fills up"
    )
    strength: np.ndarray = array(
        "rung fold", doc="of the penalty, in mean eigenvalues; NaN where a rung follows from others"
    )
    smoothing_s: np.ndarray = array(
        "rung fold", "s", doc="SD of the smoothing over time; NaN as for strength"
    )
    temporal_by: np.ndarray = array(
        "fold",
        dtype=str,
        doc="what stands for the temporal decoder: itself, or the best smoothed frame-wise one",
    )
    temporal_gain: np.ndarray = array(
        "fold",
        doc="what filters over time gain in video_r over that, mean over held-out training clips",
    )
    corrected: np.ndarray | None = array(
        "fold",
        dtype=bool,
        optional=True,
        doc="the network's correction was shown to help on held-out training clips, and was used",
    )
    latent_kept: np.ndarray | None = array(
        "fold",
        optional=True,
        doc="share of the code of the frame before in each frame's, chosen on training clips",
    )
    clip_name: np.ndarray = array("clip", dtype=str, doc="file name or index of each clip")
    clip_frames: np.ndarray = array("clip", dtype=np.int64, doc="number of frames of each clip")
    content: np.ndarray = array(
        "clip",
        dtype=np.int64,
        doc="clips with equal numbers have one source, or a frame nearly alike",
    )
    fold: np.ndarray = array(
        "clip", dtype=np.int64, doc="the fold in which it is tested; -1: it only trains"
    )
    picture: np.ndarray = array(
        "clip frame y x", dtype=np.float32, opened=True, doc="frames as they were shown"
    )
    pictured: np.ndarray = array(
        "pictured",
        dtype=str,
        doc="rungs whose clips are kept: best frame-wise one, by latents where asked for, last",
    )
    decoded: np.ndarray = array(
        "pictured clip frame y x",
        dtype=np.float32,
        opened=True,
        doc="decoded frames, mean over showings; NaN where a clip only trains",
    )
    clip_rate_hz: float = scalar("Hz", doc="frames of clips per second")
    cells: int = scalar("cells", doc="number of cells")
    showings: int = scalar(doc="showings of clips")
    features: str = scalar(doc="feature space that is decoded")
    signal: str = scalar(doc="of the first rungs: dff, corrected or deconvolved")
    deconvolved_by: str = scalar(
        doc="what deconvolved the signal: suite2p, difference, or nothing where it is empty"
    )
    indicator_decay_s: float = scalar("s", doc="decay of the indicator; NaN where it is not known")
    notes: list[str] = scalar(doc="whatever was left out, chosen or not shown to help")

    def of(self, rung: str, score: str) -> tuple[int, int]:
        """Where a rung and a score stand."""
        return self.rung.tolist().index(rung), self.score.tolist().index(score)

    @property
    def last(self) -> str:
        """The last rung: the temporal decoder, corrected where that was asked for."""
        return str(self.rung[-1])

    @property
    def best_framewise(self) -> str:
        """The best of the smoothed frame-wise decoders, by video_r."""
        return str(self.pictured[0])

    @property
    def headline(self) -> dict[str, Any]:
        """What ``summary.json`` says: every rung, then the gain of the last, and nulls."""
        names = self.score.tolist()
        rungs = {
            rung: dict(zip(names, self.value_mean[place].tolist(), strict=True))
            for place, rung in enumerate(self.rung.tolist())
        }
        place = self.rung.tolist().index(self.best_framewise)
        return {
            **rungs[self.last],
            "video_r_ci95": self.value_ci95[-1, 0].tolist(),
            "rungs": rungs,
            "last": self.last,
            "best_framewise": self.best_framewise,
            "gain": dict(zip(names, self.gain[place].tolist(), strict=True)),
            "gain_ci95": {
                name: self.gain_ci95[place, number].tolist() for number, name in enumerate(names)
            },
            "nulls": {
                null: dict(zip(names, self.null_mean[number, -1].tolist(), strict=True))
                for number, null in enumerate(self.null.tolist())
            },
            "temporal_by": dict(Counter(self.temporal_by.tolist())),
            "clips": int(np.count_nonzero(self.fold >= 0)),
            "cells": self.cells,
            "deconvolved_by": self.deconvolved_by,
        }
