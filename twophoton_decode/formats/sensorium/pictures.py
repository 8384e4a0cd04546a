"""Which picture each trial showed: its number, its tier, and the picture itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twophoton_decode.decoding.folds.given import TESTED, TRAINS
from twophoton_decode.errors import ResponseError, StimulusImageError
from twophoton_decode.formats.sensorium.layout import IMAGES, Layout, read_npy
from twophoton_decode.words import counted

IDS = ("frame_image_id", "image_id", "colorframeprojector_image_id")
CLASSES = ("frame_image_class", "image_class", "colorframeprojector_image_class")
NO_PICTURE = -1


@dataclass(frozen=True, eq=False)
class ShownPictures:
    """The different pictures, in the order of their first trial, and what each trial showed.

    Attributes
    ----------
    picture : ndarray, shape (picture, y, x) or (picture, y, x, colour)
    name : list of str
        What ``meta/trials`` calls each.
    tier : ndarray of str, shape (picture,), or None
        None without ``tiers.npy``.
    image : ndarray of int, shape (trial,)
        `NO_PICTURE` where a trial has none.
    notes : list of str
    """

    picture: np.ndarray
    name: list[str]
    tier: np.ndarray | None
    image: np.ndarray
    notes: list[str]


def shown_pictures(layout: Layout) -> ShownPictures:
    """Every picture once; trials of one picture are told by its number in ``meta/trials``.

    Without numbers, pictures of equal pixels are one. A picture of several tiers is tested if one
    of them is, and trials of the others are left out.

    Raises
    ------
    ResponseError
        Tiers that are not known.
    StimulusImageError
        No picture, pictures of several sizes, or two pictures with one number.
    """
    tier, notes = tiers_of_trials(layout)
    numbers = _numbers(layout)
    picture, name, image, first = _different(layout, numbers)
    if missing := np.flatnonzero(image == NO_PICTURE).tolist():
        notes.append(
            f"{counted(len(missing), 'trial')} without a picture: left out "
            f"({file_names(missing)} in data/images)."
        )
    if numbers is None:
        notes.append(
            "meta/trials has no numbers of images (frame_image_id.npy): trials with equal pictures "
            "were taken as repeats of one."
        )
    if tier is None:
        return ShownPictures(picture, name, None, image, notes)
    of_picture, image, more = tiers_of_pictures(tier, image, first)
    return ShownPictures(picture, name, of_picture, image, [*notes, *more])


def tiers_of_trials(layout: Layout) -> tuple[np.ndarray | None, list[str]]:
    """The tier of each trial, in small letters; None and a note without any."""
    tier = layout.of_trials("tiers")
    if tier is None:
        return None, ["there is no meta/trials/tiers.npy: folds are drawn over all images."]
    tier = np.char.lower(np.char.strip(tier.astype(str)))
    unknown = np.flatnonzero(~np.isin(tier, (*TRAINS, *TESTED)))
    if unknown.size:
        raise ResponseError(
            f"{layout.path / 'meta/trials/tiers.npy'}: {counted(unknown.size, 'trial')} with a "
            f"tier that is not known, the first being {str(tier[unknown[0]])!r} of trial "
            f"{unknown[0]}. Known are {', '.join((*TRAINS, *TESTED))}."
        )
    return tier, []


def _numbers(layout: Layout) -> list[str] | None:
    """The number of the image of each trial, with its class where there are several."""
    number = next((each for each in map(layout.of_trials, IDS) if each is not None), None)
    if number is None:
        return None
    texts = [str(each) for each in number.tolist()]
    kind = next((each for each in map(layout.of_trials, CLASSES) if each is not None), None)
    if kind is None or np.unique(kind).size < 2:
        return texts
    return [f"{each} {text}" for each, text in zip(kind.tolist(), texts, strict=True)]


def _different(
    layout: Layout, numbers: list[str] | None
) -> tuple[np.ndarray, list[str], np.ndarray, list[int]]:
    """The different pictures, their names, the picture of each trial, and its first trial."""
    place: dict[str | bytes, int] = {}
    pictures: list[np.ndarray] = []
    first: list[int] = []
    image = np.full(layout.trials(), NO_PICTURE)
    for trial in range(image.size):
        path = layout.file(IMAGES, trial)
        if not path.exists():
            continue
        found = _picture(read_npy(path), str(path))
        key = found.tobytes() if numbers is None else numbers[trial]
        image[trial] = place.setdefault(key, len(pictures))
        if image[trial] == len(pictures):
            pictures.append(found)
            first.append(trial)
        else:
            _require_same(found, pictures[image[trial]], str(path), first[image[trial]])
    if not pictures:
        raise StimulusImageError(f"{layout.path / 'data' / IMAGES} holds no picture of any trial.")
    for trial, each in zip(first, pictures, strict=True):
        if each.shape != pictures[0].shape:
            raise StimulusImageError(
                f"{layout.file(IMAGES, trial)}: expected {pictures[0].shape} like trial "
                f"{first[0]}, found {each.shape}."
            )
    names = [str(trial) if numbers is None else numbers[trial] for trial in first]
    return as_levels(np.stack(pictures)), names, image, first


def _picture(values: np.ndarray, label: str) -> np.ndarray:
    """A picture (y, x), or (y, x, colour) of the file's (channel, y, x)."""
    if values.ndim == 3 and values.shape[0] == 1:
        return values[0]
    if values.ndim == 3 and values.shape[0] == 3:
        return np.moveaxis(values, 0, -1)
    if values.ndim != 2:
        raise StimulusImageError(
            f"{label}: expected a picture (y, x), or (channel, y, x) of one or three channels, "
            f"found the shape {values.shape}."
        )
    return values


def _require_same(found: np.ndarray, known: np.ndarray, label: str, trial: int) -> None:
    if found.shape != known.shape or not np.array_equal(found, known):
        raise StimulusImageError(
            f"{label}: another picture than that of trial {trial}, though meta/trials gives both "
            "the same number of an image."
        )


def as_levels(pictures: np.ndarray) -> np.ndarray:
    """As eight bits where the values are whole grey levels from 0 to 255, else as float32."""
    whole = pictures.dtype.kind in "biu" or np.array_equal(pictures, np.round(pictures))
    grey = pictures.min() >= 0 and 1 < pictures.max() <= 255
    return pictures.astype(np.uint8 if whole and grey else np.float32)


def tiers_of_pictures(
    tier: np.ndarray, image: np.ndarray, first: Sequence[int]
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The tier of each picture, and the trials without those of its other tiers."""
    of_picture = tier[list(first)].astype(object)
    for trial in np.flatnonzero((image >= 0) & np.isin(tier, TESTED)).tolist():
        if of_picture[image[trial]] not in TESTED:
            of_picture[image[trial]] = tier[trial]
    of_picture = of_picture.astype(str)
    other = (image >= 0) & ~_agree(tier, of_picture[np.maximum(image, 0)])
    if not other.any():
        return of_picture, image, []
    number = np.flatnonzero(other).tolist()
    said = (
        f"{counted(len(number), 'trial')} that train with a picture which is tested in other "
        f"trials: left out ({file_names(number)})."
    )
    return of_picture, np.where(other, NO_PICTURE, image), [said]


def _agree(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether two tiers both train, or are both tested."""
    return np.isin(one, TESTED) == np.isin(other, TESTED)


def file_names(trials: Sequence[int]) -> str:
    """Names of the files of trials, the first five."""
    more = ", …" if len(trials) > 5 else ""
    return ", ".join(f"{trial}.npy" for trial in trials[:5]) + more
