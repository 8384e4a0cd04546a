"""How far a plane's motion correction has come, kept so that a killed run can go on there."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.extraction.kept.damaged import DAMAGED
from twophoton_decode.extraction.kept.markers import new_digest
from twophoton_decode.extraction.motion.align import Shifts

FILE = "checkpoint.npz"


@dataclass(eq=False)
class Checkpoint:
    """What has been found in the first `frames` frames.

    Attributes
    ----------
    reference : ndarray of int16, shape (y, x)
    total : ndarray of float64, shape (y, x) or (2, y, x)
        Sum of the registered frames, those of the second channel behind.
    per_frame : dict of list of ndarray
        ``mean`` and the fields of `Shifts`, each (frames, …) when its parts are joined.
    frames : int
        How many frames are done.
    digest : hashlib.blake2b
        Of the registered movie so far.
    movie : str
        What the digest was when this was kept; empty if it never was.
    """

    reference: np.ndarray
    total: np.ndarray
    per_frame: dict[str, list[np.ndarray]] = field(default_factory=dict)
    frames: int = 0
    digest: hashlib.blake2b = field(default_factory=new_digest)
    movie: str = ""

    def take(self, shifts: Shifts, mean: np.ndarray, total: np.ndarray) -> None:
        """Add the next frames: their shifts, means, and the sum of what they became."""
        found = {"mean": mean} | {k: v for k, v in shifts._asdict().items() if v is not None}
        for name, values in found.items():
            self.per_frame.setdefault(name, []).append(values)
        self.total = self.total + total
        self.frames += len(mean)

    def joined(self) -> dict[str, np.ndarray]:
        """`per_frame` with its parts joined."""
        self.per_frame = {name: [np.concatenate(p)] for name, p in self.per_frame.items()}
        return {name: parts[0] for name, parts in self.per_frame.items()}

    def save(self, folder: Path, key: dict[str, Any]) -> None:
        """Keep it in `folder`; what was kept before is replaced in one step."""
        new = folder / f"new-{FILE}"
        kept = {"reference": self.reference, "total": self.total, **self.joined()}
        kept["key"] = np.array(json.dumps(key, sort_keys=True))
        kept["movie"] = np.array(self.digest.hexdigest())
        np.savez(new, allow_pickle=False, **kept)
        new.replace(folder / FILE)


def read_checkpoint(folder: Path, key: dict[str, Any]) -> Checkpoint | None:
    """What was kept in `folder` under an equal `key`; None if there is no such thing."""
    # numpy would leave a damaged file open.
    with contextlib.suppress(*DAMAGED, TypeError), (folder / FILE).open("rb") as stream:
        kept = np.load(stream, allow_pickle=False)
        if str(kept["key"]) != json.dumps(key, sort_keys=True):
            return None
        names = set(kept.files) - {"key", "movie", "reference", "total"}
        return Checkpoint(
            reference=kept["reference"],
            total=kept["total"],
            per_frame={name: [kept[name]] for name in names},
            frames=len(kept["mean"]),
            movie=str(kept["movie"]),
        )
    return None


def fits(found: Checkpoint, shape: tuple[int, int, int]) -> bool:
    """Whether its arrays are those of a movie of `shape`, frames first."""
    field_of_view = shape[1:]
    return (
        found.frames <= shape[0]
        and found.reference.shape == field_of_view
        and found.reference.dtype == np.int16
        and found.total.shape in (field_of_view, (1, *field_of_view), (2, *field_of_view))
        and all(
            part.shape[:1] == (found.frames,)
            for parts in found.per_frame.values()
            for part in parts
        )
    )
