"""The folders of suite2p's planes, and the files in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from twophoton_decode.errors import UsageError
from twophoton_decode.extraction.suite2p.output import plane_folders

COMBINED = "combined"
ROIS, TRACES, CELLS = "stat.npy", "F.npy", "iscell.npy"
NEUROPIL, SPIKES, RED = "Fneu.npy", "spks.npy", "redcell.npy"
NEEDED = (ROIS, TRACES, CELLS)
OPS = "ops.npy"
PARTS_OF_OPS = ("db.npy", "settings.npy", "reg_outputs.npy", "detect_outputs.npy")
"""What suite2p 1 has in place of ops.npy, or beside it."""
_READ = (*NEEDED, NEUROPIL, SPIKES, RED, OPS, *PARTS_OF_OPS)


@dataclass(frozen=True)
class Layout:
    """Where a result lies.

    Attributes
    ----------
    folder : Path
        What messages name.
    planes : tuple of Path
        Folders of planes in their order, or the one of the combined view.
    """

    folder: Path
    planes: tuple[Path, ...]

    @classmethod
    def of(cls, folder: Path) -> Layout:
        """The result in `folder`: ``suite2p``, what it lies in, or the folder of one plane.

        Planes count before the combined view of them.

        Raises
        ------
        UsageError
            There is none, or a plane lacks a file that is needed.
        """
        if not folder.is_dir():
            raise UsageError(f"{folder}: there is no such folder.")
        found = cls(folder, _planes(folder))
        for plane in found.planes:
            _refuse_missing(plane)
        return found

    @property
    def is_combined(self) -> bool:
        """Whether planes are known only from the view of all of them."""
        return self.planes[0].name == COMBINED

    @property
    def files(self) -> list[Path]:
        """Every file that is read, as far as it is there."""
        places = [*self.planes]
        if len(self.planes) > 1:
            places.append(self.planes[0].parent / COMBINED)
        named = [place / name for place in places for name in _READ]
        return [file for file in named if file.is_file()]

    @property
    def linked(self) -> list[Path]:
        """Files that are read and lie outside the folder, where links lead to."""
        inside = self.folder.resolve()
        return [file for file in self.files if not file.resolve().is_relative_to(inside)]


def _planes(folder: Path) -> tuple[Path, ...]:
    for place in (folder, folder / "suite2p"):
        if planes := plane_folders(place):
            return tuple(planes)
    for place in (folder, folder / COMBINED, folder / "suite2p" / COMBINED):
        if any((place / name).exists() for name in NEEDED):
            return (place,)
    names = ", ".join(sorted(each.name for each in folder.iterdir())[:8]) or "nothing"
    raise UsageError(
        f"{folder}: expected suite2p's folder, with plane0, plane1, … in it, or the folder of one "
        f"plane with {', '.join(NEEDED)}; found {names}."
    )


def _refuse_missing(plane: Path) -> None:
    missing = [name for name in NEEDED if not (plane / name).is_file()]
    if missing:
        raise UsageError(
            f"{plane} lacks {', '.join(missing)}. suite2p writes them when detection and "
            "extraction have run: let it finish, or copy the whole folder."
        )
    if not any((plane / name).is_file() for name in (OPS, "settings.npy")):
        raise UsageError(
            f"{plane} lacks {OPS}, or settings.npy with {', '.join(PARTS_OF_OPS[:1])} as suite2p 1 "
            "writes them: frame rate, motion and mean image are kept there."
        )
