"""Stability over repeats and drop-out of cells: intervals, and tests where nothing is evoked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from measures import (
    AT_MOST,
    COVERAGE,
    REJECTION,
    Claim,
    Interval,
    Quantity,
    any_rejected,
    rejected,
)  # fmt: skip
from recordings import Kind, recording
from study import Outcome, Study

from twophoton_decode.analyses.stability.stability import stability
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.records import Reconstruction, Responses, Stability
from twophoton_decode.settings import DecodingSettings

SIMILARITIES = {
    name: Quantity((f"{name}_ci95",), f"interval of the mean {what}", COVERAGE)
    for name, what in (
        ("reconstruction_similarity", "similarity of reconstructions holds the expected one"),
        ("response_similarity", "similarity of responses holds the expected one"),
    )
}
OWN_OTHER = Quantity(
    ("similarity_difference_ci95",),
    "interval of the similarity less that with other images holds the expected one",
    COVERAGE,
)
BEYOND = Quantity(
    ("similarity_beyond_allowed_ci95",),
    "interval of the similarity beyond what responses allow holds the expected one",
    COVERAGE,
)
DROP_OUT = {
    name: Quantity(
        (f"dropout_{name}_low", f"dropout_{name}_high"),
        "interval of the loss by the 5 most active cells less random ones holds the expected loss",
        COVERAGE,
    )
    for name in ("r", "similarity")
}
DROPPED = Quantity(
    ("dropout_error",),
    "R without the 5 most active cells: mean ± 1.96 standard errors holds the expected mean",
    COVERAGE,
)
DROP_OUT_P = Quantity(
    ("dropout_r_p", "dropout_similarity_p"),
    "any loss said to differ from that of random cells where nothing is evoked",
    AT_MOST,
)
OVER_OTHER = Quantity(
    ("p_reconstruction_over_other",), "own against other images where nothing is evoked", REJECTION
)
OVER_RESPONSE = Quantity(
    ("p_reconstruction_over_response",),
    "reconstructions against responses where nothing is evoked",
    REJECTION,
)
PERMUTED = Quantity(
    ("permuted_weights_p",), "weights permuted over cells where nothing is evoked", REJECTION
)
PERMUTED_RELIABLE = Quantity(
    ("permuted_weights_p",),
    "the same where cells respond reliably, but to other pictures than those shown",
    Claim(
        "none",
        (0.0, 1.0),
        "",
        "",
        always="it tells that the weights were fitted to these cells, not that they know pictures",
    ),
)
SHUFFLED = Quantity(
    ("shuffled_trials_p",), "trials shuffled within cells, noise is every cell's own", REJECTION
)
GAIN = Quantity(("gain_p",), "similarity and gain of trials, no gain that cells share", REJECTION)
REPEATED = (*SIMILARITIES.values(), OWN_OTHER, BEYOND, DROPPED, *DROP_OUT.values())
REMOVED = 5


def repeated(made: Reconstruction, responses: Responses, null: bool) -> Iterator[Outcome]:
    """Intervals of one recording; permuted weights where they have nothing to lose."""
    found = stability(made, responses, seed=0)
    yield from _intervals(found)
    if null:
        yield PERMUTED_RELIABLE, "", rejected(found.permuted_weights_p)


def _intervals(found: Stability) -> Iterator[Outcome]:
    for name, quantity in SIMILARITIES.items():
        value = np.nanmean(getattr(found, name))
        yield quantity, "", Interval.of(value, getattr(found, f"{name}_ci95"))
    difference = found.reconstruction_similarity - found.reconstruction_similarity_other
    yield OWN_OTHER, "", Interval.of(np.nanmean(difference), found.similarity_difference_ci95)
    ends = found.similarity_beyond_allowed_ci95
    yield BEYOND, "", Interval.of(found.similarity_beyond_allowed, ends)
    place = int(np.searchsorted(found.removed, REMOVED))
    dropped = found.dropout_mean[0, place], found.dropout_error[0, place]
    yield DROPPED, "", Interval.from_error(*map(float, dropped))
    for name, quantity in DROP_OUT.items():
        lost = getattr(found, f"dropout_{name}") - getattr(found, f"dropout_{name}_random")
        ends = (getattr(found, f"dropout_{name}_{end}")[place] for end in ("low", "high"))
        yield quantity, "", Interval.of(np.nanmean(lost[:, place]), tuple(ends))


def _tests(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    """Every test of a recording in which each has nothing to find.

    Where nothing is evoked no test of repeats finds anything; where noise is every cell's own,
    shuffled trials are as good as those that were recorded.
    """
    found = recording(kind, rng)
    pairs = np.ones((kind.cells, kind.images), bool)
    responses = found.responses(pairs)
    settings = DecodingSettings(features="pixels", permutations=0, bootstraps=100)
    said = stability(reconstruct(responses, "ridge", settings), responses, seed=0)
    yield SHUFFLED, "", rejected(said.shuffled_trials_p)
    yield GAIN, "", rejected(said.gain_p)
    if not kind.evoked:
        yield OVER_OTHER, "", rejected(said.p_reconstruction_over_other)
        yield OVER_RESPONSE, "", rejected(said.p_reconstruction_over_response)
        yield PERMUTED, "", rejected(said.permuted_weights_p)
        p = np.concatenate([said.dropout_r_p, said.dropout_similarity_p])
        yield DROP_OUT_P, "", any_rejected(p)


def studies() -> Iterator[Study]:
    always = (SHUFFLED, GAIN)
    never = (OVER_OTHER, OVER_RESPONSE, PERMUTED, DROP_OUT_P)
    for images in (20, 40):
        kind = Kind(images=images, gain=0.0, evoked=False, noise=1.0)
        setting = f"nothing evoked, {images} images"
        yield Study("repeats", setting, (*always, *never), partial(_tests, kind))
    kind = Kind(images=40, gain=0.0)
    yield Study("repeats", "middle R, no shared gain, 40 images", always, partial(_tests, kind))
