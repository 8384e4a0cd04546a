"""The records that the page computes with, as far as they are up to date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from twophoton_decode.analyses.pairing import paired_responses
from twophoton_decode.analyses.sessions.decoders import best_decoder
from twophoton_decode.pipeline.inputs.session_traces import session_traces
from twophoton_decode.pipeline.page.content import current_entries
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.records import (
    CellCountCurves,
    Encoding,
    Reconstruction,
    Record,
    Responses,
    Stability,
)
from twophoton_decode.report.data.gather import SessionRecords
from twophoton_decode.report.data.orderly import MOST_CELLS
from twophoton_decode.session.ledger import Entry

R = TypeVar("R", bound=Record)

_AFTER_RESPONSE_S = 1.0


def explorable(work: StageInput) -> tuple[SessionRecords | None, list[str]]:
    """What the page's explorer shows, None where it cannot show it; and why, in words."""
    records = page_records(work, current_entries(work))
    if records is None or records.responses.cells <= MOST_CELLS:
        return records, []
    why = (
        f"report: the page has no explorer, since {records.responses.cells} cells are more "
        f"than the {MOST_CELLS} it can hold; figures and numbers are complete"
    )
    return None, [why]


def page_records(work: StageInput, entries: Mapping[str, Entry]) -> SessionRecords | None:
    """Responses, decoders (the best one first) and cells; None where nothing was decoded.

    Parameters
    ----------
    entries : mapping
        The results that are up to date.
    """
    made = _of_decoders(work, entries, Reconstruction, "reconstruct", "reconstruction")
    if not made:
        return None
    best = best_decoder(made, work.settings.decoding.primary_score)
    windows = work.settings.responses
    return SessionRecords(
        responses=paired_responses(made[best], work.read(Responses, "responses.nc")),
        reconstructions=dict(sorted(made.items(), key=lambda item: item[0] != best)),
        curves=_of_decoders(work, entries, CellCountCurves, "sparsity-report", "cell_count"),
        stability=_of_decoders(work, entries, Stability, "stability-report", "stability"),
        encoding=work.read(Encoding, "encoding.nc") if _there(entries, "encode") else None,
        traces=session_traces(work) if _there(entries, "extract") else None,
        trace_window_s=(
            min(windows.baseline_window_s[0], 0.0),
            windows.response_window_s[1] + _AFTER_RESPONSE_S,
        ),
    )


def _there(entries: Mapping[str, Entry], key: str) -> bool:
    return key in entries and not entries[key].unavailable


def _of_decoders(
    work: StageInput, entries: Mapping[str, Entry], kind: type[R], stage: str, folder: str
) -> dict[str, R]:
    """A stage's records, by decoder."""
    names = [key.partition(":")[2] for key in entries if key.startswith(f"{stage}:")]
    return {
        name: replace(work, decoder=name).read(kind, f"{folder}/{{decoder}}.nc")
        for name in names
        if _there(entries, f"{stage}:{name}")
    }
