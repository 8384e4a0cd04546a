"""``tpdecode respond``: traces and stimulus log to responses."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.options import session_argument, verbosity_options, working_on


@click.command()
@session_argument
@verbosity_options
def respond(session: Path, verbose: bool, quiet: bool) -> None:
    """Average each cell's signal around each presentation, and test responsiveness.

    \b
    Example:
      tpdecode respond S
    """
    with working_on(session, verbose=verbose, quiet=quiet) as work:
        work.run_only("respond")
