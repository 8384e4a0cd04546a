"""How responsive cells share the work: tests and intervals of complementarity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial

import numpy as np
from measures import COVERAGE, REJECTION, Interval, Quantity, rejected
from recordings import SIDE, Kind, fields_of, recording
from study import Outcome, Study

from twophoton_decode.analyses.complementarity.complementarity import complementarity
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.records import Complementarity, Encoding
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
        (f"{name}_ci95", *columns),
        f"interval of the median {what}, holds the expected one",
        COVERAGE,
    )
    for name, what, columns in (
        ("local", "local variability, one overlapping cell added", ()),
        (
            "local_distant",
            "local variability, one distant cell added",
            ("distant_ci95_low", "distant_ci95_high"),
        ),
    )
}


def _found(kind: Kind, related: bool, rng: np.random.Generator) -> Complementarity:
    """Cells that share the work as they do, or sets, fields and responses dealt out at random."""
    population = int(rng.integers(2**31))
    kind = replace(kind, population=population)
    found = recording(kind, rng)
    responsive = np.ones((kind.cells, kind.images), bool)
    if kind.evoked:
        responsive = np.quantile(found.drive, 0.8) < found.drive.T
    if not related:
        responsive = rng.permuted(responsive, axis=1)
    responses = found.responses(responsive)
    settings = DecodingSettings(features="pixels", permutations=0, bootstraps=100)
    made = reconstruct(responses, "ridge", settings)
    centres = fields_of(population, kind.cells)[2]
    encoding = _encoding(centres if related else rng.permutation(centres), rng)
    return complementarity(
        made, responses, encoding, primary_score="r_average", bootstraps=400, seed=0
    )


def _intervals(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    said = _found(kind, True, rng)
    yield FITTING_GAIN, "", Interval.of(said.fitting_gain, said.fitting_gain_ci95)
    for name, quantity in RATIOS.items():
        value, ends = (getattr(said, f"local_ratio_{name}{end}") for end in ("", "_ci95"))
        yield quantity, "", Interval.of(value, ends)
    for name, quantity in LOCAL.items():
        values = getattr(said, "local_variability" + name.removeprefix("local"))
        yield quantity, "", Interval.of(np.median(values[:, 1]), getattr(said, f"{name}_ci95")[1])


def _at_random(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    said = _found(kind, False, rng)
    if not kind.evoked:
        yield RATIO_P["alone"], "", rejected(said.local_ratio_alone_p)
        return
    yield OVERLAP, "", rejected(said.overlap_p)
    yield COVERED, "", rejected(said.coverage_p)
    half = kind.images // 2 - 1
    band = said.covered_random_band[half]
    # The expected curve is exact: the band is to hold the curve of these scores.
    yield BAND, "", float(band[0] <= said.covered[half] <= band[1])
    yield FITTED, "", rejected(said.fitting_p)
    yield RATIO_P["distant"], "", rejected(said.local_ratio_distant_p)


@cache
def _plain(cells: int) -> Encoding:
    """An encoding record in which everything but the fields is empty."""
    sizes = {"cell": cells, "feature": SIDE**2, "y": SIDE, "x": SIDE}
    given = {
        name: np.zeros([sizes.get(axis, 1) for axis in spec.axes], spec.dtype)
        for name, spec in Encoding.arrays()
    }
    return Encoding(**given, prediction_r_ci95=(0.0, 0.0), features="pixels", notes=[])


def _encoding(centres: np.ndarray, rng: np.random.Generator) -> Encoding:
    """Every cell with a field, a disc of 2 px radius, and features drawn at random."""
    cells = len(centres)
    return replace(
        _plain(cells),
        selected=rng.random((cells, SIDE**2)) < rng.uniform(0.05, 0.4, (cells, 1)),
        centre_y=centres[:, 0],
        centre_x=centres[:, 1],
        area=np.full(cells, np.pi * 4.0),
        has_field=np.ones(cells, bool),
    )


def studies() -> Iterator[Study]:
    size = "50 cells, 40 images"
    kind, silent = Kind(images=40), Kind(images=40, evoked=False, noise=1.0, gain=0.0)
    intervals = (FITTING_GAIN, *RATIOS.values(), *LOCAL.values())
    tests = (OVERLAP, COVERED, BAND, FITTED, RATIO_P["distant"])
    alone = (RATIO_P["alone"],)
    yield Study("sharing", f"new cells, middle R, {size}", intervals, partial(_intervals, kind), 2)
    yield Study("sharing", f"dealt out at random, {size}", tests, partial(_at_random, kind), 2)
    yield Study("sharing", f"nothing evoked, {size}", alone, partial(_at_random, silent), 4)
