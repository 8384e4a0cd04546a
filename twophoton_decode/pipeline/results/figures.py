"""The figures of a session: drawn from its records, drawn again where gone, never over edits.

Figures are no results: nothing is computed again for them, and no result is stale because of
them. A file that the user edited stays as it is while the result that it shows does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from twophoton_decode.errors import SessionError
from twophoton_decode.files.atomic import write_bytes
from twophoton_decode.pipeline.fingerprints import hash_of, hash_of_bytes
from twophoton_decode.pipeline.stage import Stage, StageInput
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Entry, Ledger
from twophoton_decode.session.own_files import FIGURES, is_result

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Shown

_ON_PAGE = ("png", "csv")
_FEW = 3


@dataclass(frozen=True)
class FigureState:
    """What became of a result's figures: files that are gone or were edited; other style."""

    gone: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    outdated: bool = False

    @property
    def complete(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.gone and not self.outdated

    def remarks(self) -> list[str]:
        """What ``tpdecode status`` says of them."""
        said = ["its figures will be drawn"] if self.outdated else []
        if self.gone and not self.outdated:
            said.append(f"{_listed(self.gone)} will be drawn again")
        return said + ([f"edited and kept: {_listed(self.edited)}"] if self.edited else [])


def figure_hash(path: Path) -> str:
    """The hash of a figure's bytes; empty if it is gone.

    A link is no figure and is drawn over. In a session from a stranger it could lead to a
    private file, which the page would then show.
    """
    return "" if path.is_symlink() else hash_of(path)


def figure_state(folder: SessionFolder, stage: Stage, entry: Entry) -> FigureState:
    """The figures of a result that is up to date."""
    if not stage.draws or entry.unavailable:
        return FigureState()
    found = {name: figure_hash(folder.path / name) for name in entry.figures}
    return FigureState(
        gone=tuple(name for name, each in found.items() if not each),
        edited=tuple(n for n, each in found.items() if each and not entry.has_drawn(n, each)),
        outdated=entry.drawn != stage.figure_revision,
    )


def draw_figures(
    stage: Stage, key: str, work: StageInput, only: Collection[str] | None = None
) -> list[str]:
    """Draw a result's figures from the records, and enter them in the ledger.

    Parameters
    ----------
    stage : Stage
        Whose result it is.
    key : str
        How the ledger calls the result; it must be there.
    work : StageInput
        For the decoder or network of the result.
    only : collection of str, optional
        Files to write, as the ledger names them; by default all, and those of a former result
        that this one has not are removed.

    Returns
    -------
    list of str
        Of which files the user had edited another version is now there, and where theirs is.
    """
    from twophoton_decode.figures.canvas.rendering import render_all

    entry = work.ledger[key]
    drawings = [] if entry.unavailable else list(stage.draw(work))
    wanted = [each for each in drawings if only is None or _has_any(each.name, only)]
    files = _bytes_by_file(render_all(wanted))
    if only is not None:
        files = {name: data for name, data in files.items() if name in only}
    said = _set_edits_aside(work, files)
    _announce(work, key, files)
    for name, data in files.items():
        write_bytes(work.folder.path / name, data)
    written = {name: hash_of(work.folder.path / name) for name in files}
    if only is None:
        said += _remove_others(work, key, set(files))
    captions = {each.name: each.caption for each in drawings}
    done = replace(
        entry,
        figures=_others(entry.figures, only) | written,
        captions=captions,
        drawn=stage.figure_revision,
        in_drawing=_others(entry.in_drawing, only),
    )
    work.ledger.write(key, done)
    return said


def hashes_on_page(folder: SessionFolder, entry: Entry) -> dict[str, str]:
    """The hashes of what a page shows of a result's figures: their pictures and tables."""
    names = [f"{FIGURES}/{name}.{kind}" for name in sorted(entry.captions) for kind in _ON_PAGE]
    return {name: figure_hash(folder.path / name) for name in names}


def read_figures(folder: SessionFolder, entry: Entry) -> list[Shown]:
    """The figures of a result as they lie in ``figures/``, edits included.

    Picture and table are read; of the other files, which are for print, it is said that they
    are there.

    Raises
    ------
    SessionError
        A file is a link, or the ledger names one outside ``figures/``.
    """
    from twophoton_decode.figures.canvas.drawing import Shown

    there = [name for name in entry.figures if figure_hash(folder.path / name)]
    shown = []
    for name, caption in entry.captions.items():
        stem = f"{FIGURES}/{name}."
        kinds = [file.removeprefix(stem) for file in there if file.startswith(stem)]
        files = {kind: _read(folder, f"{stem}{kind}") for kind in _ON_PAGE}
        beside = tuple(kind for kind in kinds if kind not in files)
        shown.append(Shown(name, caption, files, beside))
    return shown


def _read(folder: SessionFolder, name: str) -> bytes:
    path = folder.path / name
    if path.is_symlink() or not is_result(name):
        raise SessionError(
            f"{path} is not shown: figures are files in {folder.figures}, and no links. "
            f"`tpdecode figures {folder.path}` draws them again."
        )
    return path.read_bytes()


def _has_any(name: str, files: Collection[str]) -> bool:
    """Whether any of these files, as the ledger names them, is of a figure.

    A figure can have several tables: NAME.csv, NAME.images.csv.
    """
    return any(file.startswith(f"{FIGURES}/{name}.") for file in files)


def _bytes_by_file(shown: Sequence[Shown]) -> dict[str, bytes]:
    return {
        f"{FIGURES}/{each.name}.{kind}": data for each in shown for kind, data in each.files.items()
    }


def _others(hashes: dict[str, str], only: Collection[str] | None) -> dict[str, str]:
    """Those of the files that are not drawn; `only` as for `draw_figures`."""
    return {} if only is None else {n: each for n, each in hashes.items() if n not in only}


def _set_edits_aside(work: StageInput, files: dict[str, bytes]) -> list[str]:
    """Rename what the user made of the figures that are to be written; which, and to what."""
    said = []
    for name, data in files.items():
        path = work.folder.path / name
        if _is_edited(path, name, work.ledger) and path.read_bytes() != data:
            said.append(f"{name} was edited: your version is now {FIGURES}/{set_aside(path)}")
    return said


def _announce(work: StageInput, key: str, files: dict[str, bytes]) -> None:
    """Enter what is there and what is to be written, so that a killed draw is not taken for edits.

    Edits have been set aside: what lies under these names was drawn.
    """
    there = {name: figure_hash(work.folder.path / name) for name in files}
    entry = work.ledger[key]
    announced = replace(
        entry,
        figures=entry.figures | {name: each for name, each in there.items() if each},
        in_drawing=entry.in_drawing | {n: hash_of_bytes(data) for n, data in files.items()},
    )
    work.ledger.write(key, announced)


def _remove_others(work: StageInput, key: str, kept: set[str]) -> list[str]:
    """Remove figures of the former result that this one has not; they would mislead."""
    others = {name for other, e in work.ledger.items() if other != key for name in e.figure_files}
    said = []
    for name in work.ledger[key].figure_files - kept - others:
        path = work.folder.path / name
        if path.is_file() and _is_edited(path, name, work.ledger):
            said.append(f"{name} was edited: your version is now {FIGURES}/{set_aside(path)}")
        path.unlink(missing_ok=True)
    return sorted(said)


def _is_edited(path: Path, name: str, ledger: Ledger) -> bool:
    """Whether a file is there that is not what was drawn for any result."""
    found = figure_hash(path)
    return bool(found) and not any(entry.has_drawn(name, found) for _, entry in ledger.items())


def set_aside(path: Path) -> str:
    """Rename a file to the next free ``NAME.backup-1.svg``; that name."""
    number = 1
    while (target := path.with_suffix(f".backup-{number}{path.suffix}")).exists():
        number += 1
    path.rename(target)
    return target.name


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_FEW])
    more = len(names) - _FEW
    return shown if more <= 0 else f"{shown} and {more} more"
