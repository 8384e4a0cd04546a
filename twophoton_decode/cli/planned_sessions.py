"""The sessions of a table, made where they are not there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from twophoton_decode.cli.console import echo
from twophoton_decode.cli.options import save_settings

if TYPE_CHECKING:
    from twophoton_decode.pipeline.batch.outcome import Outcome
    from twophoton_decode.pipeline.batch.planned import Planned


def sessions_of_table(
    table_file: Path, defaults_file: Path | None
) -> tuple[list[Path], dict[str, Outcome]]:
    """Sessions of a table, made where they are not there, and why some could not be."""
    from twophoton_decode.cli.main import message_of
    from twophoton_decode.errors import TpDecodeError
    from twophoton_decode.pipeline.batch.outcome import Outcome
    from twophoton_decode.pipeline.batch.planned import read_planned, read_shared
    from twophoton_decode.session.settings.file import with_changes
    from twophoton_decode.settings import Settings

    shared = read_shared(defaults_file) if defaults_file is not None else {}
    with_changes(Settings(), shared, str(defaults_file))
    rows, unused = read_planned(table_file, shared)
    if unused:
        echo(f"{table_file}: not used: {', '.join(unused)}.")
    made, failed = [], {}
    for row in rows:
        try:
            _make(row, f"{table_file}, session {row.session.name}")
            made.append(row.session)
        except (TpDecodeError, OSError) as error:
            folder = str(row.session.resolve())
            failed[folder] = Outcome(folder, "failed", 0.0, message_of(error))
            echo(f"{row.session}: {failed[folder].result}", err=True)
    return made, failed


def _make(row: Planned, where: str) -> None:
    """The session of a row; one that is there gets what it lacks. Messages name `where`."""
    from twophoton_decode.cli.commands.session.init import create_session, source_given
    from twophoton_decode.errors import UsageError
    from twophoton_decode.session.folder import SessionFolder
    from twophoton_decode.session.settings.file import with_changes
    from twophoton_decode.settings import Settings

    with_changes(Settings(), row.settings, where)
    there = (row.session / "session.toml").exists()
    if not there and not row.movies:
        raise UsageError("there is no such session, and the table names no movie to make it from.")
    if not row.source:
        save_settings(SessionFolder.open(row.session), row.settings)
        return
    given = {key: value for key, value in row.source.items() if key != "movie"}
    source = source_given(row.movies, row.session, **given)

    def say(line: str) -> None:
        echo(f"{row.session}: {line}")

    found = create_session(row.session, source, row.settings, say)
    if not there:
        for line in (found.line, *found.notes):
            say(line)
