"""The sets of features that are decoded: a network's layers, their random twins, pixels, Gabors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from twophoton_decode.decoding.folds.near_duplicates import alike
from twophoton_decode.errors import AnalysisError
from twophoton_decode.features.gabor import FeatureSpace as GaborFilters
from twophoton_decode.records.deep.feature_set import FeatureSet
from twophoton_decode.statistics.by_image import identical_rows

NETWORK, RANDOM, PIXELS, GABOR = "network", "random", "pixels", "gabor"
CONTROLS = (RANDOM, PIXELS, GABOR)


class Space(NamedTuple):
    """One set of features.

    `kind` is network, random, pixels or gabor; `features` (images, units); `place` (units,)
    says where in the whole layer each unit lies; `distractors` (pictures, units) are the features
    of pictures that were never shown; `seed` is that of random weights, -1 of anything else.
    """

    kind: str
    name: str
    features: np.ndarray
    place: np.ndarray
    distractors: np.ndarray | None = None
    seed: int = -1

    @property
    def key(self) -> str:
        """What it is called among others."""
        if self.kind not in (NETWORK, RANDOM):
            return self.name
        return f"{self.name} ({self.kind}{f' {self.seed}' * (self.seed >= 0)})"


def layers_of(
    kind: str,
    features: FeatureSet,
    image: np.ndarray,
    others: FeatureSet | None = None,
    kept: np.ndarray | None = None,
    seed: int = -1,
) -> list[Space]:
    """The layers of a network.

    Parameters
    ----------
    image : ndarray of int
        The pictures that were shown, in their order.
    others : FeatureSet, optional
        Of pictures that were never shown, by the same network.
    kept : ndarray of int, optional
        Which of these are used, in their order.
    seed : int
        Of random weights.
    """
    if others is not None:
        features.refuse_other(others)
    return [
        Space(
            kind,
            layer,
            features.of(layer)[image],
            features.place[features.layer_of_unit == number],
            None if others is None else others.of(layer)[kept],
            seed,
        )
        for number, layer in enumerate(features.layers)
    ]


def simple_spaces(pictures: np.ndarray, others: np.ndarray | None = None) -> list[Space]:
    """Pixels and Gabor energies of pictures at working size (images, y, x)."""
    spaces = {PIXELS: _pixels, GABOR: gabor_energies}
    made = []
    for name, encode in spaces.items():
        features = encode(pictures)
        far = None if others is None else encode(others)
        made.append(Space(name, name, features, np.arange(features.shape[1]), far))
    return made


def gabor_energies(pictures: np.ndarray) -> np.ndarray:
    """√(even² + odd²) of each pair of the program's Gabor filters, (n, 624), whatever the phase."""
    filters = GaborFilters(pictures.shape[1:])
    pairs = filters.encode(filters.prepare(pictures)).reshape(len(pictures), -1, 2)
    return np.hypot(pairs[..., 0], pairs[..., 1]).astype(np.float32)


def new_pictures(
    pictures: np.ndarray, shown: np.ndarray, near_duplicate: float
) -> tuple[np.ndarray, list[str]]:
    """Which pictures the session did not show, nor nearly so, each once; and what was left out.

    Parameters
    ----------
    pictures, shown : ndarray, shapes (n, y, x) and (images, y, x)
    near_duplicate : float
        Correlation above which two pictures show nearly the same; 1 for identical ones only.

    Raises
    ------
    AnalysisError
        None is left.
    """
    rows = np.asarray(pictures, np.float32).reshape(len(pictures), -1)
    new = np.zeros(len(pictures), dtype=bool)
    new[identical_rows(rows)[1]] = True
    repeated = int(np.count_nonzero(~new))
    new[alike(pictures, shown, near_duplicate)[:, 0]] = False
    same = {row.tobytes() for row in np.asarray(shown, np.float32).reshape(len(shown), -1)}
    new &= np.array([row.tobytes() not in same for row in rows])
    if not new.any():
        raise AnalysisError(
            f"all {len(pictures)} distractors are pictures that the session shows, or nearly so. "
            "Give other pictures."
        )
    if new.all():
        return np.flatnonzero(new), []
    return np.flatnonzero(new), [
        f"{np.count_nonzero(~new)} of {len(pictures)} distractors are left out: {repeated} repeat "
        "another picture, the others show nearly the same as one of the session."
    ]


def _pixels(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1).astype(np.float32)
