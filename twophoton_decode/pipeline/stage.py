"""What a stage is: its name, what it reads and writes, its settings, its functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from twophoton_decode.errors import RecordError, SessionError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Record
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Entry, Ledger
from twophoton_decode.settings import Settings

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing

R = TypeVar("R", bound=Record)
Numbers = Mapping[str, Any]
"""What a stage's summary holds, by key."""
Per = Literal["", "decoder", "network"]


@dataclass(frozen=True)
class StageInput:
    """What a stage's functions are given.

    `decoder` or `network` says for which one, where the stage runs once for each. `changes`
    names what differs from the stage's last run, `stale` the other results that no longer
    follow from their inputs; `discard_curation` lets extraction replace ROIs that the user
    edited; `asked` are the decoders that the command at hand makes.
    """

    folder: SessionFolder
    settings: Settings
    ledger: Ledger
    decoder: str = ""
    network: str = ""
    changes: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    discard_curation: bool = False
    progress: Progress = silent
    asked: tuple[str, ...] = ()

    @property
    def checkpoints(self) -> Path:
        """Where a decoder that trains for long keeps what it has learned so far."""
        return self.folder.private / "training" / self.decoder

    def read(self, kind: type[R], file: str) -> R:
        """A record of this session; `SessionError` if it was never made or is damaged."""
        from twophoton_decode.session.netcdf import read_record

        path = self.folder.path / file_of(file, self.decoder or self.network)
        if not path.exists():
            raise SessionError(f"{path} is missing. Run `tpdecode run {self.folder.path}` first.")
        try:
            return read_record(path, kind)
        except RecordError as error:
            raise SessionError(str(error)) from error

    def current(self, *stages: str) -> dict[str, Entry]:
        """Entries of these stages that have a result or a reason for none, and are not stale."""
        return {
            key: entry
            for key, entry in self.ledger.items()
            if key.partition(":")[0] in stages and key not in self.stale
        }


@dataclass(frozen=True)
class StageOutput:
    """What a stage's `run` returns; the runner writes it.

    `summary` goes into ``summary.json``, `notes` into the report: whatever was dropped,
    clipped, filled or did not converge. `files` are results that are no records, by their
    names in the session; `content` stands for the result of a stage without a record.
    """

    record: Record | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    extra_inputs: dict[str, str] = field(default_factory=dict)
    content: str = ""


def file_of(file: str, name: str) -> str:
    """`Stage.file` for the decoder or network `name`, whose ``@random:SEED`` no file may have."""
    plain = name.replace("@random:", "-random-")
    return file.format(decoder=plain, network=plain)


def network_of(stem: str) -> str:
    """The network whose file `file_of` gives this stem."""
    name, random, seed = stem.rpartition("-random-")
    return f"{name}@random:{seed}" if random else stem


def draws_nothing(work: StageInput) -> Sequence[Drawing]:
    """`Stage.draw` of a stage without figures."""
    return []


def says_nothing(numbers: Numbers) -> str:
    """`Stage.told` and `Stage.brief` of a stage that speaks through its files alone."""
    return ""


@dataclass(frozen=True)
class Needs:
    """What a stage reads for one decoder alone: `Stage.depends_on` and `Stage.sources`."""

    depends_on: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def needs_nothing(name: str) -> Needs:
    """`Stage.own` of a stage that reads the same for every decoder."""
    return Needs()


@dataclass(frozen=True)
class Number:
    """A headline number of a stage.

    Parameters
    ----------
    key : str
        Where the stage's summary has it, and so ``summary.json``.
    label : str
        What it is.
    format : str
        How it is written, as in a format string: ``.2f``.
    column : str
        Its heading in the table of ``tpdecode summary``; empty: not in that table.
    told_by : str
        Key of a number without which this one cannot be told; empty: none.
    """

    key: str
    label: str
    format: str = ".2f"
    column: str = ""
    told_by: str = ""


@dataclass(frozen=True)
class Stage:
    """One step from microscope to report: all that the rest of the program knows of it.

    A stage's file in ``pipeline/stages/`` holds its declaration and its functions. Reading
    the declarations imports no numerical library; the functions do when they are called.

    Parameters
    ----------
    name : str
        What the ledger, ``status`` and messages call it.
    title : str
        What it does, in a few words.
    command : str
        The command that runs it, without ``tpdecode``; its name where empty.
    section : str
        Heading of the page under which its figures stand; stages may share one.
    run : callable
        From `StageInput` to `StageOutput`; pure but for reading the session's records and
        sources.
    draw : callable
        From `StageInput` to drawings. Reads records alone, so that figures can be drawn
        again without running anything.
    file : str
        The record it writes, relative to the session, ``{decoder}`` or ``{network}`` filled
        in; empty if it writes none.
    record : type of Record
        What `file` holds.
    summary_key : str
        What ``summary.json`` calls its numbers, dots between levels; its name where empty.
    numbers : tuple of Number
        Its headline numbers.
    reads : tuple of str
        Names of the stages whose records it needs.
    uses : tuple of str
        Names of the stages whose results it shows where they exist, for every decoder.
    sources : tuple of str
        Keys of ``[source]``, or other settings as ``section.key``, whose files it reads.
    depends_on : tuple of str
        Settings that its result depends on: whole sections, or ``section.key``.
    own : callable
        From a decoder's name to what only that one depends on.
    revision : int
        Raised when the stage computes something else than before; makes results stale.
    figure_revision : int
        Raised when its figures look different from the same records: they are drawn again,
        and no result is stale.
    per : "", "decoder" or "network"
        Whether it runs once for every decoder, or every network.
    needs_pictures : bool
        Whether it is unavailable for conditions without pictures.
    on_request : bool
        Whether `run` leaves it out unless ``[run] deep`` names it or it was run before.
    page : bool
        Whether it lays out the results and figures of all other stages: figures that are
        missing are drawn first, and those that were drawn anew make it stale.
    begins_with : tuple of str
        Names of the stages that its command runs first.
    page_place : int
        Where its section stands on the page; those of lower numbers come first.
    told : callable
        From the numbers of its summary to what is said when it has run; "": nothing.
    brief : callable
        From the numbers of its summary to a line of ``tpdecode summary``; "": none.
    """

    name: str
    title: str
    run: Callable[[StageInput], StageOutput]
    draw: Callable[[StageInput], Sequence[Drawing]] = draws_nothing
    command: str = ""
    section: str = ""
    file: str = ""
    record: type[Record] | None = None
    summary_key: str = ""
    numbers: tuple[Number, ...] = ()
    reads: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    own: Callable[[str], Needs] = needs_nothing
    revision: int = 1
    figure_revision: int = 1
    per: Per = ""
    needs_pictures: bool = False
    on_request: bool = False
    page: bool = False
    begins_with: tuple[str, ...] = ()
    page_place: int = 0
    told: Callable[[Numbers], str] = says_nothing
    brief: Callable[[Numbers], str] = says_nothing

    @property
    def draws(self) -> bool:
        """Whether it has figures."""
        return self.draw is not draws_nothing

    @property
    def run_by(self) -> str:
        """The command that runs it, as a user types it after ``tpdecode``."""
        return self.command or self.name

    @property
    def in_summary(self) -> str:
        """What ``summary.json`` calls its numbers."""
        return self.summary_key or self.name

    def shows(self, key: str) -> bool:
        """Whether a result, by its key in the ledger, is among those that it shows."""
        stage = key.partition(":")[0]
        return stage != self.name if self.page else stage in self.uses

    def of(self, name: str) -> Stage:
        """The stage with what it reads for the decoder or network `name` alone."""
        needs = self.own(name)
        return replace(
            self,
            depends_on=tuple(dict.fromkeys((*self.depends_on, *needs.depends_on))),
            sources=tuple(dict.fromkeys((*self.sources, *needs.sources))),
        )

    def key(self, name: str) -> str:
        """How the ledger calls it, for the decoder or network `name`."""
        return f"{self.name}:{name}" if self.per else self.name

    def record_path(self, folder: SessionFolder, name: str) -> Path:
        """Where its record lies, for the decoder or network `name`."""
        return folder.path / file_of(self.file, name)

    def settings_used(self, settings: Settings) -> dict[str, Any]:
        """The settings that its result depends on, as the ledger keeps them."""
        used: dict[str, Any] = {}
        for name in self.depends_on:
            section, _, key = name.partition(".")
            values = getattr(settings, section).model_dump(mode="json")
            used |= {name: values[key]} if key else {f"{name}.{k}": v for k, v in values.items()}
        return used
