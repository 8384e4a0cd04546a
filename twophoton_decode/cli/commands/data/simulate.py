"""``tpdecode simulate``: a recording with known truth."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from twophoton_decode.cli.console import Console
from twophoton_decode.cli.options import verbosity_options

if TYPE_CHECKING:
    from twophoton_decode.simulation.parameters import SimulationParameters

F = TypeVar("F", bound=Callable[..., Any])

VIDEOS = "sensorium-2023"
OF_THE_POPULATION = (
    ("--cells", "cells", click.IntRange(min=1), "Number of cells."),
    (
        "--informative-cells",
        "carriers",
        click.IntRange(min=1),
        "Number of cells whose responses depend on the picture shown; by default all. The others "
        "respond as often, but to pictures drawn at random.",
    ),
    (
        "--images",
        "images",
        click.IntRange(2, 120),
        "Number of pictures: crops of the photographs in scikit-image, which limit the number.",
    ),
    ("--repeats", "repeats", click.IntRange(min=1), "Presentations of each picture."),
    ("--picture-px", "picture_px", click.IntRange(8, 512), "Side of the pictures, px."),
)
OF_THE_MOVIE = (
    ("--field-px", "field_px", click.IntRange(24, 4096), "Side of the field of view, px."),
    ("--frame-rate-hz", "frame_rate_hz", click.FloatRange(1, 1000), "Frames per second."),
    ("--shown-s", "shown_s", click.FloatRange(0.05, 100), "Duration of a presentation, s."),
    ("--period-s", "period_s", click.FloatRange(0.05, 1000), "Time between onsets, s."),
)


def size_options(command: F) -> F:
    """The sizes of a simulated recording; their defaults are those of the demo."""
    for option, name, kind, text in reversed((*OF_THE_POPULATION, *OF_THE_MOVIE)):
        command = click.option(option, name, type=kind, help=text)(command)
    return command


seed_option = click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Random seed; another seed gives another recording of the same kind.",
)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@size_options
@seed_option
@click.option(
    "--responses-only",
    is_flag=True,
    help="Write no movie, but responses.npy and images.npy for `tpdecode import arrays`, and "
    "truth.npz.",
)
@click.option(
    "--layout",
    type=click.Choice(["sensorium", "sensorium-2023"]),
    help="Write no movie, but the folder of a mouse as SENSORIUM 2022 or 2023 has it, for "
    "`tpdecode import sensorium`: pictures, or videos at 30 Hz (as many as --images, 5 s or "
    "--shown-s long), of 36 x 64 px, a fifth of them tested and shown repeatedly.",
)
@verbosity_options
def simulate(
    folder: Path,
    seed: int,
    responses_only: bool,
    layout: str | None,
    verbose: bool,
    quiet: bool,
    **sizes: float | None,
) -> None:
    """Make a simulated recording: raw TIFFs, stimulus log, images, and the truth.

    Defaults are those of `tpdecode demo`: 110 cells, all informative; 60 pictures of 64 px,
    each shown 8 times for 0.5 s, every 1.3 s; a field of 140 px at 8 frames per second.

    \b
    Example:
      tpdecode simulate mouse --seed 3
      tpdecode simulate mouse --cells 40 --images 20 --repeats 4 --field-px 96
      tpdecode simulate population --cells 500 --images 100 --responses-only
      tpdecode simulate competition --cells 200 --images 100 --layout sensorium
      tpdecode simulate videos --cells 200 --images 60 --layout sensorium-2023
    """
    _refuse_both(layout, sizes, responses_only=responses_only)
    without = "--responses-only" if responses_only else layout and f"--layout {layout}"
    shown_s = sizes.pop("shown_s") if layout == VIDEOS else None
    parameters = _parameters(seed, sizes, without_movie=without or "")
    with Console(verbose - quiet) as console:
        if layout == VIDEOS:
            write_mouse_of_videos(folder, parameters, shown_s, console)
            return
        if layout is not None:
            write_mouse(folder, parameters, console)
        elif responses_only:
            write_responses_only(folder, parameters, console)
        else:
            write_simulation(folder, parameters, console)
            console.say(f"{folder} holds raw/, pictures/, shown.csv and truth.npz. Next:")
            console.say(
                f"  tpdecode init SESSION --movie {_quoted(folder / 'raw')} "
                f"--log {_quoted(folder / 'shown.csv')} --images {_quoted(folder / 'pictures')} "
                f"--frame-rate-hz {parameters.frame_rate_hz:g}"
            )


def write_simulation(folder: Path, parameters: SimulationParameters, console: Console) -> None:
    """Simulate a recording into a new folder.

    A simulation that fails leaves nothing behind: the folder has to be empty the next time.
    """
    from twophoton_decode.simulation.recording import simulate
    from twophoton_decode.simulation.room import crowding, movie_bytes, require_room
    from twophoton_decode.simulation.writing import write

    _refuse_what_is_there(folder)
    require_room(parameters, folder, movie=True)
    side, seconds = parameters.field_px, parameters.frames / parameters.frame_rate_hz
    console.say(
        f"simulating {parameters.frames} frames of {side} x {side} px, {seconds / 60:.1f} min at "
        f"{parameters.frame_rate_hz:g} Hz ({movie_bytes(parameters) / 1e6:.0f} MB), with "
        f"{parameters.cells} cells and {parameters.images} pictures, {parameters.repeats} repeats "
        "each"
    )
    if crowded := crowding(parameters):
        console.say(f"warning: {crowded}")
    _or_nothing(folder, lambda: write(simulate(parameters), folder, console.progress))


def write_responses_only(folder: Path, parameters: SimulationParameters, console: Console) -> None:
    """Simulate a population's responses into a new folder, and say how to import them."""
    from twophoton_decode.simulation.room import require_room
    from twophoton_decode.simulation.writing import write_responses

    _refuse_what_is_there(folder)
    require_room(parameters, folder, movie=False)
    _or_nothing(folder, lambda: write_responses(parameters, folder))
    console.say(
        f"{folder} holds responses.npy ({parameters.repeats} repeats x {parameters.images} images "
        f"x {parameters.cells} cells), images.npy and truth.npz. Next:"
    )
    console.say(
        f"  tpdecode import arrays --responses {_quoted(folder / 'responses.npy')} "
        f'--axes "repeat image cell" --images {_quoted(folder / "images.npy")} -o SESSION'
    )


def write_mouse(folder: Path, parameters: SimulationParameters, console: Console) -> None:
    """Simulate a mouse in the layout of SENSORIUM into a new folder, and say how to import it."""
    from twophoton_decode.simulation.room import require_room
    from twophoton_decode.simulation.sensorium import write_sensorium

    _refuse_what_is_there(folder)
    require_room(parameters, folder, movie=False)
    _or_nothing(folder, lambda: write_sensorium(parameters, folder))
    console.say(
        f"{folder} holds data/ and meta/ of {parameters.cells} cells and {parameters.images} "
        "images, and truth.npz. Next:"
    )
    console.say(f"  tpdecode import sensorium {_quoted(folder)} -o SESSION")


def write_mouse_of_videos(
    folder: Path, parameters: SimulationParameters, shown_s: float | None, console: Console
) -> None:
    """Simulate a mouse that saw videos into a new folder, and say how to import and decode it."""
    from twophoton_decode.simulation.clips.sensorium import (
        SHOWN_S,
        video_parameters,
        write_video_mouse,
    )

    _refuse_what_is_there(folder)
    videos = video_parameters(
        parameters.cells, parameters.images, parameters.repeats, shown_s or SHOWN_S,
        parameters.seed,
    )  # fmt: skip
    _or_nothing(folder, lambda: write_video_mouse(videos, folder))
    console.say(
        f"{folder} holds data/ and meta/ of {videos.cells} cells and {videos.clips} videos of "
        f"{videos.frames} frames, and truth.npz. Next:"
    )
    console.say(f"  tpdecode import sensorium {_quoted(folder)} -o SESSION")
    console.say("  tpdecode deep movie SESSION")


def _refuse_both(layout: str | None, sizes: dict[str, Any], *, responses_only: bool) -> None:
    from twophoton_decode.errors import UsageError

    if layout and responses_only:
        raise UsageError("--layout says what is written; leave out --responses-only.")
    if layout and sizes["picture_px"] is not None:
        raise UsageError(f"--picture-px: pictures of --layout {layout} have 36 x 64 px.")
    if layout == VIDEOS and sizes["carriers"] is not None:
        raise UsageError(f"--informative-cells: every cell of --layout {layout} sees the videos.")


def _parameters(seed: int, sizes: dict[str, Any], *, without_movie: str) -> SimulationParameters:
    """The demo's recording with the sizes that were given; the option that makes no movie."""
    from dataclasses import replace

    from twophoton_decode.errors import UsageError
    from twophoton_decode.simulation.parameters import demo_parameters

    given = {name: value for name, value in sizes.items() if value is not None}
    refused = [option for option, name, *_ in OF_THE_MOVIE if name in given and without_movie]
    if refused:
        raise UsageError(f"{', '.join(refused)}: {without_movie} makes no movie.")
    carriers = given.pop("carriers", None)
    parameters = replace(demo_parameters(seed), **given)
    if carriers is not None and carriers > parameters.cells:
        raise UsageError(
            f"--informative-cells {carriers}: there are only {parameters.cells} cells (--cells)."
        )
    if parameters.period_s < parameters.shown_s:
        raise UsageError(
            f"--period-s {parameters.period_s:g} is shorter than a presentation, --shown-s "
            f"{parameters.shown_s:g}."
        )
    return replace(parameters, tuning=replace(parameters.tuning, carriers=carriers))


def _refuse_what_is_there(folder: Path) -> None:
    from twophoton_decode.errors import UsageError

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file. Name a folder that does not exist yet.")
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty. Name a folder that does not exist yet.")


def _or_nothing(folder: Path, write: Callable[[], None]) -> None:
    """Write into the folder, and remove it where that fails."""
    import shutil

    try:
        write()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _quoted(path: Path) -> str:
    """A path as one types it."""
    return shlex.quote(str(path))
