"""``tpdecode encode``: what each cell responds to."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.options import session_argument, verbosity_options, working_on


@click.command()
@session_argument
@verbosity_options
def encode(session: Path, verbose: bool, quiet: bool) -> None:
    """Model what each cell responds to: features, receptive field, prediction.

    \b
    Example:
      tpdecode encode S
    """
    with working_on(session, verbose=verbose, quiet=quiet) as work:
        work.run_only("encode")
