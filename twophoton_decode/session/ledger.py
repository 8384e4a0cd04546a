"""What made each result: settings, inputs, versions, seed and duration, per stage and decoder."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from twophoton_decode.errors import SessionError
from twophoton_decode.session.own_files import is_figure, is_result
from twophoton_decode.session.sealed import Damaged, read_sealed, write_sealed


@dataclass(frozen=True)
class Entry:
    """One finished stage.

    `inputs` maps what was read to a fingerprint, `outputs` every written result (relative to
    the session) to the hash of its bytes. `content` is the hash of the record itself: equal
    content leaves later stages fresh. `notes` are what was dropped, clipped or did not
    converge. `unavailable` says why there is no result, where the data do not allow one.

    Figures are no results. `figures` maps their files to the hashes of what was drawn,
    `captions` says what each shows, and `drawn` is the stage's figure revision with which
    they were drawn from this result; 0 until they are. `in_drawing` are those being written,
    of which a run that is killed leaves some.
    """

    settings: dict[str, Any]
    inputs: dict[str, str]
    outputs: dict[str, str]
    content: str
    revision: int
    versions: dict[str, str]
    seed: int | None
    finished: str
    seconds: float
    summary: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    unavailable: str = ""
    figures: dict[str, str] = field(default_factory=dict)
    captions: dict[str, str] = field(default_factory=dict)
    drawn: int = 0
    in_drawing: dict[str, str] = field(default_factory=dict)

    @property
    def figure_files(self) -> set[str]:
        """Every figure file that was written, if in a run that was killed."""
        return {*self.figures, *self.in_drawing}

    def has_drawn(self, name: str, content: str) -> bool:
        """Whether the figure file `name` was written with this hash, if in a killed run."""
        return content in (self.figures.get(name), self.in_drawing.get(name))


class Ledger:
    """The entries of a session, kept in ``.tpdecode/ledger.json``; keys are stage labels.

    Every number that a command prints comes from there, so the file is sealed with a
    checksum, and a copy lies beside it. Where the ledger is damaged the copy is taken, and
    `damage` says so; it is empty otherwise.

    Raises
    ------
    SessionError
        The ledger is damaged, and so is its copy.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._copy = path.with_name(f"{path.stem}-copy{path.suffix}")
        self.damage = ""
        self._whole = False
        self._entries = self._read()

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def __getitem__(self, key: str) -> Entry:
        return self._entries[key]

    def get(self, key: str) -> Entry | None:
        """The entry of a stage, or None if it never finished."""
        return self._entries.get(key)

    def items(self) -> list[tuple[str, Entry]]:
        """Every stage and its entry, in the order of their keys."""
        return sorted(self._entries.items())

    def write(self, key: str, entry: Entry) -> None:
        """Add or replace an entry, on disk at once."""
        self._entries[key] = entry
        self._save()

    def amend(self, key: str, entry: Entry) -> None:
        """Have an entry of an earlier version read as `entry`; on disk with the next write."""
        self._entries[key] = entry
        self._whole = False

    def mend(self) -> None:
        """Write ledger and copy anew where one is damaged, or of an earlier version."""
        if self._entries and not self._whole:
            self._save()

    def _save(self) -> None:
        entries = {name: asdict(each) for name, each in self.items()}
        for path in (self._path, self._copy):
            write_sealed(path, entries)
        self._whole = True

    def _read(self) -> dict[str, Entry]:
        if not self._path.exists():
            return {}
        try:
            entries = _entries(read_sealed(self._path))
        except Damaged as error:
            return self._read_otherwise(error)
        with contextlib.suppress(Damaged):
            self._whole = _entries(read_sealed(self._copy)) == entries
        return entries

    def _read_otherwise(self, error: Damaged) -> dict[str, Entry]:
        with contextlib.suppress(Damaged):
            entries = _entries(read_sealed(self._copy))
            self.damage = f"{self._path} is damaged ({error}); its copy is used instead"
            return entries
        with contextlib.suppress(Damaged):
            return _unsealed(self._path)
        raise SessionError(
            f"{self._path} is damaged ({error}), and there is no whole copy of it. Delete it, then "
            f"`tpdecode run {self._path.parent.parent}`: motion correction, ROIs and traces are "
            "taken up from suite2p/ where they are whole, and what follows is computed again."
        ) from error


def _unsealed(path: Path) -> dict[str, Entry]:
    """The ledger of an earlier version, which had no checksum."""
    try:
        return _entries(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError) as error:
        raise Damaged(str(error)) from error


def _entries(content: Any) -> dict[str, Entry]:
    """Entries of which every field is what it should be; `Damaged` where one is not."""
    try:
        entries = TypeAdapter(dict[str, Entry]).validate_python(content)
    except ValidationError as error:
        raise Damaged(f"{error.error_count()} fields are not what a ledger holds") from error
    each_entry = entries.values()
    outside = [name for entry in each_entry for name in entry.outputs if not is_result(name)]
    outside += [n for entry in each_entry for n in entry.figure_files if not is_figure(n)]
    if outside:
        raise Damaged(f"it names {outside[0]!r} as a result")
    former = {key for key, fields in content.items() if "drawn" not in fields}
    return {k: _with_figures_apart(each) if k in former else each for k, each in entries.items()}


def _with_figures_apart(entry: Entry) -> Entry:
    """Earlier versions listed figures among the results, all drawn as revision 1 draws them."""
    figures = {name: each for name, each in entry.outputs.items() if is_figure(name)}
    outputs = {name: each for name, each in entry.outputs.items() if name not in figures}
    return replace(entry, outputs=outputs, figures=figures, drawn=1)
