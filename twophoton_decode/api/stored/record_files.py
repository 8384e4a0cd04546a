"""The record files of a session: read once, and again when a run has replaced them."""

from __future__ import annotations

import warnings
from functools import partial
from pathlib import Path

from twophoton_decode.api.changes import require_network
from twophoton_decode.api.stored.coordinates import Population
from twophoton_decode.api.stored.record import StoredRecord
from twophoton_decode.errors import SessionError
from twophoton_decode.pipeline.chain import stages_of
from twophoton_decode.pipeline.stage import Stage, file_of, network_of
from twophoton_decode.records import (
    AttentionEncoding,
    CellCountCurves,
    Complementarity,
    ComponentEncoding,
    DegradedDecoding,
    DimCells,
    DrivenPictures,
    Encoding,
    FeatureDecoding,
    FeatureSet,
    FrameResponses,
    InversionControls,
    LearningCurve,
    MovieDecoding,
    PictureScores,
    Quality,
    Reconstruction,
    Record,
    Recovery,
    Representation,
    Responses,
    Stability,
    TimedResponses,
    Traces,
)
from twophoton_decode.registry import DECODERS
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Ledger
from twophoton_decode.session.netcdf import read_record

SINGLE: dict[str, type[Record]] = {
    "traces": Traces,
    "quality": Quality,
    "responses": Responses,
    "responses_in_bins": TimedResponses,
    "frame_responses": FrameResponses,
    "movie_decoding": MovieDecoding,
    "encoding": Encoding,
    "recovery": Recovery,
    "representation": Representation,
    "inversion": InversionControls,
    "generated": DrivenPictures,
    "components": ComponentEncoding,
    "dim_cells": DimCells,
}
_ELSEWHERE = {
    "representation": "deep/rsa",
    "inversion": "deep/inversion",
    "generated": "deep/generated",
    "components": "deep/components",
    "dim_cells": "deep/dim_cells",
    "movie_decoding": "deep/movie",
    "attention": "deep/encoding",
    "completion": "deep/degraded",
    "layer_decoding": "deep/decoding",
    "network_features": "deep/features",
    "picture_scores": "deep/scores",
    "learning_curve": "deep/learning_curve",
}
"""Records whose file is not called after them."""
_OF_CLIPS = ("frame_responses", "movie_decoding")
PER_DECODER: dict[str, type[Record]] = {
    "reconstruction": Reconstruction,
    "cell_count": CellCountCurves,
    "stability": Stability,
    "complementarity": Complementarity,
    "learning_curve": LearningCurve,
}
PER_NETWORK: dict[str, type[Record]] = {
    "attention": AttentionEncoding,
    "completion": DegradedDecoding,
    "layer_decoding": FeatureDecoding,
    "network_features": FeatureSet,
    "picture_scores": PictureScores,
}
PER_NAME = PER_DECODER | PER_NETWORK
"""Records that a session has once for each decoder or network."""


class RecordFiles:
    """Where each record of a session lies, and what is in it."""

    def __init__(self, folder: SessionFolder) -> None:
        self._folder = folder
        self._read: dict[Path, tuple[tuple[int, int], Record]] = {}

    def read(self, name: str, decoder: str = "") -> StoredRecord:
        """The record, or why it is not there and how to make it; see `_found`."""
        path, record = self._found(name, decoder)
        return StoredRecord(path, record, partial(self._population, name, decoder))

    def traces(self) -> Traces:
        """The record of the traces itself."""
        record = self._found("traces", "")[1]
        assert isinstance(record, Traces)
        return record

    def _found(self, name: str, decoder: str) -> tuple[Path, Record]:
        """The record and its file.

        Raises
        ------
        SessionError
            The session has no such record, not yet or not at all, or the file is damaged.
        UnknownNameError
            Nobody registered this decoder.
        """
        SessionFolder.open(self._folder.path)
        path = self._path(name, decoder)
        if not path.is_file():
            if name in PER_NETWORK:
                require_network(decoder)
            elif decoder:
                DECODERS.require(decoder)
            raise SessionError(self._why_not(name, decoder))
        return path, self._load(path, (SINGLE | PER_NAME)[name])

    def decoders(self, name: str) -> list[str]:
        """The decoders or networks whose record of this name is there."""
        folder = self._folder.path / _ELSEWHERE.get(name, name)
        stems = (path.stem for path in folder.glob("*.nc"))
        return sorted(network_of(stem) if name in PER_NETWORK else stem for stem in stems)

    def told(self, name: str) -> str | None:
        """Where the record is, or that it is missing; None if it cannot be or is not asked for."""
        found = self.decoders(name) if name in PER_NAME else []
        path = self._path(name, "")
        if found or (name in SINGLE and path.is_file()):
            return ", ".join(found) or path.name
        stage = self._stage(name)
        return None if stage is None or stage.on_request else "missing"

    def _path(self, name: str, decoder: str) -> Path:
        place = self._folder.path / _ELSEWHERE.get(name, name)
        if name in PER_NAME:
            return self._folder.path / file_of(
                f"{_ELSEWHERE.get(name, name)}/{{decoder}}.nc", decoder
            )
        return place.with_suffix(".nc")

    def _stage(self, name: str) -> Stage | None:
        """The stage that writes the record, of those that this session has."""
        place = _ELSEWHERE.get(name, name)
        files = {f"{place}.nc", f"{place}/{{decoder}}.nc", f"{place}/{{network}}.nc"}
        stages = stages_of(self._folder.settings())
        return next((stage for stage in stages if stage.file in files), None)

    def _ledger(self) -> Ledger:
        return Ledger(self._folder.private / "ledger.json")

    def _load(self, path: Path, kind: type[Record]) -> Record:
        found = path.stat()
        stamp = (found.st_mtime_ns, found.st_size)
        if self._read.get(path, (None,))[0] != stamp:
            self._read[path] = (stamp, read_record(path, kind))
        return self._read[path][1]

    def _population(self, name: str, decoder: str) -> Population | None:
        """What images and cells are called, if the record was made from the present responses."""
        stage, path = self._stage(name), self._path("responses", "")
        if stage is None or name == "responses" or "respond" not in stage.reads:
            responses = self._load(path, Responses) if name == "responses" else None
            return Population.of(responses) if isinstance(responses, Responses) else None
        ledger, key = self._ledger(), stage.key(decoder)
        entry, source = ledger.get(key), ledger.get("respond")
        if not path.is_file() or entry is None or source is None:
            return None
        if entry.inputs.get("respond") != source.content:
            warnings.warn(
                f"{key} was made from other responses than responses.nc holds now, so its images "
                f"and cells are not named. `tpdecode run {self._folder.path}` brings it up to "
                "date.",
                stacklevel=5,
            )
            return None
        responses = self._load(path, Responses)
        return Population.of(responses) if isinstance(responses, Responses) else None

    def _why_not(self, name: str, decoder: str) -> str:
        session, stage = self._folder.path, self._stage(name)
        if stage is None:
            return f"{session} has no {name}: {self._kind(name)}."
        key = stage.key(decoder)
        entry = self._ledger().get(key)
        if entry is not None and entry.unavailable:
            return f"{session} has no {name}: {key} is unavailable. {entry.unavailable}"
        there = f" of {decoder!r} yet (there: {', '.join(self.decoders(name)) or 'none'})"
        return (
            f"{session} has no {name}{there if decoder else ' yet'}. "
            f"Make it by {self._how(stage, decoder)}."
        )

    def _how(self, stage: Stage, decoder: str) -> str:
        """The call and the command that make the record, and first what it needs."""
        made = {key.partition(":")[0] for key, _ in self._ledger().items() if _is_of(key, decoder)}
        alone = made.issuperset(stage.reads)
        command = stage.run_by if alone else "run"
        arguments = [f'"{stage.name}"'] if alone else []
        arguments += [f'{stage.per}s="{decoder}"'] if decoder else []
        option = f" --{stage.per} {decoder}" if decoder else ""
        return (
            f"`session.run({', '.join(arguments)})` or "
            f"`tpdecode {command} {self._folder.path}{option}`"
        )

    def _kind(self, name: str) -> str:
        source = self._folder.settings().source
        if (name in _OF_CLIPS) != bool(source.clips):
            shown = "clips, not pictures" if source.clips else "pictures, not clips"
            return f"its stimuli are {shown}"
        if source.kind == "arrays":
            return "its data are response matrices, not a movie"
        return "its movie has no stimulus log" if not source.log else "its movie is not simulated"


def _is_of(key: str, decoder: str) -> bool:
    """Whether a key of the ledger is of this decoder, or of none."""
    return key.partition(":")[2] in ("", decoder)
