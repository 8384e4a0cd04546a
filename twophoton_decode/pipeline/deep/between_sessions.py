"""Populations of sessions that saw the same pictures: with networks, and with each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from twophoton_decode.deep.comparison.agreement import spearman
from twophoton_decode.deep.comparison.between_sessions import Recorded, named_agreement
from twophoton_decode.deep.comparison.models import Model, layer_models, pixel_model
from twophoton_decode.deep.comparison.representation import Comparison, represent
from twophoton_decode.deep.networks.named import random_twin
from twophoton_decode.errors import AnalysisError, SessionError
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.deep.area_profile import area_profile
from twophoton_decode.figures.deep.between_sessions import (
    between_sentences,
    is_one_pair,
    names_table,
    pairs_table,
    populations_between_sessions,
)
from twophoton_decode.figures.deep.representation import layers_and_populations
from twophoton_decode.figures.deep.representation_words import sentences
from twophoton_decode.pipeline.deep.results import (
    SessionsResult,
    provenance_of,
    result_files,
    sessions_table,
)
from twophoton_decode.pipeline.deep.same_pictures import Compared, same_pictures
from twophoton_decode.pipeline.inputs.network_features import features_of
from twophoton_decode.pipeline.population.members import Member, open_members
from twophoton_decode.pipeline.stages.deep.rsa import DEEP_RSA, FILE, summary_of
from twophoton_decode.pipeline.stages.respond import RESPOND
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Representation, Responses
from twophoton_decode.records.deep.between_sessions import PopulationsBetweenSessions
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.session.output_folder import check_writable, write_files

PAGE = "representation.html"
COMMAND = "tpdecode deep rsa"
_RESAMPLES, _SEED = 2000, 0
INTERVALS = (
    "of agreement with layers: pictures and sessions drawn with replacement, for new ones of both. "
    "Of the difference between same and other names: sessions drawn. Both from four sessions on."
)


class Between(NamedTuple):
    """Areas pooled over sessions with layers of networks, and single populations."""

    areas: Representation
    populations: PopulationsBetweenSessions

    def said(self) -> list[str]:
        """What both show, in sentences."""
        return [*sentences(self.areas), *between_sentences(self.populations)]


def members_of(paths: Sequence[Path], output: Path) -> list[Member]:
    """The sessions, before anything is computed.

    Raises
    ------
    UsageError
        A folder is no session or is named twice, or results must not be written to `output`.
    """
    check_writable(output, list(paths))
    return open_members(paths, COMMAND)


def compare_between_sessions(
    paths: Sequence[Path],
    output: Path,
    networks: Sequence[str] = (),
    progress: Progress = silent,
) -> Between:
    """Compare areas over sessions with layers and with each other; write figures and a page.

    Sessions are only read, but for their caches of features. Populations whose reliability is
    too low are left out and named.

    Parameters
    ----------
    networks : sequence of str
        By default those of the first session's ``[deep] networks``.

    Raises
    ------
    UsageError
        As `members_of`.
    SessionError
        A session without an up-to-date result of ``deep rsa``.
    AnalysisError
        Sessions with other pictures or dissimilarities, or no population that is reliable.
    """
    members = members_of(paths, output)
    found = [_read(each) for each in members]
    compared = same_pictures(members, found)
    names = tuple(networks) or tuple(members[0].session.settings.deep.networks)
    made = _between(members, found, compared, names, progress)
    result = _result(members, found, made, names)
    write_files(output, result_files(result, output, progress))
    return made


def _of_one_mouse(members: Sequence[Member]) -> list[str]:
    """Mice with several sessions: sessions are drawn for the intervals, not mice."""
    sessions = Counter(member.mouse for member in members if member.mouse)
    several = [f"{mouse} ({count})" for mouse, count in sessions.items() if count > 1]
    if not several:
        return []
    return [
        f"several sessions are of one mouse: {', '.join(several)}. Intervals are for new sessions "
        "of these mice; for new mice they are too narrow."
    ]


def _read(member: Member) -> Representation:
    key = DEEP_RSA.key("")
    if not member.has(key):
        raise SessionError(
            f"{member.why_not(key)}. Run {COMMAND} {member.session.folder.path} first."
        )
    return read_record(member.session.folder.path / FILE, Representation)


def _between(
    members: Sequence[Member],
    found: Sequence[Representation],
    compared: Compared,
    networks: Sequence[str],
    progress: Progress,
) -> Between:
    recorded, left = _recorded(members, found, compared)
    notes = [*compared.notes, *left, *_of_one_mouse(members)]
    settings = members[0].session.settings.decoding
    twins = {name: random_twin(name) for name in dict.fromkeys(networks)}
    areas = represent(
        Comparison(
            populations=recorded.areas(),
            models=_models(members[0], compared, twins, notes, progress),
            twins=twins,
            picture_name=compared.name,
            between=recorded.between_areas(),
            measure=found[0].measure,
            halves_measure=found[0].halves_measure,
            splits=found[0].splits,
            bootstraps=settings.bootstraps,
            seed=settings.seed,
            notes=notes,
        ),
        progress,
    )
    return Between(areas, _populations(members, recorded, compared, found[0].measure, notes))


def _recorded(
    members: Sequence[Member], found: Sequence[Representation], compared: Compared
) -> tuple[Recorded, list[str]]:
    """Reliable populations of all sessions, those of one name together, and which are left out."""
    every = [(s, place) for s, each in enumerate(found) for place in range(len(each.population))]
    kept = [(s, place) for s, place in every if found[s].ranked[place]]
    left = [
        f"{members[s].name}: {found[s].population[place]}"
        for s, place in every
        if not found[s].ranked[place]
    ]
    if not kept:
        raise AnalysisError(
            f"no population is reliable enough to be compared: {', '.join(left)} lie below "
            f"{found[0].least_reliability:g}."
        )
    first = {str(found[s].population[place]): n for n, (s, place) in reversed([*enumerate(kept)])}
    kept.sort(key=lambda pair: first[str(found[pair[0]].population[pair[1]])])

    def of(name: str) -> np.ndarray:
        return np.array([getattr(found[s], name)[place] for s, place in kept])

    ceiling = np.stack([of("ceiling_low"), of("ceiling_high")], axis=1)
    rdm = np.array([compared.rdm(s, found[s].dissimilarity[place]) for s, place in kept])
    session = np.array([s for s, _ in kept])
    recorded = Recorded(
        of("population"), session, of("population_cells"), of("reliability"), ceiling, rdm
    )
    note = [f"left out, as their reliability is too low: {', '.join(left)}."] if left else []
    return recorded, note


def _models(
    member: Member,
    compared: Compared,
    twins: dict[str, str],
    notes: list[str],
    progress: Progress,
) -> list[Model]:
    """Layers of the networks and of their random twins, and the pixels; none without pictures."""
    if compared.shown is None:
        return []
    work = member.session.stage_input(DEEP_RSA, "", member.verdicts)
    work = replace(work, progress=progress)
    models: list[Model] = []
    for network in dict.fromkeys([*twins, *twins.values()]):
        features = features_of(work, network)
        notes += [note for note in features.notes if note not in notes]
        models += layer_models(features, compared.shown, notes)
    return [*models, *pixel_model(compared.picture, notes)]


def _populations(
    members: Sequence[Member],
    recorded: Recorded,
    compared: Compared,
    measure: str,
    notes: list[str],
) -> PopulationsBetweenSessions:
    rng = np.random.default_rng(_SEED)
    several = len(recorded.name) > 1
    named = (
        named_agreement(recorded.rdm, recorded.name, recorded.session, _RESAMPLES, rng)
        if several
        else []
    )
    return PopulationsBetweenSessions(
        population=recorded.name,
        session_of=recorded.session,
        reliability=recorded.reliability,
        agreement=spearman(recorded.rdm, recorded.rdm),
        session=np.array([each.name for each in members]),
        mouse=np.array([each.mouse for each in members]),
        name=np.array([each.name for each in named], dtype=str),
        sessions_with=np.array([each.sessions for each in named], dtype=np.int64),
        same=np.array([each.same for each in named]),
        other=np.array([each.other for each in named]),
        difference=np.array([each.difference for each in named]),
        difference_ci95=np.array([each.difference_ci95 for each in named]).reshape(-1, 2),
        picture_name=compared.name,
        measure=measure,
        resamples=_RESAMPLES,
        seed=_SEED,
        notes=notes,
    )


def _result(
    members: Sequence[Member],
    found: Sequence[Representation],
    made: Between,
    networks: Sequence[str],
) -> SessionsResult:
    drawings: list[tuple[str, Drawing]] = [
        ("Layers and areas", layers_and_populations(made.areas)),
    ]
    if len(made.areas.network):
        drawings.append(("Profile of areas over layers", area_profile(made.areas)))
    if not is_one_pair(made.populations):
        drawn = populations_between_sessions(made.populations)
        drawings.append(("Populations of different sessions", drawn))
    images = [
        read_record(RESPOND.record_path(each.session.folder, ""), Responses).images
        for each in members
    ]
    populations = [", ".join(each.population.tolist()) for each in found]
    names = names_table(made.populations)
    return SessionsResult(
        page=PAGE,
        question="What do networks and areas have in common, over sessions?",
        found=made.said(),
        key="rsa",
        summary=summary_of(made.areas) | {"names": names},
        records={"rsa.nc": made.areas, "populations_between_sessions.nc": made.populations},
        tables={"between.csv": pairs_table(made.populations), "names.csv": names},
        drawings=drawings,
        sessions=sessions_table(members, {"pictures": images, "populations": populations}),
        settings=[
            ("rsa", "networks", list(networks), ""),
            ("rsa", "dissimilarity", made.areas.measure, "between responses"),
            ("rsa", "bootstraps", made.areas.bootstraps, "draws of pictures and sessions"),
        ],
        provenance=provenance_of(members, RESPOND.key(""), DEEP_RSA.key("")),
        intervals=INTERVALS,
        notes=made.areas.notes,
    )
