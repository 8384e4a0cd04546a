"""Scores of decoders: intervals, chance, differences, calibration and bias.

Responses of fixed cells to new pictures in every run. Where R is not zero, the truth of an
interval is the mean of the estimates over all runs: the expected score for new pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from cell_counts import COUNT_TESTS, COUNTED, COUNTS, counted
from differences import DIFFERENCE, TABLE, of_differences
from measures import (
    AT_MOST,
    COVERAGE,
    NINETY,
    NO_BIAS,
    REJECTION,
    Interval,
    Quantity,
    any_rejected,
    rejected,
)
from recordings import LEVELS, Kind, drive_of, pictures, recording, trials
from repeats import PERMUTED_RELIABLE, REPEATED, repeated
from study import Outcome, Study

from twophoton_decode.analyses.sessions.measures import measurements, of_reconstruction
from twophoton_decode.analyses.sessions.tables import tidy_table
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.settings import DecodingSettings

R_AVERAGE = Quantity(
    ("r_average_ci95", "r_average_widening", "r_average_ci95_low", "r_average_ci95_high"),
    "interval of mean R of trial averages holds the expected R",
    COVERAGE,
)
R_SINGLE = Quantity(
    ("r_single_ci95", "r_single_widening", "r_single_ci95_low", "r_single_ci95_high"),
    "interval of mean R of single trials holds the expected R",
    COVERAGE,
)
P_VALUE = Quantity(("p_value",), "permuted images, where responses know nothing", REJECTION)
TOP1_AVERAGE = Quantity(
    ("top1_average_ci95",), "interval of identification, trial averages", COVERAGE
)
TOP1_SINGLE = Quantity(("top1_single_ci95",), "interval of identification, single trials", COVERAGE)
POSTERIOR = Quantity(
    ("coverage_90", "posterior_sd", "image_sd", "relative_sd"),
    "pixels of the picture within 1.645 posterior_sd of its reconstruction, counted here",
    NINETY,
)
COVERAGE_90 = Quantity(
    ("coverage_90",), "pixels within 1.645 posterior_sd, as the program counts", NINETY
)
OCTAVES = Quantity(
    ("r_octave_p", "r_octave_from_*_p"),
    "any octave said to differ from zero where responses know nothing",
    AT_MOST,
)
OCTAVE = Quantity(
    ("r_octave_ci95",), "interval of mean R from 2 to 4 cycles/image holds the expected R", COVERAGE
)
BIASED = {
    name: Quantity((name,), "less that of 100 new pictures by the same filters", NO_BIAS)
    for name in ("r_average", "r_single", "cd_average", "cd_single", "two_way_average")
}
CEILING = Quantity(
    ("noise_ceiling_r",), "less R of 100 new pictures from responses without noise", NO_BIAS
)
SESSION_TABLE = Quantity(
    ("mean_ci95_low", "mean_ci95_high"),
    "compare's table of sessions: interval of mean R of one session holds the expected R",
    COVERAGE,
)
SCORED = (R_AVERAGE, R_SINGLE, OCTAVE, SESSION_TABLE, TOP1_AVERAGE, TOP1_SINGLE)
CANDIDATES = 10
NEW = 100
THREE = ("ridge", "all-cells", "bayes")
AFFINE = ("ridge", "all-cells")
IMAGES = {
    "R = 0": (20, 40, 60, 100, 200),
    "low R": (20, 40, 100),
    "middle R": (20, 40, 60, 100, 200),
    "high R": (20, 40),
}
COUNTED_AT, REPEATED_AT = (40, 100), 40


def decoded(responses: Responses, decoder: str, permutations: int = 0) -> Reconstruction:
    """By one of the program's decoders, in pixels, 10 folds."""
    settings = DecodingSettings(features="pixels", permutations=permutations, bootstraps=400)
    return reconstruct(responses, decoder, settings)


def of_scores(made: Reconstruction, null: bool) -> Iterator[Outcome]:
    """Whether each interval of a reconstruction holds what it should."""
    truth = 0.0 if null else np.nan
    for quantity, name in ((R_AVERAGE, "r_average"), (R_SINGLE, "r_single")):
        ends, value = getattr(made, f"{name}_ci95"), getattr(made, name).mean()
        yield quantity, made.decoder, Interval.of(value, ends, truth)
    octave = int(np.searchsorted(made.octave_low, 2))
    value, ends = made.r_octave[:, octave].mean(), made.r_octave_ci95[octave]
    yield OCTAVE, made.decoder, Interval.of(value, ends, truth)
    own = measurements("session", "mouse", made.decoder, of_reconstruction(made, None))
    table = tidy_table([each for each in own if each.measure == "r_average"])
    ends = table["mean_ci95_low"][0], table["mean_ci95_high"][0]
    yield SESSION_TABLE, made.decoder, Interval.of(table["mean"][0], ends, truth)
    place = int(np.searchsorted(made.candidates, CANDIDATES))
    for quantity, name in ((TOP1_AVERAGE, "top1_average"), (TOP1_SINGLE, "top1_single")):
        ends, value = getattr(made, f"{name}_ci95")[0, place], getattr(made, name)[0, :, place]
        yield quantity, made.decoder, Interval.of(value.mean(), ends)


def of_posterior(made: Reconstruction) -> Iterator[Outcome]:
    """Calibration of a decoder that has a posterior."""
    if made.posterior_sd is None:
        return
    off = np.abs(made.picture.astype(float) - made.average)
    yield POSTERIOR, made.decoder, float((off <= 1.645 * made.posterior_sd).mean())
    yield COVERAGE_90, made.decoder, made.coverage_90


def of_chance(made: Reconstruction) -> Iterator[Outcome]:
    """What a reconstruction claims of responses that know nothing."""
    yield P_VALUE, made.decoder, rejected(made.p_value)
    yield OCTAVES, made.decoder, any_rejected(made.r_octave_p)


def of_bias(made: Reconstruction, kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    """Scores less those of new pictures by the first fold's filters, scored by plain NumPy."""
    picture = pictures(NEW, rng)
    drive = drive_of(kind, picture, rng)
    each = np.stack([trials(kind, drive, rng) for _ in range(kind.repeats)])
    mean = made.mean_picture[0].astype(float).ravel()
    filters = made.reverse_filter[0].astype(float)
    shown = picture.astype(np.float32).reshape(NEW, -1) - mean
    average = (each.mean(axis=0) - made.mean_response[0]) @ filters
    single = (each[0] - made.mean_response[0]) @ filters
    clean = (drive * np.exp(kind.gain**2 / 2) - made.mean_response[0]) @ filters
    new = {
        "r_average": correlations(shown, average).diagonal(),
        "r_single": correlations(shown, single).diagonal(),
        "cd_average": 1 - ((shown - average) ** 2).sum(1) / (shown**2).sum(1),
        "cd_single": 1 - ((shown - single) ** 2).sum(1) / (shown**2).sum(1),
        "two_way_average": two_way(correlations(shown, average)),
    }
    for name, values in new.items():
        yield BIASED[name], made.decoder, float(getattr(made, name).mean() - values.mean())
    without_noise = correlations(shown, clean).diagonal().mean()
    yield CEILING, made.decoder, float(made.noise_ceiling_r - without_noise)


def correlations(shown: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Of every picture shown (rows) with every reconstruction (columns)."""
    count = len(shown)
    return np.corrcoef(np.concatenate([shown, made]))[:count, count:]


def two_way(fit: np.ndarray) -> np.ndarray:
    """Share of other pictures that fit a reconstruction (column) worse than its own."""
    return (fit < fit.diagonal()).sum(axis=0) / (len(fit) - 1)


def run(kind: Kind, decoders: tuple[str, ...], rng: np.random.Generator) -> Iterator[Outcome]:
    """Everything that is measured of one recording; the first decoder is the reference."""
    null = kind.carriers == 0
    responses = recording(kind, rng).responses()
    made = {name: decoded(responses, name) for name in decoders}
    for each in made.values():
        yield from of_scores(each, null)
        yield from of_posterior(each)
        if not null and each.decoder in AFFINE:
            yield from of_bias(each, kind, rng)
    if len(made) > 1:
        yield from of_differences(made, null)
    if "ridge" in made and kind.images in COUNTED_AT:
        yield from counted(made["ridge"], responses, null)
    if "ridge" in made and kind.images == REPEATED_AT:
        yield from repeated(made["ridge"], responses, null)


def chance(kind: Kind, decoders: tuple[str, ...], rng: np.random.Generator) -> Iterator[Outcome]:
    """39 permutations, by which p ≤ 0.05 has a probability of exactly 0.05 under chance."""
    responses = recording(kind, rng).responses()
    for decoder in decoders:
        yield from of_chance(decoded(responses, decoder, 39))


def studies() -> Iterator[Study]:
    """Recordings of 20 to 200 images, R from 0 to 0.6."""
    for name, level in LEVELS.items():
        null = level.carriers == 0
        for images in IMAGES[name]:
            kind, setting = replace(level, images=images), f"{name}, {images} images"
            yield _of_recordings(kind, setting, null)
    for name in ("R = 0", "middle R"):
        kind = replace(LEVELS[name], images=20)
        lasso = partial(run, kind, ("lasso",))
        yield Study("scores", f"{name}, 20 images", SCORED, lasso, every=2)
    kind = replace(LEVELS["R = 0"], images=20)
    for decoders, every in ((AFFINE, 1), (("bayes",), 5)):
        made = partial(chance, kind, decoders)
        yield Study("chance", "R = 0, 20 images", (P_VALUE, OCTAVES), made, every=every)


def _of_recordings(kind: Kind, setting: str, null: bool) -> Study:
    """Three decoders of the same recordings; at 200 images without ridge, which takes longest."""
    decoders = THREE if kind.images < 200 else THREE[1:]
    quantities = (*SCORED, POSTERIOR, COVERAGE_90, DIFFERENCE)
    quantities += (TABLE,) if null else (*BIASED.values(), CEILING)
    if kind.images in COUNTED_AT:
        quantities += (*COUNTED, *(COUNT_TESTS if null else COUNTS))
    if kind.images == REPEATED_AT:
        quantities += (*REPEATED, *((PERMUTED_RELIABLE,) if null else ()))
    made = partial(run, kind, decoders)
    return Study("scores", setting, quantities, made, every=2 if kind.images == 200 else 1)
