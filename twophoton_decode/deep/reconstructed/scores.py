"""How well reconstructions show what was seen, as the field scores them: pixels and layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from twophoton_decode.decoding.scoring.identification import WrongCandidates
from twophoton_decode.decoding.scoring.scores import correlation, similarity, unit_rows
from twophoton_decode.deep.comparison.decoding.differences import layer_difference
from twophoton_decode.errors import AnalysisError
from twophoton_decode.records import Reconstruction
from twophoton_decode.statistics.by_image import content_groups
from twophoton_decode.statistics.mean_score import mean_score
from twophoton_decode.statistics.share import share_interval

FEWEST_IMAGES = 10
MOST_CANDIDATES = 100
PIXELS, TWO_WAY, TOP_1 = "pixels", "two-way", "top-1"


class Compared(NamedTuple):
    """Features of the pictures shown, and of reconstructions of them, both (images, units)."""

    shown: np.ndarray
    made: np.ndarray


class Identified(NamedTuple):
    """Of each image, (images,): two-way share, and probability of being best of so many."""

    two_way: np.ndarray
    top1: np.ndarray


def candidates_of(content: np.ndarray) -> int:
    """Among how many images each can be found: 100, or as many as there are of other content.

    Raises
    ------
    AnalysisError
        Fewer than 10 images that differ.
    """
    if np.unique(content).size < FEWEST_IMAGES:
        raise AnalysisError(
            f"reconstructions are told apart among {FEWEST_IMAGES} or more different images; "
            f"these decoders reconstructed {np.unique(content).size}."
        )
    others = len(content) - int(np.bincount(np.unique(content, return_inverse=True)[1]).max())
    return min(MOST_CANDIDATES, 1 + others)


def identified(features: Compared, content: np.ndarray, candidates: int) -> Identified:
    """Which image fits each reconstruction best, by Pearson's r over units [field].

    Wrong candidates are the other images that were reconstructed, without those of the same
    content. Ties count half.
    """
    fit = unit_rows(features.made) @ unit_rows(features.shown).T
    own = np.diag(fit)[:, None]
    other = content[:, None] != content
    wrong = WrongCandidates(
        ((fit < own) & other).sum(axis=1), ((fit == own) & other).sum(axis=1), other.sum(axis=1)
    )
    two_way = (wrong.worse + 0.5 * wrong.tied) / wrong.total
    return Identified(two_way, wrong.top1(np.array([candidates]))[:, 0])


def picture_scores(
    made: Mapping[str, Reconstruction],
    layers: Mapping[str, Mapping[str, Compared]],
    twins: Mapping[str, Sequence[Mapping[str, Compared]]],
    *,
    bootstraps: int,
    seed: int,
) -> dict[str, Any]:
    """Every score of every decoder, with intervals over images, and trained less random layers.

    Parameters
    ----------
    made : mapping of decoder to Reconstruction
        Of the same images.
    layers : mapping of decoder to mapping of layer to Compared
        In the same order.
    twins : mapping of decoder to one such mapping for each draw of random weights
    bootstraps, seed : int
        Of the differences.

    Returns
    -------
    dict
        Fields of `PictureScores`.

    Raises
    ------
    AnalysisError
        As `candidates_of`.
    """
    first = next(iter(made.values()))
    content, names = content_groups(first), list(next(iter(layers.values())))
    candidates = candidates_of(content)
    columns = _columns(names)
    value = np.empty((len(made), len(columns), len(content)))
    draws: list[list[list[np.ndarray]]] = []
    for row, (decoder, each) in enumerate(made.items()):
        drawn = [_of_layers(twin, content, candidates) for twin in twins[decoder]]
        own = _of_layers(layers[decoder], content, candidates)
        scores = [*_of_pixels(each, content, candidates), *own, *_mean_of(drawn, own)]
        value[row] = scores
        draws.append([[twin[2 * place] for twin in drawn] for place in range(len(names))])
    return {
        "decoder": np.array(list(made)),
        "score": np.array([name for name, _ in columns]),
        "space": np.array([space for _, space in columns]),
        "layer": np.array(names),
        "value": value,
        "value_mean": value.mean(axis=2),
        "picture_score_ci95": _intervals(value, columns, content, apart=first.tested_apart),
        "chance": _chance(made, columns, content, candidates, seed),
        "candidates": candidates,
        **_beyond(value, columns, draws, content, bootstraps, seed),
    }


def _intervals(
    value: np.ndarray, columns: list[tuple[str, str]], content: np.ndarray, *, apart: bool
) -> np.ndarray:
    """95 % intervals of means over images, (decoder, column, 2); identification is a share."""

    def ends(score: str, values: np.ndarray) -> tuple[float, float]:
        if score in (TWO_WAY, TOP_1):
            return share_interval(values, content)
        return mean_score(values, None, content, apart=apart).interval

    return np.array(
        [
            [ends(score, each) for (score, _), each in zip(columns, row, strict=True)]
            for row in value
        ]
    )


def _columns(layers: Sequence[str]) -> list[tuple[str, str]]:
    """Score and space of each column."""
    both = (TWO_WAY, TOP_1)
    spaces = [PIXELS, *layers, *(f"{layer}, random weights" for layer in layers)]
    found = [(score, space) for space in spaces for score in both]
    return [("SSIM", PIXELS), ("PixCorr", PIXELS), *found]


def _of_pixels(made: Reconstruction, content: np.ndarray, candidates: int) -> list[np.ndarray]:
    shown, found = _rows(made.picture), _rows(made.average)
    return [
        made.ssim,
        correlation(shown, found),
        *identified(Compared(shown, found), content, candidates),
    ]


def _of_layers(
    layers: Mapping[str, Compared], content: np.ndarray, candidates: int
) -> list[np.ndarray]:
    """Two-way and top-1 of each layer, in turn."""
    return [score for each in layers.values() for score in identified(each, content, candidates)]


def _mean_of(drawn: list[list[np.ndarray]], own: list[np.ndarray]) -> list[np.ndarray]:
    """Mean of the draws of random weights; NaN, as many as the network's `own`, without any."""
    return list(np.mean(drawn, axis=0)) if drawn else [np.full_like(each, np.nan) for each in own]


def _beyond(
    value: np.ndarray,
    columns: list[tuple[str, str]],
    draws: list[list[list[np.ndarray]]],
    content: np.ndarray,
    bootstraps: int,
    seed: int,
) -> dict[str, np.ndarray]:
    """Two-way of each layer less that of its draws of random weights, by decoder."""
    layers = [place for place, (score, space) in enumerate(columns)
              if score == TWO_WAY and space != PIXELS][: len(draws[0])]  # fmt: skip
    shape = (len(value), len(layers))
    mean, p, ends = np.full(shape, np.nan), np.full(shape, np.nan), np.full((*shape, 2), np.nan)
    for row, of_decoder in enumerate(draws):
        for line, twins in enumerate(of_decoder):
            if not twins:
                continue
            rng = np.random.default_rng([seed, 6, row, line])
            found = layer_difference(
                value[row, layers[line]], np.stack(twins, axis=1), content, bootstraps, rng
            )
            mean[row, line], p[row, line] = found.mean, found.p
            ends[row, line] = found.low, found.high
    return {"beyond_random": mean, "beyond_random_ci95": ends, "beyond_random_p": p}


def _chance(
    made: Mapping[str, Reconstruction],
    columns: list[tuple[str, str]],
    content: np.ndarray,
    candidates: int,
    seed: int,
) -> np.ndarray:
    """Each score's mean with wrong images, (decoder, score).

    Of SSIM and PixCorr the mean with one other image for each, drawn at random; one half and one
    in so many for the others.
    """
    rng = np.random.default_rng([seed, 7])
    wrong = [rng.choice(np.flatnonzero(content != own)) for own in content]
    chance = np.empty((len(made), len(columns)))
    for row, each in enumerate(made.values()):
        shown, scale = each.picture[wrong], float(np.ptp(each.picture))
        exchanged = {
            "SSIM": similarity(shown, each.average, scale).mean(),
            "PixCorr": correlation(_rows(shown), _rows(each.average)).mean(),
            TWO_WAY: 0.5,
            TOP_1: 1 / candidates,
        }
        chance[row] = [exchanged[score] for score, _ in columns]
    return chance


def _rows(pictures: np.ndarray) -> np.ndarray:
    return np.asarray(pictures, float).reshape(len(pictures), -1)
