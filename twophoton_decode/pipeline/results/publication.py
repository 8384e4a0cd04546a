"""Figures for a paper: composed from the records of a session, written when they are asked for.

They lie in ``figures/publication/`` and are no part of any result: no stage waits for them, and
`run` does not draw them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from twophoton_decode.files.atomic import write_bytes, write_text
from twophoton_decode.pipeline.freshness import Verdict
from twophoton_decode.pipeline.results.figures import figure_hash, set_aside
from twophoton_decode.pipeline.session_view import SessionView
from twophoton_decode.pipeline.stage import Stage, StageInput
from twophoton_decode.pipeline.stages.compare_decoders import reconstructions
from twophoton_decode.pipeline.stages.complementarity import COMPLEMENTARITY
from twophoton_decode.pipeline.stages.extract import EXTRACT
from twophoton_decode.pipeline.stages.reconstruct import RECONSTRUCT
from twophoton_decode.pipeline.stages.respond import RESPOND
from twophoton_decode.pipeline.stages.sparsity import SPARSITY
from twophoton_decode.pipeline.stages.stability import STABILITY
from twophoton_decode.records import (
    CellCountCurves,
    Complementarity,
    Reconstruction,
    Record,
    Responses,
    Stability,
    Traces,
)
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.own_files import refuse_link_on_the_way
from twophoton_decode.words import counted

if TYPE_CHECKING:
    from twophoton_decode.figures.publication.panels import Composed

R = TypeVar("R", bound=Record)

FOLDER = "publication"
"""Below ``figures/``."""
_LIST = ".drawn.json"


@dataclass(frozen=True)
class _Source:
    """The records of a session that are up to date, for one decoder."""

    session: SessionView
    verdicts: Mapping[str, Verdict]
    decoder: str

    def read(self, stage: Stage, kind: type[R]) -> R | None:
        """The record of a stage, None where it is not there or not up to date."""
        verdict = self.verdicts.get(stage.key(self.decoder))
        if verdict is None or verdict.state != "fresh":
            return None
        return self.work(stage).read(kind, stage.file)

    def work(self, stage: Stage) -> StageInput:
        """What functions of a stage are given."""
        return self.session.stage_input(stage, self.decoder, dict(self.verdicts))


def _responses(source: _Source) -> Composed | None:
    from twophoton_decode.figures.publication.responses import responses_figure

    responses = source.read(RESPOND, Responses)
    traces = source.read(EXTRACT, Traces)
    return (
        None
        if responses is None
        else responses_figure(responses, traces, source.session.settings.recording.pixel_um)
    )


def _reconstruction(source: _Source) -> Composed | None:
    from twophoton_decode.analyses.sessions.decoders import best_decoder, images_by_score
    from twophoton_decode.figures.publication.reconstruction import reconstruction_figure

    made = reconstructions(source.work(RECONSTRUCT))
    ranked, _ = images_by_score(made)
    score = source.session.settings.decoding.primary_score
    # Of all decoders, also where the other figures are of some that were named.
    return reconstruction_figure(made, ranked, best_decoder(made, score), score)


def _cell_counts(source: _Source) -> Composed | None:
    from twophoton_decode.figures.publication.cell_counts import cell_counts_figure

    made, curves = source.read(RECONSTRUCT, Reconstruction), source.read(SPARSITY, CellCountCurves)
    return cell_counts_figure(made, curves) if made and curves else None


def _contributions(source: _Source) -> Composed | None:
    from twophoton_decode.figures.publication.contributions import contributions_figure

    made, curves = source.read(RECONSTRUCT, Reconstruction), source.read(SPARSITY, CellCountCurves)
    found = source.read(COMPLEMENTARITY, Complementarity)
    return contributions_figure(made, curves, found) if made and curves else None


def _stability(source: _Source) -> Composed | None:
    from twophoton_decode.figures.publication.stability import stability_figure

    made, found = source.read(RECONSTRUCT, Reconstruction), source.read(STABILITY, Stability)
    return stability_figure(made, found) if made and found else None


_OF_SESSION: Mapping[str, Callable[[_Source], Composed | None]] = {
    "1": _responses, "3": _reconstruction,
}  # fmt: skip
_OF_DECODER: Mapping[str, Callable[[_Source], Composed | None]] = {
    "4": _cell_counts, "6": _contributions, "7": _stability,
}  # fmt: skip
_NEEDS: Mapping[str, str] = {
    "4": "sparsity-report", "6": "sparsity-report", "7": "stability-report",
}  # fmt: skip
ALL = (*_OF_SESSION, *_OF_DECODER)
"""Every figure by its number in the paper."""


def publish(
    session: SessionView,
    figures: tuple[str, ...] = ALL,
    decoders: tuple[str, ...] = (),
    own: Mapping[str, Any] = MappingProxyType({}),
) -> int:
    """Write figures for a paper, and say which; how many there are.

    Parameters
    ----------
    figures : tuple of str
        Of `ALL`.
    decoders : tuple of str
        By default the best one by the primary score.
    own : mapping of setting to value
        Of the user's style file.
    """
    from twophoton_decode.figures.publication.files import publication_files

    verdicts = session.verdicts(session.all_decoders(*decoders))
    written = 0
    for composed in _composed(session, verdicts, figures, decoders):
        files = dict(publication_files(composed, own))
        for line in _write(session.folder, composed.name, files):
            session.say(line)
        session.say(f"figures/{FOLDER}/{composed.name}: {counted(len(files), 'file')}")
        written += 1
    return written


def _composed(
    session: SessionView,
    verdicts: Mapping[str, Verdict],
    figures: tuple[str, ...],
    decoders: tuple[str, ...],
) -> Iterator[Composed]:
    """The figures that the session's results allow; of the others it is said why not."""
    fresh = _fresh_decoders(verdicts)
    chosen = tuple(name for name in decoders if name in fresh) or _best(session, verdicts, fresh)
    for name in decoders:
        if name not in fresh:
            session.say(f"{name}: left out, as {RECONSTRUCT.key(name)} is not up to date")
    if not chosen and set(figures) - {"1"}:
        session.say("figures 3, 4, 6 and 7: left out, as no decoder's result is up to date")
    for number, make in _OF_SESSION.items():
        source = _Source(session, verdicts, chosen[0] if chosen else "")
        if number in figures and (chosen or number == "1"):
            composed = make(source)
            if composed is None:
                session.say(f"figure {number}: left out, as respond is not up to date")
            else:
                yield composed
    for number, make in _OF_DECODER.items():
        for name in chosen if number in figures else ():
            composed = make(_Source(session, verdicts, name))
            if composed is None:
                session.say(
                    f"figure {number} of {name}: left out, as {_NEEDS[number]}:{name} is not up "
                    "to date or has nothing to show"
                )
            else:
                yield composed


def _fresh_decoders(verdicts: Mapping[str, Verdict]) -> list[str]:
    begins = RECONSTRUCT.key("")
    return [
        key.removeprefix(begins)
        for key, verdict in verdicts.items()
        if key.startswith(begins) and verdict.state == "fresh"
    ]


def _best(
    session: SessionView, verdicts: Mapping[str, Verdict], fresh: list[str]
) -> tuple[str, ...]:
    from twophoton_decode.analyses.sessions.decoders import best_decoder

    if not fresh:
        return ()
    made = reconstructions(_Source(session, verdicts, fresh[0]).work(RECONSTRUCT))
    return (best_decoder(made, session.settings.decoding.primary_score),)


def _write(folder: SessionFolder, figure: str, files: Mapping[str, bytes]) -> Iterator[str]:
    """Write a figure's files; what the user made of former ones is set aside first, and said."""
    place = folder.figures / FOLDER
    listed = place / _LIST
    refuse_link_on_the_way(folder.path, listed)
    drawn = _drawn_before(listed)
    for name in [each for each in drawn if each.startswith(f"{figure}.") and each not in files]:
        if figure_hash(place / name) == drawn.pop(name):
            (place / name).unlink()
    for name, data in files.items():
        path = place / name
        found = figure_hash(path)
        if found and found != drawn.get(name) and path.read_bytes() != data:
            yield f"{name} was edited: your version is now {set_aside(path)}"
        write_bytes(path, data)
        drawn[name] = figure_hash(path)
    write_text(listed, json.dumps(drawn, indent=1, ensure_ascii=False))


def _drawn_before(listed: Path) -> dict[str, str]:
    """Files that were drawn, with their hashes; without a list, all there is counts as edited."""
    if listed.is_symlink() or not listed.is_file():
        return {}
    try:
        kept = json.loads(listed.read_text(encoding="utf-8"))
        plain = {str(name): str(each) for name, each in kept.items()}
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}
    # Only names of files right in the folder: what the list says is never followed elsewhere.
    return {name: each for name, each in plain.items() if Path(name).name == name}
