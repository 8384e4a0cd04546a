"""Pictures that the user puts into groups, among those that were shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from twophoton_decode.records.responses import Responses


def with_groups(responses: Responses, group: np.ndarray | None, image: np.ndarray) -> Responses:
    """The record with the group of each picture that was shown.

    Parameters
    ----------
    group : ndarray of int, shape (pictures given,), or None
    image : ndarray of int, shape (presentation,)
        Index of the picture shown, among those given.
    """
    if group is None:
        return responses
    return replace(responses, image_group=group[np.unique(image)])
