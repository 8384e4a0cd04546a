"""How stable other weights, and responses without shared noise, would be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.analyses.readout import FoldReadout
from twophoton_decode.kernels.threads import in_threads
from twophoton_decode.statistics.image_groups import ImageGroups

DRAWS = 200
# Amplitudes decoded in one matrix product: small products waste most of their time.
VALUES_AT_ONCE = 5_000_000


@dataclass(frozen=True)
class SurrogateSimilarity:
    """Similarity to the other trials' average, of the images of one fold.

    Attributes
    ----------
    shown : ndarray of int, shape (images,)
        The fold's images.
    similarity : ndarray, shape (images,)
        Of the reconstructions as they are.
    permuted_weights : ndarray, shape (draws, images)
        Of decoders that take each cell's response for another one's: their reverse filters,
        if they have any, exchanged between cells.
    shuffled_trials : ndarray, shape (draws, images)
        Of populations whose cells had their trials of each image exchanged, each for itself.
    """

    shown: np.ndarray
    similarity: np.ndarray
    permuted_weights: np.ndarray
    shuffled_trials: np.ndarray


def surrogate_similarity(readout: FoldReadout, rng: np.random.Generator) -> SurrogateSimilarity:
    """Reconstruction similarity of one fold, and of its surrogates [ours].

    Permuted weights keep the responses, and every filter's smoothness, but not which cell
    carries which piece of the picture. Where they are less similar, the weights belong to
    these cells: the decoder found information. That says nothing about stability.

    Shuffled trials keep every cell's responses to every image, thus its reliability, and the
    decoder, but not which responses came together: noise that cells share is gone. They are
    as stable as such responses allow. A cell's trials are moved on in their order by a
    random number, which gives every two trials of two cells the same chance to meet.
    """
    groups = ImageGroups.of(readout.trials.image)
    rows, cells = readout.amplitude.shape

    def permuted(orders: np.ndarray) -> np.ndarray:
        return _by_image(readout, readout.amplitude[:, orders])

    def shuffled(moves: np.ndarray) -> np.ndarray:
        draws = moves.shape[1] // cells
        moved = groups.moved(np.tile(readout.amplitude, draws), moves)
        return _by_image(readout, moved.reshape(rows, draws, cells))

    sizes = _batches(readout)
    orders = (rng.permuted(np.tile(np.arange(cells), (n, 1)), axis=1) for n in sizes)
    moves = (groups.moves(n * cells, rng) for n in sizes)

    return SurrogateSimilarity(
        shown=readout.trials.shown,
        similarity=_by_image(readout, readout.amplitude[:, None])[0],
        permuted_weights=np.concatenate(in_threads(permuted, orders)),
        shuffled_trials=np.concatenate(in_threads(shuffled, moves)),
    )


def _batches(readout: FoldReadout) -> list[int]:
    """How many draws are decoded together."""
    batch = max(1, VALUES_AT_ONCE // (len(readout.amplitude) * readout.values))
    return [min(batch, DRAWS - start) for start in range(0, DRAWS, batch)]


def _by_image(readout: FoldReadout, amplitude: np.ndarray) -> np.ndarray:
    """Similarity (draws, images) from amplitudes (presentations, draws, cells)."""
    in_draws = amplitude.swapaxes(0, 1)
    rows = readout.decoded(in_draws.reshape(-1, in_draws.shape[2]))
    made = rows.reshape(*in_draws.shape[:2], -1)
    return readout.by_image(readout.similarity(made))
