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

    The second half of `tpdecode extract`. Motion is corrected first where that was not done,
    or no longer follows from movie and settings.

    \b
    Example:
      tpdecode detect S
    """
    with working_on(session, verbose=verbose, quiet=quiet) as work:
        work.understand(log_needed=False)
        # Which begins with detection.
        work.run_only("extract", discard_curation=discard_curation)
        work.run_only("quality")
