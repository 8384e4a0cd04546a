"""How large a response the test of pairs could find, and how many repeats it would need."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from twophoton_decode.responses.responsive.null_sums import BINS
from twophoton_decode.responses.responsive.own_null import OwnNull, blocks_of_cells, null_sums


@dataclass(frozen=True)
class Detectable:
    """What the default test could find.

    Attributes
    ----------
    response : ndarray, shape (cell,)
        The smallest mean response that could pass, unit of the responses; infinite where none
        could, NaN for a cell whose repeats never differ.
    noise_sd : ndarray, shape (cell,)
        The same in units of the cell's trial noise, above its median response.
    repeats, images, pairs : int
        Usual number of repeats, images, and pairs tested.
    widening : float
        By how much repeats of an image share noise; 1 where they do not.
    settled : bool
        Whether the choice of presentations without a response came to rest.
    """

    response: np.ndarray
    noise_sd: np.ndarray
    repeats: int
    images: int
    pairs: int
    widening: float
    settled: bool

    @classmethod
    def by(cls, found: OwnNull, rate: float) -> Detectable:
        """What `found` could have found with the usual number of repeats."""
        count = found.scores.count
        several = count[count > 1]
        repeats = int(np.median(several)) if several.size else 1
        noisy = found.scores.noise != 0
        response = np.where(noisy, detectable_response(found, rate, repeats), np.nan)
        return cls(
            response=response,
            noise_sd=(response - found.scores.level) / found.scores.scale,
            repeats=repeats,
            images=len(count),
            pairs=int(np.isfinite(found.p).sum()),
            widening=found.widening,
            settled=found.settled,
        )

    def of(self, cells: np.ndarray) -> Detectable:
        """What could be found of some cells."""
        return replace(self, response=self.response[cells], noise_sd=self.noise_sd[cells])


def median_of_known(values: np.ndarray) -> float:
    """Median over cells, infinite ones too; NaN only if all are NaN."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else float("nan")


def detectable_response(found: OwnNull, rate: float, repeats: int) -> np.ndarray:
    """The smallest mean response over `repeats` that could pass, (cell,), unit of the responses.

    Infinite where no response could, however large: its own presentations are in the null at
    first, so that p is at least I^-T with I images and T repeats. About one in three responses
    of that size is found, most at two to three times it.
    """
    images, cells = found.p.shape
    limit = found.cut if found.cut > 0 else rate / max(1, np.isfinite(found.p).sum())
    if float(images) ** -repeats > limit:
        return np.full(cells, np.inf)
    needed = np.concatenate(
        [
            null_sums(found.scores, found.null, block, repeats).smallest_significant(limit)
            for block in blocks_of_cells(cells)
        ]
    ).astype(np.float64)
    needed[needed > repeats * BINS] = np.inf
    return found.scores.response_of(needed / repeats)


def repeats_needed(images: int, pairs: int, rate: float) -> int:
    """The fewest repeats with which the clearest of `pairs` could pass, at I^-T for its p."""
    repeats = 2
    while float(images) ** -repeats > rate / pairs:
        repeats += 1
    return repeats
