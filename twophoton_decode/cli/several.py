"""Several sessions in one call: checked beforehand, worked through one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click

from twophoton_decode.cli.console import echo

T = TypeVar("T")


def sessions_given(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The sessions that a call names, each once; their ``session.toml`` may be named instead.

    Raises
    ------
    UsageError
        One of them is no session, or its settings cannot be used: nothing should begin.
    """
    from twophoton_decode.session.folder import SessionFolder

    named: dict[Path, Path] = {}
    for path in paths:
        folder = path.parent if path.name == "session.toml" else path
        named.setdefault(folder.resolve(), folder)
    sessions = tuple(named.values())
    if len(sessions) > 1:
        _refuse_other_paths(sessions)
        for session in sessions:
            SessionFolder.open(session).settings()
    return sessions


def one_after_the_other(
    sessions: Sequence[Path], work: Callable[[Path], T]
) -> tuple[dict[Path, T], dict[Path, str]]:
    """What `work` makes of each session, and what went wrong with the others.

    An error is printed with the session's name, and the next session follows. Ctrl-C ends
    all; so does an error under ``tpdecode --debug``, to show where it came from.
    """
    from twophoton_decode.cli.main import message_of

    found: dict[Path, T] = {}
    failed: dict[Path, str] = {}
    for session in sessions:
        try:
            found[session] = work(session)
        except BrokenPipeError:
            raise
        except Exception as error:
            if click.get_current_context().find_root().params["debug"]:
                raise
            failed[session] = message_of(error)
            echo(f"{session}: {failed[session]}", err=True)
    return found, failed


def leave_if(failed: dict[Path, str]) -> None:
    """Exit code 1 where a session failed; what went wrong has been printed."""
    if failed:
        click.get_current_context().exit(1)


def _refuse_other_paths(paths: Sequence[Path]) -> None:
    from twophoton_decode.errors import UsageError

    others = [path for path in paths if not (path / "session.toml").is_file()]
    if others:
        raise UsageError(
            f"{len(others)} of {len(paths)} paths are not sessions, so nothing was done: "
            f"{', '.join(f'{path} ({_lacks(path)})' for path in others)}. Name sessions only; "
            "FOLDER/*/session.toml names all sessions in a folder."
        )


def _lacks(path: Path) -> str:
    if path.is_dir():
        return "no session.toml in it"
    return "a file" if path.exists() else "does not exist"
