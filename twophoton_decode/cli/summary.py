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
    help="Print summary.json; of several sessions one object, by the paths given.",
)
def summary(sessions: tuple[Path, ...], as_json: bool) -> None:
    """Print the headline numbers.

    \b
    Example:
      tpdecode summary S
      tpdecode summary S1 S2 S3
      tpdecode summary S --json
    """
    from twophoton_decode.session.folder import SessionFolder

    sessions = sessions_given(sessions)
    if len(sessions) == 1:
        text = _summary_text(sessions[0])
        click.echo(text.rstrip() if as_json else headline(SessionFolder(sessions[0])))
        _warn_of_stale(sessions[0])
        return
    found, failed = one_after_the_other(sessions, _checked)
    summaries = {str(session): summary for session, summary in found.items()}
    if as_json:
        click.echo(json.dumps(summaries, indent=2, ensure_ascii=False))
    elif summaries:
        click.echo("\n".join(headlines(summaries)))
    leave_if(failed)


def _checked(session: Path) -> dict[str, Any]:
    """The summary of one of several sessions; what is stale in it is said."""
    text = _summary_text(session)
    _warn_of_stale(session)
    found: dict[str, Any] = json.loads(text)
    return found


def _summary_text(session: Path) -> str:
    """``summary.json`` of a session; `SessionError` if nothing has run yet."""
    from twophoton_decode.errors import SessionError
    from twophoton_decode.session.folder import SessionFolder

    folder = SessionFolder.open(session)
    if not folder.summary.is_file():
        raise SessionError(f"{session} has no results yet. Run `tpdecode run {session}` first.")
    return folder.summary.read_text(encoding="utf-8")


def _warn_of_stale(session: Path) -> None:
    from twophoton_decode.pipeline.run import Session
    from twophoton_decode.session.folder import SessionFolder

    verdicts = Session(SessionFolder(session)).verdicts()
    stale = [key for key, each in verdicts.items() if each.state == "stale"]
    if stale:
        click.echo(
            f"warning: settings or data have changed since; stale are {', '.join(stale)}. "
            f"`tpdecode run {session}` brings them up to date.",
            err=True,
        )
