"""``tpdecode export``: a session in the formats of other programs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from twophoton_decode.cli.options import session_argument, verbosity_options, working_on


@click.group()
def export() -> None:
    """Write a session for other programs."""


@export.command()
@session_argument
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--start-time",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]),
    help="When the recording began, in UTC, which NWB asks for; by default 1970, said to be "
    "unknown.",
)
@click.option("--species", default="", metavar="NAME", help='Species, such as "Mus musculus".')
@click.option("--sex", type=click.Choice(["M", "F", "O", "U"]), help="Sex of the animal.")
@click.option("--age", default="", metavar="ISO8601", help="Age of the animal, such as P90D.")
@click.option("--indicator", default="", metavar="NAME", help="Calcium indicator.")
@click.option("--location", default="", metavar="NAME", help="Where in the brain was recorded.")
@verbosity_options
def nwb(
    session: Path,
    file: Path,
    start_time: datetime | None,
    species: str,
    sex: str | None,
    age: str,
    indicator: str,
    location: str,
    verbose: bool,
    quiet: bool,
) -> None:
    """Write traces, ROIs, stimuli and results as an NWB file.

    What is up to date goes into FILE: ROIs with their signals, images and motion, presentations
    and pictures, responses, reconstructions, and the settings they depend on. `tpdecode import
    nwb` reads it again and computes the same responses. An existing FILE is never replaced.

    \b
    Example:
      tpdecode export nwb S mouse1.nwb --species "Mus musculus" --sex F --age P90D
    """
    from twophoton_decode.errors import UsageError
    from twophoton_decode.files.atomic import replacing
    from twophoton_decode.formats.nwb.export import About, require_pynwb, write_nwb
    from twophoton_decode.pipeline.results.nwb import exported_of

    require_pynwb()
    if file.exists():
        raise UsageError(f"{file} is there already; name a file that is not there yet.")
    if file.suffix.lower() != ".nwb":
        raise UsageError(f"{file}: expected a name that ends in .nwb.")
    with working_on(session, verbose=verbose, quiet=quiet) as work:
        settings = work.settings
        about = About(
            start=start_time and start_time.replace(tzinfo=UTC),
            mouse=settings.subject.mouse,
            species=species,
            sex=sex or "",
            age=age,
            indicator=indicator,
            location=location,
            pixel_um=settings.recording.pixel_um,
        )
        exported = exported_of(work, about, lambda line: work.say(f"export: {line}"))
        with replacing(file) as temporary:
            write_nwb(temporary, exported, work.progress)
        work.say(f"{file} is written.")
