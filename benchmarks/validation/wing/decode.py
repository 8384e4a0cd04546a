"""Decoded layers: intervals and tests of identification, units, differences and categories."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from measures import AT_MOST, COVERAGE, REJECTION, Interval, Quantity, any_rejected, rejected
from study import Outcome, Study

from twophoton_decode.deep.comparison.decoding.categories import category_fields
from twophoton_decode.deep.comparison.decoding.network_decoding import (
    Shown,
    decode_network,
    decoding_folds,
)
from twophoton_decode.settings import DecodingSettings
from wing.layers import EARLY, Kind, session

SETTINGS = DecodingSettings(bootstraps=200)
TWO_WAY = Quantity(
    ("two_way_ci95",), "interval of a layer's identification holds the expected one", COVERAGE
)
UNIT_R = Quantity(
    ("unit_r_ci95",), "interval of a layer's mean unit r holds the expected one", COVERAGE
)
TWO_WAY_P = Quantity(
    ("two_way_p", "wrong_image_p"), "identification of a layer where nothing is seen", REJECTION
)
UNIT_R_P = Quantity(("unit_r_p",), "mean unit r of a layer where nothing is seen", REJECTION)
BEYOND = Quantity(
    ("beyond_*_ci95", "difference_ci95"),
    "interval of a layer's identification less that of a control holds the expected one",
    COVERAGE,
)
BEYOND_P = Quantity(
    ("beyond_*_p", "difference_p"),
    "any of two layers said to differ from its random twin, which is carried as much",
    AT_MOST,
)
GAIN = Quantity(
    ("gain_difference_ci95",),
    "interval of a difference of gains between populations holds the expected one",
    COVERAGE,
)
GAIN_P = Quantity(
    ("gain_difference_p",),
    "any of two gains said to differ between populations that carry the same",
    AT_MOST,
)
CATEGORY = Quantity(
    ("category_two_way_ci95",), "interval of the identified categories holds the expected one",
    COVERAGE,
)  # fmt: skip
LEVELS = {
    "nothing seen": {"seen": False},
    "twins carried alike": {},
    "twins carried less": {"twin": 0.7, "twin_b": 0.2, "noise": 2.0},
}


def _run(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    made = session(kind, rng)
    pictures = rng.standard_normal((kind.images, 8, 8))
    folds, _ = decoding_folds(pictures, None, SETTINGS)
    shown = Shown(made.response, made.image, made.average, made.cells)
    found, _ = decode_network(shown, made.spaces(), folds, SETTINGS)
    yield from _of_layers(found, kind)
    alike = kind.twin == kind.twin_b == 1
    for line, layer in enumerate(found["layer"]):
        for column, control in enumerate(found["control"]):
            truth = 0.0 if alike and control == "random" else np.nan
            ends = found["difference_ci95"][0, line, column]
            yield (
                BEYOND,
                f"{layer} − {control}",
                Interval.of(found["difference"][0, line, column], ends, truth),
            )
        ends = found["gain_difference_ci95"][0, line]
        truth = 0.0 if alike else np.nan
        yield GAIN, layer, Interval.of(found["gain_difference"][0, line], ends, truth)
    if alike:
        twin = found["control"].index("random")
        yield BEYOND_P, "", any_rejected(found["difference_p"][0, :, twin])
        yield GAIN_P, "", any_rejected(found["gain_difference_p"][0])


def _of_layers(found: dict, kind: Kind) -> Iterator[Outcome]:
    for place, (name, of) in enumerate(zip(found["space"], found["kind"], strict=True)):
        if of == "random":
            continue
        yield (
            TWO_WAY,
            name,
            Interval.of(found["two_way_mean"][0, place], found["two_way_ci95"][0, place]),
        )
        yield (
            UNIT_R,
            name,
            Interval.of(found["unit_r_mean"][0, place], found["unit_r_ci95"][0, place]),
        )
        if not kind.seen:
            yield TWO_WAY_P, name, rejected(found["two_way_p"][0, place])
            yield UNIT_R_P, name, rejected(found["unit_r_p"][0, place])


def _categories(kind: Kind, of_each: int, rng: np.random.Generator) -> Iterator[Outcome]:
    """Pictures of a category share half of the variance of their features."""
    made = _in_categories(kind, of_each, rng)
    category = np.array([f"category {n // of_each}" for n in range(kind.images)])
    average, features = made
    found, _ = category_fields(
        average, {EARLY: features}, category, *2 * [np.arange(kind.images)], SETTINGS
    )
    yield CATEGORY, "", Interval.of(found["category_two_way"][0], found["category_two_way_ci95"][0])


def _in_categories(
    kind: Kind, of_each: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Mean responses and features of the early layer, categories in a row."""
    made = session(kind, rng)
    common = session(Kind(kind.images // of_each), rng).features[EARLY].repeat(of_each, axis=0)
    features = (made.features[EARLY] + common) / np.sqrt(2)
    read = np.random.default_rng(kind.population).standard_normal((features.shape[1], kind.cells))
    shown = features if kind.seen else features[rng.permutation(kind.images)]
    noise = 12 * rng.standard_normal((kind.images, kind.cells))
    return shown @ read + noise, features


def studies() -> Iterator[Study]:
    layers = (TWO_WAY, UNIT_R, BEYOND, GAIN)
    for level, changed in LEVELS.items():
        for images, every in ((20, 1), (50, 1), (200, 2)):
            kind = Kind(images, **changed)
            quantities = layers
            if level != "twins carried less":
                quantities += (BEYOND_P, GAIN_P)
            if not kind.seen:
                quantities += (TWO_WAY_P, UNIT_R_P)
            run = partial(_run, kind)
            yield Study("deep-decode", f"{level}, {images} pictures", quantities, run, every)
    for level in ("nothing seen", "twins carried alike"):
        for images, of_each in ((60, 5), (200, 10)):
            kind = Kind(images, **LEVELS[level])
            run = partial(_categories, kind, of_each)
            words = "categories seen" if kind.seen else level
            setting = f"{words}, {images // of_each} categories of {of_each} pictures"
            yield Study("deep-decode", setting, (CATEGORY,), run)
