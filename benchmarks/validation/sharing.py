"""How responsive cells share the work: tests and intervals of complementarity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial

import numpy as np
from measures import COVERAGE, REJECTION, Interval, Quantity, rejected
from recordings import SIDE, Kind, fields_of, recording
from study import Outcome, Study

from twophoton_decode.analyses.coverage import coverage
from twophoton_decode.analyses.feature_overlap import feature_overlap
from twophoton_decode.analyses.fitting_error import fitting_error
from twophoton_decode.analyses.local_variability import local_variability
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.records import Encoding
from twophoton_decode.registry import FEATURE_SPACES
from twophoton_decode.settings import DecodingSettings

OVERLAP = Quantity(
    ("overlap_p", "feature_overlap_p"), "feature sets unrelated to responses", REJECTION
)
COVERED = Quantity(("coverage_p",), "scores unrelated to responses", REJECTION)
BAND = Quantity(
    ("covered_random_band",), "band at half of the images, scores unrelated to responses", COVERAGE
)
FITTED = Quantity(("fitting_p",), "responsive cells drawn at random", REJECTION)
FITTING_GAIN = Quantity(
    ("fitting_gain_ci95",), "interval of the gain holds the expected one", COVERAGE
)
RATIOS = {
    name: Quantity(
        (f"local_ratio_{name}_ci95",), "interval of the median ratio holds the expected one",
        COVERAGE,
    )
    for name in ("alone", "distant")
}  # fmt: skip
RATIO_P = {
    "distant": Quantity(
        ("local_ratio_distant_p",), "fields dealt out among the cells at random", REJECTION
    ),
    "alone": Quantity(
        ("local_ratio_alone_p",),
        "nothing evoked, fields dealt out among the cells at random",
        REJECTION,
    ),
}
LOCAL = {
    name: Quantity(
        (f"{name}_ci95",), f"interval of the median {what} holds the expected one", COVERAGE
    )
    for name, what in (
        ("local", "local variability, 2 cells added"),
        ("local_distant", "the same with distant cells"),
    )
}
SPACE = FEATURE_SPACES.load("pixels")((SIDE, SIDE))


def _sets_and_orders(rng: np.random.Generator) -> Iterator[Outcome]:
    """Sets of features, responses and scores that know nothing of each other."""
    rate = rng.uniform(0.02, 0.3, (50, 1))
    responsive = rng.random((50, 40)) < rate
    selected = rng.random((50, 60)) < rng.uniform(0.05, 0.4, (50, 1))
    found = feature_overlap(selected, responsive, np.ones(50, bool), rng)
    yield OVERLAP, "", rejected(found["overlap_p"])
    covered = coverage(responsive, rng.random(40), rng)
    yield COVERED, "", rejected(covered["coverage_p"])
    band, value = covered["covered_random_band"][19], covered["covered"][19]
    # The expected curve is exact: the band is to hold the curve of these scores.
    yield BAND, "", float(band[0] <= value <= band[1])


def _fitting(related: bool, rng: np.random.Generator) -> Iterator[Outcome]:
    found = recording(Kind(images=40), rng)
    driven = np.quantile(found.drive, 0.8) < found.drive.T
    responsive = driven if related else rng.permuted(driven, axis=1)
    responses = found.responses(responsive)
    settings = DecodingSettings(features="pixels", permutations=0, bootstraps=100)
    made = reconstruct(responses, "ridge", settings)
    said = fitting_error(made, SPACE, responsive, bootstraps=400, seed=0, rng=rng)
    if related:
        yield FITTING_GAIN, "", Interval.of(said["fitting_gain"], said["fitting_gain_ci95"])
    else:
        yield FITTED, "", rejected(said["fitting_p"])


def _local(kind: Kind, dealt: bool, rng: np.random.Generator) -> Iterator[Outcome]:
    """Local variability with true fields, or with fields dealt out at random among the cells."""
    population = int(rng.integers(2**31))
    kind = replace(kind, population=population)
    found = recording(kind, rng)
    responsive = np.ones((kind.cells, kind.images), bool)
    if kind.evoked:
        responsive = np.quantile(found.drive, 0.8) < found.drive.T
    responses = found.responses(responsive)
    settings = DecodingSettings(features="pixels", permutations=0, bootstraps=100)
    made = reconstruct(responses, "ridge", settings)
    centres = fields_of(population, kind.cells)[2]
    if dealt:
        centres = rng.permutation(centres)
    encoding = _encoding(kind.cells, centres)
    said = local_variability(made, responses, encoding, bootstraps=400, rng=rng)
    if dealt:
        name = "distant" if kind.evoked else "alone"
        yield RATIO_P[name], "", rejected(said[f"local_ratio_{name}_p"])
        return
    for name, quantity in RATIOS.items():
        value, ends = said[f"local_ratio_{name}"], said[f"local_ratio_{name}_ci95"]
        yield quantity, "", Interval.of(value, ends)
    for name, quantity in LOCAL.items():
        values = said["local_variability" + name.removeprefix("local")]
        yield quantity, "", Interval.of(np.median(values[:, 2]), said[f"{name}_ci95"][2])


@cache
def _plain(cells: int) -> Encoding:
    """An encoding record in which everything but the fields is empty."""
    sizes = {"cell": cells, "feature": SIDE**2, "y": SIDE, "x": SIDE}
    given = {
        name: np.zeros([sizes.get(axis, 1) for axis in spec.axes], spec.dtype)
        for name, spec in Encoding.arrays()
    }
    return Encoding(**given, prediction_r_ci95=(0.0, 0.0), features="pixels", notes=[])


def _encoding(cells: int, centres: np.ndarray) -> Encoding:
    """Every cell with a field, a disc of 2 px radius, at its centre."""
    return replace(
        _plain(cells),
        centre_y=centres[:, 0],
        centre_x=centres[:, 1],
        area=np.full(cells, np.pi * 4.0),
        has_field=np.ones(cells, bool),
    )


def studies() -> Iterator[Study]:
    setting = "50 cells, 40 images"
    yield Study(
        "sharing", f"drawn at random, {setting}", (OVERLAP, COVERED, BAND), _sets_and_orders
    )
    yield Study("sharing", f"drawn at random, {setting}", (FITTED,), partial(_fitting, False))
    yield Study("sharing", f"middle R, {setting}", (FITTING_GAIN,), partial(_fitting, True))
    kind = Kind(images=40)
    intervals = (*RATIOS.values(), *LOCAL.values())
    yield Study(
        "sharing", f"new cells, middle R, {setting}", intervals, partial(_local, kind, False), 2
    )
    yield Study(
        "sharing", f"new cells, fields dealt out, {setting}", (RATIO_P["distant"],),
        partial(_local, kind, True), 2,
    )  # fmt: skip
    silent = partial(_local, Kind(images=40, evoked=False, noise=1.0, gain=0.0), True)
    yield Study(
        "sharing",
        f"nothing evoked, {setting}",
        (RATIO_P["alone"],),
        partial(_local, silent, True),
        2,
    )
