"""Several sessions, read and never written: what is up to date in each of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.analyses.sessions.measures import (
    Measured,
    measurements,
    of_cell_counts,
    of_reconstruction,
    of_responses,
    of_stability,
)
from twophoton_decode.errors import SessionError, UsageError
from twophoton_decode.pipeline.freshness import Verdict
from twophoton_decode.pipeline.run import Session
from twophoton_decode.pipeline.stage import Stage
from twophoton_decode.pipeline.stages.reconstruct import RECONSTRUCT
from twophoton_decode.pipeline.stages.respond import RESPOND
from twophoton_decode.pipeline.stages.sparsity import SPARSITY
from twophoton_decode.pipeline.stages.stability import STABILITY
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import (
    CellCountCurves,
    Reconstruction,
    Record,
    Responses,
    Stability,
)
from twophoton_decode.records.sessions import Measurement
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.statistics.by_image import content_groups, shown_alike

FEWEST_SESSIONS = 2

# Where data come from, who was recorded and what was run may differ between sessions.
_OWN_SECTIONS = ("source", "subject", "recording", "run")

_Reader = tuple[Stage, type[Record], Callable[[Any, np.ndarray | None], Measured]]
_OF_RESPONSES: _Reader = (RESPOND, Responses, of_responses)
_OF_DECODER: tuple[_Reader, ...] = (
    (RECONSTRUCT, Reconstruction, of_reconstruction),
    (SPARSITY, CellCountCurves, of_cell_counts),
    (STABILITY, Stability, of_stability),
)
PER_DECODER = tuple(stage for stage, _, _ in _OF_DECODER)


@dataclass(frozen=True, eq=False)
class Member:
    """One session of the population, with the state of its results."""

    name: str
    mouse: str
    session: Session
    verdicts: dict[str, Verdict]

    def has(self, key: str) -> bool:
        """Whether the result is there and up to date."""
        return key in self.verdicts and self.verdicts[key].state == "fresh"

    def why_not(self, key: str) -> str:
        """Why a result is left out, in words."""
        verdict = self.verdicts.get(key, Verdict("missing"))
        why = f": {'; '.join(verdict.changes)}" if verdict.changes else ""
        return f"{self.name}: {key} is {verdict.state}{why}"


@dataclass(frozen=True, eq=False)
class Population:
    """What was measured in each session, and what was left out and why."""

    members: list[Member]
    decoders: tuple[str, ...]
    found: list[Measurement]
    notes: list[str] = field(default_factory=list)


def open_members(
    paths: Sequence[Path], command: str = "compare", fewest: int = FEWEST_SESSIONS
) -> list[Member]:
    """The sessions, with the state of their results.

    Raises
    ------
    UsageError
        A folder is no session, is named twice, or stands alone.
    """
    folders = [SessionFolder.open(path) for path in paths]
    places = [folder.path.resolve() for folder in folders]
    for place, times in Counter(places).items():
        if times > 1:
            raise UsageError(f"{place} is named {times} times; a session counts once.")
    if len(folders) < fewest:
        raise UsageError(
            f"{command} needs {fewest} sessions or more, found {len(folders)}. For one "
            "session: tpdecode report SESSION"
        )
    return [
        _member(folder, name) for folder, name in zip(folders, distinct_names(places), strict=True)
    ]


def distinct_names(places: Sequence[Path]) -> list[str]:
    """The last parts of the paths, as many as it takes to tell them apart."""
    for depth in range(1, max(len(place.parts) for place in places) + 1):
        names = ["/".join(place.parts[-depth:]) for place in places]
        if len(set(names)) == len(names):
            return names
    return [str(place) for place in places]


def _member(folder: SessionFolder, name: str) -> Member:
    session = Session(folder)
    # A session without a mouse's name is its own unit: nothing says that two share one.
    mouse = session.settings.subject.mouse or name
    return Member(name, mouse, session, session.verdicts(read_only=True))


def measure(
    members: Sequence[Member], decoders: Sequence[str] = (), progress: Progress = silent
) -> Population:
    """Everything that is up to date in the sessions, for the decoders named or those all have.

    Raises
    ------
    SessionError
        No decoder is up to date in two sessions.
    """
    chosen = tuple(decoders) or _shared_decoders(members)
    found: list[Measurement] = []
    notes: list[str] = []
    for place, member in enumerate(members):
        progress(place, len(members), "sessions read")
        found += _read_all(member, chosen, notes)
    progress(len(members), len(members), "sessions read")
    used = tuple(name for name in chosen if _sessions_of(found, name) >= FEWEST_SESSIONS)
    if not used:
        raise SessionError(_nothing_shared(members))
    dropped = [name for name in chosen if name not in used]
    notes += [f"{name} is left out: fewer than two sessions have its results." for name in dropped]
    found = [each for each in found if each.decoder in ("", *used)]
    return Population(list(members), used, found, [*notes, *_remarks(members, decoders, used)])


def _shared_decoders(members: Sequence[Member]) -> tuple[str, ...]:
    first, *others = (_decoders_of(member) for member in members)
    return tuple(name for name in first if all(name in other for other in others))


def _decoders_of(member: Member) -> list[str]:
    names = member.session.all_decoders()
    return [name for name in names if member.has(RECONSTRUCT.key(name))]


def _sessions_of(found: Sequence[Measurement], decoder: str) -> int:
    return len({each.session for each in found if each.decoder == decoder})


def _read_all(member: Member, decoders: Sequence[str], notes: list[str]) -> Iterator[Measurement]:
    """What the session has; what it lacks goes to `notes`."""
    content: np.ndarray | None = None
    work = [("", _OF_RESPONSES)]
    work += [(decoder, reader) for decoder in decoders for reader in _OF_DECODER]
    for decoder, (stage, kind, measured_of) in work:
        if not member.has(stage.key(decoder)):
            notes.append(member.why_not(stage.key(decoder)))
            continue
        path = stage.record_path(member.session.folder, decoder)
        record = read_record(path, kind)
        content = _content(record, content)
        measured = measured_of(record, content)
        yield from measurements(member.name, member.mouse, decoder, measured)


def _content(record: Record, known: np.ndarray | None) -> np.ndarray | None:
    """Which images show the same, (images,): of a record that holds them, or as it is known."""
    if isinstance(record, Reconstruction):
        return content_groups(record)
    if isinstance(record, Responses):
        return shown_alike(record)[0]
    return known


def _nothing_shared(members: Sequence[Member]) -> str:
    states = "; ".join(
        f"{member.name} has {', '.join(_decoders_of(member)) or 'none'}" for member in members
    )
    return (
        "no decoder is up to date in two of these sessions, so there is nothing to compare: "
        f"{states}. Run `tpdecode run SESSION` on each, or name decoders with --decoder."
    )


def _remarks(members: Sequence[Member], asked: Sequence[str], used: Sequence[str]) -> Iterator[str]:
    """What a reader must know about the sessions as a group."""
    if not asked:
        some = {name for member in members for name in _decoders_of(member)} - set(used)
        for name in sorted(some):
            lacking = [m for m in members if not m.has(RECONSTRUCT.key(name))]
            to_do = " and ".join(
                f"tpdecode run {m.session.folder.path} --decoder {name}" for m in lacking
            )
            who = f"{', '.join(m.name for m in lacking)} {'has' if len(lacking) == 1 else 'have'}"
            yield f"{name} is left out: {who} it not up to date. To compare it: {to_do}"
    nameless = [m.name for m in members if not m.session.settings.subject.mouse]
    if nameless:
        yield (
            f"{', '.join(nameless)}: no mouse is named ([subject] mouse in session.toml), so each "
            "counts as a mouse of its own."
        )
    yield from _differing_settings(members)


def _differing_settings(members: Sequence[Member]) -> Iterator[str]:
    """Settings in which sessions differ: their numbers are then not of one kind."""
    dumps = [member.session.settings.model_dump(mode="json") for member in members]
    for section in dumps[0]:
        for key in dumps[0][section] if section not in _OWN_SECTIONS else ():
            values: dict[str, list[str]] = {}
            for member, dump in zip(members, dumps, strict=True):
                written = json.dumps(dump[section][key], ensure_ascii=False)
                values.setdefault(written, []).append(member.name)
            if len(values) > 1:
                told = "; ".join(f"{value} in {', '.join(own)}" for value, own in values.items())
                yield f"The sessions differ in [{section}] {key}: {told}."
