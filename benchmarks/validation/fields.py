"""Encoding models: which cells have a field, their prediction and their centres."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from measures import AT_MOST, COVERAGE, REJECTION, Interval, Quantity
from recordings import Kind, fields_of, recording
from study import Outcome, Study

from twophoton_decode.encoding.models import encoding_models
from twophoton_decode.settings import DecodingSettings, EncodingSettings

PREDICTION = Quantity(
    ("prediction_p",), "share of cells with p ≤ 0.05 where they see other pictures", REJECTION
)
DISCOVERED = Quantity(
    ("has_field",), "any field found where no cell has one (5 % false discoveries)", AT_MOST
)
FALSE_FIELDS = Quantity(
    ("has_field",), "share of the fields found whose cells see other pictures", AT_MOST
)
MEDIAN = Quantity(
    ("prediction_r_ci95",), "interval of the median prediction over cells holds the expected one",
    COVERAGE,
)  # fmt: skip
CENTRE = Quantity(
    ("centre_sd",), "centres (x) of cells with a field within 1.96 centre_sd of the truth", COVERAGE
)
SETTINGS = EncodingSettings(refits=500)


def _run(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    """Reliability, which only normalises predictions, is left undefined."""
    responses = recording(kind, rng).responses()
    decoding = DecodingSettings(features="pixels", permutations=0, bootstraps=400)
    found = encoding_models(responses, decoding, SETTINGS)
    sees = np.arange(kind.cells) < (kind.cells if kind.carriers is None else kind.carriers)
    if not sees.all():
        yield PREDICTION, "", float((found.prediction_p[~sees] <= 0.05).mean())
    if not sees.any():
        yield DISCOVERED, "", float(found.has_field.any())
    elif not sees.all():
        yield (
            FALSE_FIELDS,
            "",
            float((found.has_field & ~sees).sum() / max(found.has_field.sum(), 1)),
        )
    if sees.any():
        value = np.nanmedian(found.prediction_r)
        yield MEDIAN, "", Interval.of(value, found.prediction_r_ci95)
        fields = found.has_field & sees
        off = np.abs(found.centre_x - fields_of(kind.population, kind.cells)[2][:, 1])[fields]
        within = off <= 1.96 * found.centre_sd[fields]
        yield CENTRE, "", float(within.mean()) if within.size else np.nan


def studies() -> Iterator[Study]:
    kind = Kind(images=40, cells=30)
    yield Study(
        "fields", "R = 0, 40 images", (PREDICTION, DISCOVERED), partial(_run, kind.null), every=2
    )
    half = replace(kind, carriers=15)
    yield Study(
        "fields",
        "half of the cells see the pictures, 40 images",
        (PREDICTION, FALSE_FIELDS, MEDIAN, CENTRE),
        partial(_run, half),
        every=2,
    )
