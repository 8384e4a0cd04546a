"""``tpdecode summary``: the headline numbers."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.headline import headline
from twophoton_decode.cli.options import session_argument


@click.command()
@session_argument
@click.option("--json", "as_json", is_flag=True, help="Print summary.json.")
def summary(session: Path, as_json: bool) -> None:
    """Print the headline numbers.

    \b
    Example:
      tpdecode summary S
      tpdecode summary S --json
    """
    import json

    from twophoton_decode.cli.console import echo, echo_json
    from twophoton_decode.errors import SessionError
    from twophoton_decode.pipeline.run import Session
    from twophoton_decode.pipeline.summary import read_summary
    from twophoton_decode.session.folder import SessionFolder

    folder = SessionFolder.open(session)
    if not folder.summary.is_file():
        raise SessionError(f"{session} has no results yet. Run `tpdecode run {session}` first.")
    work = Session(folder, say=_warn)
    if as_json:
        echo_json(json.dumps(read_summary(folder, _warn), indent=2, ensure_ascii=False))
    else:
        for line in headline(folder, _warn):
            echo(line)
    stale = [key for key, each in work.verdicts().items() if each.state == "stale"]
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
