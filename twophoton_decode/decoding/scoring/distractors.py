"""Pictures that the session never showed, made comparable with those it did."""

from __future__ import annotations

import numpy as np

from twophoton_decode.decoding.folds.near_duplicates import NEAR_DUPLICATE, alike
from twophoton_decode.decoding.scoring.scores import unit_rows
from twophoton_decode.errors import StimulusImageError
from twophoton_decode.features import LinearFeatures
from twophoton_decode.statistics.by_image import identical_rows

IDENTICAL = 1 - 1e-9
"""Correlation of pictures that differ by rounding, and by contrast and luminance, alone."""


def usable_distractors(
    pictures: np.ndarray | None,
    shown: np.ndarray,
    space: LinearFeatures,
    near_duplicate: float = NEAR_DUPLICATE,
) -> tuple[np.ndarray, list[str]]:
    """Distractors at the session's luminance and contrast, without what it showed [ours].

    All distractors together get the mean and the standard deviation over pixels of the
    session's pictures, so that units of the files (0…1, 0…255) do not tell them apart.
    Repeated ones count once; those that show nearly the same as a picture of the
    session (`near_duplicates.alike`) are left out: a decoder may have been trained on it.

    Parameters
    ----------
    pictures : ndarray, shape (distractors, y, x), or None
    shown : ndarray, shape (images, y, x)
        The session's pictures, prepared by `space`.
    near_duplicate : float
        Correlation above which two pictures show nearly the same; 1 for identical ones only.

    Returns
    -------
    ndarray, shape (used, y, x); none of them without distractors
    list of str
        What was left out.

    Raises
    ------
    StimulusImageError
        No distractor is left, or they are uniform.
    """
    if pictures is None:
        return np.empty((0, *shown.shape[1:])), []
    prepared = np.asarray(space.prepare(pictures), dtype=float)
    rows = prepared.reshape(len(prepared), -1)
    if not rows.std() > 0:
        raise StimulusImageError(
            f"the {len(rows)} distractors are uniform and all alike: there is nothing to tell "
            "apart. Give photographs."
        )
    rows = rows[identical_rows(rows)[1]]
    different = rows.reshape(-1, *prepared.shape[1:])
    new = np.ones(len(rows), dtype=bool)
    new[alike(different, shown, near_duplicate)[:, 0]] = False
    # Pictures too small to be shifted are still told by what they show as they are.
    plain = unit_rows(rows) @ unit_rows(shown.reshape(len(shown), -1)).T
    new[(plain > min(near_duplicate, IDENTICAL)).any(axis=1)] = False
    if not new.any():
        raise StimulusImageError(
            f"all {len(pictures)} distractors are pictures that the session shows, or nearly so "
            f"({_limit(near_duplicate)}). Give other pictures."
        )
    matched = (rows[new] - rows.mean()) / rows.std() * shown.std() + shown.mean()
    return matched.reshape(-1, *prepared.shape[1:]), _left_out(
        len(pictures), len(rows), new, near_duplicate
    )


def _left_out(given: int, different: int, new: np.ndarray, near_duplicate: float) -> list[str]:
    notes = []
    if different < given:
        notes.append(f"{given - different} of {given} distractors repeat another one: left out.")
    if not new.all():
        notes.append(
            f"{np.count_nonzero(~new)} of {given} distractors show the same as a picture of the "
            f"session, or nearly so ({_limit(near_duplicate)}): left out."
        )
    return notes


def _limit(near_duplicate: float) -> str:
    return f"near_duplicate_correlation under [decoding] is {near_duplicate:g}"
