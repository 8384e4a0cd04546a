"""Where everything of one experiment lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from twophoton_decode.errors import SessionError, UsageError
from twophoton_decode.session.settings_file import read_settings, write_settings
from twophoton_decode.settings import Settings


@dataclass(frozen=True)
class SessionFolder:
    """The paths of a session; see the layout in ``docs/concepts.md``."""

    path: Path

    @classmethod
    def open(cls, path: Path) -> SessionFolder:
        """An existing session; `UsageError` if `path` is none."""
        if not path.is_dir():
            raise UsageError(
                f"there is no folder {path}. `tpdecode init {path} --movie …` makes a session."
            )
        if not (path / "session.toml").is_file():
            raise UsageError(
                f"{path} is not a session: it has no session.toml. "
                f"`tpdecode init {path} --movie …` makes one."
            )
        return cls(path)

    @classmethod
    def create(cls, path: Path, settings: Settings) -> SessionFolder:
        """A new session with `settings`, or the one that is there if its source is the same.

        An existing session is never overwritten: so a command that makes one can be
        repeated after an interruption, and cannot mix the data of two.
        """
        if (path / "session.toml").exists():
            if read_settings(path / "session.toml").source == settings.source:
                return cls(path)
            raise UsageError(
                f"{path} is already a session of other data. Edit {path / 'session.toml'} to "
                "change where they come from, or name another folder."
            )
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path} is a file; a session is a folder.")
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SessionError(f"{path} cannot be made: {error.strerror}.") from error
        write_settings(path / "session.toml", settings)
        return cls(path)

    @property
    def settings_file(self) -> Path:
        """What the user says."""
        return self.path / "session.toml"

    def settings(self) -> Settings:
        """The settings, checked."""
        return read_settings(self.settings_file)

    @property
    def private(self) -> Path:
        """Ledger, lock and scratch space."""
        return self.path / ".tpdecode"

    @property
    def scratch(self) -> Path:
        """Room for files that live as long as a command."""
        return self.private / "scratch"

    @property
    def suite2p(self) -> Path:
        """suite2p's own output, as its GUI opens it."""
        return self.path / "suite2p"

    @property
    def logs(self) -> Path:
        """What suite2p said."""
        return self.path / "logs"

    @property
    def figures(self) -> Path:
        """Each figure as PDF, SVG, PNG and CSV."""
        return self.path / "figures"

    @property
    def report(self) -> Path:
        """The one-file report."""
        return self.path / "report.html"

    @property
    def summary(self) -> Path:
        """The headline numbers."""
        return self.path / "summary.json"

    def relative(self, path: Path) -> str:
        """`path` as the ledger names it."""
        return path.relative_to(self.path).as_posix()
