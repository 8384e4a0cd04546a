"""``tpdecode clean``: room on the disk, without losing a result."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.console import echo
from twophoton_decode.cli.options import sessions_argument
from twophoton_decode.cli.several import leave_if, one_after_the_other, sessions_given


@click.command()
@sessions_argument
@click.option("--yes", is_flag=True, help="Remove the files; without it they are only listed.")
def clean(sessions: tuple[Path, ...], yes: bool) -> None:
    """Give back the room that registered movies take.

    They are removed only where the raw movie is there and extraction is finished. No result is
    lost or becomes stale. Motion is corrected again if ROIs, or dim cells, are ever to be
    detected anew, and suite2p's GUI shows no movie until then.

    \b
    Example:
      tpdecode clean S
      tpdecode clean mice/*/session.toml --yes
    """
    found, failed = one_after_the_other(
        sessions_given(sessions), lambda session: _clean(session, remove=yes)
    )
    total = sum(found.values())
    if total and yes:
        echo(f"{_size(total)} given back.")
    elif total:
        echo(f"{_size(total)} can be given back. Nothing was removed: add --yes to remove it.")
    leave_if(failed)


def _clean(session: Path, *, remove: bool) -> int:
    """The bytes that are, or could be, given back."""
    from twophoton_decode.pipeline.reclaimable import reclaimable
    from twophoton_decode.pipeline.run import Session
    from twophoton_decode.session.folder import SessionFolder
    from twophoton_decode.session.lock import locked

    folder = SessionFolder.open(session)
    with locked(folder.private):
        found = reclaimable(Session(folder))
        if found.kept:
            echo(f"{session}: nothing to give back: {found.kept}.")
        for file in found.file:
            echo(f"{file}  {_size(file.stat().st_size)}")
            if remove:
                file.unlink()
    return found.bytes


def _size(count: int) -> str:
    return f"{count / 1e9:.3g} GB" if count >= 1e9 else f"{count / 1e6:.3g} MB"
