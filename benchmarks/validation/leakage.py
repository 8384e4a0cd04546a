"""Leakage: responses that know nothing of the pictures, some of which are shown twice alike.

Cells respond to other pictures. Each picture is also shown changed, and the cells respond to
both as to one: a decoder that trained on either would know the other. The test image never
reaches training if R stays at chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from measures import CHANCE, REJECTION, Quantity, rejected
from recordings import SIDE, Kind, Recording, drive_of, pictures, trials
from study import Outcome, Study

from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.settings import DecodingSettings

R = Quantity(("r_average",), "mean R of responses that know nothing", CHANCE)
P = Quantity(("p_value",), "p of responses that know nothing", REJECTION)
ORIGINALS = 20


def _shifted(picture: np.ndarray, wide: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return wide[:, 1:, 1:]


def _dimmer(picture: np.ndarray, wide: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 0.8 * picture


def _noisy(picture: np.ndarray, wide: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return picture + 0.1 * rng.standard_normal(picture.shape)


def _same(picture: np.ndarray, wide: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return picture.copy()


CHANGES = {
    "unchanged": _same,
    "shifted by a pixel": _shifted,
    "at contrast 0.8": _dimmer,
    "with noise of a tenth": _noisy,
}


def _run(change: object, permutations: int, rng: np.random.Generator) -> Iterator[Outcome]:
    kind = Kind(images=2 * ORIGINALS, carriers=0)
    # Cut from a larger picture, so that a shift brings in new pixels.
    wide = pictures(ORIGINALS, rng, SIDE + 1)
    own = wide[:, :SIDE, :SIDE]
    picture = np.concatenate([own, change(own, wide, rng)])
    drive = np.tile(drive_of(kind, pictures(ORIGINALS, rng), rng), (2, 1))
    image = np.concatenate([rng.permutation(kind.images) for _ in range(kind.repeats)])
    response = trials(kind, drive[image], rng)
    found = Recording(kind, response, image, picture.astype(np.float32), drive)
    settings = DecodingSettings(features="pixels", permutations=permutations, bootstraps=100)
    for decoder in ("ridge", "all-cells"):
        made = reconstruct(found.responses(), decoder, settings)
        yield R, decoder, float(made.r_average.mean())
        yield P, decoder, rejected(made.p_value)


def studies() -> Iterator[Study]:
    for name, change in CHANGES.items():
        setting = f"{ORIGINALS} pictures, also {name}"
        yield Study("leakage", setting, (R, P), partial(_run, change, 19), every=2)
