"""What a stage is: its name, what it reads and writes, its settings, its function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from twophoton_decode.errors import RecordError, SessionError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Record
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Ledger
from twophoton_decode.settings import Settings

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing, Shown

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Work:
    """What a stage's function is given.

    `changes` names what differs from the stage's last run, `stale` the other results that
    no longer follow from their inputs; `discard_curation` lets extraction replace ROIs that
    the user edited; `asked` are the decoders that the command at hand makes.
    """

    folder: SessionFolder
    settings: Settings
    ledger: Ledger
    decoder: str = ""
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

        path = self.folder.path / file.format(decoder=self.decoder)
        if not path.exists():
            raise SessionError(f"{path} is missing. Run `tpdecode run {self.folder.path}` first.")
        try:
            return read_record(path, kind)
        except RecordError as error:
            raise SessionError(str(error)) from error


@dataclass(frozen=True)
class Result:
    """What a stage's function returns; the runner writes it.

    `summary` goes into ``summary.json``, `notes` into the report: whatever was dropped,
    clipped, filled or did not converge.
    """

    record: Record | None = None
    drawings: Sequence[Drawing | Shown] = ()
    files: dict[str, bytes] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    extra_inputs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """One step from microscope to report, declared once.

    Parameters
    ----------
    name : str
        The command that runs it.
    file : str
        The record it writes, relative to the session, ``{decoder}`` filled in; empty if it
        writes none.
    run : callable
        From `Work` to `Result`; pure but for reading the session's records and sources.
    reads : tuple of str
        Names of the stages whose records it needs.
    uses : tuple of str
        Names of the stages whose results it shows where they exist, for every decoder.
    sources : tuple of str
        Keys of ``[source]``, or other settings as ``section.key``, whose files it reads.
    depends_on : tuple of str
        Settings that its result depends on: whole sections, or ``section.key``.
    revision : int
        Raised when the stage computes something else than before; makes results stale.
    per_decoder : bool
        Whether it runs once for every decoder.
    told : callable
        From the numbers of its summary to what is said when it has run; "": nothing.
    """

    name: str
    file: str
    run: Callable[[Work], Result]
    reads: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    revision: int = 1
    per_decoder: bool = False
    told: Callable[[Mapping[str, Any]], str] = lambda numbers: ""

    def key(self, decoder: str) -> str:
        """How the ledger calls it."""
        return f"{self.name}:{decoder}" if self.per_decoder else self.name

    def record_path(self, folder: SessionFolder, decoder: str) -> Path:
        """Where its record lies."""
        return folder.path / self.file.format(decoder=decoder)

    def settings_used(self, settings: Settings) -> dict[str, Any]:
        """The settings that its result depends on, as the ledger keeps them."""
        used: dict[str, Any] = {}
        for name in self.depends_on:
            section, _, key = name.partition(".")
            values = getattr(settings, section).model_dump(mode="json")
            used |= {name: values[key]} if key else {f"{name}.{k}": v for k, v in values.items()}
        return used
