"""``tpdecode status``: what is done, stale, missing."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.columns import aligned
from twophoton_decode.cli.options import sessions_argument, verify_option
from twophoton_decode.cli.several import leave_if, one_after_the_other, sessions_given


@click.command()
@sessions_argument
@verify_option
def status(sessions: tuple[Path, ...], verify: bool) -> None:
    """Show which results are fresh, stale or missing, and why.

    \b
    Example:
      tpdecode status S
      tpdecode status S1 S2 S3
    """
    from twophoton_decode.cli.console import echo

    sessions = sessions_given(sessions)
    if len(sessions) == 1:
        for line in aligned(_rows(sessions[0], verify)):
            echo(line)
        return
    found, failed = one_after_the_other(sessions, lambda session: _rows(session, verify))
    lines = iter(aligned([row for rows in found.values() for row in rows]))
    for session, rows in found.items():
        echo(f"{session}")
        for _ in rows:
            echo(f"  {next(lines)}")
    leave_if(failed)


def _rows(session: Path, verify: bool) -> list[tuple[str, str, str]]:
    """Each result: its name, its state, and since when or why."""
    from twophoton_decode.cli.console import Console
    from twophoton_decode.pipeline.run import Session
    from twophoton_decode.session.folder import SessionFolder

    with Console(0) as console:
        work = Session(SessionFolder.open(session), console.progress, console.say, verify=verify)
        verdicts = work.verdicts(work.all_decoders())
    rows = []
    for key, verdict in verdicts.items():
        entry = work.ledger.get(key)
        when = f"{entry.finished}  {entry.seconds:6.1f} s  " if entry and verdict.done else ""
        why = "; ".join([*verdict.changes, *verdict.figures.remarks()])
        rows.append((key, f"{verdict.state:<11}", f"{when}{why}".rstrip()))
    return rows
