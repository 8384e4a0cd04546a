"""All that is said of one decoded layer: identification, unit accuracy, nulls, ceilings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from twophoton_decode.deep.comparison.decoding.chance import WrongImages, wrong_images
from twophoton_decode.deep.comparison.decoding.decoded_layers import DecodedLayer
from twophoton_decode.deep.comparison.decoding.identification import (
    among_distractors,
    among_tested,
    session_fits,
    two_way,
    unit_patterns,
    wrong_image_shares,
)
from twophoton_decode.deep.comparison.decoding.unit_accuracy import (
    contributions,
    infinite_trials_r,
    repeat_reliability,
    unit_r,
    wrong_image_contributions,
)


class LayerScores(NamedTuple):
    """Scores of one layer from one population; the order of images is the session's.

    `two_way` and `match` (images,) are identification, and what the image adds to the mean r
    over units; `unit_r` (units,) counts units that were decoded, `unit` says which. `top1`
    (images, counts) and `rank` (images,) are among the distractors if there are any, else among
    the images of the fold. `repeat_two_way` identifies what one half of an image's trials decode
    among what the other halves of the fold's images decode.
    """

    two_way: np.ndarray
    match: np.ndarray
    unit_r: np.ndarray
    unit: np.ndarray
    top1: np.ndarray
    rank: np.ndarray
    wrong_two_way: WrongImages
    wrong_match: WrongImages
    reliability: float
    infinite_r: float
    repeat_two_way: float
    strength: np.ndarray


class Design(NamedTuple):
    """How images are compared, for every layer alike.

    `fold` and `content` (images,) as `image_folds` gives them; `orders` from
    `chance.exchanges`; `candidates` are the numbers of candidates, the true one among them, at
    which top-1 identification is told.
    """

    fold: np.ndarray
    content: np.ndarray
    orders: Sequence[np.ndarray]
    candidates: np.ndarray

    def content_of(self, number: int) -> np.ndarray:
        """Of the images of a fold."""
        return self.content[self.fold == number]


def score_layer(
    layer: DecodedLayer, design: Design, distractors: np.ndarray | None = None
) -> LayerScores:
    """Score a decoded layer.

    Parameters
    ----------
    layer : DecodedLayer
    design : Design
    distractors : ndarray, shape (pictures, units), optional
        The layer's features of pictures that were never shown.
    """
    fold, content = design.fold, design.content
    fits = session_fits(layer, fold)
    tested = among_tested(fits, fold, content)
    shares, match = two_way(tested), contributions(layer)
    many = tested if distractors is None else among_distractors(layer, fold, distractors)
    tables = [wrong_image_shares(fit, design.content_of(n)) for n, fit in enumerate(fits)]
    reliability = repeat_reliability(layer.halves)
    return LayerScores(
        two_way=shares,
        match=match,
        unit_r=unit_r(layer.decoded, layer.truth),
        unit=layer.unit,
        top1=many.top1(design.candidates),
        rank=many.rank,
        wrong_two_way=wrong_images(tables, design.orders, float(np.nanmean(shares))),
        wrong_match=wrong_images(
            wrong_image_contributions(layer, fold), design.orders, float(match.mean())
        ),
        reliability=reliability,
        infinite_r=infinite_trials_r(float(match.mean()), reliability),
        repeat_two_way=_repeat_two_way(layer, design),
        strength=layer.strength,
    )


def _repeat_two_way(layer: DecodedLayer, design: Design) -> float:
    """Mean over images with both halves, each half once the one that is looked for."""
    if layer.halves is None:
        return float("nan")
    found = []
    known = np.isfinite(layer.halves).all(axis=(0, 2))
    for number in range(len(layer.standard)):
        rows = (design.fold == number) & known
        patterns = [unit_patterns(half[rows]) for half in layer.halves]
        fit, content = patterns[0] @ patterns[1].T, design.content[rows]
        zero = np.zeros(len(fit), dtype=np.int64)
        found += [two_way(among_tested([each], zero, content)) for each in (fit, fit.T)]
    shares = np.concatenate(found)
    return float(np.nanmean(shares)) if np.isfinite(shares).any() else float("nan")
