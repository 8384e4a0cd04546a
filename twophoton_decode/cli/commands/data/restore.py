"""``tpdecode restore``: a noisy movie to a restored one, and what restoration invents."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.deep.options import training_options
from twophoton_decode.cli.console import Console
from twophoton_decode.cli.data_options import layout_options
from twophoton_decode.cli.options import verbosity_options


@click.command()
@click.argument("movie", nargs=-1, required=True, metavar="MOVIE…|SESSION", type=click.Path())
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="File of the restored movie, such as restored.tif; a page and numbers lie beside it.",
)
@click.option(
    "--method",
    type=click.Choice(["ssim", "mse", "pix2pix"]),
    help="What training lowers: ssim, or mse with --train-on self. pix2pix may invent most.",
)
@click.option(
    "--train-on",
    default="simulation",
    show_default=True,
    metavar="WAY",
    help="simulation: simulated movies with this movie's noise; self: the movie alone; or the "
    "file of a good recording, which is made as bad as the movie.",
)
@click.option(
    "--pixel-ratio",
    type=click.FloatRange(0.1, 20),
    default=1.0,
    show_default=True,
    help="Pixels of the good recording in one of the movie, along a side.",
)
@click.option(
    "--blur-px",
    type=click.FloatRange(0, 20),
    default=0.0,
    show_default=True,
    help="How much wider the movie's point spread is than the good recording's: SD of a "
    "Gaussian, in pixels of the movie.",
)
@click.option("--plane", type=click.IntRange(1), help="Plane to restore, counted from 1.")
@click.option("--channel", type=click.IntRange(1), help="Channel to restore, counted from 1.")
@layout_options
@click.option(
    "--frame-rate-hz",
    type=click.FloatRange(0, min_open=True),
    help="Frames a second of one plane, if the files do not state it.",
)
@click.option(
    "--dark-level",
    type=float,
    help="Grey level without light. Without it: the level at which noise would vanish.",
)
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    help="Steps of training, at most; it stops where held-out frames gain nothing more.",
)
@training_options
@verbosity_options
def restore(
    movie: tuple[str, ...],
    output: Path,
    method: str | None,
    train_on: str,
    pixel_ratio: float,
    blur_px: float,
    plane: int | None,
    channel: int | None,
    planes: int,
    channels: int,
    frame_rate_hz: float | None,
    dark_level: float | None,
    steps: int | None,
    seed: int,
    device: str,
    verbose: bool,
    quiet: bool,
) -> None:
    """Restore the frames of a noisy movie, and count what that invents.

    A network is trained for this movie's noise and applied to every frame. A page shows frames
    before and after beside a moving average, and counts inventions, lost cells and changed
    events where the truth is known. Restored movies are for looking and finding; responses
    come from raw pixels. Interrupted, the same command goes on where it was.

    \b
    Example:
      tpdecode restore raw/ -o restored.tif
      tpdecode restore S -o restored.tif --plane 2
      tpdecode restore raw/ -o restored.tif --train-on good.tif --pixel-ratio 2 --blur-px 0.8
    """
    from twophoton_decode.cli.caches import use_private_caches
    from twophoton_decode.deep.device import device_of
    from twophoton_decode.deep.microscope.restoration.fitting import STEPS
    from twophoton_decode.figures.deep.restoration import restoration_sentences
    from twophoton_decode.pipeline.restoration.good_movie import Degradation
    from twophoton_decode.pipeline.restoration.movie import Wanted
    from twophoton_decode.pipeline.restoration.restore import Choice, Outputs
    from twophoton_decode.pipeline.restoration.restore import restore as restored

    device_of(device)
    use_private_caches()
    wanted = Wanted(plane, channel, planes, channels, frame_rate_hz)
    how = Degradation(pixel_ratio, blur_px)
    choice = Choice(method or "", train_on, steps or STEPS, seed, device, dark_level, how, wanted)
    with Console(verbose - quiet) as console:
        found = restored([Path(each) for each in movie], output, choice, console.progress)
        for note in found.notes:
            console.say(f"note: {note}")
        for sentence in restoration_sentences(found):
            console.say(sentence)
        outputs = Outputs.of(output)
        console.say(f"movie: {outputs.movie}")
        console.say(f"page: {outputs.page}")
