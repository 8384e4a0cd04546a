"""Populations of one name across sessions that saw the same pictures: tables in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from twophoton_decode.deep.comparison.agreement import spearman
from twophoton_decode.deep.comparison.between_sessions import NamedAgreement, named_agreement
from twophoton_decode.errors import AnalysisError, SessionError
from twophoton_decode.figures.canvas.drawing import table_csv
from twophoton_decode.pipeline.stages.deep.rsa import FILE
from twophoton_decode.records import Representation
from twophoton_decode.records.table import Table
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.session.output_folder import check_writable, write_files

_RESAMPLES, _SEED = 2000, 0


def compare_between_sessions(paths: Sequence[Path], output: Path) -> list[str]:
    """Write ``between.csv`` (pairs of populations) and ``names.csv``; what they show, in words.

    Sessions are only read. Populations whose reliability is too low are left out and named.

    Raises
    ------
    SessionError
        A session without a result of ``deep rsa``.
    AnalysisError
        Sessions with other pictures, or no name in two of them.
    """
    check_writable(output, list(paths))
    found = [_read(path) for path in paths]
    _refuse_other_pictures(paths, found)
    rows = [
        (session, place)
        for session, each in enumerate(found)
        for place in np.flatnonzero(each.ranked).tolist()
    ]
    left = [
        f"{paths[session].name}: {each.population[place]}"
        for session, each in enumerate(found)
        for place in np.flatnonzero(~each.ranked).tolist()
    ]
    name = np.array([found[session].population[place] for session, place in rows], dtype=str)
    session = np.array([session for session, _ in rows], dtype=np.int64)
    rdms = np.array([found[s].dissimilarity[place] for s, place in rows], dtype=float)
    rng = np.random.default_rng(_SEED)
    named = named_agreement(rdms, name, session, _RESAMPLES, rng) if len(rows) > 1 else []
    if not named:
        raise AnalysisError(
            "no population that is reliable enough has its name in two sessions, beside others: "
            f"found {', '.join(dict.fromkeys(name.tolist())) or 'none'}."
        )
    labels = [f"{paths[s].name}: {found[s].population[place]}" for s, place in rows]
    files = {"between.csv": table_csv(_pairs(labels, rdms)), "names.csv": table_csv(_names(named))}
    write_files(output, files)
    noise = [f"left out, as their reliability is too low: {', '.join(left)}."] if left else []
    return [*noise, *(each.sentence() for each in named), f"results: {output}"]


def _read(path: Path) -> Representation:
    if not (path / FILE).is_file():
        raise SessionError(f"{path} has no result of `tpdecode deep rsa {path}`.")
    return read_record(path / FILE, Representation)


def _refuse_other_pictures(paths: Sequence[Path], found: Sequence[Representation]) -> None:
    for path, each in zip(paths, found, strict=True):
        if not np.array_equal(each.picture_name, found[0].picture_name):
            raise AnalysisError(
                f"{paths[0]} and {path} compare other pictures, so that their dissimilarities "
                "cannot be held against each other."
            )
        if each.measure != found[0].measure:
            raise AnalysisError(
                f"dissimilarity is {found[0].measure} in {paths[0]} and {each.measure} in {path}."
            )


def _pairs(labels: list[str], rdms: np.ndarray) -> Table:
    """Agreement of every population with every other."""
    columns = zip(labels, spearman(rdms, rdms).T.tolist(), strict=True)
    return {"population": labels, **dict(columns)}


def _names(named: Sequence[NamedAgreement]) -> Table:
    return {
        "population": [each.name for each in named],
        "sessions": [each.sessions for each in named],
        "same": [each.same for each in named],
        "other": [each.other for each in named],
        "difference": [each.difference for each in named],
        "difference_low": [each.difference_ci95[0] for each in named],
        "difference_high": [each.difference_ci95[1] for each in named],
    }
