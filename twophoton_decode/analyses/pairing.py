"""Reconstructions and the responses they were made from, brought and checked together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from twophoton_decode.errors import RecordError
from twophoton_decode.records import Reconstruction, Responses, Stability

R = TypeVar("R", Responses, Reconstruction, Stability)


def paired_responses(reconstruction: Reconstruction, responses: Responses) -> Responses:
    """The responses, with images numbered as in the reconstruction made from them.

    A reconstruction leaves out images that were never shown, or that only train, so they are
    left out here too.

    Raises
    ------
    RecordError
        The two do not hold the same presentations, cells and images in the same order.
    """
    shown = _of_tested_images(reconstruction, responses)
    _require_equal("presentations", len(reconstruction.image), shown.presentations)
    _require_equal("cells", reconstruction.mean_response.shape[1], shown.cells)
    _require_equal("images", reconstruction.picture.shape[0], shown.images)
    for what in ("image", "image_name"):
        if not np.array_equal(getattr(reconstruction, what), getattr(shown, what)):
            raise RecordError(
                f"the reconstruction by {reconstruction.decoder!r} shows other images than the "
                "responses, or in another order. Run reconstruct again, so that both belong "
                "together."
            )
    height, width = reconstruction.picture.shape[1:]
    filters = reconstruction.reverse_filter
    if filters is not None and filters.shape[2] != height * width:
        raise RecordError(
            f"the reverse filters have {filters.shape[2]} pixels, but the "
            f"pictures are {height}x{width}. Run reconstruct again."
        )
    return shown


def of_images(record: R, images: np.ndarray, shown: np.ndarray) -> R:
    """The record of some images only, numbered anew.

    Parameters
    ----------
    record : Responses, Reconstruction or Stability
        Its axes `image` and, if any, `presentation` are cut. What is said of the population
        over images is left as it is.
    images : ndarray of int
        Which to keep, in rising order.
    shown : ndarray of int, shape (presentations,)
        The image of each presentation of the session.
    """
    rows = {"image": images, "presentation": np.flatnonzero(np.isin(shown, images))}
    changed: dict[str, Any] = {}
    for name, spec in record.arrays():
        values = getattr(record, name)
        if values is not None and set(spec.axes) & set(rows):
            for place, axis in enumerate(spec.axes):
                if axis in rows:
                    values = np.take(values, rows[axis], axis=place)
            changed[name] = values
    if isinstance(record, Responses | Reconstruction):
        changed["image"] = np.searchsorted(images, changed["image"])
    return replace(record, **changed)


def _of_tested_images(reconstruction: Reconstruction, responses: Responses) -> Responses:
    present = np.flatnonzero(responses.repeats_per_image)
    fold = reconstruction.session_fold
    if fold is not None:
        _require_equal("images of the session", len(fold), len(present))
        present = present[fold >= 0]
    if len(present) == responses.images:
        return responses
    return of_images(responses, present, responses.image)


def _require_equal(what: str, made: int, given: int) -> None:
    if made != given:
        raise RecordError(
            f"the reconstruction was made from {made} {what}, but the responses have {given}. "
            "Run reconstruct again, so that both belong together."
        )
