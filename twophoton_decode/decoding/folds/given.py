"""Folds that a column of the log or of a table gives: tiers, or numbered parts."""

from __future__ import annotations

from collections import Counter

import numpy as np

from twophoton_decode.decoding.folds.content import Grouped
from twophoton_decode.errors import ResponseError
from twophoton_decode.words import counted

TRAINS = ("train", "training", "validation", "val")
TESTED = (
    "test", "testing", "final_test", "live_test", "live_test_main", "live_test_bonus",
    "final_test_main", "final_test_bonus", "oracle",
)  # fmt: skip
"""Words for tiers, in whatever case: those of the SENSORIUM competitions and common others."""
ONLY_TRAINS, LEFT_OUT = -1, -2
"""In place of a fold: the image is never tested; it neither trains nor is tested."""
FEWEST_TESTED, FEWEST_TRAINING = 2, 3


def are_tiers(value: np.ndarray) -> bool:
    """Whether values (images,) are words of tiers, not names of folds."""
    words = {each.strip().lower() for each in value.tolist()}
    return bool(words & {*TRAINS, *TESTED})


def folds_of_values(value: np.ndarray, found: Grouped) -> tuple[np.ndarray, list[str]]:
    """The fold of every image by the value that a column has for it, and what must be known.

    Tiers make one fold: `TESTED` images are tested once, by a fit to those of `TRAINS`; an image
    that shows the same as a tested one, or nearly so, and is not tested itself is left out.
    Any other values are folds, each tested by a fit to all others; a group of images that
    show the same goes where most of it is.

    Parameters
    ----------
    value : ndarray of str, shape (images,)
    found : Grouped
        Which images show the same, or nearly so, or belong together.

    Returns
    -------
    fold : ndarray of int, shape (images,)
        0…folds-1, or `ONLY_TRAINS`, or `LEFT_OUT`.
    list of str

    Raises
    ------
    ResponseError
        A tier that is not known, an image without a value, or too few images that train or are
        tested.
    """
    value = np.char.strip(value.astype(str))
    if (value == "").any():
        raise ResponseError(
            f"{np.count_nonzero(value == '')} of {value.size} images have no fold, the first "
            f"being image {int(np.argmax(value == ''))}. Fill in the column that folds_from under "
            "[decoding] names."
        )
    return _of_tiers(np.char.lower(value), found) if are_tiers(value) else _of_parts(value, found)


def fold_numbers(value: np.ndarray) -> np.ndarray:
    """The fold that each value (n,) names, whatever is alike: tiers, or numbered in their order.

    Raises
    ------
    ResponseError
        A tier that is not known.
    """
    value = np.char.strip(value.astype(str))
    if not are_tiers(value):
        return np.unique(value, return_inverse=True)[1]
    tested = np.isin(np.char.lower(value), TESTED)
    _refuse_unknown(np.char.lower(value), tested | np.isin(np.char.lower(value), TRAINS))
    return np.where(tested, 0, ONLY_TRAINS)


def _of_tiers(tier: np.ndarray, found: Grouped) -> tuple[np.ndarray, list[str]]:
    tested, trains = np.isin(tier, TESTED), np.isin(tier, TRAINS)
    _refuse_unknown(tier, tested | trains)
    alike = np.isin(found.content, np.unique(found.content[tested])) & ~tested
    fold = np.where(tested, 0, np.where(alike, LEFT_OUT, ONLY_TRAINS))
    _refuse_too_few(fold, found)
    said = [
        f"folds are the tiers of a column: {_counted(tier[trains])} only train, "
        f"{_counted(tier[tested])} are tested once, by one fit."
    ]
    if alike.any():
        one = alike.sum() == 1
        said.append(
            f"{counted(int(alike.sum()), 'training image')} {'shows' if one else 'show'} the same "
            f"as a tested one, or nearly so, or {'belongs' if one else 'belong'} to its group: "
            f"left out of training ({_listed(np.flatnonzero(alike))})."
        )
    return fold, said


def _of_parts(value: np.ndarray, found: Grouped) -> tuple[np.ndarray, list[str]]:
    names, given = np.unique(value, return_inverse=True)
    votes = np.zeros((int(found.content.max()) + 1, len(names)), dtype=np.int64)
    np.add.at(votes, (found.content, given), 1)
    where = votes.argmax(axis=1)[found.content]
    kept, fold = np.unique(where, return_inverse=True)
    groups = [np.unique(found.content[fold != number]).size for number in range(kept.size)]
    if kept.size < 2 or min(groups) < 2:
        raise ResponseError(
            f"the column that folds_from under [decoding] names makes "
            f"{counted(kept.size, 'fold')} ({', '.join(names[:5].tolist())}); at least two are "
            "needed, with two or more different images outside each."
        )
    said = [f"folds are the {kept.size} values of a column: {_counted(value)}."]
    if moved := int(np.count_nonzero(where != given)):
        said.append(
            f"{counted(moved, 'image')} went to the fold of images that show the same, or nearly "
            "so."
        )
    return fold, said


def _refuse_unknown(tier: np.ndarray, known: np.ndarray) -> None:
    if known.all():
        return
    first = int(np.argmin(known))
    raise ResponseError(
        f"{np.count_nonzero(~known)} of {tier.size} images have a tier that is not known: "
        f"{str(tier[first])!r} of image {first} is the first. Images of {', '.join(TRAINS)} train, "
        f"those of {', '.join(TESTED)} are tested."
    )


def _refuse_too_few(fold: np.ndarray, found: Grouped) -> None:
    for number, fewest, what in (
        (0, FEWEST_TESTED, "are tested"), (ONLY_TRAINS, FEWEST_TRAINING, "train"),
    ):  # fmt: skip
        images = np.unique(found.content[fold == number]).size
        if images < fewest:
            raise ResponseError(
                f"by their tiers {counted(images, 'different image')} {what}, near-duplicates "
                f"counted once; at least {fewest} must. Images of {', '.join(TRAINS)} train, those "
                f"of {', '.join(TESTED)} are tested; images without usable responses do not count."
            )


def _counted(value: np.ndarray) -> str:
    """``3 of train and 2 of validation``."""
    parts = [f"{n} of {word}" for word, n in Counter(value.tolist()).most_common(6)]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _listed(images: np.ndarray) -> str:
    more = ", …" if images.size > 5 else ""
    return f"image {', '.join(map(str, images[:5].tolist()))}{more}"
