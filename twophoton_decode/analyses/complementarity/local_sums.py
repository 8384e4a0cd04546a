"""Squared norms of the picture in a receptive field, made by some of the cells, over trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twophoton_decode.decoding.fitting.transform import as_decoded
from twophoton_decode.kernels.threads import in_threads
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Reconstruction, Responses

PARTS = 10
"""Groups of folds at most, each left out in turn to see what the choice of images does."""


@dataclass(frozen=True, eq=False)
class Reference:
    """A reference cell: its pixels, its images, and the cells that may be added to it.

    `images` is bool, (images,).
    """

    cell: int
    pixels: np.ndarray
    images: np.ndarray
    overlapping: np.ndarray
    distant: np.ndarray

    @property
    def fewest(self) -> int:
        """Cells that can be added from either pool."""
        return min(len(self.overlapping), len(self.distant))


@dataclass(frozen=True, eq=False)
class LocalSums:
    """Squared norms of differences and averages of trials, by group of folds.

    `near`, `far` and `whole` have the shape (parts, references, 2, counts); the third axis
    is the difference of a trial to the other trials' average, and that average. `near` and
    `far` are expected over random choices of 0, 1, 2 … overlapping or distant cells beside
    the reference; `whole` has all overlapping cells, as its only count.
    """

    near: np.ndarray
    far: np.ndarray
    whole: np.ndarray

    def of(self, references: np.ndarray) -> LocalSums:
        """Those of some references."""
        return LocalSums(*(each[:, references] for each in (self.near, self.far, self.whole)))

    def ratio(self, sums: np.ndarray) -> np.ndarray:
        """Variability of each reference, (references, counts); NaN where nothing is shown."""
        return _over(sums.sum(axis=0))

    def without(self, sums: np.ndarray) -> np.ndarray:
        """The same without each part in turn, (parts, references, counts)."""
        return _over(sums.sum(axis=0) - sums)


def local_sums(
    made: Reconstruction,
    responses: Responses,
    has_field: np.ndarray,
    sets: Sequence[Sequence[Reference]],
    added: int,
    progress: Progress = silent,
) -> list[LocalSums]:
    """Sums over the trials of its images of every reference, of each set of references.

    One fold is in memory at a time, for all sets. Only cells with a field are ever added.
    """
    folds = len(made.mean_picture)
    parts = min(PARTS, folds)
    found = [np.zeros((3, parts, len(references), 2, added + 1)) for references in sets]
    places = [(n, place) for n, references in enumerate(sets) for place in range(len(references))]
    for number in range(folds):
        fold, part = _Fold.of(made, responses, has_field, number), number % parts

        def of_place(place: tuple[int, int], fold: _Fold = fold, part: int = part) -> None:
            reference = sets[place[0]][place[1]]
            rows = fold.rows(reference.images)
            if len(rows):
                found[place[0]][:, part, place[1]] += fold.sums(reference, rows, added)

        in_threads(of_place, places)
        progress(number + 1, folds, "folds of local variability")
    return [LocalSums(each[0], each[1], each[2, ..., :1]) for each in found]


@dataclass(frozen=True, eq=False)
class _Fold:
    """The test trials of a fold that have other trials beside them.

    `parts` (2, trials, cells): the response less the average of the image's other trials,
    and that average less the training mean. `every` (2, trials, pixels): the pictures that
    all cells with a field make of these. `filters` (pixels, cells).
    """

    image: np.ndarray
    parts: np.ndarray
    every: np.ndarray
    filters: np.ndarray

    @classmethod
    def of(
        cls, made: Reconstruction, responses: Responses, has_field: np.ndarray, fold: int
    ) -> _Fold:
        repeats = responses.repeats_per_image
        tested = np.flatnonzero((made.fold[made.image] == fold) & (repeats[made.image] > 1))
        image = made.image[tested]
        response = as_decoded(made, responses.response[tested], fold) - made.mean_response[fold]
        total = np.zeros((len(repeats), response.shape[1]))
        np.add.at(total, image, response)
        others = (total[image] - response) / (repeats[image] - 1)[:, None]
        # Every image counts the same, however often it was shown.
        parts = np.stack([response - others, others]) / np.sqrt(repeats[image])[:, None]
        filters = np.ascontiguousarray(np.asarray(made.filters[fold], float).T)
        every = parts[..., has_field] @ filters[:, has_field].T
        return cls(image, parts, every, filters)

    def rows(self, images: np.ndarray) -> np.ndarray:
        """Trials of these images, bool (images,)."""
        return np.flatnonzero(images[self.image])

    def sums(self, reference: Reference, rows: np.ndarray, added: int) -> np.ndarray:
        """Near, far and whole sums of `LocalSums`, (3, 2, counts)."""
        filters, parts = self.filters[reference.pixels], self.parts[:, rows]
        own = parts[..., [reference.cell]] * filters[:, reference.cell]
        pool = reference.overlapping
        near = parts[..., pool] @ filters[:, pool].T
        # What is neither the reference nor overlapping is distant.
        far = self.every[:, rows][..., reference.pixels] - own - near
        power = np.einsum("ptc,ptc->pc", parts, parts) * np.einsum("xc,xc->c", filters, filters)
        counts = np.arange(added + 1)
        return np.stack(
            [
                expected_norms(own, near, power[:, pool], counts),
                expected_norms(own, far, power[:, reference.distant], counts),
                np.repeat(_squared(own + near)[:, None], len(counts), axis=1),
            ]
        )


def expected_norms(
    own: np.ndarray, pool: np.ndarray, power: np.ndarray, counts: np.ndarray
) -> np.ndarray:
    """Expected squared norm of `own` plus random cells of a pool, for numbers of cells.

    A set of a of m cells holds a cell with probability a/m, and a pair with
    a(a − 1) / (m(m − 1)).

    Parameters
    ----------
    own, pool : ndarray, shape (2, trials, pixels)
        Pictures of the reference, and of all cells of the pool together.
    power : ndarray, shape (2, m)
        Squared norm of the pictures of each cell of the pool.
    counts : ndarray of int, shape (counts,)

    Returns
    -------
    ndarray, shape (2, counts)
    """
    cells = power.shape[1]
    one = counts / cells
    two = one * (counts - 1) / max(cells - 1, 1)
    single = power.sum(axis=1)
    cross = 2 * np.einsum("ptx,ptx->p", own, pool)
    return np.asarray(
        _squared(own)[:, None]
        + one * (cross + single)[:, None]
        + two * (_squared(pool) - single)[:, None]
    )


def _squared(pictures: np.ndarray) -> np.ndarray:
    return np.einsum("ptx,ptx->p", pictures, pictures)


def _over(sums: np.ndarray) -> np.ndarray:
    """Differences over averages; NaN where the cells add nothing to the region."""
    difference, average = sums[..., 0, :], sums[..., 1, :]
    return np.divide(difference, average, out=np.full(average.shape, np.nan), where=average > 0)
