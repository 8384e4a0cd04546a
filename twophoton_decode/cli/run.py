"""``tpdecode run``: every stage that is not fresh."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.headline import headline
from twophoton_decode.cli.options import (
    cells_given,
    cells_option,
    decoder_option,
    session_argument,
    verbosity_options,
    verify_option,
    working_on,
)


@click.command()
@session_argument
@decoder_option
@cells_option
@click.option(
    "--discard-curation",
    is_flag=True,
    help="Detect ROIs anew although they were edited in suite2p's GUI; a backup is made.",
)
@verify_option
@verbosity_options
def run(
    session: Path,
    decoders: tuple[str, ...],
    cells_file: str | None,
    discard_curation: bool,
    verify: bool,
    verbose: bool,
    quiet: bool,
) -> None:
    """Do everything from extraction to report, skipping what is fresh.

    Interrupted at any time, the next `tpdecode run` finishes the rest.

    \b
    Example:
      tpdecode run S
    """
    given = cells_given(cells_file, session)
    with working_on(session, verbose=verbose, quiet=quiet, given=given, verify=verify) as work:
        work.run(decoders, discard_curation=discard_curation)
        for line in headline(work.folder):
            work.say(line)
