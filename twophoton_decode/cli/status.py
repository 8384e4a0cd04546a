"""``tpdecode status``: what is done, stale, missing."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.options import session_argument, verify_option


@click.command()
@session_argument
@verify_option
def status(session: Path, verify: bool) -> None:
    """Show which results are fresh, stale or missing, and why.

    \b
    Example:
      tpdecode status S
    """
    from twophoton_decode.cli.console import Console, echo
    from twophoton_decode.pipeline.run import Session
    from twophoton_decode.session.folder import SessionFolder

    with Console(0) as console:
        work = Session(SessionFolder.open(session), console.progress, console.say, verify=verify)
        verdicts = work.verdicts(work.all_decoders())
    width = max(map(len, verdicts))
    for key, verdict in verdicts.items():
        entry = work.ledger.get(key)
        when = f"  {entry.finished}  {entry.seconds:6.1f} s" if entry and verdict.done else ""
        why = f"  {'; '.join(verdict.changes)}" if verdict.changes else ""
        echo(f"{key:<{width}}  {verdict.state:<11}{when}{why}")
