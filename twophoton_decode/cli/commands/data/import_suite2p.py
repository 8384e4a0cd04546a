"""``tpdecode import suite2p``: start at what suite2p has made."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.data.imported_traces import make_session, traces_options


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@traces_options
def suite2p(
    folder: Path,
    log: str,
    images: str,
    frame_rate_hz: float | None,
    mouse: str | None,
    changes: tuple[str, ...],
    session: Path,
    verbose: bool,
    quiet: bool,
) -> None:
    """Import a result of suite2p, version 0.10 to 1.1.

    FOLDER is the folder suite2p with plane0, plane1, … in it, or that of one plane. It stays
    where it is, and is never written to; what you change in suite2p's GUI later is read by the
    next `tpdecode run`. Files are read without running anything in them.

    \b
    Example:
      tpdecode import suite2p mouse1/suite2p --log shown.csv --images pictures/ -o S
      tpdecode run S
    """
    from twophoton_decode.cli.options import as_stored
    from twophoton_decode.formats.suite2p.layout import Layout

    Layout.of(folder)
    given = {"recording.frame_rate_hz": frame_rate_hz, "subject.mouse": mouse}
    source = {"kind": "suite2p", "traces": as_stored(str(folder), session)}
    make_session(
        "tpdecode import suite2p", session, source, given, log=log, images=images,
        changes=changes, verbose=verbose, quiet=quiet,
    )  # fmt: skip
