"""What stands on the page of a session: numbers, figures, notes, settings, provenance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from twophoton_decode import __version__
from twophoton_decode.errors import SessionError
from twophoton_decode.pipeline.chain import stages_of
from twophoton_decode.pipeline.results.figures import read_figures
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.pipeline.stages.deep.encode import DEEP_ENCODE
from twophoton_decode.pipeline.stages.deep.movie import DEEP_MOVIE
from twophoton_decode.pipeline.summary import summary_of
from twophoton_decode.records.deep.attention import AttentionEncoding
from twophoton_decode.records.deep.movie_decoding import MovieDecoding
from twophoton_decode.report.data.layouts import page_layouts
from twophoton_decode.report.data.movie_player import PageMovie, page_movie
from twophoton_decode.report.headline import best_of
from twophoton_decode.report.words.sections import section_words
from twophoton_decode.session.ledger import Entry
from twophoton_decode.settings import Settings


def page_content(work: StageInput, notes: Sequence[str]) -> dict[str, Any]:
    """What `report_page` is given of a session, but for the explorer; `notes` stand last.

    Stale results are named, not shown: a page must not mix what belongs to two settings.

    Raises
    ------
    SessionError
        No result is up to date.
    """
    entries = current_entries(work)
    if not entries:
        raise SessionError(
            f"{work.folder.path} has no up-to-date results to report. "
            f"Run `tpdecode run {work.folder.path}` first."
        )
    name = work.folder.path.resolve().name
    sections = _sections(work.settings)
    summary = _side_by_side(summary_of(name, entries))
    best = best_of(summary.get("reconstruct", {}), work.settings.decoding.primary_score)
    return {
        "title": f"Simulated recording ({name})" if work.settings.source.truth else name,
        "version": __version__,
        "summary": summary,
        "drawings": [
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
        "settings": list(_settings(work)),
        "provenance": [_provenance(key, entry) for key, entry in entries.items()],
        "layouts": page_layouts(_attention(work, entries)),
        "movie": _movie(work, entries),
        "notes": [*_notes(work, entries), *notes],
        "words": {
            heading: section_words(names[-1], summary, best) for heading, names in sections.items()
        },
    }


def current_entries(work: StageInput) -> dict[str, Entry]:
    """Entries of this session's chain that are not stale, in the order of the page."""
    order = [name for names in _sections(work.settings).values() for name in names]
    found = work.current(*order)
    return dict(sorted(found.items(), key=lambda item: order.index(_stage(item[0]))))


def _attention(work: StageInput, entries: Mapping[str, Entry]) -> dict[str, AttentionEncoding]:
    """Attention on and off, by network."""
    names = [
        key.partition(":")[2]
        for key, entry in entries.items()
        if _stage(key) == DEEP_ENCODE.name and not entry.unavailable
    ]
    return {
        name: replace(work, network=name).read(AttentionEncoding, DEEP_ENCODE.file)
        for name in names
    }


def _movie(work: StageInput, entries: Mapping[str, Entry]) -> PageMovie | None:
    """Decoded clips for the player, where there are any."""
    entry = entries.get(DEEP_MOVIE.name)
    if entry is None or entry.unavailable:
        return None
    return page_movie(work.read(MovieDecoding, DEEP_MOVIE.file))


def _sections(settings: Settings) -> dict[str, list[str]]:
    """The headings of the page, and the stages that show their figures under each."""
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
