"""Degraded pictures decoded from all cells: Δ, the test by design, biased nulls, planning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.deep.comparison.decoding.spaces import NETWORK, Space
from twophoton_decode.deep.comparison.degraded.assignment import FEWEST_PICTURES, Design
from twophoton_decode.deep.comparison.degraded.nearness import (
    Nearness,
    by_key,
    decoded_nearness,
    usable_spaces,
)
from twophoton_decode.deep.comparison.degraded.noise_matched import feature_gain
from twophoton_decode.deep.comparison.degraded.planning import (
    NOISE_DRAWS,
    STRENGTHS,
    moved_responses,
    pictures_needed,
)
from twophoton_decode.deep.comparison.degraded.roles import Roles
from twophoton_decode.deep.comparison.degraded.stimulus_driven import (
    DRAWS,
    Predicted,
    driven_responses,
    left_over,
    predicted_responses,
)
from twophoton_decode.errors import AnalysisError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.defined import mean
from twophoton_decode.statistics.paired import holm
from twophoton_decode.words import counted

ALL = "all"
_ASSIGNED, _DRIVEN, _GAIN = 7, 8, 9
"""Streams of random numbers."""
_SAID = 3
"""Of so many kinds of degradation a note says why there is no test."""


@dataclass(frozen=True, eq=False)
class Evoked:
    """Mean responses, as the analysis reads them.

    `intact` (intact, cells) to originals, `degraded` (3, degraded, cells) to degraded pictures:
    over all presentations, those before, and those after the animal saw the originals; NaN
    where there are none.
    """

    intact: np.ndarray
    degraded: np.ndarray


def degraded_fields(
    evoked: Evoked,
    spaces: Sequence[Space],
    roles: Roles,
    design: Design,
    degradation: np.ndarray,
    settings: DecodingSettings,
    progress: Progress = silent,
) -> tuple[dict[str, Any], list[str]]:
    """Decode degraded pictures, and hold what is decoded against original and picture shown.

    Parameters
    ----------
    evoked : Evoked
    spaces : sequence of Space
        The network's layers and what else they are compared with, of all pictures.
    roles : Roles
    design : Design
    degradation : ndarray of str, shape (degraded,)
        How each was made.
    settings : DecodingSettings

    Returns
    -------
    dict
        Fields of `DegradedDecoding`.
    list of str
        What was left out, and why there is no test.

    Raises
    ------
    AnalysisError
        No layer of the network varies over pictures.
    """
    used, notes = usable_spaces(spaces, roles)
    if not any(space.kind == NETWORK for space in used):
        raise AnalysisError(f"no layer of the network can be decoded: {' '.join(notes)}")
    predicted = predicted_responses(evoked.intact, used, roles)
    responses = _variants(evoked, predicted, roles, settings.seed)
    decoded = decoded_nearness(evoked.intact, responses, used, roles, progress)
    found = by_key(used, decoded)
    rows = _rows(degradation)
    phases = np.array([each.delta[1:3] for each in found]) if design.by_phase else None
    single = _of_pictures(found, settings.seed)
    fields = {
        **single,
        **({} if phases is None else {"delta_before": phases[:, 0], "delta_after": phases[:, 1]}),
        **{
            f"{name}_mean": np.array(
                [[mean(each[inside]) for each in values] for inside in rows.values()]
            )
            for name, values in single.items()
        },
        **_tests(used, phases, single["delta"], design, rows, settings),
        **_plan(used, found, design),
        "space": [space.name for space in used],
        "kind": [space.kind for space in used],
        "layer": [space.name for space in used if space.kind == NETWORK],
        "r_intact": [float(each.r_intact.mean()) for each in found],
        "degradation": list(rows),
        "encoding_r": predicted.r,
        "design": design.name,
    }
    return fields, [*notes, *_without_noise(single["stimulus_driven"]), *_untested(fields, design)]


def _without_noise(driven: np.ndarray) -> list[str]:
    """Pictures that have no gain over encoding models, (spaces, degraded): NaN."""
    without = int(np.count_nonzero(np.isnan(driven).all(axis=0)))
    if not without:
        return []
    return [
        f"{without} of {driven.shape[1]} degraded pictures have no gain over encoding models: "
        "their fold has no intact picture of other content, whose noise could stand for theirs."
    ]


def _variants(evoked: Evoked, predicted: Predicted, roles: Roles, seed: int) -> np.ndarray:
    """Responses to decode: measured (3), stimulus-driven (draws), moved (strengths × draws).

    In single precision, which is enough for a correlation: there are many of them.
    """
    rng = np.random.default_rng([seed, _DRIVEN])
    driven = driven_responses(predicted, evoked.intact, roles, rng)
    noise = left_over(predicted, evoked.intact, roles, NOISE_DRAWS, rng)
    moved = moved_responses(evoked.degraded[0], predicted.original, noise)
    parts = [evoked.degraded, driven, moved]
    return np.concatenate(parts, dtype=np.float32, casting="same_kind")


def _of_pictures(found: Sequence[Nearness], seed: int) -> dict[str, np.ndarray]:
    """What is told of every space and picture; the same noise for layers with as many units."""
    delta = np.array([each.delta[0] for each in found])
    driven = np.array([each.delta[3 : 3 + DRAWS].mean(axis=0) for each in found])
    gains = [feature_gain(each, np.random.default_rng([seed, _GAIN])) for each in found]
    return {
        "r_original": np.array([each.r_original[0] for each in found]),
        "r_shown": np.array([each.r_shown[0] for each in found]),
        "r_wrong": np.array([each.r_wrong for each in found]),
        "delta": delta,
        "noise_matched": np.array(gains),
        "stimulus_driven": delta - driven,
    }


def _rows(degradation: np.ndarray) -> dict[str, np.ndarray]:
    """Which pictures each row of the results is about: all, then each kind if there are several."""
    kinds = list(dict.fromkeys(degradation.tolist()))
    rows = {ALL: np.ones(len(degradation), dtype=bool)}
    if len(kinds) == 1:
        return rows
    # Whatever the log calls a kind, the first row stays that of all pictures.
    return rows | {f"{kind} (kind)" if kind == ALL else kind: degradation == kind for kind in kinds}


def _tests(
    spaces: Sequence[Space],
    phases: np.ndarray | None,
    delta: np.ndarray,
    design: Design,
    rows: dict[str, np.ndarray],
    settings: DecodingSettings,
) -> dict[str, Any]:
    """The test by design of every space and row; p corrected over the layers of a kind."""
    values = delta if phases is None else phases[:, 1] - phases[:, 0]
    tested = np.full((len(rows), len(spaces), 4), np.nan)
    groups = np.full((len(rows), 2, len(spaces)), np.nan)
    pictures = np.zeros((len(rows), 2), dtype=np.int64)
    for line, inside in enumerate(rows.values()):
        pictures[line] = design.groups(np.where(inside, values[0], np.nan))
        for place, own in enumerate(values):
            rng = np.random.default_rng([settings.seed, _ASSIGNED])
            there = np.where(inside, own, np.nan)
            tested[line, place] = design.test(there, settings.bootstraps, rng)
            groups[line, :, place] = _group_means(there, phases, place, inside, design)
    kinds = np.array([space.kind for space in spaces])
    for kind in np.unique(kinds):
        tested[:, kinds == kind, 3] = np.apply_along_axis(holm, 1, tested[:, kinds == kind, 3])
    return {
        "group_delta": groups,
        "group_pictures": pictures,
        "design_difference": tested[..., 0],
        "design_difference_ci95": tested[..., 1:3],
        "design_difference_p": tested[..., 3],
    }


def _group_means(
    values: np.ndarray, phases: np.ndarray | None, place: int, inside: np.ndarray, design: Design
) -> tuple[float, float]:
    """Means of both groups: familiar and unfamiliar, else before and after."""
    if design.by_familiarity:
        units, _, familiar = design.units(values)
        return mean(units[familiar == 1]), mean(units[familiar == 0])
    if phases is None:
        return float("nan"), float("nan")
    both = inside & np.isfinite(phases[place]).all(axis=0)
    before, after = (design.units(np.where(both, each, np.nan))[0] for each in phases[place])
    return mean(before), mean(after)


def _untested(fields: dict[str, Any], design: Design) -> list[str]:
    """Why there is no test, of all pictures or of one degradation."""
    if not design.name:
        return [
            "no test: no column says which originals were familiar, nor what was shown before and "
            "after. Without either, nothing tells more than the picture shown from feed-forward "
            "vision."
        ]
    groups = dict(zip(fields["degradation"], fields["group_pictures"].tolist(), strict=True))
    small = {
        name: f"no test of {name} degraded pictures: the groups have {first} and {second} "
        f"originals, and {FEWEST_PICTURES} in each are needed."
        if design.by_familiarity
        else f"no test of {name} degraded pictures: {first} originals were shown before and after, "
        f"and {FEWEST_PICTURES} are needed."
        for name, (first, second) in groups.items()
        if first < FEWEST_PICTURES or (design.by_familiarity and second < FEWEST_PICTURES)
    }
    said = [small[ALL]] if ALL in small else list(small.values())
    more = len(said) - _SAID
    if more <= 0:
        return said
    return [*said[:_SAID], f"no test of {counted(more, 'other kind')} of degraded pictures either."]


def _plan(spaces: Sequence[Space], found: Sequence[Nearness], design: Design) -> dict[str, Any]:
    """Shifts of Δ, and the pictures that show them, of every space and strength."""
    layers = sum(space.kind == NETWORK for space in spaces)
    shape = len(spaces), len(STRENGTHS)
    shift, alone, together = np.full((3, *shape), np.nan)
    for place, each in enumerate(found):
        planned = each.delta[-len(STRENGTHS) * NOISE_DRAWS :]
        for column, moved in enumerate(np.split(planned, len(STRENGTHS))):
            # Where a fold lends no noise, neither side counts.
            known = np.isfinite(moved).all(axis=0)
            before = np.tile(design.units(np.where(known, each.delta[0], np.nan))[0], NOISE_DRAWS)
            after = np.concatenate([design.units(np.where(known, d, np.nan))[0] for d in moved])
            shift[place, column], alone[place, column] = pictures_needed(before, after)
            together[place, column] = pictures_needed(before, after, layers)[1]
    return {
        "strength": STRENGTHS,
        "planned_shift": shift,
        "planned_pictures": alone,
        "planned_pictures_all": together,
    }
