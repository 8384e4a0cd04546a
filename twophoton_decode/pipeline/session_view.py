"""A session opened for inspection: its stages, and what of them is up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from twophoton_decode.pipeline.chain import stages_of
from twophoton_decode.pipeline.fingerprints import Fingerprints
from twophoton_decode.pipeline.freshness import Inspector, Verdict
from twophoton_decode.pipeline.results.former import open_ledger
from twophoton_decode.pipeline.stage import Stage, StageInput
from twophoton_decode.progress import Progress, silent
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Ledger
from twophoton_decode.session.own_files import refuse_special_files
from twophoton_decode.session.settings.file import without_effect
from twophoton_decode.settings import Settings


@dataclass
class SessionView:
    """A session as it lies there: settings, ledger, stages, and the state of every result.

    Settings are read once. `say` receives one line for each thing a user should know,
    `detail` what only some ask for. With `verify` every input is read again, whatever its
    stamps say. `requested` names stages that run on request alone, and `networks` for which.
    """

    folder: SessionFolder
    progress: Progress = silent
    say: Callable[[str], None] = lambda line: None
    detail: Callable[[str], None] = lambda line: None
    verify: bool = False
    networks: tuple[str, ...] = ()
    requested: tuple[str, ...] = ()
    settings: Settings = field(init=False)
    ledger: Ledger = field(init=False)
    fingerprints: Fingerprints = field(init=False)

    def __post_init__(self) -> None:
        refuse_special_files(self.folder.path)
        self.settings = self.folder.settings()
        for former in without_effect(self.folder.settings_file):
            self.say(f"note: {former}")
        self.ledger = open_ledger(self.folder)
        self.fingerprints = Fingerprints(
            self.folder.private / "fingerprints.json", verify=self.verify, progress=self.progress
        )
        if self.ledger.damage:
            self.say(f"warning: {self.ledger.damage}")

    def steps(self, decoders: tuple[str, ...] = ()) -> Iterator[tuple[Stage, str]]:
        """Every stage in order, with each decoder or network where it runs once for each."""
        for stage in stages_of(self.settings):
            yield from ((stage, name) for name in self._names(stage, decoders))

    def _names(self, stage: Stage, decoders: tuple[str, ...]) -> tuple[str, ...]:
        if stage.per == "decoder":
            return self._decoders(stage, decoders or tuple(self.settings.run.decoders))
        if not stage.on_request:
            return ("",)
        networks = self.networks or tuple(self.settings.deep.networks)
        asked = (networks if stage.per else ("",)) if self._is_requested(stage) else ()
        return tuple(dict.fromkeys((*asked, *self._made_by(stage.name))))

    def _decoders(self, stage: Stage, decoders: tuple[str, ...]) -> tuple[str, ...]:
        """These, or of a stage that runs on request alone those for which it was run before."""
        if not stage.on_request or self._is_requested(stage):
            return decoders
        made = self._made_by(stage.name)
        return tuple(name for name in decoders if name in made)

    def _is_requested(self, stage: Stage) -> bool:
        named = (f"deep-{name}" for name in self.settings.run.deep)
        return stage.name in (*self.requested, *named)

    def _made_by(self, stage: str) -> tuple[str, ...]:
        """The decoders or networks for which a stage was run in this session."""
        keys = [key.partition(":") for key, _ in self.ledger.items()]
        return tuple(name for found, _, name in keys if found == stage)

    def reconstructed_by(self) -> tuple[str, ...]:
        """The decoders that were run in this session, whatever the settings say now."""
        return self._made_by("reconstruct")

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

    def stage_input(self, stage: Stage, name: str, verdicts: dict[str, Verdict]) -> StageInput:
        """What the functions of a stage are given, for decoder or network `name`."""
        key = stage.key(name)
        return StageInput(
            folder=self.folder,
            settings=self.settings,
            ledger=self.ledger,
            decoder=name if stage.per == "decoder" else "",
            network=name if stage.per == "network" else "",
            stale=tuple(k for k, each in verdicts.items() if each.state == "stale" and k != key),
            progress=self.progress,
        )

    def _inspector(self) -> Inspector:
        return Inspector(self.folder, self.settings, self.ledger, self.fingerprints)
