"""Where things lie in a folder of one mouse, and the files of its trials.

The layout is that of SENSORIUM 2022 (Willeke et al., arXiv 2206.08666) and 2023 (Turishcheva et
al., arXiv 2305.19654): ``data/KIND/TRIAL.npy`` holds one trial, ``meta/trials/NAME.npy`` a value
for each trial, ``meta/neurons/NAME.npy`` one for each cell, all in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.errors import ResponseError, UsageError
from twophoton_decode.files.array import open_array
from twophoton_decode.words import counted

IMAGES, VIDEOS, RESPONSES = "images", "videos", "responses"


@dataclass(frozen=True)
class Layout:
    """A folder of one mouse.

    Attributes
    ----------
    path : Path
        The folder that holds ``data`` and ``meta``.
    stimulus : str
        "images" or "videos".
    """

    path: Path
    stimulus: str

    @classmethod
    def of(cls, folder: Path) -> Layout:
        """The layout of `folder`, or of the only folder in it.

        Raises
        ------
        UsageError
            It is no such folder.
        """
        if not folder.is_dir():
            unzip = " Unzip it first." if folder.suffix.lower() == ".zip" else ""
            raise UsageError(f"{folder}: expected the folder of one mouse.{unzip}")
        path = _mouse_folder(folder)
        kinds = [kind for kind in (IMAGES, VIDEOS) if (path / "data" / kind).is_dir()]
        if len(kinds) != 1 or not (path / "data" / RESPONSES).is_dir():
            raise UsageError(
                f"{path / 'data'}: expected the folder responses, and either images (SENSORIUM "
                f"2022) or videos (2023); found {_names(path / 'data')}."
            )
        return cls(path, kinds[0])

    def file(self, kind: str, trial: int) -> Path:
        """The file of one trial."""
        return self.path / "data" / kind / f"{trial}.npy"

    def of_trials(self, name: str) -> np.ndarray | None:
        """What ``meta/trials`` has of each trial, (trial,); None without that file."""
        return self._one_axis(self.path / "meta" / "trials" / f"{name}.npy", "trial")

    def of_cells(self, name: str) -> np.ndarray | None:
        """What ``meta/neurons`` has of each cell, (cell, …); None without that file."""
        path = self.path / "meta" / "neurons" / f"{name}.npy"
        return read_npy(path, texts=True) if path.exists() else None

    def trials(self) -> int:
        """How many trials there are: one more than the highest number of a file of responses.

        Raises
        ------
        ResponseError
            There are none, or ``meta/trials`` has another number.
        """
        numbers = [int(each.stem) for each in self._files(RESPONSES) if each.stem.isdecimal()]
        numbers += [int(each.stem) for each in self._files(self.stimulus) if each.stem.isdecimal()]
        if not numbers:
            raise ResponseError(
                f"{self.path / 'data' / RESPONSES}: expected a file for each trial, 0.npy, 1.npy, "
                "…; found none."
            )
        highest = max(numbers) + 1
        tiers = self.of_trials("tiers")
        if tiers is not None and tiers.size < highest:
            raise ResponseError(
                f"{self.path / 'meta/trials/tiers.npy'} has {counted(tiers.size, 'trial')}, but "
                f"there are files of trial {highest - 1}. They must belong to the same recording."
            )
        return highest if tiers is None else tiers.size

    def _files(self, kind: str) -> list[Path]:
        return list((self.path / "data" / kind).glob("*.npy"))

    def _one_axis(self, path: Path, what: str) -> np.ndarray | None:
        if not path.exists():
            return None
        found = read_npy(path, texts=True)
        if found.ndim != 1:
            raise ResponseError(
                f"{path}: expected one value for each {what}, found the shape {found.shape}."
            )
        return found


def read_npy(path: Path, *, texts: bool = False) -> np.ndarray:
    """The array of an .npy file; texts come as str. Python objects are refused.

    Raises
    ------
    ResponseError
        It cannot be read, or holds Python objects.
    """
    found = open_array(path, texts=texts).values
    return np.char.decode(found, "utf-8") if found.dtype.kind == "S" else found


def _mouse_folder(folder: Path) -> Path:
    """`folder`, or the one folder in it with ``data`` and ``meta``."""
    inside = [each for each in sorted(folder.iterdir()) if (each / "data").is_dir()]
    if (folder / "data").is_dir():
        return folder
    if len(inside) == 1:
        return inside[0]
    if inside:
        names = ", ".join(each.name for each in inside)
        raise UsageError(f"{folder} holds several mice: {names}. Name one of them.")
    raise UsageError(
        f"{folder}: expected the folders data and meta of one mouse, as SENSORIUM has them; found "
        f"{_names(folder)}."
    )


def _names(folder: Path) -> str:
    if not folder.is_dir():
        return "no such folder"
    return ", ".join(sorted(each.name for each in folder.iterdir())[:8]) or "nothing"
