"""Reconstructions and the responses they were made from, brought and checked together."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from twophoton_decode.errors import RecordError
from twophoton_decode.records import Reconstruction, Responses


def paired_responses(reconstruction: Reconstruction, responses: Responses) -> Responses:
    """The responses, with images numbered as in the reconstruction made from them.

    A reconstruction leaves out images that were never shown, so they are left out here too.

    Raises
    ------
    RecordError
        The two do not hold the same presentations, cells and images in the same order.
    """
    shown = _of_shown_images(responses)
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


def _of_shown_images(responses: Responses) -> Responses:
    present = np.flatnonzero(responses.repeats_per_image)
    if len(present) == responses.images:
        return responses
    fields: dict[str, Any] = {
        name: np.take(getattr(responses, name), present, axis=spec.axes.index("image"))
        for name, spec in responses.arrays()
        if "image" in spec.axes and getattr(responses, name) is not None
    }
    return dataclasses.replace(responses, image=np.searchsorted(present, responses.image), **fields)


def _require_equal(what: str, made: int, given: int) -> None:
    if made != given:
        raise RecordError(
            f"the reconstruction was made from {made} {what}, but the responses have {given}. "
            "Run reconstruct again, so that both belong together."
        )
