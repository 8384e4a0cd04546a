"""Ledgers of earlier versions, in which extraction was one stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from twophoton_decode.pipeline.stage import Stage
from twophoton_decode.pipeline.stages.detect import DETECT
from twophoton_decode.pipeline.stages.extract import EXTRACT
from twophoton_decode.pipeline.stages.register import REGISTER
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Entry, Ledger
from twophoton_decode.settings import Settings

_WORDS = ("movie", "microscope")


def open_ledger(folder: SessionFolder) -> Ledger:
    """The ledger of a session; one entry of extraction becomes three.

    What was fresh as one stage is fresh as three, and nothing is extracted again for it. On
    disk the ledger changes when an entry is next written.

    Raises
    ------
    SessionError
        As `Ledger`.
    """
    ledger = Ledger(folder.private / "ledger.json")
    entry = ledger.get(EXTRACT.name)
    if entry and "movie" in entry.inputs:
        for key, part in _in_parts(entry).items():
            ledger.amend(key, part)
    return ledger


def _in_parts(entry: Entry) -> dict[str, Entry]:
    improved = entry.revision != EXTRACT.revision
    classifier = entry.inputs.get("extraction.classifier", "")
    words = _named(entry.summary, _WORDS)
    return {
        REGISTER.name: _part(
            entry,
            REGISTER,
            inputs={"movie": entry.inputs["movie"]},
            revision=0 if improved else REGISTER.revision,
            summary={},
        ),
        DETECT.name: _part(
            entry,
            DETECT,
            inputs={REGISTER.name: entry.content, "extraction.classifier": classifier},
            revision=0 if improved else DETECT.revision,
            summary=words,
        ),
        EXTRACT.name: replace(
            entry,
            settings={},
            inputs={DETECT.name: entry.content, **_named(entry.inputs, ("rois",))},
            summary=entry.summary | {"seconds": entry.seconds},
        ),
    }


def _part(
    entry: Entry, stage: Stage, inputs: dict[str, str], revision: int, summary: dict[str, Any]
) -> Entry:
    """What one stage did of it; the time is counted with the last."""
    return replace(
        entry,
        settings=_named(entry.settings, tuple(stage.settings_used(Settings()))),
        inputs=inputs,
        outputs={},
        revision=revision,
        seconds=0.0,
        summary=summary,
        notes=[],
        captions={},
        figures={},
        drawn=0,
        in_drawing={},
    )


def _named(values: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}
