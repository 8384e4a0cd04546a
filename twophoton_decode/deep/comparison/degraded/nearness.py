"""How near is what responses to a degraded picture say to its original, and to what was shown?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.comparison.decoding.decoded_layers import usable_layers
from twophoton_decode.deep.comparison.decoding.feature_decoding import FoldDecoder, LayerDecoder
from twophoton_decode.deep.comparison.decoding.identification import unit_patterns
from twophoton_decode.deep.comparison.decoding.spaces import Space
from twophoton_decode.deep.comparison.degraded.roles import Roles
from twophoton_decode.progress import Progress, silent


@dataclass(frozen=True, eq=False)
class Nearness:
    """Correlations over units of what is decoded with what is true, of one set of features.

    Attributes
    ----------
    r_original, r_shown : ndarray, shape (variants, degraded)
        With the features of the original, and of the picture that was shown.
    r_wrong : ndarray, shape (degraded,)
        Of the first variant, with originals of other pictures of its fold, mean; NaN without.
    r_intact : ndarray, shape (intact,)
        Of the originals that were shown, each decoded by a fit without it, with their features.
    original, shown : ndarray, shape (degraded, units)
        Their true features, in training SD from the training mean.
    intact : ndarray, shape (intact, units)
    """

    r_original: np.ndarray
    r_shown: np.ndarray
    r_wrong: np.ndarray
    r_intact: np.ndarray
    original: np.ndarray
    shown: np.ndarray
    intact: np.ndarray

    @property
    def delta(self) -> np.ndarray:
        """r with the original minus r with the picture shown, (variants, degraded)."""
        return self.r_original - self.r_shown


def usable_spaces(spaces: Sequence[Space], roles: Roles) -> tuple[list[Space], list[str]]:
    """Spaces with the units alone that vary over the training pictures of every fold; and notes."""
    known = roles.intact[roles.trains]
    layers = {space.key: space.features[known] for space in spaces}
    usable, notes = usable_layers(layers, roles.fold[known])
    kept = [
        space._replace(
            features=space.features[:, usable[space.key]], place=space.place[usable[space.key]]
        )
        for space in spaces
        if space.key in usable
    ]
    return kept, notes


def decoded_nearness(
    intact: np.ndarray,
    degraded: np.ndarray,
    spaces: Sequence[Space],
    roles: Roles,
    progress: Progress = silent,
) -> dict[str, Nearness]:
    """Decode every degraded picture by a fit to originals, its own and those like it left out.

    Parameters
    ----------
    intact : ndarray, shape (intact, cells)
        Mean responses to the originals that were shown.
    degraded : ndarray, shape (variants, degraded, cells)
        Responses to the degraded pictures, measured or made up; NaN where there are none.
    spaces : sequence of Space
        From `usable_spaces`: of all pictures of the session.
    roles : Roles
    progress : callable
        Told after each fold.

    Returns
    -------
    dict of str to Nearness
        By the key of the space.
    """
    found = {space.key: _empty(degraded.shape[:2], space, roles) for space in spaces}
    for number in range(roles.folds):
        known, tested = roles.training(number), roles.tested(number)
        own = np.flatnonzero(roles.fold[roles.intact] == number)
        part = FoldDecoder.of(intact, roles.content[roles.intact], known)
        for space in spaces:
            decoder = part.fit(space.features[roles.intact])
            made = found[space.key]
            made.intact[own] = truth = decoder.standard(space.features[roles.intact[own]])
            made.r_intact[own] = _fit(decoder.patterns(intact[own]), truth)
            if tested.size:
                _fill(made, decoder, degraded[:, tested], space.features, roles, tested)
        progress(number + 1, roles.folds, "folds")
    return found


def _empty(shape: tuple[int, ...], space: Space, roles: Roles) -> Nearness:
    units, intact = space.features.shape[1], len(roles.intact)
    original, shown = (np.full((shape[1], units), np.nan, np.float32) for _ in range(2))
    return Nearness(
        r_original=np.full(shape, np.nan),
        r_shown=np.full(shape, np.nan),
        r_wrong=np.full(shape[1], np.nan),
        r_intact=np.full(intact, np.nan),
        original=original,
        shown=shown,
        intact=np.full((intact, units), np.nan, np.float32),
    )


def _fill(
    made: Nearness,
    decoder: LayerDecoder,
    responses: np.ndarray,
    features: np.ndarray,
    roles: Roles,
    tested: np.ndarray,
) -> None:
    """Enter the pictures of one fold; `responses` (variants, tested, cells)."""
    made.original[tested] = original = decoder.standard(features[roles.original[tested]])
    made.shown[tested] = shown = decoder.standard(features[roles.shown[tested]])
    for variant, response in enumerate(responses):
        decoded = decoder.patterns(response)
        made.r_original[variant, tested] = _fit(decoded, original)
        made.r_shown[variant, tested] = _fit(decoded, shown)
        if variant == 0:
            content = roles.content[roles.original[tested]]
            made.r_wrong[tested] = _wrong(decoded, original, content)


def _fit(decoded: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return np.einsum("iu,iu->i", unit_patterns(decoded), unit_patterns(truth))


def _wrong(decoded: np.ndarray, truth: np.ndarray, content: np.ndarray) -> np.ndarray:
    """Mean fit with the originals of other pictures, (tested,); NaN without any."""
    fit = unit_patterns(decoded) @ unit_patterns(truth).T
    wrong = content[:, None] != content
    others, mean = wrong.sum(axis=1), np.full(len(fit), np.nan)
    np.divide((fit * wrong).sum(axis=1), others, out=mean, where=others > 0)
    return mean


def by_key(spaces: Sequence[Space], found: Mapping[str, Nearness]) -> list[Nearness]:
    """In the order of the spaces."""
    return [found[space.key] for space in spaces]
