"""The folder that an extraction builds beside its final place, plane by plane."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.errors import ExtractionError
from twophoton_decode.extraction.curation.edits import (
    fingerprint,
    is_curated,
    is_edited,
    is_whole,
    next_backup,
    without_movies,
)
from twophoton_decode.extraction.kept.files import MOVIE, SUBSTEPS, Substep
from twophoton_decode.extraction.kept.markers import digest_again, mark_done
from twophoton_decode.extraction.motion.checkpoint import FILE as CHECKPOINT
from twophoton_decode.extraction.motion.checkpoint import read_checkpoint
from twophoton_decode.extraction.motion.correct import PlaneMovie, copy_movie, correct_motion
from twophoton_decode.extraction.suite2p.output import ORIGIN, plane_folder, seal_origin
from twophoton_decode.extraction.suite2p.stored_times import write_frame_times
from twophoton_decode.extraction.suite2p.substeps import (
    Keys,
    clear_all_but,
    is_done,
    is_sound,
    kept_names,
    remove,
    take_digests,
    take_over,
)
from twophoton_decode.progress import Progress
from twophoton_decode.records import IntensityMapping
from twophoton_decode.records.movie.frame_times import FrameTimes
from twophoton_decode.settings import ExtractionSettings

_WORK: dict[Substep, str] = {
    "registered": "motion correction",
    "detected": "ROIs and traces",
    "classified": "classification",
}


@dataclass(frozen=True)
class Plane:
    """One imaging plane.

    Attributes
    ----------
    number : int
        Counted from 0 over all planes of the microscope; names its folder.
    movie : PlaneMovie
        Its frames in 16 bits.
    delay_s : float
        From the start of a volume to the middle of its frame.
    origin : dict
        Which images of which files these are, and how they were brought to 16 bits; equal
        for equal movies.
    """

    number: int
    movie: PlaneMovie
    delay_s: float
    origin: dict[str, Any]

    @property
    def name(self) -> str:
        """Of its folder, as suite2p calls it."""
        return plane_folder(self.number)


@dataclass(eq=False)
class Building:
    """A folder ``suite2p.building`` that becomes `final`; its planes, and what they depend on.

    `found` is the fingerprint of the ROIs in `final` when building began; empty if there were
    none. `damage` says what of earlier work was not taken up because it had been damaged.
    """

    final: Path
    planes: Sequence[Plane]
    keys: Sequence[Keys]
    found: str = ""
    damage: list[str] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """Where it is built."""
        return self.final.with_name(f"{self.final.name}.building")

    def is_registered(self) -> bool:
        """Whether the final folder has every plane's registered movie under an equal key, whole."""
        places = zip(self.planes, self.keys, strict=True)
        return all(
            is_done(self.final / plane.name, SUBSTEPS[0], keys.registered)
            and is_sound(self.final / plane.name, SUBSTEPS[0])
            for plane, keys in places
        )

    def drop_other_work(self) -> None:
        """Remove what was built under other keys: the final folder has what is wanted."""
        places = zip(self.planes, self.keys, strict=True)
        if self.path.exists() and not all(
            is_done(self.path / plane.name, SUBSTEPS[0], keys.registered) for plane, keys in places
        ):
            remove(self.path)

    def prepare(self) -> None:
        """Keep what earlier runs have done under equal keys, and nothing else.

        Raises
        ------
        ExtractionError
            The disk has no room for the movie.
        """
        self.found = fingerprint(self.final) if is_whole(self.final) else ""
        if self.path.is_symlink():
            self.path.unlink()
        self.path.mkdir(parents=True, exist_ok=True)
        names = {plane.name for plane in self.planes}
        for stray in self.path.iterdir():
            if stray.name not in names or stray.is_symlink() or not stray.is_dir():
                remove(stray)
        for plane, keys in zip(self.planes, self.keys, strict=True):
            self._prepare_plane(self.path / plane.name, self.final / plane.name, keys)
        self._check_disk()

    def _prepare_plane(self, folder: Path, finished: Path, keys: Keys) -> None:
        """Leave in `folder` only what can be taken up: suite2p opens what it finds there."""
        folder.mkdir(exist_ok=True)
        half_done = read_checkpoint(folder, keys.registered) is not None
        kept = self._usable(folder, SUBSTEPS, keys)
        # Edited ROIs are not what detection found; the movie below them is the same.
        there = SUBSTEPS[:1] if is_edited(self.final) else SUBSTEPS
        taken = self._usable(finished, there[len(kept) :], keys)
        names = {name for substep in kept for name in kept_names(folder, substep)}
        clear_all_but(folder, names or ({MOVIE, CHECKPOINT} if half_done and not taken else set()))
        for substep in taken:
            take_over(finished, folder, substep)
        for substep in (*kept, *taken):
            take_digests(folder, substep)

    def _usable(self, folder: Path, substeps: Sequence[Substep], keys: Keys) -> list[Substep]:
        """Those of `substeps`, up to the first that is not, whose results can be taken up."""
        usable: list[Substep] = []
        for substep in substeps:
            if not is_done(folder, substep, keys.of(substep)):
                break
            if not is_sound(folder, substep):
                self.damage.append(
                    f"files in {folder.parent.name}/{folder.name} are not as they were written "
                    f"({_WORK[substep]}); that was done again"
                )
                break
            usable.append(substep)
        return usable

    def _check_disk(self) -> None:
        needed = 0
        for plane, keys in zip(self.planes, self.keys, strict=True):
            movie = self.path / plane.name / MOVIE
            if not is_done(movie.parent, "registered", keys.registered):
                written = movie.stat().st_size if movie.exists() else 0
                needed += 2 * int(np.prod(plane.movie.shape)) - written
        free = shutil.disk_usage(self.path).free
        if free < needed:
            raise ExtractionError(
                f"the movie needs {needed / 1e9:.1f} GB in {self.path}, but only "
                f"{free / 1e9:.1f} GB are free. Make room, or put the session on another disk."
            )

    def correct_motion(
        self, blocks: tuple[int, int] | None, ours: bool, progress: Progress
    ) -> None:
        """Write the movie of each plane, unless that is done: without its motion, or as it is
        where suite2p is to correct it.
        """
        for plane, keys in zip(self.planes, self.keys, strict=True):
            folder = self.path / plane.name
            if is_done(folder, "registered", keys.registered):
                continue
            if ours:
                digest, damage = correct_motion(
                    plane.movie, folder, blocks, keys.registered, progress
                )
                self.damage += [damage] if damage else []
                mark_done(folder, "registered", keys.registered, {MOVIE: digest})
            else:
                copy_movie(plane.movie, folder, progress)

    def orders(self, until: Substep = "classified") -> list[dict[str, Any]]:
        """What is left for suite2p to do: one order for each plane that is not so far yet."""
        wanted = SUBSTEPS[: SUBSTEPS.index(until) + 1]
        return [
            {
                "name": plane.name,
                "db": _db(plane),
                "keys": asdict(keys),
                "to_do": [s for s in wanted if not is_done(folder, s, keys.of(s))],
            }
            for plane, keys in zip(self.planes, self.keys, strict=True)
            if not is_done(folder := self.path / plane.name, until, keys.of(until))
        ]

    def finish(
        self,
        mapping: IntensityMapping,
        rate: float,
        settings: ExtractionSettings,
        times: FrameTimes,
        notes: Sequence[str],
    ) -> None:
        """Choose the cells, and move the folder to its final place.

        There is no moment in which half a folder lies there. What was edited in the one that is
        replaced since building began is kept.
        """
        for plane in self.planes:
            folder = self.path / plane.name
            _cut(folder / "iscell.npy", settings.cell_probability)
            digest_again(folder, "classified", "iscell.npy")
            if (folder / "redcell.npy").exists():
                _cut(folder / "redcell.npy", settings.red_probability)
                digest_again(folder, "detected", "redcell.npy")
        edited = is_curated(self.final, self.found)
        replaced = next_backup(self.final) if edited else self._replaced
        if edited:
            notes = [*notes, f"ROIs that were edited during extraction are in {replaced.name}"]
        origin = {
            "planes": [{"name": each.name, "delay_s": each.delay_s} for each in self.planes],
            "intensity": asdict(mapping),
            "frame_rate_hz": rate,
            "notes": [*notes, *self.damage],
            "rois": fingerprint(self.path),
        }
        (self.path / ORIGIN).write_text(json.dumps(seal_origin(origin), indent=1))
        write_frame_times(self.path, times)
        remove(self._replaced)
        if self.final.exists():
            self.final.rename(replaced)
        self.path.rename(self.final)
        remove(self._replaced)
        if edited:
            without_movies(replaced)

    @property
    def _replaced(self) -> Path:
        return self.final.with_name(f"{self.final.name}.replaced")


def _db(plane: Plane) -> dict[str, Any]:
    """suite2p's description of the movie."""
    frames, height, width = plane.movie.shape
    return {"nframes": frames, "Ly": height, "Lx": width, "iplane": plane.number}


def _cut(file: Path, probability: float) -> None:
    """Judge by the wanted probability; suite2p itself always takes the same."""
    judged = np.load(file, allow_pickle=False)
    judged[:, 0] = judged[:, 1] > probability
    np.save(file, judged)
