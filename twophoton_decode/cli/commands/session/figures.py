"""``tpdecode figures``: all figures, drawn again."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from twophoton_decode.cli.options import sessions_argument, verbosity_options, working_on
from twophoton_decode.cli.several import leave_if, one_after_the_other, sessions_given


@click.command()
@sessions_argument
@verbosity_options
def figures(sessions: tuple[Path, ...], verbose: bool, quiet: bool) -> None:
    """Draw all figures again from the stored results; no analysis runs.

    A figure that you edited is renamed first, to NAME.backup-1.svg and so on. `tpdecode run`
    draws only figures that are missing, and leaves edited ones as they are while the results
    that they show stay the same. To have the report show what was drawn: `tpdecode report`.

    \b
    Example:
      tpdecode figures S
      tpdecode figures S1 S2 S3
    """
    sessions = sessions_given(sessions)
    work = partial(_redraw, verbose=verbose, quiet=quiet)
    if len(sessions) == 1:
        work(sessions[0])
        return
    _, failed = one_after_the_other(sessions, work)
    leave_if(failed)


def _redraw(session: Path, *, verbose: bool, quiet: bool) -> None:
    with working_on(session, verbose=verbose, quiet=quiet) as work:
        work.redraw()
