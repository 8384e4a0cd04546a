"""``tpdecode figures``: all figures, drawn again, or those for a paper."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from twophoton_decode.cli.options import (
    decoder_option,
    publication_options,
    sessions_argument,
    style_given,
    verbosity_options,
    working_on,
)
from twophoton_decode.cli.several import leave_if, one_after_the_other, sessions_given
from twophoton_decode.errors import SessionError, UsageError


@click.command()
@sessions_argument
@publication_options
@partial(decoder_option, does="With --publication, draw this decoder instead of the best")
@verbosity_options
def figures(
    sessions: tuple[Path, ...],
    publication: bool,
    style_file: Path | None,
    decoders: tuple[str, ...],
    verbose: bool,
    quiet: bool,
) -> None:
    """Draw all figures again from the stored results; no analysis runs.

    A figure that you edited is renamed first, to NAME.backup-1.svg and so on. `tpdecode run`
    draws only figures that are missing, and leaves edited ones as they are while the results
    that they show stay the same. To have the report show what was drawn: `tpdecode report`.

    With --publication, write figures for a paper to figures/publication: composed in the order
    of Yoshida & Ohki (2020) and numbered as theirs, and each panel alone. For figures over
    several sessions: `tpdecode compare --publication`.

    \b
    Example:
      tpdecode figures S
      tpdecode figures S1 S2 S3
      tpdecode figures S --publication --style mine.mplstyle
    """
    own = style_given(style_file, publication=publication)
    sessions = sessions_given(sessions)
    if decoders and not publication:
        raise UsageError("--decoder is for the figures that --publication writes; add that option.")
    work = partial(_redraw, verbose=verbose, quiet=quiet)
    if publication:
        work = partial(_publish, decoders=decoders, own=own, verbose=verbose, quiet=quiet)
    if len(sessions) == 1:
        work(sessions[0])
        return
    _, failed = one_after_the_other(sessions, work)
    leave_if(failed)


def _redraw(session: Path, *, verbose: bool, quiet: bool) -> None:
    with working_on(session, verbose=verbose, quiet=quiet) as work:
        work.redraw()


def _publish(
    session: Path,
    *,
    decoders: tuple[str, ...],
    own: Mapping[str, Any],
    verbose: bool,
    quiet: bool,
) -> None:
    with working_on(session, verbose=verbose, quiet=quiet) as work:
        if not work.publish(decoders=decoders, own=own):
            raise SessionError(
                f"{session} has no up-to-date results for these figures. "
                f"Run `tpdecode run {session}` first."
            )
