"""Responsive pairs: what of the size that is called detectable is found."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from measures import ABOUT_HALF, AT_MOST, Quantity
from study import Outcome, Study

from twophoton_decode.responses.responsive.responsiveness import responsive_pairs
from twophoton_decode.settings import ResponseSettings

FOUND = Quantity(
    ("detectable_response", "detectable_response_sd"),
    "share of pairs driven by the detectable response, within a tenth, that are found",
    ABOUT_HALF,
)
FALSE = Quantity(
    ("responsive",), "share of the pairs found that nothing drives (5 % false discoveries)", AT_MOST
)
CELLS, IMAGES = 40, 30


def _run(repeats: int, rng: np.random.Generator) -> Iterator[Outcome]:
    """A twentieth of the pairs driven by 0.5 to 3 SD of noise, which is Gaussian."""
    drive = (rng.random((CELLS, IMAGES)) < 0.05) * rng.uniform(0.5, 3, (CELLS, IMAGES))
    image = np.concatenate([rng.permutation(IMAGES) for _ in range(repeats)])
    response = drive.T[image] + rng.standard_normal((len(image), CELLS))
    found = responsive_pairs(response, image, True, ResponseSettings())
    least = found.detectable.response[:, None] if found.detectable else np.inf
    near = (drive > 0) & (np.abs(drive - least) < 0.1 * least)
    yield FOUND, "", float(found.pairs[near].mean()) if near.any() else np.nan
    yield FALSE, "", float((found.pairs & (drive == 0)).sum() / max(found.pairs.sum(), 1))


def studies() -> Iterator[Study]:
    for repeats in (4, 6):
        setting = f"{repeats} repeats, {CELLS} cells, {IMAGES} images"
        yield Study("pairs", setting, (FOUND, FALSE), partial(_run, repeats))
