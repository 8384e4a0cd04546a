"""Layers and cells in place of a network and a mouse: random features, cells linear in them.

The cells and the units stay the same from run to run; pictures and noise are drawn anew. So the
truth is that of an analysis: the expected value for new pictures, of these cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from recordings import repeats_of

from twophoton_decode.deep.comparison.decoding.spaces import NETWORK, PIXELS, RANDOM, Space

AXES, UNITS = 16, 30
"""Independent directions of each layer, the first ones with most variance, and its units."""
REPEATS = 4
EARLY, LATE, PIXEL = "early", "late", "pixels"


@dataclass(frozen=True)
class Kind:
    """What a session is like.

    Cells carry `early` and `late` of the trained layers and `twin` times as much of those with
    random weights, in the first population (A); in the second (B), `twin_b` times. With 1 the
    trained and the random layers could be exchanged: no difference is there to be found. Not
    `seen`: all cells respond to other pictures, as strongly.
    """

    images: int
    cells: int = 40
    noise: float = 3.0
    early: float = 1.0
    late: float = 1.0
    twin: float = 1.0
    twin_b: float = 1.0
    pixels: float = 0.5
    seen: bool = True
    population: int = 7


@dataclass(frozen=True, eq=False)
class Session:
    """Features (images, units) and what of the drive (images, cells) is theirs, by layer.

    `response` (presentations, cells) and `image` (presentations,) in the order of the session.
    Names of layers are `EARLY` and `LATE`, of their twins the same with "twin ", and `PIXEL`.
    """

    kind: Kind
    features: dict[str, np.ndarray]
    driven_by: dict[str, np.ndarray]
    response: np.ndarray
    image: np.ndarray

    @property
    def drive(self) -> np.ndarray:
        """Mean response of each cell to each picture without noise, (images, cells)."""
        return sum(self.driven_by.values())

    @property
    def repeat(self) -> np.ndarray:
        return repeats_of(self.image)

    @property
    def average(self) -> np.ndarray:
        """Mean response to each picture, (images, cells)."""
        order = np.argsort(self.image, kind="stable")
        return self.response[order].reshape(self.kind.images, REPEATS, -1).mean(axis=1)

    @property
    def cells(self) -> dict[str, np.ndarray]:
        """All cells, then both populations."""
        every = np.arange(self.kind.cells)
        first, second = np.split(every, 2)
        return {"all": every, "A": first, "B": second}

    def spaces(self) -> list[Space]:
        """As the program decodes them."""
        place = np.arange(UNITS)
        kinds = {EARLY: NETWORK, LATE: NETWORK, f"twin {EARLY}": RANDOM, f"twin {LATE}": RANDOM,
                 PIXEL: PIXELS}  # fmt: skip
        return [
            Space(kind, name.removeprefix("twin "), self.features[name], place)
            for name, kind in kinds.items()
        ]


def session(
    kind: Kind, rng: np.random.Generator, shared: Mapping[str, np.ndarray] | None = None
) -> Session:
    """One session: every picture four times, rounds in random order.

    `shared` are directions (pictures, axes) by layer of the first pictures, which other
    sessions saw too.
    """
    axes = {name: rng.standard_normal((kind.images, AXES)) for name in weights_of(kind)}
    for name, first in (shared or {}).items():
        axes[name][: len(first)] = first
    features = {name: features_of(name, each) for name, each in axes.items()}
    shown = axes if kind.seen else {
        name: rng.standard_normal(each.shape) for name, each in axes.items()
    }  # fmt: skip
    driven_by = {name: shown[name] * SIZE @ own for name, own in weights_of(kind).items()}
    image = np.concatenate([rng.permutation(kind.images) for _ in range(REPEATS)])
    response = sum(driven_by.values())[image] + kind.noise * rng.standard_normal(
        (len(image), kind.cells)
    )
    return Session(kind, features, driven_by, response, image)


SIZE = np.arange(1, AXES + 1) ** -0.5
"""Standard deviation of each direction."""


def features_of(name: str, axes: np.ndarray) -> np.ndarray:
    """Units of a layer from its directions; a twin mixes them as the trained layer does."""
    return (axes * SIZE @ _mixture(name.removeprefix("twin "))).astype(np.float32)


@cache
def _mixture(name: str) -> np.ndarray:
    return _rng(name, 0).standard_normal((AXES, UNITS))


@lru_cache(maxsize=64)
def weights_of(kind: Kind) -> dict[str, np.ndarray]:
    """What each cell takes of each layer's directions, (axes, cells).

    What a cell takes of a twin, another cell of its population takes of the trained layer, and
    the other way round, so that with equal shares it makes no difference which is which.
    """
    half = kind.cells // 2
    partner = np.concatenate([np.arange(half)[::-1], half + np.arange(kind.cells - half)[::-1]])
    share = np.where(np.arange(kind.cells) < half, kind.twin, kind.twin_b)
    found = {}
    for name, gain in ((EARLY, kind.early), (LATE, kind.late)):
        own = _rng(name, kind.population).standard_normal((AXES, kind.cells))
        found |= {name: gain * own, f"twin {name}": gain * share * own[:, partner]}
    pixels = _rng(PIXEL, kind.population).standard_normal((AXES, kind.cells))
    return found | {PIXEL: kind.pixels * pixels}


def _rng(name: str, number: int) -> np.random.Generator:
    return np.random.default_rng([number, *name.encode()])
