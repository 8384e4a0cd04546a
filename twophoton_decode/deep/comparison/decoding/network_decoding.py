"""A network's layers decoded from every population, beside the controls that decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.decoding.folds.crossvalidation import ImageFolds, image_folds
from twophoton_decode.decoding.scoring.identification import candidate_counts
from twophoton_decode.deep.comparison.decoding.chance import WrongImages, exchanges
from twophoton_decode.deep.comparison.decoding.decoded_layers import (
    Population,
    decode_layers,
    half_averages,
)
from twophoton_decode.deep.comparison.decoding.differences import (
    difference_of_differences,
    layer_difference,
)
from twophoton_decode.deep.comparison.decoding.scores import Design, LayerScores, score_layer
from twophoton_decode.deep.comparison.decoding.spaces import CONTROLS, NETWORK, RANDOM, Space
from twophoton_decode.deep.comparison.decoding.twins import (
    controls_of,
    twin_fields,
    two_way_of,
    usable_spaces,
)
from twophoton_decode.errors import AnalysisError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.mean_score import mean_score
from twophoton_decode.statistics.paired import holm

FEWEST_IMAGES = 20
IN_A_FOLD = 5
"""Images that are tested together, at least: they are each other's wrong candidates."""
MOST_COUNTS = 12


def decoding_folds(
    pictures: np.ndarray, group: np.ndarray | None, settings: DecodingSettings
) -> tuple[ImageFolds, list[str]]:
    """Folds as everywhere, but with five images or more in each, and what was changed.

    Raises
    ------
    AnalysisError
        Fewer than 20 images, or groups of those that show the same.
    """
    near = settings.near_duplicate_correlation
    asked = min(settings.folds, len(pictures))
    folds = image_folds(pictures, max(2, asked), settings.seed, near, group)
    different = int(folds.content.max()) + 1
    if different < FEWEST_IMAGES:
        raise AnalysisError(
            f"features are decoded from {FEWEST_IMAGES} or more different images; this session "
            f"has {different} among {len(pictures)}."
        )
    most = min(asked, different // IN_A_FOLD)
    for used in range(most, 1, -1):
        if used != asked:
            folds = image_folds(pictures, used, settings.seed, near, group)
        if _have_wrong_candidates(folds):
            break
    else:
        raise AnalysisError(
            f"half of the {len(pictures)} pictures or more show the same, or are of one group: "
            "there are no other pictures to tell them from."
        )
    if used == asked:
        return folds, []
    return folds, [
        f"{asked} folds were asked for; {used} are used, so that {IN_A_FOLD} or more images, at "
        "most half of them alike, are tested together: wrong candidates must not have trained the "
        "decoder."
    ]


def _have_wrong_candidates(folds: ImageFolds) -> bool:
    """Whether at most half of every fold's images show the same."""
    for number in range(int(folds.fold.max()) + 1):
        alike = np.bincount(folds.content[folds.fold == number])
        if 2 * alike.max() > alike.sum():
            return False
    return True


@dataclass(frozen=True, eq=False)
class Shown:
    """What was shown and how cells responded, as the decoding reads it.

    `response` (presentations, cells) and `image` (presentations,) in the order of the session,
    `average` (images, cells), `cells` the indices of each population's, the first being all,
    `known` which responses were measured, not filled in; None: all.
    """

    response: np.ndarray
    image: np.ndarray
    average: np.ndarray
    cells: Mapping[str, np.ndarray]
    known: np.ndarray | None = None

    def population(self, name: str) -> Population:
        """The responses of one population."""
        cells = self.cells[name]
        known = None if self.known is None else self.known[:, cells]
        halves = half_averages(self.response[:, cells], self.image, len(self.average), known)
        return Population(self.average[:, cells], halves)


def decode_network(
    shown: Shown,
    spaces: Sequence[Space],
    folds: ImageFolds,
    settings: DecodingSettings,
    progress: Progress = silent,
) -> tuple[dict[str, Any], list[str]]:
    """Every space decoded from every population, with nulls, ceilings and differences.

    Parameters
    ----------
    shown : Shown
    spaces : sequence of Space
        The network's layers, their twins, and what else they are compared with.
    folds : ImageFolds
        From `decoding_folds`.

    Returns
    -------
    dict
        Fields of `FeatureDecoding`.
    list of str
        Layers and units that were left out.

    Raises
    ------
    AnalysisError
        No layer of the network varies over pictures.
    """
    usable, notes = usable_spaces(spaces, folds.fold)
    used = [space for space in spaces if space.key in usable]
    if not any(space.kind == NETWORK for space in used):
        raise AnalysisError(f"no layer of the network can be decoded: {' '.join(notes)}")
    design = _design(folds, used, settings)
    scores = {}
    for name in shown.cells:
        decoded = decode_layers(
            shown.population(name), {each.key: each.features for each in used},
            folds.fold, folds.content, progress,
        )  # fmt: skip
        scores[name] = [
            score_layer(decoded[space.key], design, space.distractors) for space in used
        ]
    fields = {
        **_scored(scores, folds.content),
        **_units(used, scores),
        **twin_fields(used, scores),
        **_differences(used, scores, folds.content, settings),
        **_gains(used, scores, folds.content, settings),
        "candidates": design.candidates,
        "pool": "images of a fold" if used[0].distractors is None else "distractors",
    }
    return fields, notes


def _design(folds: ImageFolds, spaces: Sequence[Space], settings: DecodingSettings) -> Design:
    """The exchanges of the wrong-image null, and how many candidates top-1 is told for."""
    rng = np.random.default_rng([settings.seed, 2])
    orders = exchanges(folds.fold, folds.content, settings.bootstraps, rng)
    others = spaces[0].distractors
    if others is None:
        size = folds.content[:, None] != folds.content
        same = folds.fold[:, None] == folds.fold
        pool = 1 + int((size & same).sum(axis=1).min())
    else:
        pool = 1 + len(others)
    return Design(folds.fold, folds.content, orders, candidate_counts([pool])[:MOST_COUNTS])


Scores = Mapping[str, Sequence[LayerScores]]
"""Of every space, by population."""


def _scored(scores: Scores, content: np.ndarray) -> dict[str, Any]:
    """What is told of every population and space."""

    def table(of: Any) -> np.ndarray:
        return np.array([[of(each) for each in row] for row in scores.values()])

    return {
        "population": list(scores),
        "two_way": table(lambda s: s.two_way),
        "match": table(lambda s: s.match),
        "two_way_mean": table(lambda s: np.nanmean(s.two_way)),
        "two_way_ci95": table(lambda s: mean_score(s.two_way, None, content).interval),
        "two_way_wrong": table(lambda s: _range(s.wrong_two_way)),
        "two_way_p": table(lambda s: s.wrong_two_way.p),
        "unit_r_mean": table(lambda s: s.match.mean()),
        "unit_r_ci95": table(lambda s: mean_score(s.match, None, content).interval),
        "unit_r_wrong": table(lambda s: _range(s.wrong_match)),
        "unit_r_p": table(lambda s: s.wrong_match.p),
        "top1": table(lambda s: s.top1.mean(axis=0)),
        "median_rank": table(lambda s: np.median(s.rank)),
        "reliability": table(lambda s: s.reliability),
        "unit_r_infinite": table(lambda s: s.infinite_r),
        "two_way_repeat": table(lambda s: s.repeat_two_way),
        "strength": table(lambda s: s.strength),
    }


def _range(found: WrongImages) -> tuple[float, float, float]:
    return found.mean, found.low, found.high


def _units(spaces: Sequence[Space], scores: Scores) -> dict[str, Any]:
    """Accuracy of every unit, all spaces in a row."""
    rows = list(scores.values())
    return {
        "space": [space.name for space in spaces],
        "kind": [space.kind for space in spaces],
        "seed": [space.seed for space in spaces],
        "layer": [space.name for space in spaces if space.kind == NETWORK],
        "unit_r": np.array([np.concatenate([each.unit_r for each in row]) for row in rows]),
        "space_of_unit": np.repeat(np.arange(len(spaces)), [len(each.unit) for each in rows[0]]),
        "place": np.concatenate(
            [space.place[each.unit] for space, each in zip(spaces, rows[0], strict=True)]
        ),
    }


def _differences(
    spaces: Sequence[Space], scores: Scores, content: np.ndarray, settings: DecodingSettings
) -> dict[str, Any]:
    """Two-way of each layer minus that of each control, paired over images.

    Of random weights the mean over draws counts, and intervals are for other draws too.
    """
    controls = [each for each in CONTROLS if any(space.kind == each for space in spaces)]
    layers = [(place, space) for place, space in enumerate(spaces) if space.kind == NETWORK]
    found = np.full((len(scores), len(layers), len(controls), 4), np.nan)
    for row, of_space in enumerate(scores.values()):
        for line, (place, space) in enumerate(layers):
            for column, control in enumerate(controls):
                others = controls_of(spaces, space, control)
                if not others:
                    continue
                rng = np.random.default_rng([settings.seed, 4])
                found[row, line, column] = layer_difference(
                    of_space[place].two_way, two_way_of(of_space, others), content,
                    settings.bootstraps, rng,
                )  # fmt: skip
    return {
        "control": controls,
        "difference": found[..., 0],
        "difference_ci95": found[..., 1:3],
        "difference_p": _corrected(found[..., 3], axis=1),
    }


def _gains(
    spaces: Sequence[Space], scores: Scores, content: np.ndarray, settings: DecodingSettings
) -> dict[str, Any]:
    """Trained minus random of each population minus the same of the first one."""
    layers = [(place, space) for place, space in enumerate(spaces) if space.kind == NETWORK]
    names = list(scores)[1:]
    found = np.full((max(len(names) - 1, 0), len(layers), 4), np.nan)
    for line, (place, space) in enumerate(layers):
        twins = controls_of(spaces, space, RANDOM)
        if not twins:
            continue
        gain = [
            scores[name][place].two_way[:, None] - two_way_of(scores[name], twins) for name in names
        ]
        for row, own in enumerate(gain[1:]):
            rng = np.random.default_rng([settings.seed, 5])
            found[row, line] = difference_of_differences(
                (own, gain[0]), content, settings.bootstraps, rng
            )
    return {
        "pair": np.arange(len(found)) + 2,
        "gain_difference": found[..., 0],
        "gain_difference_ci95": found[..., 1:3],
        "gain_difference_p": _corrected(found[..., 3], axis=1),
    }


def _corrected(p: np.ndarray, axis: int) -> np.ndarray:
    """p corrected over the layers (Holm)."""
    return np.apply_along_axis(holm, axis, p) if p.size else p
