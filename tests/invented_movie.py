"""A record of decoded clips whose numbers are invented."""

import numpy as np

from twophoton_decode.deep.movies.ladder import DECONVOLVED, FILTERED, SMOOTHED, STATIC, TEMPORAL
from twophoton_decode.deep.movies.scores import SCORES
from twophoton_decode.deep.movies.scoring import NULLS
from twophoton_decode.records import MovieDecoding

RUNGS = (
    "same frame", "best lag", SMOOTHED, DECONVOLVED, STATIC, "several lags", FILTERED, TEMPORAL
)  # fmt: skip


def movie_decoding(clips=6, frames=8, side=6, **changed):
    """Six clips, of which the last one is three frames shorter; the last rung is the best."""
    rng = np.random.default_rng(0)
    value = np.linspace(0.2, 0.7, len(RUNGS))[:, None, None] + rng.normal(
        0, 0.05, (len(RUNGS), len(SCORES), clips)
    )
    mean = value.mean(axis=2)
    gain = mean[-1] - mean
    length = np.full(clips, frames)
    length[-1] -= 3
    picture = rng.random((clips, frames, side, side))
    decoded = np.stack([picture + noise for noise in (0.3, 0.1)])
    fields = {
        "rung": RUNGS,
        "score": SCORES,
        "value": value,
        "value_mean": mean,
        "value_ci95": np.stack([mean - 0.1, mean + 0.1], axis=-1),
        "gain": gain,
        "gain_ci95": np.stack([gain - 0.02, gain + 0.02], axis=-1),
        "null": NULLS,
        "null_mean": rng.normal(0, 0.02, (2, len(RUNGS), len(SCORES))),
        "lag_s": np.full((len(RUNGS), 3, 2), 0.2),
        "strength": np.ones((len(RUNGS), 3)),
        "smoothing_s": np.zeros((len(RUNGS), 3)),
        "temporal_by": [TEMPORAL] * 3,
        "temporal_gain": [0.02, 0.03, 0.02],
        "clip_name": [f"clip_{n}.npy" for n in range(clips)],
        "clip_frames": length,
        "content": np.arange(clips),
        "fold": np.arange(clips) % 3,
        "picture": picture,
        "pictured": (DECONVOLVED, TEMPORAL),
        "decoded": decoded,
        "clip_rate_hz": 10.0,
        "cells": 40,
        "showings": clips,
        "features": "pixels",
        "signal": "dff",
        "deconvolved_by": "suite2p",
        "indicator_decay_s": 0.7,
        "notes": [],
    }
    return MovieDecoding(**(fields | changed))
