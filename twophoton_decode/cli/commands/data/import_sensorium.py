"""``tpdecode import sensorium``: start at a folder of one mouse of the competitions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twophoton_decode.cli.commands.data.imported_traces import refuse_a_folder_in_use
from twophoton_decode.cli.console import Console
from twophoton_decode.cli.data_options import new_session_option
from twophoton_decode.cli.options import mouse_option, verbosity_options, working_on

if TYPE_CHECKING:
    from twophoton_decode.formats.sensorium.layout import Layout
    from twophoton_decode.settings import Source

_ARRAYS = "arrays"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@click.option(
    "--picture-px",
    type=click.IntRange(8, 256),
    help="Side of the pictures at working size, as size_px under [images]; by default pictures up "
    "to 64 px keep their shape, and larger ones are cropped to a square of 32 px.",
)
@mouse_option
@new_session_option
@verbosity_options
def sensorium(
    folder: Path,
    picture_px: int | None,
    mouse: str | None,
    session: Path,
    verbose: bool,
    quiet: bool,
) -> None:
    """Import one mouse in the layout of SENSORIUM 2022 or 2023.

    Responses, tiers, cells, and images or videos: its files are copied into arrays/ of the
    session. What is of the tiers train and validation trains decoders, what is of test is tested
    once (folds_from under [decoding]).

    \b
    Example:
      tpdecode import sensorium static21067-10-18 -o S
      tpdecode reconstruct S --decoder ridge --decoder end-to-end
      tpdecode import sensorium dynamic29513-3-5 -o V
      tpdecode deep movie V
    """
    from twophoton_decode.formats.sensorium.layout import VIDEOS, Layout
    from twophoton_decode.session.folder import SessionFolder
    from twophoton_decode.session.settings.file import with_changes
    from twophoton_decode.session.unfinished import taken_back_on_failure
    from twophoton_decode.settings import Settings

    layout = Layout.of(folder)
    with taken_back_on_failure(session):
        with Console(verbose - quiet) as console:
            changes = _written(layout, session, console)
        changes |= {"subject.mouse": mouse or _mouse_of(layout.path.name)}
        if picture_px is not None:
            changes["images.size_px"] = picture_px
        source = _source(videos=layout.stimulus == VIDEOS)
        settings = with_changes(Settings(source=source), changes, "tpdecode import sensorium")
        SessionFolder.create(session, settings)
        with working_on(session, verbose=verbose, quiet=quiet) as work:
            work.run_only("frame-responses" if layout.stimulus == VIDEOS else "respond")


def _written(layout: Layout, session: Path, console: Console) -> dict[str, Any]:
    """The settings of what was written into the session, paths as it keeps them."""
    from twophoton_decode.formats.sensorium.arrays import write_arrays
    from twophoton_decode.formats.sensorium.clips import write_clip_arrays
    from twophoton_decode.formats.sensorium.layout import VIDEOS

    refuse_a_folder_in_use(session)
    (session / _ARRAYS).mkdir(parents=True)
    write = write_clip_arrays if layout.stimulus == VIDEOS else write_arrays
    made = write(layout, session / _ARRAYS, console.progress)
    for note in made.notes:
        console.say(f"import: {note}")
    return {
        key: f"{_ARRAYS}/{value}" if str(value).endswith(".csv") else value
        for key, value in made.settings.items()
    }


def _source(*, videos: bool) -> Source:
    from twophoton_decode.session.settings.file import source_of

    shown = {"clips": f"{_ARRAYS}/clips"} if videos else {"images": f"{_ARRAYS}/images.npy"}
    return source_of(
        "tpdecode import sensorium",
        kind="arrays",
        axes="presentation frame cell" if videos else "presentation cell",
        responses=f"{_ARRAYS}/responses.npy",
        labels=f"{_ARRAYS}/labels.npy",
        picture_table=f"{_ARRAYS}/pictures.csv",
        **shown,
    )


def _mouse_of(name: str) -> str:
    """The animal by the name of its folder, static21067-10-18-…; empty if it does not say so."""
    found = re.match(r"(?:static|dynamic)(\d+)-", name)
    return found[1] if found else ""
