"""What several sessions say together: paired tests and intervals over sessions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from twophoton_decode.analyses.sessions.ranges import possible_range, range_of_difference
from twophoton_decode.records.sessions import Measurement, PairedComparison
from twophoton_decode.statistics.hierarchical import hierarchical_bootstrap
from twophoton_decode.statistics.paired import (
    FEWEST_PAIRS,
    difference,
    holm,
    paired_p,
    rank_biserial,
)
from twophoton_decode.words import counted, counted_units


@dataclass(frozen=True)
class _Contrast:
    """What is compared: first minus second, each a measure and a condition."""

    question: str
    label: str
    first: tuple[str, str]
    second: tuple[str, str]


LEVEL = 0.05

CONTRASTS = (
    _Contrast("above chance", "R − chance", ("r_average", ""), ("chance_r", "")),
    _Contrast(
        "above chance", "R − three lowest components", ("r_average", ""), ("r_low", "")
    ),
    _Contrast("how many cells", "Resp. − All", ("r", "Resp."), ("r", "All")),
    _Contrast("how many cells", "Max. − All", ("r", "Max."), ("r", "All")),
    _Contrast("how many cells", "Max. − Resp.", ("r", "Max."), ("r", "Resp.")),
    _Contrast(
        "Max. beyond chance",
        "Max. − All, true − wrong images",
        ("max_gain", "true image"),
        ("max_gain", "wrong images"),
    ),
    _Contrast(
        "how stable",
        "similarity, reconstruction − response",
        ("reconstruction_similarity", ""),
        ("response_similarity", ""),
    ),
    _Contrast(
        "how stable",
        "variability, reconstruction − response",
        ("reconstruction_variability", ""),
        ("response_variability", ""),
    ),
    _Contrast(
        "how stable",
        "reconstruction similarity, own − other images",
        ("reconstruction_similarity", ""),
        ("reconstruction_similarity_other", ""),
    ),
)  # fmt: skip


def paired_comparisons(
    found: Sequence[Measurement],
    *,
    primary_score: str,
    resamplings: int,
    rng: np.random.Generator,
) -> list[PairedComparison]:
    """Every contrast of each decoder, and every pair of decoders, over the sessions.

    Wilcoxon signed-rank tests of session medians [paper], averaged over the sessions of each
    mouse where there are several mice [ours]; effect size, interval over mice and Holm's
    correction over the tests of a question for one decoder [ours].

    Parameters
    ----------
    primary_score : str
        ``r_average`` or ``r_single``: the score by which decoders are compared.
    """
    index = _by_measure(found)
    decoders = list(dict.fromkeys(each.decoder for each in found if each.decoder))
    pairs = list(_contrast_pairs(index, decoders))
    pairs += list(_decoder_pairs(index, decoders, primary_score))
    compared = [
        _compare(question, decoder, label, first, second, resamplings, rng)
        for question, decoder, label, first, second in pairs
    ]
    return _corrected(compared)


_BySession = dict[str, Measurement]
_Index = dict[tuple[str, str, str], _BySession]
_Pair = tuple[str, str, str, _BySession, _BySession]


def _by_measure(found: Sequence[Measurement]) -> _Index:
    index: _Index = {}
    for each in found:
        key = (each.decoder, each.measure, each.condition)
        index.setdefault(key, {})[each.session] = each
    return index


def _contrast_pairs(index: _Index, decoders: Sequence[str]) -> Iterator[_Pair]:
    for contrast in CONTRASTS:
        for decoder in decoders:
            first = index.get((decoder, *contrast.first), {})
            second = index.get((decoder, *contrast.second), {})
            if first.keys() & second.keys():
                yield contrast.question, decoder, contrast.label, first, second


def _decoder_pairs(index: _Index, decoders: Sequence[str], score: str) -> Iterator[_Pair]:
    for one, other in combinations(decoders, 2):
        first, second = index.get((one, score, ""), {}), index.get((other, score, ""), {})
        if first.keys() & second.keys():
            yield "which decoder", "", f"{score}, {one} − {other}", first, second


def _compare(
    question: str,
    decoder: str,
    label: str,
    first: _BySession,
    second: _BySession,
    resamplings: int,
    rng: np.random.Generator,
) -> PairedComparison:
    both = [name for name in first if name in second]
    ends = [[side[name].median for name in both] for side in (first, second)]
    medians = difference(*np.array(ends))
    images = [first[name].values - second[name].values for name in both]
    mice = [first[name].mouse for name in both]
    units, what = _by_mouse(medians, mice)
    p = paired_p(units)
    return PairedComparison(
        question=question,
        decoder=decoder,
        comparison=label,
        sessions=len(both),
        higher=int((medians > 0).sum()),
        difference=float(np.median(medians)),
        mean=hierarchical_bootstrap(
            images, mice, resamplings=resamplings, rng=rng, possible=_possible(first, second)
        ),
        rank_biserial=rank_biserial(units),
        p=p,
        p_holm=p,
        note="" if np.isfinite(p) else _too_few(units, what),
        units=len(units),
        level=what,
    )


def _possible(first: _BySession, second: _BySession) -> tuple[float, float]:
    of_one, of_other = (next(iter(side.values())) for side in (first, second))
    return range_of_difference(
        possible_range(of_one.measure, of_one.condition),
        possible_range(of_other.measure, of_other.condition),
    )


def _by_mouse(medians: np.ndarray, mouse: Sequence[str]) -> tuple[np.ndarray, str]:
    """What is tested: a difference for each mouse, or each session where all are of one mouse.

    Sessions of a mouse share its brain, and would count as independent [ours].
    """
    names, of = np.unique(mouse, return_inverse=True)
    if len(names) < 2:
        return medians, "sessions"
    return np.bincount(of, medians) / np.bincount(of), "mice"


def _too_few(differences: np.ndarray, what: str) -> str:
    differ = int(np.count_nonzero(differences))
    return (
        f"not tested: {counted_units(differ, what)} {'differs' if differ == 1 else 'differ'}, and "
        f"with fewer than {FEWEST_PAIRS} no signed-rank test reaches p < 0.05"
    )


def _corrected(compared: list[PairedComparison]) -> list[PairedComparison]:
    """The comparisons with p corrected within each question of a decoder."""
    families: dict[tuple[str, str], list[PairedComparison]] = {}
    for each in compared:
        families.setdefault((each.question, each.decoder), []).append(each)
    corrected: dict[int, PairedComparison] = {}
    for family in families.values():
        p = np.array([each.p for each in family])
        tests = int(np.isfinite(p).sum())
        for each, value in zip(family, holm(p), strict=True):
            note = each.note or _out_of_reach(each.units, each.level, tests)
            corrected[id(each)] = replace(each, p_holm=float(value), note=note)
    return [corrected[id(each)] for each in compared]


def _out_of_reach(units: int, what: str, tests: int) -> str:
    """Said where not even units that all agree could pass all the tests of a question."""
    least = tests * 2.0 ** (1 - units)
    if least <= LEVEL:
        return ""
    size = f"{counted_units(units, what)} and {counted(tests, 'test')}"
    return f"with {size}, the smallest p is {least:.2g}"
