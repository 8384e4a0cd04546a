"""Several networks against populations of one or several sessions: scores, figure, page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.figures.deep.hierarchy import (
    best_table,
    hierarchy_figure,
    hierarchy_sentence,
    hierarchy_table,
)
from twophoton_decode.pipeline.deep.network_hierarchy import NetworkHierarchy, of_networks, traits
from twophoton_decode.pipeline.deep.populations import Ordered, ordered_populations
from twophoton_decode.pipeline.deep.results import (
    SessionsResult,
    provenance_of,
    result_files,
    sessions_table,
)
from twophoton_decode.pipeline.deep.sessions import seen_by
from twophoton_decode.pipeline.population.members import Member, open_members
from twophoton_decode.pipeline.stages.respond import RESPOND
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.deep.hierarchy_scores import HierarchyScores
from twophoton_decode.session.output_folder import check_writable, write_files

if TYPE_CHECKING:
    from twophoton_decode.deep.hierarchy.network import Score

PAGE = "hierarchy.html"
TOGETHER = 6
"""Networks that are decoded together: features of so many are in memory at a time."""
INTERVALS = (
    "of scores: from leaving out a twentieth of each session's pictures at a time, Student's t "
    "with 19 degrees of freedom. They are for new pictures, not for new animals."
)


def score_hierarchies(
    paths: Sequence[Path],
    output: Path,
    networks: Sequence[str] = (),
    order: Sequence[str] = (),
    *,
    stored_t: bool = False,
    progress: Progress = silent,
) -> HierarchyScores:
    """Score networks against the populations of sessions; write tables, figure and page.

    Sessions are only read, but for their caches of features.

    Parameters
    ----------
    networks : sequence of str
        By default those that the first session names under ``[deep] networks``.
    order : sequence of str
        Populations, early to late; without it, imaging planes in their order.
    stored_t : bool
        Test units as the code published with the study does.

    Raises
    ------
    UsageError
        The order of populations is not told, or an output folder that holds other files.
    SessionError
        Responses are not up to date, or sessions differ in networks, units or preprocessing.
    AnalysisError
        A session lacks a population, or has too few cells or pictures.
    """
    check_writable(output, list(paths))
    members = open_members(paths, "tpdecode deep hierarchy", fewest=1)
    names = tuple(networks) or tuple(members[0].session.settings.deep.networks)
    populations = ordered_populations(members, order)
    found = _scores(members, names, populations, stored_t, progress)
    write_files(output, result_files(_result(members, found), output, progress))
    return found


def _scores(
    members: Sequence[Member],
    networks: Sequence[str],
    populations: Ordered,
    stored_t: bool,
    progress: Progress,
) -> HierarchyScores:
    from twophoton_decode.deep.networks.named import random_twin, split_name

    made: list[NetworkHierarchy] = []
    notes = [*populations.notes]
    for start in range(0, len(networks), TOGETHER):
        seen = []
        for network in networks[start : start + TOGETHER]:
            twin = random_twin(network) if split_name(network)[1] is None else ""
            seen.append(seen_by(members, network, twin, progress))
        made += of_networks(seen, populations, stored_t, progress)
        notes += [
            f"{each.member.name}: {note}" for own in seen for each in own
            for note in each.network.notes
        ]  # fmt: skip
    kinds = [traits(members[0], network) for network in networks]
    scores = {
        name: _columns([getattr(each, name) for each in made])
        for name in ("matched", "twin", "all_cells")
    }
    return HierarchyScores(
        network=np.array(networks),
        score=scores["matched"]["score"],
        score_ci95=scores["matched"]["ci95"],
        null=scores["matched"]["null"],
        p=scores["matched"]["p"],
        twin_score=scores["twin"]["score"],
        twin_ci95=scores["twin"]["ci95"],
        all_cells_score=scores["all_cells"]["score"],
        all_cells_ci95=scores["all_cells"]["ci95"],
        top1=np.array([each.top1 for each in kinds]),
        depth=np.array([each.depth for each in kinds]),
        fully_connected=np.array([each.fully_connected for each in kinds]),
        skips=np.array([each.skips for each in kinds]),
        population=np.array(populations.order),
        session=np.array([each.name for each in members]),
        images=np.array(made[0].images),
        cells=np.array([[len(own) for own in cells] for cells in populations.cells]),
        reliability=np.array(populations.mean_reliability()),
        matched_cells=np.array(populations.matched_numbers()),
        matched_reliability=np.array([len(bins[0]) > 1 for bins in populations.bins]),
        layer=np.concatenate([each.layers for each in made]),
        network_of_layer=np.repeat(np.arange(len(made)), [len(each.layers) for each in made]),
        best=np.concatenate([each.matched.table for each in made]),
        stored_t=stored_t,
        notes=list(dict.fromkeys([*notes, *(note for each in made for note in each.notes)])),
    )


def _columns(scores: Sequence[Score | None]) -> dict[str, np.ndarray]:
    """Score, interval, null and p of every network; NaN where there is none."""
    nan = float("nan")
    return {
        "score": np.array([nan if each is None else each.score for each in scores]),
        "ci95": np.array([(nan, nan) if each is None else each.ci95 for each in scores]),
        "null": np.array([(nan,) * 3 if each is None else each.null for each in scores]),
        "p": np.array([nan if each is None else each.p for each in scores]),
    }


def hierarchy_summary(found: HierarchyScores) -> dict[str, Any]:
    """The score of every network beside its null, its twin and the score of all cells."""
    return {
        name: {
            "score": float(found.score[row]),
            "score_ci95": found.score_ci95[row].tolist(),
            "random": float(found.twin_score[row]),
            "order_null": found.null[row].tolist(),
            "order_p": float(found.p[row]),
            "all_cells": float(found.all_cells_score[row]),
            "populations": found.population.tolist(),
        }
        for row, name in enumerate(found.network.tolist())
    }


def _result(members: Sequence[Member], found: HierarchyScores) -> SessionsResult:
    question = "Is the order of layers that of areas?"
    scores, best = hierarchy_table(found), best_table(found)
    cells = [", ".join(map(str, own)) for own in found.cells.tolist()]
    order = ", ".join(found.population.tolist())
    return SessionsResult(
        page=PAGE,
        question=question,
        found=[hierarchy_sentence(found)],
        key="hierarchy",
        summary=hierarchy_summary(found),
        records={"hierarchy.nc": found},
        tables={"hierarchy.csv": scores, "best_populations.csv": best},
        drawings=[(question, hierarchy_figure(found))],
        sessions=sessions_table(
            members, {"pictures": found.images.tolist(), f"cells of {order}": cells}
        ),
        settings=[
            ("hierarchy", "networks", found.network.tolist(), ""),
            ("hierarchy", "order", found.population.tolist(), "populations, early to late"),
            ("hierarchy", "kamitani_t", found.stored_t, "units tested as in the published code"),
        ],
        provenance=provenance_of(members, RESPOND.key("")),
        notes=found.notes,
        intervals=INTERVALS,
    )
