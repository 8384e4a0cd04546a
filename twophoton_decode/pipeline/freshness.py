"""Which results still follow from the settings, the inputs and the program as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from twophoton_decode.errors import AnalysisError, UsageError
from twophoton_decode.pipeline.fingerprints import (
    NOTHING,
    WHOLE,
    Fingerprints,
    hash_of,
    sampled_fingerprint,
)
from twophoton_decode.pipeline.inputs.sources import input_paths, require_pictures
from twophoton_decode.pipeline.results.figures import FigureState, figure_state, hashes_on_page
from twophoton_decode.pipeline.stage import Stage
from twophoton_decode.pipeline.stages.extract import CURATED
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Entry, Ledger
from twophoton_decode.settings import Settings

State = Literal["fresh", "stale", "missing", "unavailable"]
PICTURES = "figures"
"""Among the inputs of a page: the figures that it shows."""
COSTLY = ("movie", "extraction.classifier")
"""Sources of which a fingerprint by samples, of an earlier version, still counts."""


@dataclass(frozen=True)
class Verdict:
    """The state of one result, and why: one line per change; of a fresh one, its figures."""

    state: State
    changes: tuple[str, ...] = ()
    figures: FigureState = FigureState()

    @property
    def done(self) -> bool:
        """Nothing to do: the result is as it should be, or cannot be had from these data."""
        return self.state in ("fresh", "unavailable")


def key_read(stage: str, decoder: str, known: Ledger | Mapping[str, Verdict]) -> str:
    """Under which of the `known` keys the result of `stage` stands that one for `decoder` reads."""
    return f"{stage}:{decoder}" if f"{stage}:{decoder}" in known else stage


@dataclass(frozen=True)
class Inspector:
    """Judges the results of one session, stage by stage in the order of the chain."""

    folder: SessionFolder
    settings: Settings
    ledger: Ledger
    fingerprints: Fingerprints

    def inputs(
        self,
        stage: Stage,
        decoder: str,
        upstream: Mapping[str, Verdict],
        former: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """What the stage would read now: fingerprints of sources, content of records.

        A result that is only shown counts as "stale" while it is: a page that showed it
        is then no longer what the page would be. `former` are the inputs to compare with.
        """
        sources = {
            name: self._fingerprint(name, (former or {}).get(name, ""))
            for name in stage.of(decoder).sources
        }
        needed = [key_read(name, decoder, self.ledger) for name in stage.reads]
        records = {key: self.ledger[key].content for key in needed if key in self.ledger}
        shown = {
            key: "stale" if key in upstream and upstream[key].state == "stale" else entry.content
            for key, entry in self.ledger.items()
            if stage.shows(key)
        }
        return sources | records | shown | (self._pictures(shown) if stage.page else {})

    def _pictures(self, shown: Mapping[str, str]) -> dict[str, str]:
        """How the figures of the results that a page shows look, edits included."""
        digest = hashlib.blake2b(digest_size=20)
        for key, content in shown.items():
            if content != "stale":
                for name, each in hashes_on_page(self.folder, self.ledger[key]).items():
                    digest.update(f"{name}:{each};".encode())
        return {PICTURES: digest.hexdigest()}

    def require_available(
        self, stage: Stage, decoder: str, upstream: Mapping[str, Verdict]
    ) -> None:
        """`AnalysisError` where the data lack what the stage reads: pictures, or a result."""
        if stage.needs_pictures:
            require_pictures(self.settings.source, stage.name)
        for before in stage.reads:
            verdict = upstream[key_read(before, decoder, self.ledger)]
            if verdict.state == "unavailable":
                raise AnalysisError(f"it needs the result of {before}: {verdict.changes[0]}")

    def judge(self, stage: Stage, decoder: str, upstream: Mapping[str, Verdict]) -> Verdict:
        """Compare the stage's last run with what it would read and do now.

        `upstream` holds the verdicts on the stages before it, by ledger key.
        """
        stage, entry = stage.of(decoder), self.ledger.get(stage.key(decoder))
        if entry is None:
            return Verdict("missing")
        changes = (
            *self._changed_program(stage, entry),
            *self._changed_settings(stage, entry),
            *self._changed_inputs(stage, decoder, entry, upstream),
            *self._changed_outputs(entry),
            *self._changed_rois(entry),
            *self._stale_upstream(stage, decoder, upstream),
        )
        if changes:
            return Verdict("stale", changes)
        if entry.unavailable:
            return Verdict("unavailable", (entry.unavailable,))
        return Verdict("fresh", figures=figure_state(self.folder, stage, entry))

    def _fingerprint(self, name: str, former: str) -> str:
        """Of all bytes, unless `former` is an earlier version's that can only be compared so."""
        paths = input_paths(self.folder, self.settings, name)
        if is_sampled(name, former):
            return sampled_fingerprint(paths, movie=name == "movie")
        return self.fingerprints.of(paths, movie=name == "movie")

    def _changed_program(self, stage: Stage, entry: Entry) -> list[str]:
        return ["the stage was improved"] if entry.revision != stage.revision else []

    def _changed_settings(self, stage: Stage, entry: Entry) -> list[str]:
        now = stage.settings_used(self.settings)
        # A setting that did not exist then had the effect that its default has now.
        before = stage.settings_used(Settings()) | entry.settings
        changed = sorted(key for key in now if now[key] != before[key])
        return [f"setting {key} changed" for key in changed]

    def _changed_inputs(
        self, stage: Stage, decoder: str, entry: Entry, upstream: Mapping[str, Verdict]
    ) -> list[str]:
        try:
            now = self.inputs(stage, decoder, upstream, entry.inputs)
        except UsageError as error:
            return [str(error)]
        # Pages of earlier versions did not say what their figures looked like.
        left_out = {"rois"} if PICTURES in entry.inputs else {"rois", PICTURES}
        keys = sorted((now.keys() | entry.inputs.keys()) - left_out)
        return [
            f"{key}: an earlier version compared only samples of it"
            if key in stage.sources and is_sample(entry.inputs.get(key, ""))
            else f"{key} changed"
            for key in keys
            # A source that could not be named then was as one that is not named now.
            if now.get(key) != entry.inputs.get(key, NOTHING if key in stage.sources else None)
        ]

    def _changed_outputs(self, entry: Entry) -> list[str]:
        found = {name: hash_of(self.folder.path / name) for name in entry.outputs}
        gone = [f"{name} is gone" for name, value in found.items() if not value]
        damaged = [
            f"{name} is damaged: it is not what was written"
            for name, value in found.items()
            if value and value != entry.outputs[name]
        ]
        return gone + damaged

    def _changed_rois(self, entry: Entry) -> list[str]:
        if "rois" not in entry.inputs:
            return []
        from twophoton_decode.extraction.curation.edits import is_curated

        curated = is_curated(self.folder.suite2p, entry.inputs["rois"])
        return [CURATED] if curated else []

    def _stale_upstream(
        self, stage: Stage, decoder: str, upstream: Mapping[str, Verdict]
    ) -> list[str]:
        keys = [key_read(name, decoder, self.ledger) for name in stage.reads]
        return [f"{key} is {upstream[key].state}" for key in keys if not upstream[key].done]


def is_sampled(name: str, fingerprint: str) -> bool:
    """Whether an earlier version took this fingerprint of a movie, from 64 blocks of each file."""
    return name in COSTLY and is_sample(fingerprint)


def is_sample(fingerprint: str) -> bool:
    """Whether an earlier version took this fingerprint, from 64 blocks of each file."""
    return fingerprint not in ("", NOTHING) and not fingerprint.startswith(WHOLE)
