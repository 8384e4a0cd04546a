"""Everything there is on one page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from twophoton_decode import __version__
from twophoton_decode.errors import SessionError
from twophoton_decode.pipeline.stage import Result, Work
from twophoton_decode.pipeline.summary import summary_of
from twophoton_decode.records import Reconstruction, Responses
from matplotlib.figure import Figure
from twophoton_decode.report.drawing import Drawing, render
from twophoton_decode.report.page import report_page
from twophoton_decode.report.reconstructions import decoder_comparison, picture_gallery
from twophoton_decode.session.ledger import Entry

SECTIONS = {
    "extract": "From the movie to cells",
    "respond": "Which cells respond",
    "reconstruct": "Reconstructed images",
    "sparsity-report": "How many cells are enough?",
    "stability-report": "How stable is it?",
}


def run(work: Work) -> Result:
    """Collect figures, notes, settings and provenance; compare the decoders."""
    if not work.ledger.items():
        raise SessionError(
            f"{work.folder.path} has no results to report. "
            f"Run `tpdecode run {work.folder.path}` first."
        )
    comparison = _comparison(work)
    drawn = {"reconstruct": [(drawing, render(drawing)) for drawing in comparison]}
    page = report_page(
        title=work.folder.path.resolve().name,
        version=__version__,
        summary=summary_of(work.folder.path.resolve().name, work.ledger),
        drawings=[
            (title, [*drawn.get(stage, []), *_figures(work, stage)])
            for stage, title in SECTIONS.items()
        ],
        settings=list(_settings(work)),
        provenance=[_provenance(key, entry) for key, entry in _entries(work)],
        notes=list(_notes(work)),
    )
    return Result(drawings=comparison, files={work.folder.report.name: page.encode()})


def _entries(work: Work) -> list[tuple[str, Entry]]:
    """Ledger entries in the order of the chain."""
    order = list(SECTIONS)
    found = [(key, entry) for key, entry in work.ledger.items() if _stage(key) in order]
    return sorted(found, key=lambda item: order.index(_stage(item[0])))


def _stage(key: str) -> str:
    return key.partition(":")[0]


def _comparison(work: Work) -> list[Drawing]:
    found = {
        decoder: Work(work.folder, work.settings, work.ledger, decoder).read(
            Reconstruction, "reconstruction/{decoder}.nc"
        )
        for stage, _, decoder in (key.partition(":") for key, _ in work.ledger.items())
        if stage == "reconstruct"
    }
    if not found:
        return []
    responses = work.read(Responses, "responses.nc")
    return [picture_gallery(responses, found), decoder_comparison(found)]


def _figures(work: Work, stage: str) -> Iterator[tuple[Drawing, dict[str, bytes]]]:
    """The figures that a stage has drawn, as they lie in ``figures/``."""
    for key, entry in _entries(work):
        if _stage(key) != stage:
            continue
        for name, caption in entry.captions.items():
            files = {
                kind: (work.folder.figures / f"{name}.{kind}").read_bytes()
                for kind in ("pdf", "svg", "png", "csv")
            }
            yield Drawing(name, Figure(), caption), files


def _settings(work: Work) -> Iterator[tuple[str, str, Any, str]]:
    for name in type(work.settings).model_fields:
        section = getattr(work.settings, name)
        for key, field in type(section).model_fields.items():
            yield name, key, getattr(section, key), field.description or ""


def _notes(work: Work) -> Iterator[str]:
    for key, entry in _entries(work):
        yield from (f"{key}: {note}" for note in entry.notes)
        if entry.unavailable:
            yield f"{key}: unavailable. {entry.unavailable}"


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
