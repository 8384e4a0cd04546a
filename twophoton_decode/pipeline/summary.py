"""``summary.json``: the figures that scripts and spreadsheets read."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from twophoton_decode import __version__
from twophoton_decode.files.atomic import write_text
from twophoton_decode.pipeline import chain
from twophoton_decode.pipeline.results.former import open_ledger
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Entry


def summary_of(name: str, entries: Mapping[str, Entry]) -> dict[str, Any]:
    """The headline numbers of finished stages; NaN becomes None, JSON's null."""
    summary: dict[str, Any] = {"session": name, "version": __version__}
    sections = _section_names()
    for key, entry in entries.items():
        stage, _, decoder = key.partition(":")
        numbers = {"unavailable": entry.unavailable} if entry.unavailable else entry.summary
        if stage not in sections or not numbers:
            continue
        section = summary
        for level in sections[stage].split("."):
            section = section.setdefault(level, {})
        (section.setdefault(decoder, {}) if decoder else section).update(_finite(numbers))
    return summary


def write_summary(folder: SessionFolder, entries: Mapping[str, Entry]) -> None:
    """Write ``summary.json`` of these results, unless it says the same already."""
    summary = summary_of(folder.path.resolve().name, entries)
    text = json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
    place = folder.summary
    if not place.is_file() or place.read_bytes() != text.encode("utf-8", "backslashreplace"):
        write_text(place, text)


def read_summary(folder: SessionFolder, say: Callable[[str], None]) -> dict[str, Any]:
    """The headline numbers of a session, each as the ledger has it.

    ``summary.json`` says only which results were up to date when it was written. Where it
    holds anything else than the ledger, that is said, and all results of the ledger are
    taken.
    """
    entries = dict(open_ledger(folder).items())
    name = folder.path.resolve().name
    try:
        found = json.loads(folder.summary.read_text(encoding="utf-8"))
        listed = {key: entry for key, entry in entries.items() if _lists(found, key)}
        if _sections(summary_of(name, listed)) == _sections(found):
            return summary_of(name, listed)
        why = "it does not agree with the ledger"
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        why = str(error)
    say(
        f"warning: {folder.summary} is damaged ({why}). These numbers come from the ledger; "
        f"`tpdecode run {folder.path}` writes the file again."
    )
    return summary_of(name, entries)


def _section_names() -> dict[str, str]:
    """The ledger's stages as the summary calls them."""
    return {stage.name: stage.in_summary for stage in chain.ALL if not stage.page}


def _lists(summary: dict[str, Any], key: str) -> bool:
    stage, _, decoder = key.partition(":")
    section = summary
    for level in _section_names().get(stage, "").split("."):
        section = section.get(level, {})
    return bool(section) and (not decoder or decoder in section)


def _sections(summary: dict[str, Any]) -> dict[str, Any]:
    """What the stages found, as it comes back from a file."""
    own = {key: each for key, each in summary.items() if key not in ("session", "version")}
    plain: dict[str, Any] = json.loads(json.dumps(own))
    return plain


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
