"""Features of networks, or any other ones, decoded from responses: docs/methods/deep_decoding.md.

Every image is decoded by a fit that never saw it, and identified among images that did not
train that fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.errors import ArgumentError
from twophoton_decode.words import counted_are

__all__ = ["DecodedFeatures", "decode"]


@dataclass(frozen=True, eq=False)
class DecodedFeatures:
    """How well one set of features is decoded.

    Attributes
    ----------
    two_way : ndarray, shape (image,)
        Share of the fold's other images whose features fit the decoded ones less.
    unit_r : ndarray, shape (unit,)
        Correlation over images of decoded and true values; NaN for units that do not vary.
    decoded : ndarray, shape (image, unit)
        In standard deviations from the mean of the training images; NaN likewise.
    wrong_two_way : (float, float, float)
        Mean of `two_way` with wrong images, and where 95 % of exchanges lie.
    p : float
        One-sided, of the mean of `two_way`, images exchanged within folds.

    Examples
    --------
    >>> import numpy as np
    >>> layer = np.random.default_rng(0).normal(size=(40, 30))
    >>> found = tp.layer_decoding.decode(layer, {"layer": layer}, np.arange(40) % 8)["layer"]
    >>> found.two_way.shape, found.unit_r.shape, found.decoded.shape
    ((40,), (30,), (40, 30))
    """

    two_way: np.ndarray
    unit_r: np.ndarray
    decoded: np.ndarray
    wrong_two_way: tuple[float, float, float]
    p: float


def decode(
    R: Any,
    features: Mapping[str, Any],
    fold: Any,
    *,
    content: Any = None,
    exchanges: int = 1000,
    seed: int = 0,
) -> dict[str, DecodedFeatures]:
    """Decode sets of features, such as a network's layers, from mean responses.

    Parameters
    ----------
    R : ndarray, shape (image, cell)
        Mean response to each image.
    features : mapping of name to ndarray, shape (image, unit)
    fold : ndarray of int, shape (image,)
        The fold in which each image is tested, counted from 0, as `tp.folds` gives it; three
        images or more in each.
    content : ndarray of int, shape (image,), optional
        Images with equal numbers show the same; they must share a fold.
    exchanges : int
        Of images within folds, for the null.
    seed : int

    Returns
    -------
    dict of str to DecodedFeatures
        Without sets of which fewer than two units vary over the training images of every fold.

    Raises
    ------
    ArgumentError
        Shapes that do not fit each other, values that are NaN or infinite, too small folds.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> layer = rng.normal(size=(40, 30))
    >>> R = layer[:, :20] + 0.5 * rng.normal(size=(40, 20))
    >>> found = tp.layer_decoding.decode(R, {"layer": layer}, np.arange(40) % 8)
    >>> bool(found["layer"].two_way.mean() > 0.9)
    True
    """
    from twophoton_decode.deep.comparison.decoding import chance
    from twophoton_decode.deep.comparison.decoding.decoded_layers import Population, decode_layers
    from twophoton_decode.deep.comparison.decoding.scores import Design, score_layer

    response = _numbers(R, "R", None)
    layers = {name: _numbers(each, name, len(response)) for name, each in features.items()}
    folds = _labels(fold, "fold", len(response))
    same = np.arange(len(response)) if content is None else _labels(content, "content", len(folds))
    _refuse_small_folds(folds)
    orders = chance.exchanges(folds, same, exchanges, np.random.default_rng(seed))
    design = Design(folds, same, orders, np.array([2]))
    found = {}
    for name, layer in decode_layers(Population(response), layers, folds, same).items():
        scores = score_layer(layer, design)
        wrong = scores.wrong_two_way
        unit_r = np.full(layers[name].shape[1], np.nan)
        decoded = np.full(layers[name].shape, np.nan)
        unit_r[layer.unit], decoded[:, layer.unit] = scores.unit_r, layer.decoded
        found[name] = DecodedFeatures(
            scores.two_way, unit_r, decoded, (wrong.mean, wrong.low, wrong.high), wrong.p
        )
    return found


def _numbers(values: Any, name: str, images: int | None) -> np.ndarray:
    found = np.asarray(values, dtype=float)
    if found.ndim != 2 or (images is not None and len(found) != images):
        rows = "image" if images is None else images
        raise ArgumentError(f"{name}: expected shape ({rows}, …), found {found.shape}.")
    if not np.isfinite(found).all():
        bad = int(np.count_nonzero(~np.isfinite(found)))
        raise ArgumentError(f"{name}: {counted_are(bad, 'value')} NaN or infinite.")
    return found


def _labels(values: Any, name: str, images: int) -> np.ndarray:
    found = np.asarray(values)
    if found.shape != (images,) or found.dtype.kind not in "iu" or found.min(initial=0) < 0:
        raise ArgumentError(
            f"{name}: expected a whole number from 0 on for each of the {images} images."
        )
    return found.astype(np.int64)


def _refuse_small_folds(fold: np.ndarray) -> None:
    size = np.bincount(fold)
    if len(size) < 2 or size.min() < 3:
        raise ArgumentError(
            "fold: expected two folds or more with three images or more in each, as images of a "
            f"fold are each other's wrong candidates; found {size.tolist()} images."
        )
