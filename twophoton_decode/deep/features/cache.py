"""Features of groups of pictures, kept by what they follow from; an interruption loses one."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import numpy as np

from twophoton_decode.files.atomic import replacing

_FULL = (errno.ENOSPC, errno.EDQUOT)


class FeatureCache:
    """A folder of features, each file named by the hash of pictures and preprocessing.

    Parameters
    ----------
    folder : Path or None
        None: nothing is kept.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.notes: list[str] = []

    def get(self, key: str) -> np.ndarray | None:
        """What is kept under `key`, (picture, unit); None where it is not, or is damaged."""
        if self.folder is None:
            return None
        try:
            with (
                self._path(self.folder, key).open("rb") as file,
                np.load(file, allow_pickle=False) as held,
            ):
                return np.asarray(held["value"], np.float32)
        except Exception:
            # Damage shows in many ways, and features can be made again.
            return None

    def put(self, key: str, value: np.ndarray) -> None:
        """Keep `value`. On a full or read-only disk nothing more is kept, and a note says so."""
        if self.folder is None:
            return
        try:
            with (
                replacing(self._path(self.folder, key)) as temporary,
                temporary.open("wb") as file,
            ):
                np.savez(file, value=value)
        except OSError as error:
            why = "the disk is full" if error.errno in _FULL else error.strerror or str(error)
            self.notes.append(
                f"features are not kept in {self.folder} ({why}): the next command, or this one if "
                "it is interrupted, computes them anew."
            )
            self.folder = None

    @staticmethod
    def _path(folder: Path, key: str) -> Path:
        return folder / f"{key}.npz"


def key_of(identity: str, pictures: np.ndarray) -> str:
    """The name under which features are kept: a hash of how they are made and of the pictures."""
    digest = hashlib.blake2b(identity.encode(), digest_size=20)
    digest.update(np.ascontiguousarray(pictures).tobytes())
    return digest.hexdigest()
