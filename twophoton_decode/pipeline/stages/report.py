"""Everything there is on one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from twophoton_decode import __version__
from twophoton_decode.errors import SessionError
from twophoton_decode.pipeline.stage import Stage, StageInput, StageOutput
from twophoton_decode.session.ledger import Entry
from twophoton_decode.settings import Settings


def run(work: StageInput) -> StageOutput:
    """Collect figures, notes, settings and provenance.

    Stale results are named, not shown: a page must not mix what belongs to two settings.
    """
    from twophoton_decode.pipeline.inputs.page_records import page_records
    from twophoton_decode.pipeline.results.figures import read_figures
    from twophoton_decode.pipeline.summary import summary_of
    from twophoton_decode.report.data.gather import page_data
    from twophoton_decode.report.data.orderly import MOST_CELLS
    from twophoton_decode.report.headline import best_of
    from twophoton_decode.report.page import report_page
    from twophoton_decode.report.words.sections import section_words

    entries = _current(work)
    if not entries:
        raise SessionError(
            f"{work.folder.path} has no up-to-date results to report. "
            f"Run `tpdecode run {work.folder.path}` first."
        )
    name = work.folder.path.resolve().name
    sections = _sections(work.settings)
    summary = _side_by_side(summary_of(name, entries))
    best = best_of(summary.get("reconstruct", {}), work.settings.decoding.primary_score)
    records = page_records(work, entries)
    notes = list(_notes(work, entries))
    if records is not None and records.responses.cells > MOST_CELLS:
        notes.append(
            f"report: the page has no explorer, since {records.responses.cells} cells are more "
            f"than the {MOST_CELLS} it can hold; figures and numbers are complete"
        )
        records = None
    page = report_page(
        title=f"Simulated recording ({name})" if work.settings.source.truth else name,
        version=__version__,
        summary=summary,
        drawings=[
            (
                heading,
                [
                    shown
                    for key, entry in entries.items()
                    if _stage(key) in names
                    for shown in read_figures(work.folder, entry)
                ],
            )
            for heading, names in sections.items()
        ],
        settings=list(_settings(work)),
        provenance=[_provenance(key, entry) for key, entry in entries.items()],
        notes=notes,
        words={
            heading: section_words(names[-1], summary, best) for heading, names in sections.items()
        },
        explorer=None if records is None else partial(page_data, records),
    )
    return StageOutput(files={work.folder.report.name: page.encode()})


def _current(work: StageInput) -> dict[str, Entry]:
    """Entries of this session's chain that are not stale, in the order of the page."""
    order = [name for names in _sections(work.settings).values() for name in names]
    found = work.current(*order)
    return dict(sorted(found.items(), key=lambda item: order.index(_stage(item[0]))))


def _sections(settings: Settings) -> dict[str, list[str]]:
    """The headings of the page, and the stages that show their figures under each."""
    from twophoton_decode.pipeline.chain import stages_of

    sections: dict[str, list[str]] = {}
    for stage in sorted(stages_of(settings), key=lambda stage: stage.page_place):
        if not stage.page:
            sections.setdefault(stage.section, []).append(stage.name)
    return sections


def _side_by_side(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The summary with what is known of all decoders together beside each one's numbers."""
    compared = summary.get("decoders", {})
    decoders = {
        name: numbers | compared.get(name, {})
        for name, numbers in summary.get("reconstruct", {}).items()
    }
    return {**summary, **({"reconstruct": decoders} if decoders else {})}


def _stage(key: str) -> str:
    return key.partition(":")[0]


def _settings(work: StageInput) -> Iterator[tuple[str, str, Any, str]]:
    for name in type(work.settings).model_fields:
        section = getattr(work.settings, name)
        for key, field in type(section).model_fields.items():
            yield name, key, getattr(section, key), field.description or ""


def _notes(work: StageInput, entries: dict[str, Entry]) -> Iterator[str]:
    """What the stages noted; what one says alike of several decoders is said once."""
    decoders: dict[tuple[str, str], list[str]] = {}
    for key, entry in entries.items():
        stage, _, decoder = key.partition(":")
        unavailable = [f"unavailable. {entry.unavailable}"] if entry.unavailable else []
        for note in (*entry.notes, *unavailable):
            decoders.setdefault((stage, note), []).append(decoder)
    for (stage, note), of in decoders.items():
        yield f"{stage}{':' if any(of) else ''}{', '.join(of)}: {note}"
    for key in work.stale:
        yield f"{key}: stale, and therefore not shown; `tpdecode run` brings it up to date"


def _provenance(key: str, entry: Entry) -> dict[str, Any]:
    stage, _, decoder = key.partition(":")
    return {
        "stage": stage,
        "decoder": decoder,
        "finished": entry.finished,
        "seconds": entry.seconds,
        "seed": entry.seed,
        "inputs": entry.inputs,
        "result": entry.content,
        "versions": entry.versions,
    }


REPORT = Stage(
    name="report",
    title="everything on one page",
    run=run,
    # The page lists every setting.
    depends_on=tuple(Settings.model_fields),
    revision=6,
    page=True,
)
