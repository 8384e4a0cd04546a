"""The pictures that a denoiser learns from: read, counted, and known again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from twophoton_decode.decoding.folds.content import grouped_images
from twophoton_decode.decoding.folds.near_duplicates import NEAR_DUPLICATE, alike
from twophoton_decode.deep.latent.denoiser.file import THUMBNAIL_PX, Denoiser
from twophoton_decode.errors import TrainingError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.stimulus.colour_pictures import ColourPictures
from twophoton_decode.stimulus.enlarging import enlarged
from twophoton_decode.stimulus.pictures import to_working_size
from twophoton_decode.words import counted

FEWEST = 50
"""Different pictures, near-duplicates counted once: with fewer a network knows them by heart."""
WANTED = 500
"""Below this many what it makes resembles single training pictures."""


@dataclass(frozen=True, eq=False)
class TrainingPictures:
    """Pictures for training.

    Attributes
    ----------
    value : ndarray of float32, shape (n, 3, side, side)
        From 0 to 1.
    content : ndarray of int, shape (n,)
        Pictures of equal content show nearly the same.
    notes : list of str
    """

    value: np.ndarray
    content: np.ndarray
    notes: list[str]

    @property
    def digest(self) -> str:
        """A hash of the pixels."""
        found = hashlib.blake2b(np.ascontiguousarray(self.value).tobytes(), digest_size=20)
        return found.hexdigest()

    @property
    def thumbnails(self) -> np.ndarray:
        """Luma at 32 px, (n, 32, 32) bytes."""
        return np.round(255 * thumbnails(self.value)).astype(np.uint8)


def thumbnails(pictures: np.ndarray) -> np.ndarray:
    """Mean over colours at 32 px, (n, 32, 32), of pictures (n, 3, side, side)."""
    return np.stack([to_working_size(each.mean(axis=0), THUMBNAIL_PX) for each in pictures])


def training_pictures(
    pictures: ColourPictures, side: int, grey: bool, progress: Progress = silent
) -> TrainingPictures:
    """Read the pictures at `side` px, smaller ones enlarged, and see whether they can train.

    Raises
    ------
    TrainingError
        Fewer than fifty different pictures, or all of them alike.
    """
    read, small = [], 0
    for index in range(len(pictures)):
        progress(index, len(pictures), "pictures read")
        found = pictures.read(index, side, grey=grey)
        small += found.shape[-1] < side
        read.append(enlarged(found, side))
    value, notes = np.stack(read).astype(np.float32), list(pictures.notes)
    if small:
        notes.append(
            f"{counted(small, 'picture')} of {len(value)} had fewer than {side} px and were "
            "enlarged: what the denoiser learns of their detail is blur."
        )
    content = grouped_images(thumbnails(value), NEAR_DUPLICATE, None).content
    return replace(_required(value, content), notes=[*notes, *_few(content)])


def _required(value: np.ndarray, content: np.ndarray) -> TrainingPictures:
    different = np.unique(content).size
    found = f"found {counted(len(value), 'picture')}, {different} of them different"
    if len(value) > 1 and (different == 1 or not np.ptp(value, axis=0).any()):
        raise TrainingError(
            f"all {len(value)} pictures are alike: there is nothing to learn from them. Give a "
            "folder of varied pictures."
        )
    if different < FEWEST:
        raise TrainingError(
            f"a denoiser learns from at least {FEWEST} different pictures, near-duplicates counted "
            f"once; {found}. With fewer it would learn them by heart. Give more."
        )
    return TrainingPictures(value, content, [])


def _few(content: np.ndarray) -> list[str]:
    different = np.unique(content).size
    if different >= WANTED:
        return []
    return [
        f"{different} different pictures are few (about {WANTED} or more are wanted): what the "
        "denoiser makes may resemble single ones; see the nearest training pictures."
    ]


def known_pictures(denoiser: Denoiser, pictures: np.ndarray, above: float) -> np.ndarray:
    """Which pictures (n, 3, side, side) the denoiser was trained with, or nearly, (some,) int."""
    pairs = alike(thumbnails(pictures), denoiser.thumbnail / 255.0, min(above, 1 - 1e-6))
    return np.unique(pairs[:, 0])


def refuse_known(denoiser: Denoiser, pictures: np.ndarray, above: float, file: str) -> None:
    """`TrainingError` where pictures of a session were among those of the denoiser."""
    known = known_pictures(denoiser, pictures, above)
    if known.size:
        raise TrainingError(
            f"{known.size} of {len(pictures)} pictures that were shown are among the "
            f"{denoiser.origin.pictures} training pictures of the denoiser {file}, or nearly so: "
            "it could give back what it has learned, whatever the cells say. Train one on other "
            "pictures: `tpdecode deep train-denoiser FOLDER -o FILE`."
        )
