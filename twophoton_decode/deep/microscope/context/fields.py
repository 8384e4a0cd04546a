"""Simulated fields of view whose cells share a style that differs from field to field.

What is junk in one field is a cell in another: only the clear cells of the same field tell which.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter

from twophoton_decode.deep.microscope.context.candidates import boxes, find_candidates
from twophoton_decode.deep.microscope.context.normalised import normalised

CLEAR, DIM, LOOK_ALIKE = 0, 1, 2
SIDE = 128
_RADIUS = (3.0, 8.0)
_FILLED = 0.4
"""Share of the field that all objects cover at most."""
_MOST = 44


@dataclass(frozen=True)
class Style:
    """What the cells of a field have in common.

    Parameters
    ----------
    radius : float, px
    hollow : float
        How much darker the middle is than the rim: 0 for a filled disc, 1 for a ring.
    blur : float, px
        Standard deviation of the optics' blur.
    """

    radius: float
    hollow: float
    blur: float

    def unlike(self, other: Style) -> bool:
        """Whether the two can be told apart by eye."""
        ratio = max(self.radius, other.radius) / min(self.radius, other.radius)
        return abs(self.hollow - other.hollow) > 0.5 or ratio > 1.5


ONE_STYLE = (Style(5.0, 0.9, 0.8), Style(5.0, 0.1, 0.8))
"""Cells and look-alikes where all fields are alike."""


@dataclass(frozen=True, eq=False)
class Field:
    """Pictures of a simulated field, and what lies there.

    Attributes
    ----------
    picture : ndarray of float32, shape (3, y, x)
        Mean, maximum and correlation, each `normalised`.
    box : ndarray of float32, shape (objects, 4), px
        Left, top, right, bottom.
    kind : ndarray of int, shape (objects,)
        CLEAR and DIM are cells; LOOK_ALIKE is none.
    spot : ndarray of float32, shape (spots, 4), px
        Boxes around bright spots, as candidates are found: on cells, and on nothing.
    """

    picture: np.ndarray
    box: np.ndarray
    kind: np.ndarray
    spot: np.ndarray

    @property
    def cells(self) -> np.ndarray:
        """Boxes of clear and dim cells."""
        return self.box[self.kind != LOOK_ALIKE]


def draw_style(generator: np.random.Generator) -> Style:
    """A style at random: small or large, filled or ring-shaped, sharp or blurred."""
    hollow = generator.choice([0.0, 1.0]) + generator.uniform(-0.2, 0.2)
    return Style(
        radius=float(np.exp(generator.uniform(*np.log(_RADIUS)))),
        hollow=float(np.clip(hollow, 0, 1)),
        blur=float(generator.uniform(0.5, 1.2)),
    )


def draw_field(
    generator: np.random.Generator,
    *,
    side: int = SIDE,
    styles: tuple[Style, Style] | None = None,
    empty: bool = False,
) -> Field:
    """A field with clear cells, dim ones, and as many look-alikes as dim cells.

    Look-alikes are as bright as dim cells, and have the style of another field.

    Parameters
    ----------
    styles : tuple of Style, optional
        Of cells and of look-alikes; without them, two at random that are unlike.
    empty : bool
        Neuropil alone.
    """
    cell, junk = styles or _two_styles(generator)
    count = 0 if empty else _how_many(side, max(cell.radius, junk.radius), generator)
    kind = _kinds(count, generator)
    radius = np.where(kind == LOOK_ALIKE, junk.radius, cell.radius)
    radius = radius * generator.normal(1, 0.07, count)
    centre = _places(side, radius, generator)
    contrast = np.where(
        kind == CLEAR, generator.uniform(3.5, 9, count), generator.uniform(1.6, 3.2, count)
    )
    profiles = np.zeros((3, side, side))
    for at, size, which, bright in zip(centre, radius, kind, contrast, strict=True):
        style = replace(junk if which == LOOK_ALIKE else cell, radius=float(size))
        _add(profiles, at, style, float(bright) * generator.uniform(0.6, 1.2, 3), generator)
    picture = normalised(profiles + _background(side, generator))
    nothing = np.empty((0, 2))
    spots = find_candidates(picture, cell.radius, nothing, nothing).centre
    return Field(picture, boxes(centre, radius), kind, boxes(spots, cell.radius))


def _two_styles(generator: np.random.Generator) -> tuple[Style, Style]:
    cell = draw_style(generator)
    while not cell.unlike(junk := draw_style(generator)):
        pass
    return cell, junk


def _how_many(side: int, radius: float, generator: np.random.Generator) -> int:
    room = _FILLED * side**2 / (np.pi * (1.3 * radius) ** 2)
    most = _MOST * (side / SIDE) ** 2
    return int(min(most, room) * generator.uniform(0.7, 1))


def _kinds(count: int, generator: np.random.Generator) -> np.ndarray:
    """Half are clear cells, a quarter dim ones, a quarter look-alikes."""
    quarter = count // 4
    kind = np.full(count, CLEAR)
    kind[:quarter], kind[quarter : 2 * quarter] = DIM, LOOK_ALIKE
    return generator.permutation(kind)


def _places(side: int, radius: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Centres (objects, 2) down and right, apart from each other as far as there is room."""
    centres = np.empty((0, 2))
    for number, size in enumerate(radius):
        tried = generator.uniform(size, side - size, (60, 2))
        gap = np.linalg.norm(tried[:, None] - centres[None], axis=2) - radius[None, :number]
        clear = gap.min(axis=1, initial=np.inf) - size
        far = np.flatnonzero(clear > 0)
        centres = np.vstack([centres, tried[far[0] if far.size else np.argmax(clear)]])
    return centres


def _add(
    pictures: np.ndarray,
    centre: np.ndarray,
    style: Style,
    contrast: np.ndarray,
    generator: np.random.Generator,
) -> None:
    """One body, slightly elongated, in all pictures."""
    side = pictures.shape[1]
    reach = int(style.radius * 1.6 + 4 * style.blur) + 2
    low = np.maximum(np.floor(centre).astype(int) - reach, 0)
    high = np.minimum(np.floor(centre).astype(int) + reach + 1, side)
    y, x = (np.arange(low[i], high[i]) - centre[i] for i in range(2))
    angle, stretch = generator.uniform(0, np.pi), generator.uniform(1, 1.25)
    turned = np.hypot(
        (y[:, None] * np.cos(angle) + x * np.sin(angle)) * stretch,
        (x * np.cos(angle) - y[:, None] * np.sin(angle)) / stretch,
    )
    inside = 1 / (1 + np.exp((turned - style.radius) / 0.35))
    middle = 1 / (1 + np.exp((turned - 0.62 * style.radius) / 0.35))
    body = gaussian_filter(inside - style.hollow * middle, style.blur)
    body *= 1 / max(body.max(), 1e-6)
    pictures[:, low[0] : high[0], low[1] : high[1]] += contrast[:, None, None] * body


def _background(side: int, generator: np.random.Generator) -> np.ndarray:
    """Neuropil and noise of mean, maximum and correlation, (3, y, x), of about unit variance."""
    shared = _smooth(side, generator.uniform(1.0, 2.5), generator)
    coarse = _smooth(side, generator.uniform(8, 25), generator)
    sharpness = generator.uniform(0.3, 0.8)
    noise = gaussian_filter(generator.normal(size=(3, side, side)), (0, sharpness, sharpness))
    noise /= noise.std()
    share = generator.uniform(0.2, 0.8, 3)[:, None, None]
    return np.sqrt(share) * shared + np.sqrt(1 - share) * noise + coarse


def _smooth(side: int, width: float, generator: np.random.Generator) -> np.ndarray:
    smooth = gaussian_filter(generator.normal(size=(side, side)), width, truncate=2)
    return smooth / smooth.std()
