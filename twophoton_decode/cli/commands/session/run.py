"""``tpdecode run``: every stage that is not fresh."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from twophoton_decode.cli.columns import aligned
from twophoton_decode.cli.console import echo
from twophoton_decode.cli.headline import headline, in_short
from twophoton_decode.cli.options import (
    cells_given,
    cells_option,
    decoder_option,
    discard_curation_option,
    sessions_argument,
    verbosity_options,
    verify_option,
    working_on,
)
from twophoton_decode.cli.several import leave_if, one_after_the_other, sessions_given


@click.command()
@sessions_argument
@decoder_option
@cells_option
@discard_curation_option
@verify_option
@verbosity_options
def run(
    sessions: tuple[Path, ...],
    decoders: tuple[str, ...],
    cells_file: str | None,
    discard_curation: bool,
    verify: bool,
    verbose: bool,
    quiet: bool,
) -> None:
    """Run every stage from extraction to report, skipping what is fresh.

    After an interruption, the next `tpdecode run` finishes the rest. Several sessions run
    one after the other; if one fails, the others still run, and the exit code is 1.

    \b
    Example:
      tpdecode run S
      tpdecode run S1 S2 S3
    """
    sessions = sessions_given(sessions)
    work = partial(
        _run_one,
        decoders=decoders,
        cells_file=cells_file,
        discard_curation=discard_curation,
        verify=verify,
        verbose=verbose,
        quiet=quiet,
    )
    if len(sessions) == 1:
        work(sessions[0])
    else:
        _run_all(sessions, work, cells_file, quiet=quiet)


def _run_one(
    session: Path,
    *,
    decoders: tuple[str, ...],
    cells_file: str | None,
    discard_curation: bool,
    verify: bool,
    verbose: bool,
    quiet: bool,
) -> str:
    """Run one session; its main result as a phrase."""
    given = cells_given(cells_file, session)
    with working_on(session, verbose=verbose, quiet=quiet, given=given, verify=verify) as work:
        work.run(decoders, discard_curation=discard_curation)
        for line in headline(work.folder):
            work.say(line)
        return in_short(work.folder)


def _run_all(
    sessions: tuple[Path, ...], work: partial[str], cells_file: str | None, *, quiet: bool
) -> None:
    """Run the sessions one after the other, and end with a table of what became of them."""
    from twophoton_decode.errors import UsageError

    if cells_file is not None:
        raise UsageError("--cells lists the ROIs of one session; give only one session with it.")
    order = {session: number for number, session in enumerate(sessions, 1)}

    def announced(session: Path) -> str:
        if not quiet:
            echo("")
            echo(f"{session} ({order[session]} of {len(sessions)})")
        return work(session)

    done, failed = one_after_the_other(sessions, announced)
    results = {**dict.fromkeys(failed, "failed"), **dict.fromkeys(done, "done")}
    told = {**failed, **done}
    rows = [("session", "", "result")]
    rows += [(str(session), results[session], told[session]) for session in sessions]
    if not quiet:
        for line in ("", *aligned(rows)):
            echo(line)
    leave_if(failed)
