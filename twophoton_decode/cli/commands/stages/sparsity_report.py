"""``tpdecode sparsity-report``."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.options import (
    decoder_option,
    session_argument,
    verbosity_options,
    working_on,
)


@click.command("sparsity-report")
@session_argument
@decoder_option
@verbosity_options
def sparsity_report(session: Path, decoders: tuple[str, ...], verbose: bool, quiet: bool) -> None:
    """Find how many cells are enough: score against number of cells, with figures.

    Figures for a paper, of the best decoder or those named, go to figures/publication.

    \b
    Example:
      tpdecode sparsity-report S
    """
    with working_on(session, verbose=verbose, quiet=quiet) as work:
        work.run_only("sparsity-report", decoders)
        work.publish(("4", "6"), decoders)
