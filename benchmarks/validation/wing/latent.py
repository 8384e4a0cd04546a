"""Generators without the brain, and components of a diffusion model: intervals and tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import recordings
from measures import AT_MOST, COVERAGE, REJECTION, Interval, Quantity
from study import Outcome, Study

from twophoton_decode.decoding.decoders.ridge import Decoder as Ridge
from twophoton_decode.deep.attention.images import ImageResponses
from twophoton_decode.deep.latent.components.analysis import component_encoding
from twophoton_decode.deep.latent.components.component import PIXELS, C, Component, Z
from twophoton_decode.deep.latent.driven import OWN, Images, driven_pictures
from twophoton_decode.features import Pixels
from twophoton_decode.settings import DecodingSettings

FOLDS, UNITS, CELLS, REFITS = 5, 12, 20, 200
SETTINGS = DecodingSettings(folds=FOLDS, bootstraps=200)
HOLDS = "holds the expected one"
LEFT = {
    name: Quantity(
        (f"{name}_left_low", f"{name}_left_high", f"{name}_left_ci95", f"{name}_left_ci95_low",
         f"{name}_left_ci95_high"),
        f"interval of the share of {what} that wrong responses keep {HOLDS}", COVERAGE,
    )
    for name, what in (("ssim", "SSIM"), ("two_way", "two-way above .5"))
}  # fmt: skip
BETWEEN = Quantity(
    ("between_low", "between_high"),
    f"interval of a difference of r between sources {HOLDS}", COVERAGE,
)  # fmt: skip
BEYOND_RANDOM = Quantity(
    ("between_low", "between_high"),
    "training said to add to random weights where it does not", AT_MOST,
)  # fmt: skip
CELL_P = Quantity(("component_p",), "share of cells with p ≤ 0.05 that see nothing", REJECTION)


class _Ridge(Ridge):
    """Ridge in the place of a generator's decoder."""

    def fit_long(self, R: np.ndarray, Y: np.ndarray, groups: np.ndarray, run: Any) -> Any:
        return self.fit(R, Y, groups=groups)

    def predict_mean(self, R: np.ndarray, trials: int) -> np.ndarray:
        return self.predict(R)


def _driven(kind: recordings.Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    made = recordings.recording(kind, rng)
    own = np.arange(kind.images)
    images = Images(made.response, made.image, made.picture.astype(float), own % FOLDS, own)
    space = Pixels(made.picture.shape[1:])
    found, _ = driven_pictures(images, space, {"latent": _Ridge}, 0)
    for way, name in enumerate(found["driven_by"].tolist()):
        # The mean response makes the mean picture, whose two-way is .5 by definition.
        if name == OWN:
            continue
        for key, quantity in LEFT.items():
            if key == "two_way" and name == "the mean response":
                continue
            ends = [found[f"{key}_left_{end}"][way] for end in ("low", "high")]
            yield quantity, name, Interval.of(found[f"{key}_left"][way], ends)


@dataclass(frozen=True)
class Kind:
    """Cells are mixtures of z, of c, or of nothing that is shown."""

    images: int
    seen: str


def _components(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    value = {name: rng.standard_normal((kind.images, UNITS)) for name in (Z, C, PIXELS, "none")}
    value[PIXELS] = value[Z] + value[PIXELS]
    drive = value[kind.seen] @ _weights()
    response = drive / np.sqrt(UNITS) + rng.standard_normal((kind.images, CELLS))
    exchanged = np.concatenate([rng.permutation(response) for _ in range(REFITS // CELLS)], axis=1)
    own = np.arange(kind.images)
    shown = ImageResponses(response, exchanged, own % FOLDS, own)
    # Trained and random stages know equally much.
    stages = [value[Z] + rng.standard_normal((kind.images, UNITS)) for _ in range(4)]
    components = [Component(name, value[name]) for name in (PIXELS, Z, C)]
    components.append(Component("in", stages[0], tuple(stages[1:]), 0, 1.0))
    cells = {"all": np.arange(CELLS)}
    found = component_encoding(shown, cells, components, SETTINGS, 0.05)
    ends = found["between"][:, 0], found["between_low"][:, 0], found["between_high"][:, 0]
    for pair, value_, low, high in zip(found["pair"].tolist(), *ends, strict=True):
        if pair.endswith("random denoiser"):
            yield BEYOND_RANDOM, "", float(low > 0)
        else:
            yield BETWEEN, pair, Interval(value_, low, high)
    if kind.seen == "none":
        yield CELL_P, "", float(np.mean(found["component_p"] <= 0.05))


@cache
def _weights() -> np.ndarray:
    return np.random.default_rng(4).standard_normal((UNITS, CELLS))


def studies() -> Iterator[Study]:
    for level in ("middle R", "low R"):
        for images in (40, 100):
            kind = recordings.Kind(**(vars(recordings.LEVELS[level]) | {"images": images}))
            run = partial(_driven, kind)
            setting = f"{level}, {images} pictures"
            yield Study("deep-generated", setting, tuple(LEFT.values()), run, 1)
    for seen, told in ((Z, "cells of z"), (C, "cells of c"), ("none", "nothing seen")):
        for images in (20, 50, 200):
            quantities = (BETWEEN, BEYOND_RANDOM, *((CELL_P,) * (seen == "none")))
            run = partial(_components, Kind(images, seen))
            yield Study("deep-components", f"{told}, {images} pictures", quantities, run, 1)
