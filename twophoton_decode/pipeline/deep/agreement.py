"""Several sessions to the units that are decoded alike in them: database, figures, page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.deep.networks.named import file_name
from twophoton_decode.figures.deep.unit_agreement import agreement_sentence, unit_agreement
from twophoton_decode.pipeline.deep.agreement_tables import (
    agreement_summary,
    agreement_table,
    unit_table,
)
from twophoton_decode.pipeline.deep.results import (
    SessionsResult,
    provenance_of,
    result_files,
    sessions_table,
)
from twophoton_decode.pipeline.deep.sessions import Seen, seen_by
from twophoton_decode.pipeline.population.members import Member, open_members
from twophoton_decode.pipeline.stages.respond import RESPOND
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.deep.unit_agreement import UnitAgreement
from twophoton_decode.session.output_folder import check_writable, write_files

PAGE = "agreement.html"
INTERVALS = (
    "of agreement: from leaving out a twentieth of the pictures at a time, Student's t with 19 "
    "degrees of freedom. They are for new pictures, not for new animals."
)


def agree(
    paths: Sequence[Path],
    output: Path,
    networks: Sequence[str] = (),
    progress: Progress = silent,
) -> list[UnitAgreement]:
    """Compare which units sessions decode well; write the database, tables, figures and a page.

    Sessions are only read, but for their caches of features.

    Parameters
    ----------
    networks : sequence of str
        By default those that the first session names under ``[deep] networks``.

    Raises
    ------
    UsageError
        Fewer than two sessions, or an output folder that is a session or holds other files.
    SessionError
        Responses are not up to date, or sessions differ in networks, units or preprocessing.
    AnalysisError
        Too few pictures or cells.
    """
    check_writable(output, list(paths))
    members = open_members(paths, "tpdecode deep agreement")
    names = tuple(networks) or tuple(members[0].session.settings.deep.networks)
    found = [compare_network(members, name, progress) for name in names]
    write_files(output, result_files(_result(members, found), output, progress))
    return found


def compare_network(
    members: Sequence[Member], network: str, progress: Progress = silent
) -> UnitAgreement:
    """The agreement of the sessions' unit accuracies for one network."""
    from twophoton_decode.deep.comparison.units.halves import common_content
    from twophoton_decode.deep.comparison.units.sessions import compare_units
    from twophoton_decode.deep.networks.named import random_twin, split_name

    twin = random_twin(network) if split_name(network)[1] is None else ""
    seen = seen_by(members, network, twin, progress)
    spaces = [_spaces(each) for each in seen]
    made = [
        _decoded(each, own, n, progress)
        for n, (each, own) in enumerate(zip(seen, spaces, strict=True))
    ]
    settings = members[0].session.settings.decoding
    content = common_content(
        [each.responses.picture for each in seen],
        [session.content for session, _ in made],
        settings.near_duplicate_correlation,
    )
    sessions = [
        session._replace(content=own) for (session, _), own in zip(made, content, strict=True)
    ]
    fields, left_out = compare_units(sessions, spaces, settings.seed, progress)
    notes = [f"{each.member.name}: {note}" for each in seen for note in each.network.notes]
    return UnitAgreement(
        **fields,
        position=_positions(seen[0], fields),
        session=np.array([each.name for each in sessions]),
        mouse=np.array([each.mouse for each in sessions]),
        images=np.array([each.responses.images for each in seen]),
        cells=np.array([each.responses.cells for each in seen]),
        network=network,
        twin=twin,
        sha256=seen[0].network.sha256,
        notes=[*notes, *(note for _, own in made for note in own), *left_out, *_nameless(members)],
    )


def _positions(seen: Seen, fields: dict[str, Any]) -> np.ndarray:
    """Channel, y and x of every unit in its layer, (units, 3)."""
    shapes = dict(zip(seen.network.layers, seen.network.layer_shape.tolist(), strict=True))
    pixels = [1, *seen.responses.picture.shape[1:]]
    position = np.empty((len(fields["place"]), 3), dtype=np.int64)
    for number, name in enumerate(fields["space"]):
        own = fields["space_of_unit"] == number
        found = np.unravel_index(fields["place"][own], shapes.get(name, pixels))
        position[own] = np.stack(found, axis=1)
    return position


def _spaces(seen: Seen) -> list[Any]:
    """Layers of the network and of its twin, and pixels, of the pictures shown."""
    from twophoton_decode.deep.comparison.decoding.spaces import (
        NETWORK,
        PIXELS,
        RANDOM,
        layers_of,
        simple_spaces,
    )

    spaces = layers_of(NETWORK, seen.network, seen.shown)
    if seen.twin is not None:
        spaces += layers_of(RANDOM, seen.twin, seen.shown)
    simple = simple_spaces(seen.responses.picture)
    return [*spaces, *(each for each in simple if each.kind == PIXELS)]


def _decoded(
    seen: Seen, spaces: list[Any], number: int, progress: Progress
) -> tuple[Any, list[str]]:
    """The session with its decoded units, and what was said on the way."""
    from twophoton_decode.deep.comparison.decoding.network_decoding import decoding_folds
    from twophoton_decode.deep.comparison.decoding.populations import shown_to_populations
    from twophoton_decode.deep.comparison.units.decoding import decoded_session
    from twophoton_decode.errors import AnalysisError

    responses, member = seen.responses, seen.member
    settings = member.session.settings.decoding
    try:
        shown_to_populations(responses)
        folds, notes = decoding_folds(responses.picture, responses.image_group, settings)
    except AnalysisError as error:
        raise AnalysisError(f"{member.name}: {error}") from error
    made = decoded_session(
        member.name, member.mouse, responses.averages(), responses.picture, spaces, folds,
        repeats=len(responses.image) / responses.images, seed=(settings.seed, 8, number),
        progress=progress,
    )  # fmt: skip
    return made, [f"{member.name}: {note}" for note in [*folds.warnings, *notes]]


def _nameless(members: Sequence[Member]) -> list[str]:
    names = [each.name for each in members if not each.session.settings.subject.mouse]
    if not names:
        return []
    return [
        f"{', '.join(names)}: no mouse is named ([subject] mouse in session.toml), so each counts "
        "as a mouse of its own."
    ]


def _result(members: Sequence[Member], found: Sequence[UnitAgreement]) -> SessionsResult:
    settings = members[0].session.settings.decoding
    return SessionsResult(
        page=PAGE,
        question="Are units decoded alike in different animals?",
        found=[agreement_sentence(each) for each in found],
        key="agreement",
        summary={each.network: agreement_summary(each) for each in found},
        records={f"agreement_{file_name(each.network)}.nc": each for each in found},
        tables={
            "unit_accuracy.csv": unit_table(found),
            "agreement.csv": agreement_table(found),
        },
        drawings=[(f"Units decoded alike: {each.network}", unit_agreement(each)) for each in found],
        sessions=sessions_table(
            members, {"pictures": found[0].images.tolist(), "cells": found[0].cells.tolist()}
        ),
        settings=[
            ("agreement", "networks", [each.network for each in found], ""),
            ("agreement", "seed", settings.seed, "of halves, exchanges and simulated mice"),
        ],
        provenance=provenance_of(members, RESPOND.key("")),
        notes=list(dict.fromkeys(note for each in found for note in each.notes)),
        intervals=INTERVALS,
    )
