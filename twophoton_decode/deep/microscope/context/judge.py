"""Dim cells of one plane: candidates, what the field's clear cells make of them, activity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.microscope.context.activity import (
    FEWEST_PLACES,
    Activity,
    Surroundings,
    disc,
    empty_places,
    judge_activity,
)
from twophoton_decode.deep.microscope.context.candidates import (
    Candidates,
    boxes,
    find_candidates,
    zoom_for,
    zoomed,
)
from twophoton_decode.deep.microscope.context.normalised import normalised
from twophoton_decode.deep.microscope.context.pictures import BinnedMovie, plane_pictures
from twophoton_decode.errors import AnalysisError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.settings.dim_cells import DimCellSettings
from twophoton_decode.words import counted

FEWEST_CLEAR = 8
FEWEST_BINS = 60
_USUAL_RADIUS = 5.0


@dataclass(frozen=True, eq=False)
class PlaneRois:
    """What suite2p found in a plane.

    Attributes
    ----------
    centre : ndarray, shape (rois, 2), px
        Down and right.
    pixels : sequence of ndarray of int
        Flat indices of each ROI's pixels.
    is_cell : ndarray of bool, shape (rois,)
    """

    centre: np.ndarray
    pixels: Sequence[np.ndarray]
    is_cell: np.ndarray


@dataclass(frozen=True, eq=False)
class JudgedPlane:
    """What was found in a plane.

    Attributes
    ----------
    candidates : Candidates
    radius : float, px
        Of a typical clear cell, and of every candidate's disc.
    probability : ndarray, shape (candidates,)
        That the detector gives to a cell.
    activity, p : ndarray, shape (candidates,)
        NaN where activity was not tested.
    active : ndarray of bool, shape (candidates,)
    null : ndarray, shape (empty places,)
        Activity there.
    trace : ndarray, shape (candidates, bins)
        NaN where activity was not tested.
    picture : ndarray of float32, shape (3, y, x)
        Mean, maximum and correlation, normalised.
    attention : str
        That was used.
    notes : list of str
    """

    candidates: Candidates
    radius: float
    probability: np.ndarray
    activity: np.ndarray
    p: np.ndarray
    active: np.ndarray
    null: np.ndarray
    trace: np.ndarray
    picture: np.ndarray
    attention: str
    notes: list[str]


def judge_plane(
    movie: BinnedMovie,
    rois: PlaneRois,
    settings: DimCellSettings,
    seed: int = 0,
    progress: Progress = silent,
) -> JudgedPlane:
    """Find candidates in a plane, judge them by its clear cells, and test their activity.

    Planes are never mixed: each is its own context.

    Raises
    ------
    AnalysisError
        The movie is too short, or nothing of the plane is in view throughout.
    """
    _refuse_short(movie)
    seen = plane_pictures(movie, progress)
    picture = normalised(np.where(seen.saturated, np.nan, seen.picture))
    radius = typical_radius(rois)
    clear = rois.centre[rois.is_cell]
    candidates = find_candidates(picture, radius, clear, rois.centre[~rois.is_cell], movie.seen)
    attention, notes = usable_attention(settings.attention, len(clear))
    probability = judged_by_context(picture, radius, candidates.centre, clear, attention)
    likely = probability >= settings.minimum_probability
    bright = gaussian_filter(picture, (0, radius / 2, radius / 2)).max(axis=0)
    tested, more = _tested(
        movie, rois, candidates.centre[likely], seen.saturated, bright, radius, settings, seed,
        progress,
    )  # fmt: skip
    if seen.saturated.any():
        notes.append(
            f"{counted(int(seen.saturated.sum()), 'pixel')} at the largest grey level in a tenth "
            "of the movie: nothing is looked for there"
        )
    return JudgedPlane(
        candidates=candidates,
        radius=radius,
        probability=probability,
        activity=_spread_out(tested.activity, likely),
        p=_spread_out(tested.p, likely),
        active=_spread_out(tested.active, likely) == 1,
        null=tested.null,
        trace=_spread_out(tested.trace, likely),
        picture=picture,
        attention=attention,
        notes=notes + more,
    )


def usable_attention(wanted: str, clear: int) -> tuple[str, list[str]]:
    """The second stage to use, and why it is not the one that was wanted."""
    if wanted == "none" or clear >= FEWEST_CLEAR:
        return wanted, []
    return "none", [
        f"no context here: {counted(clear, 'clear cell')}, and {FEWEST_CLEAR} are needed to tell "
        "what cells of this field look like; every candidate is judged by itself (none)"
    ]


def typical_radius(rois: PlaneRois) -> float:
    """Median radius of clear cells, of all ROIs where there are none, px."""
    areas = np.array([len(each) for each in rois.pixels], float)
    known = areas[rois.is_cell] if rois.is_cell.any() else areas
    return float(np.sqrt(np.median(known) / np.pi)) if known.size else _USUAL_RADIUS


def judged_by_context(
    picture: np.ndarray, radius: float, centre: np.ndarray, clear: np.ndarray, attention: str
) -> np.ndarray:
    """Probability that each place holds a cell, beside the field's clear cells, (places,).

    Parameters
    ----------
    picture : ndarray, shape (3, y, x)
        Normalised.
    centre, clear : ndarray, shape (places, 2), px
    attention : str
        One of none, self, source-target and lambda.
    """
    torch = torch_or_error()
    from twophoton_decode.deep.microscope.context.shipped import shipped_detector

    if not len(centre):
        return np.empty(0)
    factor = zoom_for(radius)
    sized = zoomed(picture, factor).astype(np.float32)
    places = (np.concatenate([centre, clear]) + 0.5) * factor - 0.5
    box = boxes(places, radius * factor)
    with torch.no_grad():
        found = shipped_detector().judge(attention, torch.from_numpy(sized), torch.from_numpy(box))
    return np.asarray(found.numpy()[: len(centre)], float)


def _tested(
    movie: BinnedMovie,
    rois: PlaneRois,
    centre: np.ndarray,
    saturated: np.ndarray,
    bright: np.ndarray,
    radius: float,
    settings: DimCellSettings,
    seed: int,
    progress: Progress,
) -> tuple[Activity, list[str]]:
    """Activity at the likely candidates, and what is to be said of the test."""
    cells = [pixels for pixels, own in zip(rois.pixels, rois.is_cell, strict=True) if own]
    taken = saturated.copy().ravel()
    for pixels in cells:
        taken[pixels] = True
    empty = _empty_places(movie, rois, centre, taken, bright, radius, settings.empty_places, seed)
    if len(centre) and len(empty) < FEWEST_PLACES:
        return _untested(len(centre), movie.bins), [
            f"{counted(len(empty), 'empty place')} in the field, and {FEWEST_PLACES} are needed "
            "to test activity: no candidate counts"
        ]
    if not len(centre):
        return _untested(0, movie.bins), []
    around = Surroundings(taken.reshape(movie.shape), rois.centre[rois.is_cell], cells)
    rate = settings.false_discovery_rate
    tested = judge_activity(movie, centre, empty, radius, around, rate, progress)
    return tested, _coarse(len(centre), len(empty), rate)


def _empty_places(
    movie: BinnedMovie,
    rois: PlaneRois,
    centre: np.ndarray,
    taken: np.ndarray,
    bright: np.ndarray,
    radius: float,
    count: int,
    seed: int,
) -> np.ndarray:
    """Places off every ROI; in crowded fields some on ROIs that were rejected and look unlikely."""
    generator = np.random.default_rng(seed)
    busy = taken.copy()
    for place in centre:
        busy[disc(place, radius, movie.shape)] = True
    emptiest = busy.copy()
    for pixels in rois.pixels:
        emptiest[pixels] = True
    found = np.empty((0, 2))
    for each in (emptiest, busy):
        more = empty_places(
            each.reshape(movie.shape), movie.seen, radius, count - len(found), generator, bright
        )
        found = np.unique(np.concatenate([found, more]), axis=0)
    return found


def _coarse(places: int, empty: int, rate: float) -> list[str]:
    """That few active places cannot be told from none."""
    needed = int(np.ceil(places / (rate * (1 + empty))))
    if needed <= 1:
        return []
    return [
        f"with {empty} empty places the least p is {1 / (1 + empty):.2g}: among "
        f"{counted(places, 'likely candidate')} none counts unless {needed} reach it"
    ]


def _untested(places: int, bins: int) -> Activity:
    nothing = np.full(places, np.nan)
    trace = np.full((places, bins), np.nan)
    return Activity(nothing, np.empty(0), nothing, np.zeros(places, bool), trace)


def _spread_out(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Values of some candidates in the order of all; NaN for the others."""
    out = np.full((len(where), *values.shape[1:]), np.nan)
    out[where] = values
    return out


def _refuse_short(movie: BinnedMovie) -> None:
    if movie.bins < FEWEST_BINS:
        raise AnalysisError(
            f"the movie is too short to look for dim cells: {counted(movie.bins, 'bin')} of "
            f"{counted(movie.width, 'frame')} (half a decay of the indicator), and {FEWEST_BINS} "
            "are needed. Is indicator_decay_s under [extraction] right?"
        )
