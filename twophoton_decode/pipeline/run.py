"""Running stages: skip what is fresh, write what is new, keep account."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from twophoton_decode import __version__
from twophoton_decode.errors import AnalysisError, SessionError
from twophoton_decode.pipeline.chain import stages_of
from twophoton_decode.pipeline.faults import Faults
from twophoton_decode.pipeline.fingerprints import Fingerprints
from twophoton_decode.pipeline.freshness import Inspector, Verdict, hash_of, is_sampled, key_read
from twophoton_decode.pipeline.stage import Result, Stage, Work
from twophoton_decode.pipeline.summary import summary_of
from twophoton_decode.progress import Progress, silent
from twophoton_decode.registry import DECODERS, FEATURE_SPACES
from twophoton_decode.session.atomic import write_bytes, write_text
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Entry, Ledger
from twophoton_decode.session.own_files import refuse_special_files
from twophoton_decode.session.settings.file import without_effect
from twophoton_decode.settings import Settings

LIBRARIES = ("numpy", "scipy", "numba", "scikit-learn", "scikit-image", "suite2p", "tifffile")


@dataclass
class Session:
    """A session opened for work or inspection; the settings are read once.

    `say` receives one line for each thing a user should know while it runs, `detail` what
    only some ask for. With `verify` every input is read again, whatever its stamps say.
    """

    folder: SessionFolder
    progress: Progress = silent
    say: Callable[[str], None] = lambda line: None
    detail: Callable[[str], None] = lambda line: None
    verify: bool = False
    settings: Settings = field(init=False)
    ledger: Ledger = field(init=False)
    fingerprints: Fingerprints = field(init=False)
    _told: set[str] = field(init=False, default_factory=set)
    _asked: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        refuse_special_files(self.folder.path)
        self.settings = self.folder.settings()
        for former in without_effect(self.folder.settings_file):
            self.say(f"note: {former}")
        self.ledger = Ledger(self.folder.private / "ledger.json")
        stamps = self.folder.private / "fingerprints.json"
        self.fingerprints = Fingerprints(stamps, verify=self.verify, progress=self.progress)
        if self.ledger.damage:
            self.say(f"warning: {self.ledger.damage}")

    def steps(self, decoders: tuple[str, ...] = ()) -> Iterator[tuple[Stage, str]]:
        """Every stage in order, once per decoder where it runs once per decoder."""
        names = decoders or tuple(self.settings.run.decoders)
        for stage in stages_of(self.settings):
            yield from ((stage, name) for name in (names if stage.per_decoder else ("",)))

    def reconstructed_by(self) -> tuple[str, ...]:
        """The decoders that were run in this session, whatever the settings say now."""
        keys = [key.partition(":") for key, _ in self.ledger.items()]
        return tuple(decoder for stage, _, decoder in keys if stage == "reconstruct")

    def all_decoders(self, *more: str) -> tuple[str, ...]:
        """The decoders of the settings, any other that was run in this session, and `more`."""
        names = (*self.settings.run.decoders, *self.reconstructed_by(), *more)
        return tuple(dict.fromkeys(filter(None, names)))

    def verdicts(
        self, decoders: tuple[str, ...] = (), *, read_only: bool = False
    ) -> dict[str, Verdict]:
        """The state of every result, by ledger key, in the order of the chain.

        Fingerprints are kept for the next command, unless the session is `read_only`.
        """
        inspector = self._inspector()
        found: dict[str, Verdict] = {}
        for stage, decoder in self.steps(decoders or self.all_decoders()):
            found[stage.key(decoder)] = inspector.judge(stage, decoder, found)
        if not read_only:
            self.fingerprints.save()
        return found

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
        faults.raise_first()

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
        if name != "reconstruct":
            decoders = decoders or self.reconstructed_by()
        steps = [(stage, d) for stage, d in self.steps(decoders) if stage.name == name]
        if not steps:
            known = ", ".join(dict.fromkeys(stage.name for stage, _ in self.steps()))
            raise SessionError(
                f"{self.folder.path} has no stage {name!r}: its source is "
                f"{self.settings.source.kind}"
                f"{'' if self.settings.source.log else ' without a stimulus log'}. "
                f"It has {known}."
            )
        self._asked = tuple(decoder for _, decoder in steps)
        for stage, decoder in steps:
            self._require(stage, decoder)
            self.run_stage(stage, decoder, discard_curation=discard_curation)

    def run_stage(self, stage: Stage, decoder: str, *, discard_curation: bool = False) -> None:
        """Run one stage unless it is fresh, and write record, figures and ledger entry.

        The entry is written last: a stage that was interrupted never finished.
        """
        key = stage.key(decoder)
        verdicts = self.verdicts(self.all_decoders(decoder))
        verdict = verdicts[key]
        if verdict.state == "unavailable":
            raise AnalysisError(verdict.changes[0])
        if verdict.done and not (discard_curation and self._has_edited_rois(stage)):
            self._replace_samples(stage, decoder, verdicts)
            self.say(f"{key}: unchanged, nothing to do")
            self._tell_result(stage, decoder)
            return
        self.detail(f"{key}: {'; '.join(verdict.changes) or 'never run'}")
        inputs = self._inspector().inputs(stage, decoder, verdicts)
        self.fingerprints.save()
        begun = time.monotonic()
        work = Work(
            folder=self.folder,
            settings=self.settings,
            ledger=self.ledger,
            decoder=decoder,
            changes=verdict.changes,
            stale=tuple(k for k, each in verdicts.items() if each.state == "stale" and k != key),
            discard_curation=discard_curation,
            progress=self.progress,
            asked=self._asked,
        )
        try:
            self._inspector().require_available(stage, decoder, verdicts)
            result = stage.run(work)
        except AnalysisError as error:
            stage.record_path(self.folder, decoder).unlink(missing_ok=True)
            self._enter(stage, decoder, inputs, Result(), {}, "", begun, unavailable=str(error))
            raise
        content, outputs = self._write(stage, decoder, result)
        self._enter(stage, decoder, inputs, result, outputs, content, begun)
        for note in result.notes:
            # What a stage notes alike of several decoders is said of the first.
            if not {note, f"{stage.name}: {note}"} & self._told:
                self.say(f"{key}: {note}")
                self._told.add(f"{stage.name}: {note}")
        self.say(f"{key}: done in {time.monotonic() - begun:.1f} s")
        self._tell_result(stage, decoder)

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

        return stage.name == "extract" and is_edited(self.folder.suite2p)

    def _inspector(self) -> Inspector:
        return Inspector(self.folder, self.settings, self.ledger, self.fingerprints)

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
            key = key_read(before, decoder, verdicts)
            verdict = verdicts[key]
            damaged = any("damaged" in change or "gone" in change for change in verdict.changes)
            if verdict.state == "missing" or (verdict.state == "stale" and damaged):
                why = "has not run yet" if not verdict.changes else verdict.changes[0]
                raise SessionError(
                    f"{stage.name} needs the result of {key}: {why}. "
                    f"Run `tpdecode {before} {self.folder.path}` first, "
                    f"or `tpdecode run {self.folder.path}` for everything."
                )
            if verdict.state == "stale":
                self.say(
                    f"warning: {key} is stale ({'; '.join(verdict.changes)}); "
                    f"`tpdecode run {self.folder.path}` brings everything up to date"
                )

    def _write(self, stage: Stage, decoder: str, result: Result) -> tuple[str, dict[str, str]]:
        from twophoton_decode.figures.canvas.drawing import Drawing, Shown
        from twophoton_decode.figures.canvas.rendering import render_all
        from twophoton_decode.session.netcdf import write_record

        written: list[Path] = []
        content = ""
        if result.record is not None:
            path = stage.record_path(self.folder, decoder)
            content = write_record(path, result.record)
            written.append(path)
        shown = [each for each in result.drawings if isinstance(each, Shown)]
        shown += render_all([each for each in result.drawings if isinstance(each, Drawing)])
        for each in shown:
            for kind, data in each.files.items():
                written.append(self.folder.figures / f"{each.name}.{kind}")
                write_bytes(written[-1], data)
        for name, data in result.files.items():
            written.append(self.folder.path / name)
            write_bytes(written[-1], data)
        return content, {self.folder.relative(path): hash_of(path) for path in written}

    def _enter(
        self,
        stage: Stage,
        decoder: str,
        inputs: dict[str, str],
        result: Result,
        outputs: dict[str, str],
        content: str,
        begun: float,
        unavailable: str = "",
    ) -> None:
        entry = Entry(
            settings=stage.settings_used(self.settings),
            inputs=inputs | result.extra_inputs,
            outputs=outputs,
            content=content or unavailable,
            revision=stage.revision,
            versions=_versions(),
            seed=self.settings.decoding.seed,
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - begun, 3),
            summary=result.summary,
            notes=result.notes,
            captions={drawing.name: drawing.caption for drawing in result.drawings},
            unavailable=unavailable,
        )
        self._remove_former(stage.key(decoder), outputs)
        self.ledger.write(stage.key(decoder), entry)
        self._write_summary()

    def _remove_former(self, key: str, outputs: dict[str, str]) -> None:
        """What the last run of this stage wrote and this one did not would mislead."""
        former = self.ledger.get(key)
        for name in former.outputs if former else ():
            if name not in outputs:
                (self.folder.path / name).unlink(missing_ok=True)

    def _write_summary(self) -> None:
        """The headline numbers of the results that are up to date; others would mislead."""
        done = {key for key, each in self.verdicts().items() if each.done}
        entries = {key: entry for key, entry in self.ledger.items() if key in done}
        summary = summary_of(self.folder.path.resolve().name, entries)
        write_text(self.folder.summary, json.dumps(summary, indent=2, ensure_ascii=False) + "\n")


def _versions() -> dict[str, str]:
    found = {"tpdecode": __version__}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found
