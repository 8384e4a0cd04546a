"""More pairs to learn from: mirrored pictures, with responses that an encoding model predicts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twophoton_decode.deep.attention.shared_ridge import SharedRidge, chosen_strength
from twophoton_decode.deep.end_to_end.examples import LeftOut
from twophoton_decode.features import LinearFeatures
from twophoton_decode.statistics.by_image import identical_rows, mean_by_image

MIRRORED = ((-1,), (-2,), (-2, -1))
"""Left and right, up and down, or both exchanged."""


def synthetic_examples(
    fits: Sequence[LeftOut],
    R: np.ndarray,
    Y: np.ndarray,
    groups: np.ndarray,
    space: LinearFeatures,
    seed: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features that ridge makes of predicted responses to mirrored pictures.

    Cells answer to a mirrored picture as a linear encoding model of its features says [field],
    plus what the model missed at presentations of one image, cells together [ours]. Model,
    ridge and what was missed come from different presentations: ridge would know what it was
    fitted to.

    Parameters
    ----------
    fits : sequence of LeftOut
    R : ndarray, shape (presentations, cells)
    Y : ndarray, shape (presentations, features)
    groups : ndarray of int, shape (presentations,)
    space : LinearFeatures
        Mirrors pictures, and encodes them again.
    seed : int

    Returns
    -------
    made, shown : ndarray, shape (new, features)
        What ridge made, and of what.
    group : ndarray of int, shape (new,)
        That of the picture that was mirrored.
    """
    rng = np.random.default_rng([seed, 0x51])
    parts = [_part(each, R, Y, groups, space, rng) for each in fits]
    made, shown, group = (np.concatenate(each) for each in zip(*parts, strict=True))
    return made, shown, group


def _part(
    fit: LeftOut,
    R: np.ndarray,
    Y: np.ndarray,
    groups: np.ndarray,
    space: LinearFeatures,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pictures that one fit did not see, mirrored."""
    rows, others = np.flatnonzero(fit.rows), ~fit.rows
    model, strength = encoding_model(R[others], Y[others], groups[others])
    mean = R[others].mean(axis=0)

    def predicted(features: np.ndarray) -> np.ndarray:
        return mean + model.readout(features, strength).predict(_means(R[others], Y[others]))

    missed = R[rows] - predicted(Y[rows])
    image, first = identical_rows(Y[rows])
    pictures = space.decode(Y[rows][first])
    made, shown = [], []
    for axes in MIRRORED:
        features = space.encode(np.flip(pictures, axes))[image]
        response = predicted(features) + missed[_of_one_image(image, rng)]
        made.append(fit.ridge.predict(response))
        shown.append(features)
    return np.concatenate(made), np.concatenate(shown), np.tile(groups[rows], len(MIRRORED))


def encoding_model(R: np.ndarray, Y: np.ndarray, groups: np.ndarray) -> tuple[SharedRidge, float]:
    """Ridge from the features of images to mean responses, and its strength."""
    _, first = identical_rows(Y)
    model = SharedRidge.of(Y[first])
    return model, chosen_strength(model, _means(R, Y), groups[first])[0]


def _means(R: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Mean response to each different row of Y, in the order of `identical_rows`."""
    image, first = identical_rows(Y)
    return mean_by_image(R, image, len(first))


def _of_one_image(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """For each presentation one of another image, the same image for all of one image."""
    other = rng.permutation(image.max() + 1)[image]
    found = np.empty(len(image), dtype=np.int64)
    for taken in np.unique(other):
        own = np.flatnonzero(other == taken)
        found[own] = np.resize(rng.permutation(np.flatnonzero(image == taken)), len(own))
    return found
