"""``tpdecode detect``: registered movies to fluorescence traces."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.options import (
    discard_curation_option,
    session_argument,
    verbosity_options,
    working_on,
)


@click.command()
@session_argument
@discard_curation_option
@verbosity_options
def detect(session: Path, discard_curation: bool, verbose: bool, quiet: bool) -> None:
    """Find cells in the registered movie and extract their fluorescence (suite2p).

    The second half of `tpdecode extract`; motion is not corrected again.

    \b
    Example:
      tpdecode detect S
    """
    with working_on(session, verbose=verbose, quiet=quiet) as work:
        work.run_only("detect", discard_curation=discard_curation)
        work.run_only("extract")
        work.run_only("quality")
