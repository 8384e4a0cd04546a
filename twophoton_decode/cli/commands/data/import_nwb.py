"""``tpdecode import nwb``: start at traces, presentations and pictures of an NWB file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from twophoton_decode.cli.commands.data.imported_traces import (
    make_session,
    refuse_a_folder_in_use,
    traces_options,
)
from twophoton_decode.cli.console import Console
from twophoton_decode.cli.options import as_stored

_ARRAYS = "arrays"


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--series",
    multiple=True,
    metavar="NAME",
    help="RoiResponseSeries to take traces from, such as Fluorescence/plane0; repeat it for "
    "several planes. By default, the only one of fluorescence or ΔF/F.",
)
@click.option(
    "--neuropil",
    multiple=True,
    metavar="NAME",
    help="Series of the neuropil, one for each --series. By default, that of the same name in a "
    "container Neuropil.",
)
@click.option(
    "--deconvolved",
    multiple=True,
    metavar="NAME",
    help="Series of deconvolved signals, likewise.",
)
@click.option(
    "--stimuli",
    default="",
    metavar="NAME",
    help="Table of intervals, index series or image series that says what was shown; none for "
    "traces alone. By default, the only one.",
)
@click.option(
    "--picture-column",
    default="",
    metavar="NAME",
    help="Column of the table that names the picture; by default, one such as image or frame.",
)
@click.option(
    "--templates",
    default="",
    metavar="NAME",
    help="Where the pictures lie under stimulus/templates; by default, where the series says, or "
    "the only ones.",
)
@click.option(
    "--transpose-images", is_flag=True, help="The file's pictures are (x, y) instead of (y, x)."
)
@traces_options
def nwb(
    file: Path,
    series: tuple[str, ...],
    neuropil: tuple[str, ...],
    deconvolved: tuple[str, ...],
    stimuli: str,
    picture_column: str,
    templates: str,
    transpose_images: bool,
    log: str,
    images: str,
    frame_rate_hz: float | None,
    mouse: str | None,
    changes: tuple[str, ...],
    session: Path,
    verbose: bool,
    quiet: bool,
) -> None:
    """Import an NWB file with optical physiology.

    Traces of ROIs, their places, motion and images, and what was shown when: presentations and
    pictures are copied into arrays/ of the session, traces are read from FILE, which stays
    where it is. Files of NWB 2 and the Allen Institute's Visual Coding files of NWB 1 are read.
    If a file has several series or tables, the message lists them. --log and --images take the
    place of what the file says; --images alone gives pictures to its presentations.

    \b
    Example:
      tpdecode import nwb mouse1.nwb -o S
      tpdecode import nwb 511507650.nwb --series DfOverF/imaging_plane_1 \\
          --stimuli natural_scenes_stimulus -o S
    """
    from twophoton_decode.formats.nwb.log import NONE, Choices
    from twophoton_decode.session.unfinished import taken_back_on_failure

    choices = Choices(
        NONE if log else stimuli, picture_column, templates, transpose_images, not images
    )
    refuse_a_folder_in_use(session)
    with taken_back_on_failure(session):
        with Console(verbose - quiet) as console:
            shown, settings = _written(file, session, choices, console)
        source = {
            "kind": "nwb",
            "traces": as_stored(str(file), session),
            "series": list(series),
            "neuropil_series": list(neuropil),
            "deconvolved_series": list(deconvolved),
        }
        named = {"recording.frame_rate_hz": frame_rate_hz, "subject.mouse": mouse}
        make_session(
            "tpdecode import nwb", session, source,
            settings | {key: value for key, value in named.items() if value},
            log=log or shown.get("log", ""), images=images or shown.get("images", ""),
            changes=changes, verbose=verbose, quiet=quiet,
        )  # fmt: skip


def _written(
    file: Path, session: Path, choices: Any, console: Console
) -> tuple[dict[str, str], dict[str, Any]]:
    """Log and pictures written into the session, by option, and settings that belong to them."""
    from twophoton_decode.formats.nwb.contents import opened_nwb
    from twophoton_decode.formats.nwb.log import LOG, PICTURES, write_shown
    from twophoton_decode.formats.nwb.own import UNKNOWN, settings_kept

    folder = session / _ARRAYS
    with opened_nwb(file) as contents:
        written = write_shown(contents, folder, choices, console.progress)
        settings = settings_kept(contents)
        settings["subject.mouse"] = contents.text("general/subject/subject_id")
        if settings["subject.mouse"] == UNKNOWN:
            settings["subject.mouse"] = ""
    for note in written.notes:
        console.say(f"import: {note}")
    shown = {}
    if written.log:
        shown["log"] = str(folder / LOG)
        settings["recording.onset_clock"] = "microscope"
    if written.pictures:
        shown["images"] = str(folder / PICTURES)
    return shown, settings
