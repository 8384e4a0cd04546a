"""Where everything of one experiment lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from twophoton_decode.errors import SessionError, UsageError
from twophoton_decode.session.own_files import FIGURES, LOGS, PRIVATE, SUITE2P
from twophoton_decode.session.settings.file import change_setting, read_settings, write_settings
from twophoton_decode.settings import Settings, Source

_MOST_NAMED = 3


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
        if not (path / "session.toml").exists():
            raise UsageError(
                f"{path} is not a session: it has no session.toml. "
                f"`tpdecode init {path} --movie …` makes one."
            )
        return cls(path)

    @classmethod
    def create(cls, path: Path, settings: Settings) -> SessionFolder:
        """A new session with `settings`, or the one that is there if its source is the same.

        An existing session is never overwritten: so a command that makes one can be
        repeated after an interruption, and cannot mix the data of two. Only what was given
        explicitly in ``settings.source`` is compared. A log and pictures are added to a
        session of the movie alone.

        Raises
        ------
        UsageError
            The session that is there has other data; the message names the keys that differ.
        """
        if (path / "session.toml").exists():
            cls(path).refuse_other_data(settings.source)
            _fill_in(path / "session.toml", settings.source)
            return cls(path)
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path} is a file; a session is a folder.")
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SessionError(f"{path} cannot be made: {error.strerror}.") from error
        write_settings(path / "session.toml", settings)
        return cls(path)

    def refuse_other_data(self, given: Source) -> None:
        """`UsageError` where this session's source is not the one given, key by key.

        Only what was set in `given` is compared, and what the session can be given yet is
        no difference.
        """
        found = self.settings().source
        named = [
            key for key in type(given).model_fields if key in given.model_fields_set | {"kind"}
        ]
        differing = [
            f"[source] {key} is {_written(getattr(found, key))} there, but "
            f"{_written(getattr(given, key))} is given"
            for key in named
            if getattr(found, key) != getattr(given, key) and not _can_be_added(key, found)
        ]
        if differing:
            raise UsageError(
                f"{self.path} is already a session with other data: {'; '.join(differing)}. Edit "
                f"{self.settings_file} to change where its data come from, or name another folder."
            )

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
        return self.path / PRIVATE

    @property
    def scratch(self) -> Path:
        """Room for files that live as long as a command."""
        return self.private / "scratch"

    @property
    def suite2p(self) -> Path:
        """suite2p's own output, as its GUI opens it."""
        return self.path / SUITE2P

    @property
    def logs(self) -> Path:
        """What suite2p said."""
        return self.path / LOGS

    @property
    def figures(self) -> Path:
        """Each figure as PDF, SVG, PNG and CSV."""
        return self.path / FIGURES

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


def _can_be_added(key: str, found: Source) -> bool:
    """Whether a session of a movie alone takes this key: its log, and what goes with it."""
    return (
        found.kind == "movie" and not found.log and key in ("log", "images", "clips", "image_shape")
    )


def _fill_in(file: Path, given: Source) -> None:
    """Write what the session's source lacks and `given` has; nothing where they agree."""
    found = read_settings(file).source
    for key in sorted(given.model_fields_set):
        if getattr(found, key) != getattr(given, key):
            change_setting(file, "source", key, getattr(given, key))


def _written(value: str | list[str]) -> str:
    """A value of ``[source]`` for a message, a long list of files shortened."""
    if isinstance(value, str):
        return repr(value) if value else "empty"
    shown = ", ".join(map(repr, value[:_MOST_NAMED])) or "empty"
    more = len(value) - _MOST_NAMED
    return shown if more <= 0 else f"{shown} and {more} more"
