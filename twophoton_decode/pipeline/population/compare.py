"""Several sessions to population results in a folder: figures, tables, one page."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from twophoton_decode import __version__
from twophoton_decode.analyses.sessions.comparisons import paired_comparisons
from twophoton_decode.analyses.sessions.tables import (
    population_table,
    statistics_table,
    tidy_table,
)
from twophoton_decode.analyses.sessions.view import population_view
from twophoton_decode.figures.canvas.drawing import Drawing, Shown, table_csv
from twophoton_decode.figures.canvas.rendering import render_all
from twophoton_decode.figures.publication.files import publication_files
from twophoton_decode.figures.publication.population import population_figure
from twophoton_decode.figures.sessions.conditions import conditions_over_sessions
from twophoton_decode.figures.sessions.decoders import (
    decoders_over_sessions,
    responses_over_sessions,
)
from twophoton_decode.pipeline.population.members import (
    PER_DECODER,
    Member,
    Population,
    measure,
    open_members,
)
from twophoton_decode.pipeline.stages.reconstruct import RECONSTRUCT
from twophoton_decode.pipeline.stages.respond import RESPOND
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Reconstruction
from twophoton_decode.records.sessions import PairedComparison, PopulationView
from twophoton_decode.records.table import Table
from twophoton_decode.report.sessions.page import sessions_page
from twophoton_decode.report.sessions.rows import SessionPart
from twophoton_decode.report.sessions.thumbnails import Thumbnails, thumbnails
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.session.output_folder import check_writable, write_files

PAGE = "population.html"


@dataclass(frozen=True, eq=False)
class Comparison:
    """What came out of the sessions together."""

    population: Population
    view: PopulationView

    @property
    def compared(self) -> Sequence[PairedComparison]:
        """The paired tests."""
        return self.view.compared


def compare(
    paths: Sequence[Path],
    output: Path,
    decoders: Sequence[str] = (),
    progress: Progress = silent,
    publication: Mapping[str, Any] | None = None,
) -> Comparison:
    """Compare decoders, conditions and stability over sessions; write figures and tables.

    Sessions are only read. Results that are stale or missing are left out and named.

    Parameters
    ----------
    decoders : sequence of str
        Which to compare; by default those that are up to date in every session.
    publication : mapping of setting to value, optional
        Write figures for a paper too, with these settings of the user's style file.

    Raises
    ------
    UsageError
        Fewer than two sessions, or an output folder that is a session or holds other files.
    SessionError
        No decoder is up to date in two sessions.
    """
    check_writable(output, list(paths))
    population = measure(open_members(paths), decoders, progress)
    view = _view(population)
    comparison = Comparison(population, view)
    files = dict(_files(output, comparison, progress))
    if publication is not None:
        files |= dict(_published(comparison, publication))
    write_files(output, files)
    return comparison


def primary_score(population: Population) -> str:
    """The score that the sessions name; r_average where they differ."""
    named = {each.session.settings.decoding.primary_score for each in population.members}
    return str(named.pop()) if len(named) == 1 else "r_average"


def _view(population: Population) -> PopulationView:
    """Tests and intervals, with resamplings and seed as the first session has them."""
    settings = population.members[0].session.settings.decoding
    compared = paired_comparisons(
        population.found,
        primary_score=primary_score(population),
        resamplings=settings.bootstraps,
        rng=np.random.default_rng(settings.seed),
    )
    return population_view(
        population.found, compared, resamplings=settings.bootstraps, seed=settings.seed
    )


def _files(output: Path, comparison: Comparison, progress: Progress) -> Iterator[tuple[str, bytes]]:
    """Every file of the folder, by its name in it."""
    view = comparison.view
    for name, table in _tables(view).items():
        yield f"{name}.csv", table_csv(table)
    headings, drawings = zip(*_drawings(comparison), strict=True)
    drawn = render_all(drawings, progress)
    for shown in drawn:
        for kind, data in shown.files.items():
            yield f"figures/{shown.name}.{kind}", data
    sections = [(heading, [shown]) for heading, shown in zip(headings, drawn, strict=True)]
    yield PAGE, _page(output, comparison, sections).encode()


def _published(comparison: Comparison, own: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Figures for a paper, of every decoder, by their names in the folder."""
    decoders = comparison.population.decoders
    for name in decoders:
        figure = population_figure(comparison.view, decoders, name)
        for file, data in publication_files(figure, own):
            yield f"publication/{file}", data


def _tables(view: PopulationView) -> dict[str, Table]:
    return {
        "sessions": tidy_table(view.found),
        "population": population_table(view),
        "statistics": statistics_table(view.compared),
    }


def _drawings(comparison: Comparison) -> list[tuple[str, Drawing]]:
    view, decoders = comparison.view, comparison.population.decoders
    drawn = [("Reconstructed images", decoders_over_sessions(view, decoders))]
    drawn += [
        (f"How many cells, how stable: {name}", conditions_over_sessions(view, name))
        for name in decoders
    ]
    if any(not each.decoder for each in view.found):
        drawn.append(("Which cells respond", responses_over_sessions(view)))
    return drawn


def _page(output: Path, comparison: Comparison, sections: list[tuple[str, list[Shown]]]) -> str:
    population, view = comparison.population, comparison.view
    # The first of the best: its pictures stand in the rows.
    decoders = sorted(population.decoders, key=lambda name: -_score(view, name, population))
    return sessions_page(
        title=output.resolve().name,
        version=__version__,
        view=view,
        decoders=decoders,
        parts=[_part(each, decoders[0], output) for each in population.members],
        drawings=sections,
        settings=[
            ("compare", "decoders", list(population.decoders), ""),
            ("compare", "primary_score", primary_score(population), "compares the decoders"),
            ("compare", "bootstraps", view.resamplings, "resamplings behind intervals"),
            ("compare", "seed", view.seed, "of the resamplings"),
        ],
        provenance=[_provenance(each, population.decoders) for each in population.members],
        notes=population.notes,
    )


def _score(view: PopulationView, decoder: str, population: Population) -> float:
    """The primary score of a decoder over the sessions."""
    mean = view.means.get((decoder, primary_score(population), ""))
    return -np.inf if mean is None else mean.mean


def _part(member: Member, decoder: str, output: Path) -> SessionPart:
    """What the page shows of a session beside its numbers."""
    return SessionPart(
        member.name,
        member.mouse,
        page_beside(member.session.folder.report, output),
        _pictures(member, decoder),
    )


def page_beside(report: Path, output: Path) -> str:
    """The address of a session's page from the folder `output`; "" where it is not beside it.

    Beside is what lies below the folder that holds `output`: these are moved and sent together.
    """
    around = output.resolve().parent
    if not report.is_file() or not report.resolve().is_relative_to(around):
        return ""
    return quote(Path(os.path.relpath(report.resolve(), output.resolve())).as_posix())


def _pictures(member: Member, decoder: str) -> Thumbnails | None:
    """Pictures of the session, as far as the decoder's are up to date and have scores."""
    if not member.has(RECONSTRUCT.key(decoder)):
        return None
    made = read_record(RECONSTRUCT.record_path(member.session.folder, decoder), Reconstruction)
    return thumbnails(made) if np.isfinite(made.r_average).any() else None


def _provenance(member: Member, decoders: Sequence[str]) -> dict[str, Any]:
    """Which results of a session went in, by the hash of their content."""
    keys = [RESPOND.key(""), *(stage.key(name) for name in decoders for stage in PER_DECODER)]
    entries = {key: member.session.ledger[key] for key in keys if member.has(key)}
    return {
        "session": member.name,
        "mouse": member.mouse,
        "results": {key: entry.content for key, entry in entries.items()},
        "tpdecode": sorted({entry.versions["tpdecode"] for entry in entries.values()}),
    }
