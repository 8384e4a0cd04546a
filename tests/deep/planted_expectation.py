"""Simulated cells that carry an early and a late layer, in one order seen, in another expected."""

from types import SimpleNamespace

import numpy as np

from twophoton_decode.decoding.folds.crossvalidation import ImageFolds
from twophoton_decode.deep.comparison.decoding.spaces import Space
from twophoton_decode.records.timed_responses import TimedResponses
from twophoton_decode.settings import DecodingSettings

IMAGES, UNITS, CELLS, BINS = 60, 12, 60, 9
SETTINGS = DecodingSettings(bootstraps=300)
# When the early and the late layer's cells begin, in bins.
SEEN, EXPECTED = (2, 3), (6, 3)


def gain(begin):
    """Of each bin: a rise within a bin, then a slow decay."""
    after = np.arange(BINS) - begin
    return np.where(after < 0, 0.0, 0.85 ** np.maximum(after, 0))


def planted_expectation(expected=EXPECTED, pictures=40, blanks=40, drift=0.0, strength=0.6, seed=0):
    """Omissions in which layers begin at the bins `expected`, or tell nothing for None.

    With `drift` what is left of a picture is also in the blanks after its omission.
    """
    rng = np.random.default_rng(seed)
    layers = [rng.normal(size=(IMAGES, UNITS)).astype(np.float32) for _ in range(2)]
    drive = [layer @ rng.normal(size=(UNITS, CELLS)) / UNITS**0.5 for layer in layers]

    def responses(begins, image, noise, scale=1.0):
        """(rows, bins, cells of either layer)"""
        made = [
            scale * gain(begin)[:, None] * own[image][:, None]
            for begin, own in zip(begins, drive, strict=True)
        ]
        made = np.concatenate(made, axis=2)
        return made + noise * rng.normal(size=made.shape)

    shown = np.repeat(np.arange(IMAGES), 4)
    seen = responses(SEEN, shown, 1.0)
    average = np.stack([seen[shown == image].mean(axis=0)[2:6].mean(axis=0)
                        for image in range(IMAGES)])  # fmt: skip
    absent = rng.permutation(np.repeat(np.arange(pictures), 3))
    begins, scale = (SEEN, 0.0) if expected is None else (expected, strength)
    omitted = responses(begins, absent, 1.0, scale)
    onset = 10.0 * np.arange(len(absent))
    every = np.linspace(0, len(absent) - 1, blanks).astype(int)
    empty = responses(SEEN, absent[every], 1.0, drift)
    timed = TimedResponses(
        response=seen.astype(np.float32), edge_s=0.1 * (np.arange(BINS + 1) - 1), image=shown,
        roi=np.arange(2 * CELLS), expected_response=omitted.astype(np.float32),
        expected_image=absent, expected_condition=np.full(len(absent), "omitted"),
        expected_onset_s=onset, blank_response=empty.astype(np.float32) if blanks else None,
        blank_onset_s=onset[every] + 1 if blanks else None,
        response_unit="dF/F", indicator_decay_s=0.5, signal="dff", notes=[],
    )  # fmt: skip
    content = np.arange(IMAGES)
    spaces = [
        Space("network", name, layer, np.arange(UNITS))
        for name, layer in zip(("early", "late"), layers, strict=True)
    ]
    folds = ImageFolds(content, content, rng.permutation(IMAGES) % 6, [])
    return SimpleNamespace(average=average, timed=timed, spaces=spaces, folds=folds)
