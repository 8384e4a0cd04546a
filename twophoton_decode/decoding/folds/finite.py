"""The responses to fit, and the images that were shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.errors import ResponseError, StimulusImageError
from twophoton_decode.records import Responses


@dataclass(frozen=True, eq=False)
class FiniteTrials:
    """The responses with the images that were shown at least once.

    Images with equal `image_group` belong together, as the user says; -1 for none.
    `image_fold` is the tier or fold of each that a column gives; None: folds are drawn.
    """

    response: np.ndarray
    image: np.ndarray
    picture: np.ndarray
    image_name: np.ndarray
    image_group: np.ndarray | None
    image_fold: np.ndarray | None
    warnings: list[str]

    def of(self, used: np.ndarray) -> FiniteTrials:
        """Those of the images that are `used` (images,), bool, numbered anew."""
        if used.all():
            return self
        shown, number = used[self.image], np.cumsum(used) - 1
        return FiniteTrials(
            response=self.response[shown],
            image=number[self.image[shown]],
            picture=self.picture[used],
            image_name=self.image_name[used],
            image_group=None if self.image_group is None else self.image_group[used],
            image_fold=None if self.image_fold is None else self.image_fold[used],
            warnings=self.warnings,
        )


def finite_trials(responses: Responses) -> FiniteTrials:
    """The responses checked, without images that were never shown.

    Raises
    ------
    ResponseError
        For NaN or infinite responses, or none.
    StimulusImageError
        For images with NaN or infinite pixels.
    """
    _check_finite(responses.response)
    _check_pictures(responses.picture)
    present = np.flatnonzero(responses.repeats_per_image)
    missing = responses.images - len(present)
    warnings = []
    if missing:
        warnings.append(f"{missing} of {responses.images} images were never shown: left out.")
    constant = int(np.count_nonzero(np.ptp(responses.response, axis=0) == 0))
    if constant:
        warnings.append(
            f"{constant} of {responses.cells} cells gave the same response to every "
            "presentation; their weight is zero."
        )
    return FiniteTrials(
        response=np.asarray(responses.response, dtype=float),
        image=np.searchsorted(present, responses.image),
        picture=responses.picture[present],
        image_name=responses.image_name[present],
        image_group=None if responses.image_group is None else responses.image_group[present],
        image_fold=None if responses.image_fold is None else responses.image_fold[present],
        warnings=warnings,
    )


def _check_finite(response: np.ndarray) -> None:
    if response.size == 0:
        raise ResponseError(
            f"there is nothing to decode: {response.shape[0]} presentations of "
            f"{response.shape[1]} cells."
        )
    bad = np.argwhere(~np.isfinite(response))
    if len(bad):
        presentation, cell = bad[0]
        raise ResponseError(
            f"{len(bad)} of {response.size} responses are NaN or infinite, the first at "
            f"presentation {presentation}, cell {cell}. Leave these presentations or cells out."
        )


def _check_pictures(pictures: np.ndarray) -> None:
    bad = np.flatnonzero(~np.isfinite(pictures).all(axis=(1, 2)))
    if len(bad):
        raise StimulusImageError(
            f"{len(bad)} of {len(pictures)} images have pixels that are NaN or infinite, the first "
            f"is image {bad[0]}. Replace these pixels, or leave the images out."
        )
