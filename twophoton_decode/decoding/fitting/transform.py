"""Transforms of responses that a decoder may be given in place of the responses themselves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from twophoton_decode.records import Reconstruction

NONE = "none"
CHOSEN = "chosen"


def _signed_power(power: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda response: np.sign(response) * np.abs(response) ** power


TRANSFORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    NONE: lambda response: response,
    "power-0.7": _signed_power(0.7),
    "square-root": _signed_power(0.5),
}
"""By name. Each acts on single numbers, keeps their order, and leaves zero at zero."""


def transformed(response: np.ndarray, transform: str) -> np.ndarray:
    """g(R): the responses as they are, or sign(R) |R|^a, which evens out variances.

    The square root is [field]; a = 0.7, half way to it, [ours].
    """
    return TRANSFORMS[transform](response)


def candidates(setting: str) -> tuple[str, ...]:
    """The transforms to choose from under the setting ``decoding.transform``."""
    return tuple(TRANSFORMS) if setting == CHOSEN else (setting,)


def as_decoded(made: Reconstruction, response: np.ndarray, fold: int) -> np.ndarray:
    """Responses as the decoder of a fold read them: what its reverse filters multiply.

    Parameters
    ----------
    made : Reconstruction
    response : ndarray, shape (…, cells)
    fold : int
    """
    return transformed(response, str(made.transform[fold]))
