"""``tpdecode report``: one self-contained page of everything there is."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.options import session_argument, verbosity_options, working_on


@click.command()
@session_argument
@verbosity_options
def report(session: Path, verbose: bool, quiet: bool) -> None:
    """Write figures, numbers, settings and provenance to report.html.

    \b
    Example:
      tpdecode report S
    """
    with working_on(session, verbose=verbose, quiet=quiet) as work:
        work.run_page()
        work.say(f"report: {work.folder.report}")
