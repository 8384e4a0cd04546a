"""``tpdecode summary``: the headline numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from twophoton_decode.cli.headline import headline, headlines
from twophoton_decode.cli.options import sessions_argument
from twophoton_decode.cli.several import leave_if, one_after_the_other, sessions_given


@click.command()
@sessions_argument
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print summary.json; for several sessions, one object keyed by their paths.",
)
def summary(sessions: tuple[Path, ...], as_json: bool) -> None:
    """Print the headline numbers.

    \b
    Example:
      tpdecode summary S
      tpdecode summary S1 S2 S3
      tpdecode summary S --json
    """
    from twophoton_decode.cli.console import echo, echo_json
    from twophoton_decode.session.folder import SessionFolder

    sessions = sessions_given(sessions)
    if len(sessions) == 1:
        found = _summary_of(sessions[0])
        if as_json:
            echo_json(_as_json(found))
        else:
            for line in headline(SessionFolder(sessions[0])):
                echo(line)
        _warn_of_stale(sessions[0])
        return
    summaries, failed = one_after_the_other(sessions, _checked)
    named = {str(session): summary for session, summary in summaries.items()}
    if as_json:
        echo_json(_as_json(named))
    elif named:
        for line in headlines(named):
            echo(line)
    leave_if(failed)


def _as_json(found: dict[str, Any]) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False)


def _checked(session: Path) -> dict[str, Any]:
    """The summary of one of several sessions; what is stale in it is said."""
    found = _summary_of(session)
    _warn_of_stale(session)
    return found


def _summary_of(session: Path) -> dict[str, Any]:
    """The headline numbers of a session; `SessionError` if nothing has run yet."""
    from twophoton_decode.errors import SessionError
    from twophoton_decode.pipeline.summary import read_summary
    from twophoton_decode.session.folder import SessionFolder

    folder = SessionFolder.open(session)
    if not folder.summary.is_file():
        raise SessionError(f"{session} has no results yet. Run `tpdecode run {session}` first.")
    return read_summary(folder, _warn)


def _warn_of_stale(session: Path) -> None:
    from twophoton_decode.cli.console import echo
    from twophoton_decode.pipeline.run import Session
    from twophoton_decode.session.folder import SessionFolder

    verdicts = Session(SessionFolder(session)).verdicts()
    stale = [key for key, each in verdicts.items() if each.state == "stale"]
    if stale:
        echo(
            "warning: settings or data have changed since these results were made: "
            f"{', '.join(stale)}. "
            f"`tpdecode run {session}` brings them up to date.",
            err=True,
        )


def _warn(line: str) -> None:
    from twophoton_decode.cli.console import echo

    echo(line, err=True)
