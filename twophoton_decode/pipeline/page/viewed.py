"""A session as a server shows it: the page, and what the page asks for bit by bit."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

from twophoton_decode.errors import SessionError
from twophoton_decode.pipeline.page.content import page_content
from twophoton_decode.pipeline.page.records import explorable
from twophoton_decode.pipeline.session_view import SessionView
from twophoton_decode.pipeline.stages.report import REPORT
from twophoton_decode.report.data.block import QUICKEST, Group
from twophoton_decode.report.data.decoders import (
    DecoderData,
    decoder_facts,
    fold_group,
    is_whole,
    stored_counts,
    with_finest_filters,
    with_pictures,
)
from twophoton_decode.report.data.gather import (
    PageData,
    SessionRecords,
    decoder_group,
    omitted_at,
    session_facts,
    session_groups,
)
from twophoton_decode.report.page import report_page
from twophoton_decode.session.folder import SessionFolder

Makers = dict[str, Callable[[], Group]]

_KEPT = 32


@dataclass(frozen=True)
class Made:
    """A page, what the results are called of which it was made, and its groups."""

    version: str
    html: bytes
    groups: Makers

    @cached_property
    def packed(self) -> Callable[[str], bytes]:
        """A group as it is sent, by name; those asked for last are kept."""
        return lru_cache(_KEPT)(lambda name: self.groups[name]().packed(QUICKEST))


@dataclass
class ViewedSession:
    """A session that is read, never written; whoever asks first waits until a thing is made.

    Only the newest page and its groups are kept. What is asked by its name is a group of the
    page: no name leads to a file.
    """

    path: Path
    _made: Made | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _seen: tuple[object, str] = (None, "")

    def version(self) -> str:
        """What the results are called as they are now; another name after another run."""
        folder = SessionFolder(self.path)
        ledger = folder.private / "ledger.json"
        stamps = [_stamp(path) for path in (ledger, folder.settings_file)]
        if stamps != self._seen[0]:
            self._seen = (stamps, _version_of(folder))
        return self._seen[1]

    def page(self) -> bytes:
        """The page of the results as they are now.

        Raises
        ------
        TpDecodeError
            There is nothing to show, or it cannot be read.
        """
        with self._lock:
            version = self.version()
            if self._made is None or self._made.version != version:
                self._made = _make(self.path, version)
            return self._made.html

    def group(self, version: str, name: str) -> bytes | None:
        """A group of the page of that version; None where there is none such, or not any more."""
        with self._lock:
            made = self._made
            if made is None or made.version != version or name not in made.groups:
                return None
            packed = made.packed(name)
            # Files could have been replaced while they were read.
            return packed if self.version() == version else None


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _version_of(folder: SessionFolder) -> str:
    """A hash of the settings, and of what every stage but the page made and drew."""
    view = SessionView(folder)
    entries = {
        key: (entry.content, entry.outputs, entry.figures, entry.notes, entry.unavailable)
        for key, entry in view.ledger.items()
        if key != REPORT.name
    }
    told = json.dumps([entries, view.settings.model_dump(mode="json")], sort_keys=True)
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def _make(path: Path, version: str) -> Made:
    view = SessionView(SessionFolder.open(path))
    _refuse_links(view)
    work = view.stage_input(REPORT, "", view.verdicts(read_only=True))
    records, notes = explorable(work)
    content = page_content(work, notes)
    if records is None:
        return Made(version, report_page(**content, served=version).encode(), {})
    facts, groups = explorer_data(records)
    page = report_page(**content, served=version, explorer=lambda _: PageData(facts, {}))
    return Made(version, page.encode(), groups)


def _refuse_links(view: SessionView) -> None:
    """`SessionError` where a record or a figure is a link to what lies outside the session."""
    root = view.folder.path.resolve()
    # Whatever a stranger's ledger lists: records are read by their own names.
    records = [path for depth in ("*.nc", "*/*.nc", "*/*/*.nc") for path in root.glob(depth)]
    figures = [root / name for _, entry in view.ledger.items() for name in entry.figures]
    for path in (*records, *figures):
        place = path.resolve()
        if not place.is_relative_to(root):
            raise SessionError(
                f"{view.folder.path / path.relative_to(root)} is a link to {place}, and `tpdecode "
                "view` shows only what lies in the session. Put the file itself there."
            )


def explorer_data(records: SessionRecords) -> tuple[dict[str, Any], Makers]:
    """Facts of all pictures and decoders, and how each group is made when it is asked for."""
    facts, groups = session_facts(records), session_groups(records)
    for place, (name, made) in enumerate(records.reconstructions.items()):
        omitted, group = omitted_at(records, name), decoder_group(place)
        facts["decoders"].append({**decoder_facts(made, omitted), "group": group})
        if is_whole(made):
            whole = cache(partial(with_finest_filters, made, omitted))
        else:
            facts["decoders"][-1]["counts"] = stored_counts(made, records.responses.cells)
            whole = cache(partial(with_pictures, made, records.responses, omitted))
        groups[group] = partial(_base, whole)
        for fold in range(len(made.transform) if is_whole(made) else 0):
            groups[fold_group(group, fold)] = partial(_fold, whole, fold)
    return facts | {"groups": list(groups)}, groups


def _base(whole: Callable[[], DecoderData]) -> Group:
    return whole().base


def _fold(whole: Callable[[], DecoderData], fold: int) -> Group:
    return whole().folds[fold]
