"""What a deep command over several sessions writes into its folder, and how its page is made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twophoton_decode import __version__
from twophoton_decode.figures.canvas.drawing import Drawing, table_csv
from twophoton_decode.figures.canvas.rendering import render_all
from twophoton_decode.pipeline.population.members import Member
from twophoton_decode.progress import Progress
from twophoton_decode.records import Record
from twophoton_decode.records.table import Table
from twophoton_decode.report.parts import Setting
from twophoton_decode.report.sessions.comparison import comparison_page
from twophoton_decode.report.sessions.tests_table import PageTable
from twophoton_decode.session.netcdf import write_record


@dataclass(frozen=True, eq=False)
class SessionsResult:
    """The result of one command.

    Parameters
    ----------
    page : str
        File name of the page.
    question : str
        What was asked: the heading of the page.
    found : sequence of str
        Sentences that answer it.
    key : str
        Under which ``summary.json`` has the numbers, within ``deep``.
    summary : mapping
    records : mapping of file name to Record
    tables : mapping of file name to Table
    drawings : sequence of (heading, Drawing)
    sessions : PageTable
        What went in: sessions with their pictures and cells, or files.
    settings, provenance, notes, intervals
        As the page takes them.
    """

    page: str
    question: str
    found: Sequence[str]
    key: str
    summary: Mapping[str, Any]
    records: Mapping[str, Record]
    tables: Mapping[str, Table]
    drawings: Sequence[tuple[str, Drawing]]
    sessions: PageTable
    settings: Sequence[Setting]
    provenance: Sequence[Mapping[str, Any]]
    intervals: str
    notes: Sequence[str] = field(default_factory=list)


def result_files(result: SessionsResult, output: Path, progress: Progress) -> dict[str, bytes]:
    """Every file of the folder `output`, by its name in it."""
    files = {name: record_bytes(record) for name, record in result.records.items()}
    files |= {name: table_csv(table) for name, table in result.tables.items()}
    summary = {"deep": {result.key: result.summary}}
    files["summary.json"] = (json.dumps(summary, indent=1, ensure_ascii=False) + "\n").encode()
    headings, drawings = zip(*result.drawings, strict=True)
    drawn = render_all(list(drawings), progress)
    for shown in drawn:
        files |= {f"figures/{shown.name}.{kind}": data for kind, data in shown.files.items()}
    page = comparison_page(
        title=output.resolve().name,
        version=__version__,
        question=result.question,
        found=result.found,
        tables=[result.sessions],
        drawings=[(heading, [shown]) for heading, shown in zip(headings, drawn, strict=True)],
        settings=result.settings,
        provenance=result.provenance,
        notes=list(result.notes),
        intervals=result.intervals,
    )
    return {**files, result.page: page.encode()}


def sessions_table(members: Sequence[Member], columns: Mapping[str, Sequence[Any]]) -> PageTable:
    """The sessions with their mice, and a column for each of `columns`."""
    given = [[str(value) for value in column] for column in columns.values()]
    rows = [
        (each.name, each.mouse, *cells)
        for each, cells in zip(members, zip(*given, strict=True), strict=True)
    ]
    return PageTable("Sessions", ("session", "mouse", *columns), rows)


def provenance_of(members: Sequence[Member], *keys: str) -> list[dict[str, Any]]:
    """Which results of every session went in, by the hash of their content."""
    return [
        {
            "session": each.name,
            "mouse": each.mouse,
            "results": {key: each.session.ledger[key].content for key in keys if each.has(key)},
        }
        for each in members
    ]


def record_bytes(record: Record) -> bytes:
    """The file of a record."""
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / "record.nc"
        write_record(path, record)
        return path.read_bytes()
