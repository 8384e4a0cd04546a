"""What the commands of the deep wing read from several sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from twophoton_decode.errors import RecordError, SessionError
from twophoton_decode.pipeline.inputs.network_features import features_of, pictures_shown
from twophoton_decode.pipeline.population.members import Member
from twophoton_decode.pipeline.stages.deep.features import DEEP_FEATURES
from twophoton_decode.pipeline.stages.respond import RESPOND
from twophoton_decode.progress import Progress
from twophoton_decode.records.deep.feature_set import FeatureSet
from twophoton_decode.records.responses import Responses
from twophoton_decode.session.netcdf import read_record

if TYPE_CHECKING:
    import numpy as np


class Seen(NamedTuple):
    """A session's responses, and a network's features of its pictures and a twin's.

    `shown` (images,) says which of the pictures the responses are to; `twin` is None for a
    network that is random itself.
    """

    member: Member
    responses: Responses
    shown: np.ndarray
    network: FeatureSet
    twin: FeatureSet | None


def seen_by(members: Sequence[Member], network: str, twin: str, progress: Progress) -> list[Seen]:
    """Responses and features of every session, all made in one way.

    Features that are not there yet are computed and kept in the session's cache; nothing else of
    a session changes.

    Raises
    ------
    SessionError
        Responses are missing or stale, or sessions differ in the network's weights, in its units
        or in what was done to pictures.
    """
    require_responses(members)
    found = [_seen(member, network, twin, progress) for member in members]
    for other in found[1:]:
        _refuse_others(found[0], other)
    return found


def require_responses(members: Sequence[Member]) -> None:
    """`SessionError` where responses are missing or stale, naming what to run."""
    key = RESPOND.key("")
    lacking = [member for member in members if not member.has(key)]
    if lacking:
        todo = "; ".join(f"tpdecode respond {each.session.folder.path}" for each in lacking)
        raise SessionError(
            f"responses are not up to date: {'; '.join(each.why_not(key) for each in lacking)}. "
            f"Run {todo}"
        )


def _seen(member: Member, network: str, twin: str, progress: Progress) -> Seen:
    responses = read_record(RESPOND.record_path(member.session.folder, ""), Responses)
    work = replace(
        member.session.stage_input(DEEP_FEATURES, network, member.verdicts), progress=progress
    )
    images, shown = pictures_shown(work, responses)
    features = features_of(work, network, images)
    return Seen(
        member, responses, shown, features, features_of(work, twin, images) if twin else None
    )


def _refuse_others(first: Seen, other: Seen) -> None:
    """`SessionError` where features were not made in one way; both sessions are named."""
    try:
        first.network.refuse_other(other.network)
    except RecordError as error:
        raise SessionError(
            f"{first.member.name} and {other.member.name} cannot be compared: {error} Make "
            "the settings of deep networks alike in both files session.toml."
        ) from error
