"""When layers of an expected picture are decoded, beside viewing, exchanges and blanks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from twophoton_decode.deep.comparison.timing.expectation import (
    Exchanged,
    exchanged,
    expectation_tables,
    nearest,
)
from twophoton_decode.deep.comparison.timing.layer_order import compare_onsets
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.timed_responses import TimedResponses, averages_in_bins
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.paired import holm

FEWEST_PICTURES = 20
FEWEST_BLANKS = 10
BLANKS = " near blanks"


class Viewing(NamedTuple):
    """What decoders are trained on: `average` (images, cells), features of layers, folds."""

    average: np.ndarray
    layers: Mapping[str, np.ndarray]
    fold: np.ndarray
    content: np.ndarray


class Absent(NamedTuple):
    """Responses without a picture: `rows` (pictures, bins, cells) of the `image` (pictures,)."""

    image: np.ndarray
    rows: np.ndarray


def expected_fields(
    timed: TimedResponses,
    viewing: Viewing,
    held: np.ndarray,
    courses: Mapping[str, np.ndarray],
    seen: np.ndarray,
    settings: DecodingSettings,
    progress: Progress = silent,
) -> tuple[dict[str, Any], list[str]]:
    """Fields of `ExpectedTimes`, one entry a condition; and what was not tested.

    Parameters
    ----------
    timed : TimedResponses
    viewing : Viewing
    held : ndarray of bool, shape (bins,)
        The bins of the time course.
    courses : mapping of str to ndarray, shape (images, bins)
        Those of viewing, from `pattern_courses`.
    seen : ndarray of bool, shape (layers,)
        Layers that are decoded from viewing in some bin.
    """
    absent, notes = _conditions(timed, viewing, held)
    if not absent:
        return {}, notes
    rows = {name: each.rows for name, each in absent.items()}
    tables = expectation_tables(
        viewing.average, rows, viewing.layers, viewing.fold, viewing.content, progress
    )
    tested = {
        name: [
            exchanged(
                table[:, each.image], settings.bootstraps,
                np.random.default_rng([settings.seed, 6, number]),
            )
            for number, table in enumerate(tables[name].values())
        ]
        for name, each in absent.items()
    }  # fmt: skip
    made = []
    for name, each in absent.items():
        if name.endswith(BLANKS):
            continue
        own = [table[np.arange(len(table)), each.image] for table in tables[name].values()]
        found = _condition(each, tested[name], tested.get(name + BLANKS))
        known = np.array(found["expected_p"]) < 0.05
        viewed = [course[each.image] for course in courses.values()]
        found |= compare_onsets(
            viewed, own, (seen, known), timed.middle_s[held], viewing.content[each.image],
            settings,
        )  # fmt: skip
        made.append({"condition": name, "expected_presentations": _count(timed, name)} | found)
    return {key: np.array([each[key] for each in made]) for key in made[0]}, notes


def _conditions(
    timed: TimedResponses, viewing: Viewing, held: np.ndarray
) -> tuple[dict[str, Absent], list[str]]:
    """Responses of every condition by picture, and of the blanks nearest to them in time."""
    response, image, onset_s = timed.expected_response, timed.expected_image, timed.expected_onset_s
    condition = timed.expected_condition
    if response is None or image is None or condition is None or onset_s is None:
        return {}, []
    found, notes = {}, []
    for name in np.unique(condition).tolist():
        rows = np.flatnonzero(condition == name)
        made = _by_picture(response, rows, image[rows], len(viewing.average), held)
        different = len(np.unique(viewing.content[made.image]))
        if different < FEWEST_PICTURES:
            notes.append(
                f"{name}: {different} different pictures were expected; from {FEWEST_PICTURES} on "
                "it is tested when they are decoded."
            )
            continue
        found[name] = made
        blanks, blank_s = timed.blank_response, timed.blank_onset_s
        if blanks is None or blank_s is None or len(blank_s) < FEWEST_BLANKS:
            notes.append(f"{name}: fewer than {FEWEST_BLANKS} blanks, so that no control by them.")
            continue
        near = nearest(onset_s[rows], blank_s)
        control = _by_picture(blanks, near, image[rows], len(viewing.average), held)
        if len(control.image) < FEWEST_PICTURES:
            notes.append(
                f"{name}: the blanks nearest in time fill every time bin for {len(control.image)} "
                f"pictures, fewer than {FEWEST_PICTURES}, so that no control by them."
            )
            continue
        found[name + BLANKS] = control
    return found, notes


def _by_picture(
    response: np.ndarray, rows: np.ndarray, image: np.ndarray, images: int, held: np.ndarray
) -> Absent:
    """Means over the rows of each picture, of those that fill every bin."""
    number, label = np.unique(image, return_inverse=True)
    mean = averages_in_bins(response, rows, label, len(number))[:, held]
    full = np.isfinite(mean).all(axis=(1, 2))
    return Absent(number[full], mean[full])


def _condition(
    absent: Absent, tested: list[Exchanged], blanks: list[Exchanged] | None
) -> dict[str, Any]:
    nothing = np.full(len(tested), np.nan)
    return {
        "expected_pictures": len(absent.image),
        "expected_course": [each.curve for each in tested],
        "expected_exchanged": [np.stack([each.low, each.high], axis=-1) for each in tested],
        "expected_p": holm(np.array([each.p for each in tested])),
        "blank_course": [
            each.curve for each in blanks
        ] if blanks else np.full((len(tested), len(tested[0].curve)), np.nan),
        "blank_p": holm(np.array([each.p for each in blanks])) if blanks else nothing,
    }  # fmt: skip


def _count(timed: TimedResponses, condition: str) -> int:
    return int(np.count_nonzero(timed.expected_condition == condition))
