"""Dissimilarities of cells by their predicted responses, and how far a layout keeps them."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from twophoton_decode.deep.attention.embedding import (
    DIMENSIONS,
    LEAST_CELLS,
    MOST_CELLS,
    Nearness,
    colours,
    distances,
    embeddings,
    nearest,
    nearness,
    neighbour_count,
    shared,
)
from twophoton_decode.deep.attention.held_out import OFF, ON, HeldOut
from twophoton_decode.deep.comparison.agreement import spearman
from twophoton_decode.deep.comparison.dissimilarity import as_matrix, correlation_distance
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.encoding import Encoding

NAN = float("nan")


def layout_fields(
    found: HeldOut, r: np.ndarray | None, cells: Encoding, seed: int, progress: Progress = silent
) -> tuple[dict[str, Any], list[str]]:
    """Fields of the record on dissimilarities and layouts, and what was left out of them.

    Parameters
    ----------
    found : HeldOut
    r : ndarray, shape (cell,), or None
        Of the predictions with attention; cells whose r is not above 0 are left out. None where
        no cell is predicted above chance: a layout would show noise.
    cells : Encoding
        Places and receptive fields.
    seed : int
    """
    if r is None:
        return _nothing(np.zeros(0, dtype=np.int64)), [
            "no cell is predicted above chance, so that there is nothing to lay out."
        ]
    chosen, notes = _chosen(r)
    if chosen.size < LEAST_CELLS:
        notes.append(
            f"{chosen.size} cells are predicted with r above 0: a layout needs {LEAST_CELLS}."
        )
        return _nothing(chosen), notes
    rows = {key: correlation_distance(found.predicted[key][:, chosen].T) for key in (OFF, ON)}
    matrix = as_matrix(rows[ON])
    progress(0, 1, "layout of the cells")
    layout = embeddings(matrix, seed)
    progress(1, 1, "layout of the cells")
    fields = {
        "embedded_cell": chosen,
        "dissimilarity": matrix,
        "dissimilarity_off_rho": float(spearman(rows[ON][None], rows[OFF][None])[0, 0]),
        "layout": layout,
        "colour": colours(layout[0]),
        "order": np.argsort(layout[0, :, 0], kind="stable"),
        **_kept(matrix, layout, chosen, cells, seed),
    }
    return fields, notes


def _chosen(r: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Cells with r above 0, the best predicted where they are too many."""
    above = np.flatnonzero(r > 0)
    if above.size <= MOST_CELLS:
        return above, []
    best = above[np.argsort(-r[above], kind="stable")[:MOST_CELLS]]
    return np.sort(best), [
        f"the {MOST_CELLS} best predicted of {above.size} cells with r above 0 are laid out."
    ]


def _kept(
    matrix: np.ndarray, layout: np.ndarray, chosen: np.ndarray, cells: Encoding, seed: int
) -> dict[str, Any]:
    """What the layouts keep of the neighbours, and whether neighbours share their place."""
    count = neighbour_count(len(chosen))
    truth = nearest(matrix, count)
    laid_out = [nearest(distances(each), count) for each in layout]
    rng = np.random.default_rng([seed, 6])
    field = _between(np.stack([cells.centre_x, cells.centre_y], axis=1)[chosen])
    view = _between(np.stack([cells.position_x, cells.position_y], axis=1)[chosen])
    plane = cells.plane[chosen]
    view[plane[:, None] != plane[None, :]] = NAN
    return {
        "neighbours": count,
        "neighbours_kept": float(np.mean([shared(truth, each) for each in laid_out])),
        "neighbours_by_chance": count / (len(chosen) - 1),
        "seeds_agree": float(np.mean([shared(a, b) for a, b in combinations(laid_out, 2)])),
        **_named("field", nearness(field, laid_out[0], rng)),
        **_named("view", nearness(view, laid_out[0], rng)),
    }


def _between(place: np.ndarray) -> np.ndarray:
    """Distances (cell, cell), NaN of a cell to itself and where a place is not known."""
    found = distances(place)
    np.fill_diagonal(found, NAN)
    return found


def _named(kind: str, found: Nearness) -> dict[str, float]:
    return {
        f"{kind}_distance": found.neighbours,
        f"{kind}_distance_by_chance": found.chance,
        f"{kind}_distance_p": found.p,
    }


def _nothing(chosen: np.ndarray) -> dict[str, Any]:
    empty = {
        "embedded_cell": chosen[:0],
        "dissimilarity": np.zeros((0, 0)),
        "dissimilarity_off_rho": NAN,
        "layout": np.zeros((0, 0, DIMENSIONS)),
        "colour": np.zeros((0, DIMENSIONS)),
        "order": chosen[:0],
        "neighbours": 0,
        "neighbours_kept": NAN,
        "neighbours_by_chance": NAN,
        "seeds_agree": NAN,
    }
    return empty | _named("field", Nearness()) | _named("view", Nearness())
