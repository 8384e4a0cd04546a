"""``tpdecode respond``: traces and stimulus log to responses."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.options import (
    cells_given,
    cells_option,
    session_argument,
    verbosity_options,
    working_on,
)


@click.command()
@session_argument
@cells_option
@verbosity_options
def respond(session: Path, cells_file: str | None, verbose: bool, quiet: bool) -> None:
    """Average each cell's signal around each presentation, and test responsiveness.

    \b
    Example:
      tpdecode respond S
      tpdecode respond S --cells chosen.txt
    """
    given = cells_given(cells_file, session)
    with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
        work.run_only("respond")
