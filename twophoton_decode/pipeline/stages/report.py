"""Everything there is on one page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from twophoton_decode import __version__
from twophoton_decode.analyses.sessions.decoders import decoder_differences
from twophoton_decode.errors import SessionError
from twophoton_decode.figures.canvas.drawing import Drawing, Shown
from twophoton_decode.figures.canvas.numbers import mean
from twophoton_decode.figures.canvas.rendering import render_all
from twophoton_decode.figures.reconstruction.identification import identification_curves
from twophoton_decode.figures.reconstruction.reconstructions import (
    best_decoder,
    decoder_comparison,
    picture_gallery,
)
from twophoton_decode.figures.reconstruction.score_variants import score_variants
from twophoton_decode.pipeline.chain import stages_of
from twophoton_decode.pipeline.inputs.page_records import page_records
from twophoton_decode.pipeline.stage import Result, Work
from twophoton_decode.pipeline.summary import summary_of
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.report.data.gather import page_data
from twophoton_decode.report.headline import best_of
from twophoton_decode.report.page import report_page
from twophoton_decode.report.words.sections import section_words
from twophoton_decode.session.ledger import Entry
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.paired import holm

SECTIONS = {
    "sparsity-report": "How many cells are enough?",
    "stability-report": "How stable is it?",
    "reconstruct": "Reconstructed images",
    "complementarity": "How do cells share the work?",
    "encode": "What each cell responds to",
    "respond": "Which cells respond",
    "quality": "Is the recording sound?",
    "extract": "From the movie to cells",
    "recovery": "What was recovered of the truth",
}
"""In the order of the page: answers first, then what they rest on."""


def run(work: Work) -> Result:
    """Collect figures, notes, settings and provenance; compare the decoders.

    Stale results are named, not shown: a page must not mix what belongs to two settings.
    """
    entries = _current(work)
    if not entries:
        raise SessionError(
            f"{work.folder.path} has no up-to-date results to report. "
            f"Run `tpdecode run {work.folder.path}` first."
        )
    name = work.folder.path.resolve().name
    made = _reconstructions(work, entries)
    # Rendered once, for the page and for the files of their own.
    comparison = render_all(_comparison(work, made))
    summary = _with_differences(summary_of(name, entries), made, work.settings.decoding)
    best = best_of(summary.get("reconstruct", {}), work.settings.decoding.primary_score)
    records = page_records(work, entries, made)
    page = report_page(
        title=f"Simulated recording ({name})" if work.settings.source.truth else name,
        version=__version__,
        summary=summary,
        drawings=[
            (
                title,
                [*(comparison if stage == "reconstruct" else []), *_figures(work, stage, entries)],
            )
            for stage, title in SECTIONS.items()
        ],
        settings=list(_settings(work)),
        provenance=[_provenance(key, entry) for key, entry in entries.items()],
        notes=list(_notes(work, entries)),
        words={title: section_words(stage, summary, best) for stage, title in SECTIONS.items()},
        explorer=None if records is None else partial(page_data, records),
    )
    return Result(drawings=comparison, files={work.folder.report.name: page.encode()})


def _current(work: Work) -> dict[str, Entry]:
    """Entries of this session's chain that are not stale, in its order."""
    order = [stage.name for stage in stages_of(work.settings) if stage.name in SECTIONS]
    found = [
        (key, entry)
        for key, entry in work.ledger.items()
        if _stage(key) in order and key not in work.stale
    ]
    return dict(sorted(found, key=lambda item: order.index(_stage(item[0]))))


def _stage(key: str) -> str:
    return key.partition(":")[0]


def _reconstructions(work: Work, entries: dict[str, Entry]) -> dict[str, Reconstruction]:
    return {
        decoder: replace(work, decoder=decoder).read(Reconstruction, "reconstruction/{decoder}.nc")
        for stage, _, decoder in (key.partition(":") for key in entries)
        if stage == "reconstruct"
    }


def _with_differences(
    summary: dict[str, Any], made: dict[str, Reconstruction], settings: DecodingSettings
) -> dict[str, Any]:
    """The summary with what only the records of all decoders together say."""
    if not made:
        return summary
    score = settings.primary_score
    lags = decoder_differences(made, best_decoder(made, score), score)
    rows = summary["reconstruct"]
    corrected = holm(np.array([each.p_value for each in made.values()]))
    for (name, each), p in zip(made.items(), corrected, strict=True):
        rows[name] |= {"ssim": mean(each.ssim), "r_low": mean(each.r_low), "p_holm": float(p)}
    for name, lag in lags.items():
        rows[name] |= {
            "difference": lag.mean,
            "difference_ci95": lag.interval,
            "difference_p": lag.p_holm,
        }
    return summary


def _comparison(work: Work, found: dict[str, Reconstruction]) -> list[Drawing]:
    if not found:
        return []
    responses = work.read(Responses, "responses.nc")
    score = work.settings.decoding.primary_score
    return [
        picture_gallery(responses, found),
        decoder_comparison(found, score),
        score_variants(found),
        identification_curves(found, score),
    ]


def _figures(work: Work, stage: str, entries: dict[str, Entry]) -> Iterator[Shown]:
    """The figures that a stage has drawn, as they lie in ``figures/``."""
    for key, entry in entries.items():
        if _stage(key) != stage:
            continue
        for name, caption in entry.captions.items():
            files = {
                kind: (work.folder.figures / f"{name}.{kind}").read_bytes()
                for kind in ("pdf", "svg", "png", "csv")
            }
            yield Shown(name, caption, files)


def _settings(work: Work) -> Iterator[tuple[str, str, Any, str]]:
    for name in type(work.settings).model_fields:
        section = getattr(work.settings, name)
        for key, field in type(section).model_fields.items():
            yield name, key, getattr(section, key), field.description or ""


def _notes(work: Work, entries: dict[str, Entry]) -> Iterator[str]:
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
