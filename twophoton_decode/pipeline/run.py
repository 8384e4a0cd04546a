"""Running stages: skip what is fresh, write what is new, keep account."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from twophoton_decode.errors import AnalysisError, SessionError
from twophoton_decode.pipeline.chain import stages_of
from twophoton_decode.pipeline.faults import Faults
from twophoton_decode.pipeline.freshness import Verdict, is_sampled, key_read
from twophoton_decode.pipeline.results.figures import draw_figures
from twophoton_decode.pipeline.results.writing import write_output
from twophoton_decode.pipeline.session_view import SessionView
from twophoton_decode.pipeline.stage import Stage, StageInput, StageOutput
from twophoton_decode.pipeline.summary import write_summary
from twophoton_decode.registry import DECODERS, FEATURE_SPACES
from twophoton_decode.words import counted


@dataclass
class Session(SessionView):
    """A session opened for work."""

    _told: set[str] = field(init=False, default_factory=set)
    _asked: tuple[str, ...] = field(init=False, default=())

    def run(self, decoders: tuple[str, ...] = (), *, discard_curation: bool = False) -> None:
        """Run every stage that is not fresh; what cannot be had is said and skipped (`Faults`)."""
        self._require_known_names(decoders)
        self.understand()
        self._asked = decoders or tuple(self.settings.run.decoders)
        faults = Faults(self.say)
        for stage, decoder in faults.others(self.steps(decoders)):
            with faults.told(stage.key(decoder), decoder):
                self.run_stage(stage, decoder, discard_curation=discard_curation)
        self._write_summary()
        faults.finish()

    def understand(self, *, log_needed: bool = True) -> None:
        """Say what movie, log and pictures come to, unless the movie was extracted already.

        What would stop a later stage is an error here; of a log not needed, it is only said.
        """
        if self.settings.source.kind != "movie" or self.verdicts()["extract"].done:
            return
        from twophoton_decode.pipeline.plan.understanding import say_understood

        say_understood(self.folder, self.settings, self._say_before, log_needed=log_needed)

    def _say_before(self, line: str) -> None:
        """Say what is understood, which stages then need not say again."""
        self._told.add(line.removeprefix("note: "))
        self.say(line)

    def run_only(
        self, name: str, decoders: tuple[str, ...] = (), *, discard_curation: bool = False
    ) -> None:
        """Run one stage, for each decoder, on the results of the stages before it.

        Reports are made for every decoder that was run, unless some are named.
        """
        self.requested = (name,)
        if name != "reconstruct":
            decoders = decoders or self.reconstructed_by()
        steps = self._with_what_it_begins_with(name, decoders)
        self._refuse_none(steps, name)
        self._asked = tuple(decoder for _, decoder in steps)
        for stage, decoder in steps:
            self._require(stage, decoder)
            self.run_stage(stage, decoder, discard_curation=discard_curation)
        self._write_summary()

    def _with_what_it_begins_with(
        self, name: str, decoders: tuple[str, ...]
    ) -> list[tuple[Stage, str]]:
        first = {
            each for stage, _ in self.steps() if stage.name == name for each in stage.begins_with
        }
        return [(stage, d) for stage, d in self.steps(decoders) if stage.name in {name, *first}]

    def run_reconstruct(self, decoders: tuple[str, ...] = ()) -> None:
        """Reconstruct the images, then draw the decoders that were run beside each other."""
        self.run_only("reconstruct", decoders)
        self._compare_decoders()

    def run_deep(
        self, name: str, networks: tuple[str, ...] = (), decoders: tuple[str, ...] = ()
    ) -> None:
        """Run a stage of the deep wing for these networks or decoders, or those of the session."""
        if any(each.name == name and each.per == "decoder" for each in stages_of(self.settings)):
            return self.run_only(name, decoders)
        self.networks = networks or tuple(self.settings.deep.networks)
        self.requested = (name,)
        steps = [(stage, each) for stage, each in self.steps() if stage.name == name]
        self._refuse_none(steps, name)
        for stage, each in steps:
            if not stage.per or each in self.networks:
                self._require(stage, "")
                self.run_stage(stage, each)
        self._write_summary()

    def _refuse_none(self, steps: list[tuple[Stage, str]], name: str) -> None:
        """`SessionError` where the session has no stage of this name."""
        if not steps:
            known = ", ".join(dict.fromkeys(stage.name for stage, _ in self.steps()))
            raise SessionError(
                f"{self.folder.path} has no stage {name!r}: {self.settings.source.described}. "
                f"It has {known}."
            )

    def run_page(self) -> None:
        """Compare the decoders that were run, then lay out the report."""
        self._compare_decoders()
        self.run_only("report")

    def _compare_decoders(self) -> None:
        if self.reconstructed_by():
            try:
                self.run_only("compare-decoders")
            except (AnalysisError, SessionError) as error:
                self.say(f"compare-decoders: left out. {error}")

    def run_stage(self, stage: Stage, name: str, *, discard_curation: bool = False) -> None:
        """Run one stage unless it is fresh, for decoder or network `name`.

        Record and ledger entry are written first, the entry last: a stage that was interrupted
        never finished. Then its figures are drawn; if that is interrupted, they are all that
        is left to do.
        """
        key = stage.key(name)
        verdicts = self.verdicts(self.all_decoders(name if stage.per == "decoder" else ""))
        verdict = verdicts[key]
        if verdict.state == "unavailable":
            raise AnalysisError(verdict.changes[0])
        if verdict.done and not (discard_curation and self._has_edited_rois(stage)):
            self._replace_samples(stage, name, verdicts)
            self._complete_figures(stage, name, verdict)
            self._tell_result(stage, name)
            return
        self.detail(f"{key}: {'; '.join(verdict.changes) or 'never run'}")
        if stage.page:
            self._complete_all_figures(verdicts)
        begun = time.monotonic()
        work = replace(
            self.stage_input(stage, name, verdicts),
            changes=verdict.changes,
            discard_curation=discard_curation,
            asked=self._asked,
        )
        notes = self._make(stage, name, work, verdicts)
        self._tell_notes(stage, name, notes)
        self.say(f"{key}: done in {time.monotonic() - begun:.1f} s")
        self._tell_result(stage, name)

    def _make(
        self, stage: Stage, name: str, work: StageInput, verdicts: dict[str, Verdict]
    ) -> list[str]:
        """Have the stage run, write what comes out of it, and draw its figures; its notes.

        Raises
        ------
        AnalysisError
            The data do not allow a result, which is entered in the ledger too.
        """
        inputs = self._inspector().inputs(stage, name, verdicts)
        self.fingerprints.save()
        begun = time.monotonic()
        output, refusal = StageOutput(), None
        try:
            self._inspector().require_available(stage, name, verdicts)
            output = stage.run(work)
        except AnalysisError as error:
            refusal = error
            if stage.file:
                stage.record_path(self.folder, name).unlink(missing_ok=True)
        seconds = time.monotonic() - begun
        write_output(stage, name, work, output, inputs, seconds, str(refusal or ""))
        self._draw(stage, name, work)
        self._write_summary()
        if refusal is not None:
            raise refusal
        return output.notes

    def _tell_notes(self, stage: Stage, name: str, notes: list[str]) -> None:
        """Say what the stage noted; what it notes alike of several decoders, of the first."""
        for note in notes:
            if not {note, f"{stage.name}: {note}"} & self._told:
                self.say(f"{stage.key(name)}: {note}")
                self._told.add(f"{stage.name}: {note}")

    def redraw(self) -> None:
        """Draw all figures of the results that are up to date, and run nothing.

        Raises
        ------
        SessionError
            There is no such result.
        """
        verdicts = self.verdicts()
        fresh = 0
        for stage, name in self.steps(self.all_decoders()):
            key = stage.key(name)
            state = verdicts[key].state
            if stage.draws and state == "fresh":
                fresh += 1
                self._draw(stage, name, self.stage_input(stage, name, verdicts))
                if self.ledger[key].captions:
                    self.say(f"{key}: {self._drawn(key)} drawn")
            elif stage.draws and state == "stale":
                self.say(
                    f"{key}: its figures stay as they are, as the result is stale; `tpdecode run "
                    f"{self.folder.path}` brings both up to date"
                )
        if not fresh:
            raise SessionError(
                f"{self.folder.path} has no up-to-date results to draw. "
                f"Run `tpdecode run {self.folder.path}` first."
            )

    def publish(
        self,
        figures: tuple[str, ...] = (),
        decoders: tuple[str, ...] = (),
        own: Mapping[str, Any] = MappingProxyType({}),
    ) -> int:
        """Write figures for a paper, as `publication.publish` does; by default all of them."""
        from twophoton_decode.pipeline.results.publication import ALL, publish

        return publish(self, figures or ALL, decoders, own)

    def _drawn(self, key: str) -> str:
        return counted(len(self.ledger[key].captions), "figure")

    def _draw(
        self, stage: Stage, name: str, work: StageInput, only: tuple[str, ...] | None = None
    ) -> None:
        if stage.draws:
            for line in draw_figures(stage, stage.key(name), work, only):
                self.say(f"{stage.key(name)}: {line}")

    def _complete_figures(self, stage: Stage, name: str, verdict: Verdict) -> None:
        """Draw what is gone of a fresh result's figures, or all where they look different now."""
        key, figures = stage.key(name), verdict.figures
        if not figures.complete:
            work = self.stage_input(stage, name, self.verdicts())
            self._draw(stage, name, work, None if figures.outdated else figures.gone)
        again = ", ".join(figures.gone)
        if figures.outdated:
            again = self._drawn(key) if self.ledger[key].captions else ""
        done = f"; {again} drawn again" if again else ", nothing to do"
        self.say(f"{key}: unchanged{done}")

    def _complete_all_figures(self, verdicts: dict[str, Verdict]) -> None:
        for stage, name in self.steps(self.all_decoders()):
            verdict = verdicts[stage.key(name)]
            if verdict.state == "fresh" and not verdict.figures.complete:
                self._complete_figures(stage, name, verdict)

    def _tell_result(self, stage: Stage, decoder: str) -> None:
        """The result in one line, of a stage that has one."""
        if told := stage.told(self.ledger[stage.key(decoder)].summary):
            self.say(f"{stage.key(decoder)}: {told}")

    def _require_known_names(self, decoders: tuple[str, ...]) -> None:
        """A misspelt name in the settings is found now, not after hours of extraction."""
        for name in decoders or self.settings.run.decoders:
            DECODERS.require(name, "" if decoders else "decoders in [run]")
        FEATURE_SPACES.require(self.settings.decoding.features, "features in [decoding]")

    def _has_edited_rois(self, stage: Stage) -> bool:
        """Whether the stage's result rests on ROIs that the user edited in suite2p's GUI."""
        from twophoton_decode.extraction.curation.edits import is_edited

        return stage.name == "detect" and is_edited(self.folder.suite2p)

    def _replace_samples(self, stage: Stage, decoder: str, verdicts: dict[str, Verdict]) -> None:
        """Keep fingerprints of all bytes where an earlier version took samples, and say so."""
        entry = self.ledger[stage.key(decoder)]
        sampled = [name for name, each in entry.inputs.items() if is_sampled(name, each)]
        now = self._inspector().inputs(stage, decoder, verdicts) if sampled else {}
        inputs = entry.inputs | {name: now[name] for name in sampled}
        if inputs != entry.inputs:
            self.ledger.write(stage.key(decoder), replace(entry, inputs=inputs))
        if inputs.get("movie") != entry.inputs.get("movie"):
            self.say(
                f"{stage.key(decoder)}: an earlier version had kept samples of the movie, which "
                "are the same; from now on all of its bytes are compared"
            )

    def _require(self, stage: Stage, decoder: str) -> None:
        """The stages before this one must have run; that they are stale is said, not refused."""
        verdicts = self.verdicts((decoder,) if decoder else ())
        for before in stage.reads:
            verdict = verdicts[key := key_read(before, decoder, verdicts)]
            damaged = any("damaged" in change or "gone" in change for change in verdict.changes)
            if verdict.state == "missing" or (verdict.state == "stale" and damaged):
                why = verdict.changes[0] if verdict.changes else f"{key} has not run yet"
                command = next(each.run_by for each, _ in self.steps() if each.name == before)
                raise SessionError(
                    f"{stage.name} needs the result of {key}: {why}. "
                    f"Run `tpdecode {command} {self.folder.path}` first, "
                    f"or `tpdecode run {self.folder.path}` for everything."
                )
            if verdict.state == "stale":
                self.say(
                    f"warning: {key} is stale ({'; '.join(verdict.changes)}); "
                    f"`tpdecode run {self.folder.path}` brings everything up to date"
                )

    def _write_summary(self) -> None:
        """The headline numbers of the results that are up to date; others would mislead."""
        done = {key for key, each in self.verdicts().items() if each.done}
        entries = {key: entry for key, entry in self.ledger.items() if key in done}
        write_summary(self.folder, entries)
