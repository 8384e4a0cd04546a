"""What made each result: settings, inputs, versions, seed and duration, per stage and decoder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from twophoton_decode.errors import SessionError
from twophoton_decode.session.atomic import write_text


@dataclass(frozen=True)
class Entry:
    """One finished stage.

    `inputs` maps what was read to a fingerprint, `outputs` every written file (relative to
    the session) to the hash of its bytes. `content` is the hash of the record itself: equal
    content leaves later stages fresh. `notes` are what was dropped, clipped or did not
    converge, `captions` what each figure shows. `unavailable` says why there is no result,
    where the data do not allow one.
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
    captions: dict[str, str] = field(default_factory=dict)
    unavailable: str = ""


class Ledger:
    """The entries of a session, kept in ``.tpdecode/ledger.json``; keys are stage labels."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries = _read(path)

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
        entries = {name: asdict(each) for name, each in self.items()}
        write_text(self._path, json.dumps(entries, indent=1, ensure_ascii=False))


def _read(path: Path) -> dict[str, Entry]:
    if not path.exists():
        return {}
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {key: Entry(**entry) for key, entry in entries.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise SessionError(
            f"{path} is damaged ({error}). Delete it: every stage is then made again."
        ) from error
