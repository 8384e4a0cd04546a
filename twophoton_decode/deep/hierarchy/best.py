"""Which population decodes each unit best: with all cells, and with matched ones, drawn anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from twophoton_decode.deep.comparison.decoding.decoded_layers import (
    Population,
    decode_layers,
    usable_layers,
)
from twophoton_decode.deep.comparison.units.accuracy import BlockSums
from twophoton_decode.deep.comparison.units.halves import BLOCKS, blocks_of
from twophoton_decode.deep.hierarchy.cells import matched_cells
from twophoton_decode.deep.hierarchy.score import best_population, counted
from twophoton_decode.progress import Progress, silent

CELL_DRAWS = 50
DRAWN_UNITS = 100
"""Units of each layer that a draw of cells decodes; each draw takes others."""

Counts = dict[str, np.ndarray]
"""By layer: units that each population decodes best, (…, 1 + blocks, populations): over all
pictures, and without each block of them."""


class Seen(NamedTuple):
    """One session: mean responses, and how pictures are tested.

    `average` (images, cells); `fold` and `content` (images,) as `image_folds` gives them;
    `cells` the indices of each population's; `bins` the same by reliability (`matching`).
    """

    average: np.ndarray
    fold: np.ndarray
    content: np.ndarray
    cells: Sequence[np.ndarray]
    bins: Sequence[Sequence[np.ndarray]]

    @property
    def images(self) -> int:
        """Different pictures."""
        return int(self.content.max()) + 1

    def images_of(self, block: np.ndarray, choices: np.ndarray) -> np.ndarray:
        """Different pictures in the chosen blocks, (choices,)."""
        _, first = np.unique(self.content, return_index=True)
        return choices @ np.bincount(block[first], minlength=choices.shape[1])


Layers = Mapping[str, np.ndarray]
"""Features (images, units) of a network's layers, by name."""


def best_with_all_cells(
    seen: Seen, networks: Sequence[Layers], block: np.ndarray, *, stored_t: bool
) -> list[Counts]:
    """Counts (1 + blocks, populations) of every layer of each network, all units and all cells.

    Parameters
    ----------
    seen : Seen
    networks : sequence of Layers
        Decoded together: what depends on responses alone is computed once for all of them.
    block : ndarray of int, shape (images,)
        From `blocks_of_pictures`.
    """
    return _counts(seen, list(seen.cells), networks, block, stored_t)


def best_with_matched_cells(
    seen: Seen,
    networks: Sequence[Layers],
    block: np.ndarray,
    rng: np.random.Generator,
    *,
    stored_t: bool,
    progress: Progress = silent,
) -> list[Counts]:
    """Counts (draws, 1 + blocks, populations): as many cells of each, of like reliability.

    Cells and units of a draw are the same whatever other networks are decoded together.
    """
    units = [usable_layers(layers, seen.fold)[0] for layers in networks]
    of_cells, of_units = rng.spawn(2)
    seed = int(of_units.integers(2**62))
    drawn = [np.random.default_rng(seed) for _ in networks]
    found: list[dict[str, list[np.ndarray]]] = [{name: [] for name in own} for own in units]
    for draw in range(CELL_DRAWS):
        chosen = [
            {
                name: layers[name][:, each.choice(own, min(DRAWN_UNITS, len(own)), replace=False)]
                for name, own in of.items()
            }
            for layers, of, each in zip(networks, units, drawn, strict=True)
        ]
        cells = matched_cells(seen.bins, of_cells)
        for kept, made in zip(found, _counts(seen, cells, chosen, block, stored_t), strict=True):
            for name, counts in made.items():
                kept[name].append(counts)
        progress(draw + 1, CELL_DRAWS, "draws of cells")
    return [{name: np.stack(each) for name, each in kept.items()} for kept in found]


def blocks_of_pictures(content: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The block of every picture, for intervals that leave out one at a time, (images,)."""
    return blocks_of([content], rng)[0]


def _counts(
    seen: Seen,
    cells: Sequence[np.ndarray],
    networks: Sequence[Layers],
    block: np.ndarray,
    stored_t: bool,
) -> list[Counts]:
    choices = np.concatenate([np.ones((1, BLOCKS)), 1 - np.eye(BLOCKS)])
    images = seen.images_of(block, choices)
    layers = {
        (number, name): features
        for number, own in enumerate(networks)
        for name, features in own.items()
    }
    by_population = [_accuracy(seen, own, layers, block, choices) for own in cells]
    counts: list[Counts] = [{} for _ in networks]
    for number, name in by_population[0]:
        r = np.stack([each[number, name] for each in by_population], axis=1)
        best = best_population(r, images, stored_t=stored_t)
        counts[number][name] = counted(best, len(cells))
    return counts


def _accuracy(
    seen: Seen,
    cells: np.ndarray,
    layers: Mapping[tuple[int, str], np.ndarray],
    block: np.ndarray,
    choices: np.ndarray,
) -> dict[tuple[int, str], np.ndarray]:
    """r of every unit over the chosen blocks, (choices, units), from some cells."""
    decoded = decode_layers(Population(seen.average[:, cells]), layers, seen.fold, seen.content)
    return {
        key: BlockSums(each.decoded, each.truth, block, BLOCKS).correlation(choices)
        for key, each in decoded.items()
    }
