"""``tpdecode detect``: registered movies to fluorescence traces, and dim cells beside them."""

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
@click.option(
    "--attention",
    type=click.Choice(["none", "self", "source-target", "lambda"]),
    help="How dim candidates are judged beside the field's clear cells. Saved to session.toml.",
)
@discard_curation_option
@verbosity_options
def detect(
    session: Path, attention: str | None, discard_curation: bool, verbose: bool, quiet: bool
) -> None:
    """Find cells in the registered movie, dim ones too, and extract their fluorescence.

    First suite2p, as the second half of `tpdecode extract`; motion is corrected before where
    that was not done, or no longer follows from movie and settings. Then what suite2p left out
    is judged by what its cells look like in this field, and by its activity: candidates are in
    deep/candidates.csv, and `tpdecode extract S --add-rois` adds those that count.

    \b
    Example:
      tpdecode detect S
      tpdecode detect S --attention source-target
    """
    from twophoton_decode.errors import AnalysisError, SessionError

    given = {"dim_cells.attention": attention}
    with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
        work.understand(log_needed=False)
        # Which begins with detection.
        work.run_only("extract", discard_curation=discard_curation)
        work.run_only("quality")
        try:
            work.run_only("deep-detect")
        except (AnalysisError, SessionError) as error:
            # suite2p's cells are there all the same.
            work.say(f"deep-detect: left out. {error}")
