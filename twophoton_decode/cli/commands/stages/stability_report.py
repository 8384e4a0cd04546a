"""``tpdecode stability-report``."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.options import (
    decoder_option,
    session_argument,
    verbosity_options,
    working_on,
)


@click.command("stability-report")
@session_argument
@decoder_option
@verbosity_options
def stability_report(session: Path, decoders: tuple[str, ...], verbose: bool, quiet: bool) -> None:
    """Measure how stable reconstructions are over repeats, and how cells share the work.

    Stability: how similar reconstructions stay although responses differ. Complementarity:
    overlap of features and of receptive fields, coverage, fitting error. Encoding models
    are fitted first, as by `tpdecode encode`, if they are missing. Figures for a paper, of the
    best decoder or those named, go to figures/publication.

    \b
    Example:
      tpdecode stability-report S
    """
    with working_on(session, verbose=verbose, quiet=quiet) as work:
        work.run_only("stability-report", decoders)
        work.run_only("encode")
        work.run_only("complementarity", decoders)
        work.publish(("6", "7"), decoders)
