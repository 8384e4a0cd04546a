"""Whether a place is active: its trace against the same mask at empty places of the field.

Looks are no proof. A dim ROI counts only if its trace has events that empty places lack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt, uniform_filter1d
from scipy.sparse import csr_array

from twophoton_decode.deep.microscope.context.pictures import BinnedMovie
from twophoton_decode.progress import Progress, silent
from twophoton_decode.statistics.permutation import discovery_cut, p_above

FEWEST_PLACES = 50
_DRIFT_BINS = 60
_SMOOTH_BINS = 2
_RING = (1.4, 2.8)
"""Where neuropil is taken, in radii of a cell."""
_TRIED = 10
"""Places at random for each empty place that is wanted."""
_NEIGHBOUR = 3.5
"""How near a cell must be, in radii, for its trace to be taken off."""


@dataclass(frozen=True, eq=False)
class Activity:
    """What each place's trace holds beside those of empty places.

    Attributes
    ----------
    activity : ndarray, shape (places,)
        Cube root of the mean cube of the trace, in units of its noise: 0 for noise alone, the
        larger the more and the higher events are.
    null : ndarray, shape (empty places,)
        The same there.
    p : ndarray, shape (places,)
        One-sided: (1 + empty places at least as active) / (1 + empty places).
    active : ndarray of bool, shape (places,)
        Benjamini-Hochberg over the places.
    trace : ndarray, shape (places, bins)
        In units of noise.
    """

    activity: np.ndarray
    null: np.ndarray
    p: np.ndarray
    active: np.ndarray
    trace: np.ndarray


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What lies in the plane already.

    Attributes
    ----------
    taken : ndarray of bool, shape (y, x)
        Pixels of cells, and those that are saturated: in no ring and no empty place.
    cell_centre : ndarray, shape (cells, 2), px
    cell_pixels : sequence of ndarray of int
        Flat indices of each cell's pixels.
    """

    taken: np.ndarray
    cell_centre: np.ndarray
    cell_pixels: Sequence[np.ndarray]


def empty_places(
    busy: np.ndarray,
    seen: tuple[slice, slice],
    radius: float,
    count: int,
    generator: np.random.Generator,
    bright: np.ndarray | None = None,
) -> np.ndarray:
    """Centres where a disc meets neither anything busy nor the border, (places, 2).

    Candidates are the brightest spots around. So are these, within half a radius of places at
    random: else candidates of noise would be more active by having been chosen.

    Parameters
    ----------
    busy : ndarray of bool, shape (y, x)
    count : int
        Fewer come only where there are no more.
    bright : ndarray, shape (y, x), optional
        Without it, the places at random themselves.
    """
    free = np.zeros(busy.shape, bool)
    free[seen] = ~busy[seen]
    room = distance_transform_edt(np.pad(free, 1))[1:-1, 1:-1]
    allowed = room > radius + 0.5
    centres = np.argwhere(allowed)
    chosen = generator.permutation(centres)
    if bright is not None and len(chosen):
        best, reach = np.where(allowed, bright, -np.inf), max(1, round(radius / 2))
        spots = [_brightest(best, place, reach) for place in chosen[: _TRIED * count]]
        # Each spot once, or the null would count its places twice.
        chosen = generator.permutation(np.unique(spots, axis=0))
    return chosen[:count].reshape(-1, 2).astype(float)


def _brightest(picture: np.ndarray, place: np.ndarray, reach: int) -> np.ndarray:
    low = np.maximum(place - reach, 0)
    window = picture[low[0] : place[0] + reach + 1, low[1] : place[1] + reach + 1]
    return low + np.unravel_index(np.argmax(window), window.shape)


def judge_activity(
    movie: BinnedMovie,
    centre: np.ndarray,
    empty: np.ndarray,
    radius: float,
    around: Surroundings,
    rate: float,
    progress: Progress = silent,
) -> Activity:
    """The trace of a disc at every place, tested against the same disc at empty places.

    Parameters
    ----------
    centre, empty : ndarray, shape (places, 2), px
    radius : float, px
        Of the disc.
    rate : float
        False discovery rate.
    """
    places = np.concatenate([centre, empty])
    traces = _traces(movie, places, radius, around, progress)
    activity = np.cbrt(np.mean(traces**3, axis=1))
    found, null = np.split(activity, [len(centre)])
    p = np.array([p_above(each, null) for each in found])
    return Activity(found, null, p, p <= discovery_cut(p, rate), traces[: len(centre)])


def disc(centre: np.ndarray, radius: float, shape: tuple[int, int]) -> np.ndarray:
    """Flat indices of the pixels within `radius` of a place, inside the frame."""
    return _ring(centre, -1.0, radius, shape)


def _ring(centre: np.ndarray, inner: float, outer: float, shape: tuple[int, int]) -> np.ndarray:
    low = np.maximum(np.floor(centre - outer).astype(int), 0)
    high = np.minimum(np.ceil(centre + outer).astype(int) + 1, shape)
    y, x = np.mgrid[low[0] : high[0], low[1] : high[1]]
    apart = np.hypot(y - centre[0], x - centre[1])
    within = (apart <= outer) & (apart > inner)
    return np.asarray(y[within] * shape[1] + x[within])


def _traces(
    movie: BinnedMovie,
    places: np.ndarray,
    radius: float,
    around: Surroundings,
    progress: Progress,
) -> np.ndarray:
    """Neuropil-corrected traces less what neighbouring cells do, in units of noise."""
    shape = movie.shape
    taken = around.taken.ravel()
    discs = [disc(each, radius, shape) for each in places]
    rings = [_ring(each, _RING[0] * radius, _RING[1] * radius, shape) for each in places]
    rings = [ring[~taken[ring]] if (~taken[ring]).any() else ring for ring in rings]
    masks = _means([*discs, *rings, *around.cell_pixels], taken.size)
    parts, done = [], 0
    for block in movie.in_chunks():
        parts.append(masks @ block.reshape(len(block), -1).T)
        done += len(block)
        progress(done, movie.bins, "bins tested for activity")
    own, ring, cells = np.split(np.concatenate(parts, axis=1), np.cumsum([len(places)] * 2))
    own, ring, cells = _steadied(own), _steadied(ring), _steadied(cells)
    for number, place in enumerate(places):
        apart = np.linalg.norm(around.cell_centre.reshape(-1, 2) - place, axis=1)
        # A fixed share of neuropil would leave some where neuropil itself is bright.
        other = np.stack([ring[number], *cells[apart < _NEIGHBOUR * radius]])
        own[number] -= np.linalg.lstsq(other.T, own[number], rcond=None)[0] @ other
    smooth = uniform_filter1d(own, _SMOOTH_BINS, axis=1)
    return smooth / np.maximum(_noise(smooth), 1e-9)[:, None]


def _means(masks: Sequence[np.ndarray], pixels: int) -> csr_array:
    lengths = [len(mask) for mask in masks]
    weights = np.repeat([1 / max(length, 1) for length in lengths], lengths)
    edges = np.cumsum([0, *lengths])
    return csr_array(
        (weights.astype(np.float32), np.concatenate(masks), edges), (len(masks), pixels)
    )


def _steadied(traces: np.ndarray) -> np.ndarray:
    """Traces less their running median level, so that drift and bleaching are no events."""
    bins = traces.shape[1]
    stretches = max(1, round(bins / _DRIFT_BINS))
    parts = np.array_split(np.arange(bins), stretches)
    middles = [part.mean() for part in parts]
    levels = np.stack([np.median(traces[:, part], axis=1) for part in parts], axis=1)
    at, steady = np.arange(bins), np.empty_like(traces)
    for number, level in enumerate(levels):
        steady[number] = traces[number] - np.interp(at, middles, level)
    return steady


def _noise(traces: np.ndarray) -> np.ndarray:
    """Standard deviation from the lower half, which events do not reach, (places,)."""
    below = np.median(traces, axis=1, keepdims=True) - traces
    return np.asarray(1.4826 * np.nanmedian(np.where(below > 0, below, np.nan), axis=1))
