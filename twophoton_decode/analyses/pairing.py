"""Reconstructions and the responses they were made from, checked to belong together."""

from __future__ import annotations

import numpy as np

from twophoton_decode.errors import RecordError
from twophoton_decode.records import Reconstruction, Responses


def require_same_presentations(reconstruction: Reconstruction, responses: Responses) -> None:
    """Raise `RecordError` unless both hold the same presentations, cells and images."""
    made, given = reconstruction.image, responses.image
    if made.shape != given.shape or not np.array_equal(made, given):
        raise RecordError(
            f"the reconstruction by {reconstruction.decoder!r} holds {len(made)} presentations "
            f"and the responses {len(given)}, or in another order; they must be the same ones. "
            "Run reconstruct again, so that both belong together."
        )
    _require_equal("cells", reconstruction.reverse_filter.shape[1], responses.cells)
    _require_equal("images", reconstruction.picture.shape[0], responses.images)
    height, width = reconstruction.picture.shape[1:]
    if reconstruction.reverse_filter.shape[2] != height * width:
        raise RecordError(
            f"the reverse filters have {reconstruction.reverse_filter.shape[2]} pixels, but the "
            f"pictures are {height}x{width}. Run reconstruct again."
        )


def _require_equal(what: str, made: int, given: int) -> None:
    if made != given:
        raise RecordError(
            f"the reconstruction was made from {made} {what}, but the responses have {given}. "
            "Run reconstruct again, so that both belong together."
        )
