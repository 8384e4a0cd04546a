"""Several sessions together: what networks, areas and animals have in common over them.

Each function does what the command of its name does, writes the same folder of records, tables,
figures and a page, and gives back the records. Sessions are only read, but for their caches of
features.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from twophoton_decode.api.changes import require_network
from twophoton_decode.api.session import Session
from twophoton_decode.api.stored.record import StoredRecord
from twophoton_decode.records import Record
from twophoton_decode.session.netcdf import read_record

__all__ = ["hierarchy", "representation", "unit_agreement"]

Sessions = Sequence[str | PathLike[str] | Session]


def unit_agreement(
    sessions: Sessions, output: str | PathLike[str], *, networks: str | Sequence[str] = ()
) -> dict[str, StoredRecord]:
    """Are the units of a network that one animal decodes well those that others do?

    As ``tpdecode deep agreement``; see docs/methods/unit_agreement.md.

    Parameters
    ----------
    sessions : sequence of str, path or Session
        Two or more, with responses that are up to date.
    output : str or path
        Folder for results; not inside a session.
    networks : str or sequence of str
        By default those of the first session's ``[deep] networks``.

    Returns
    -------
    dict of str to StoredRecord
        For each network, by its name: accuracies of units, agreement of pairs of sessions.

    Raises
    ------
    UsageError
        Fewer than two sessions, one named twice, or an output folder that holds other files.
    SessionError
        Responses are not up to date, or sessions differ in networks, units or preprocessing.
    AnalysisError
        Too few pictures or cells.
    """
    from twophoton_decode.deep.networks.named import file_name
    from twophoton_decode.pipeline.deep.agreement import agree
    from twophoton_decode.records.deep.unit_agreement import UnitAgreement

    folder = Path(output)
    found = agree(_paths(sessions), folder, _names(networks))
    return {
        each.network: _stored(folder / f"agreement_{file_name(each.network)}.nc", UnitAgreement)
        for each in found
    }


def hierarchy(
    sessions: Sessions,
    output: str | PathLike[str],
    *,
    networks: str | Sequence[str] = (),
    order: Sequence[str] = (),
    stored_t: bool = False,
) -> StoredRecord:
    """Is the order of a network's layers that of populations of cells?

    As ``tpdecode deep hierarchy``; see docs/methods/hierarchy.md.

    Parameters
    ----------
    sessions, output, networks
        As for `unit_agreement`; one session is enough.
    order : sequence of str
        Populations, early to late; without it, imaging planes in turn.
    stored_t : bool
        Test units by the t of the code published with the study.

    Returns
    -------
    StoredRecord
        Scores of all networks beside their nulls, and the best population of every layer.

    Raises
    ------
    UsageError
        The order of populations is not told, or an output folder that holds other files.
    SessionError
        As for `unit_agreement`.
    AnalysisError
        A session lacks a population, or has too few cells or pictures.
    """
    from twophoton_decode.pipeline.deep.hierarchy import score_hierarchies
    from twophoton_decode.records.deep.hierarchy_scores import HierarchyScores

    folder = Path(output)
    score_hierarchies(_paths(sessions), folder, _names(networks), tuple(order), stored_t=stored_t)
    return _stored(folder / "hierarchy.nc", HierarchyScores)


def representation(
    sessions: Sessions, output: str | PathLike[str], *, networks: str | Sequence[str] = ()
) -> tuple[StoredRecord, StoredRecord]:
    """Which layers represent pictures as areas do, over sessions that saw the same pictures?

    As ``tpdecode deep rsa S1 S2 -o DIR``; see docs/methods/representation.md.

    Parameters
    ----------
    sessions, output, networks
        As for `unit_agreement`; each session has an up-to-date result of ``deep-rsa``.

    Returns
    -------
    areas : StoredRecord
        Populations of one name put together, with layers and with each other.
    populations : StoredRecord
        Every population with every other, those of one name and of other names.

    Raises
    ------
    UsageError
        As for `unit_agreement`.
    SessionError
        A session without an up-to-date result of ``deep-rsa``.
    AnalysisError
        Sessions with other pictures or dissimilarities, or no population that is reliable.
    """
    from twophoton_decode.pipeline.deep.between_sessions import compare_between_sessions
    from twophoton_decode.records import Representation
    from twophoton_decode.records.deep.between_sessions import PopulationsBetweenSessions

    folder = Path(output)
    compare_between_sessions(_paths(sessions), folder, _names(networks))
    return (
        _stored(folder / "rsa.nc", Representation),
        _stored(folder / "populations_between_sessions.nc", PopulationsBetweenSessions),
    )


def _paths(sessions: Sessions) -> list[Path]:
    return [each.path if isinstance(each, Session) else Path(each) for each in sessions]


def _names(networks: str | Sequence[str]) -> tuple[str, ...]:
    names = (networks,) if isinstance(networks, str) else tuple(networks)
    for name in names:
        require_network(name)
    return names


def _stored(path: Path, kind: type[Record]) -> StoredRecord:
    return StoredRecord(path, read_record(path, kind), lambda: None)
