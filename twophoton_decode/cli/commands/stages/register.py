"""``tpdecode register``: raw movies to movies that do not move."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.options import (
    registration_option,
    session_argument,
    verbosity_options,
    working_on,
)


@click.command()
@session_argument
@registration_option
@verbosity_options
def register(session: Path, registration: str | None, verbose: bool, quiet: bool) -> None:
    """Correct motion alone: the first half of `tpdecode extract`.

    The registered movie waits in suite2p.building until `tpdecode detect` takes it up.

    \b
    Example:
      tpdecode register S
    """
    given = {"extraction.registration": registration}
    with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
        work.understand(log_needed=False)
        work.run_only("register")
