"""``tpdecode deep train-denoiser``: a folder of pictures to the file of a denoiser."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.deep.options import training_options
from twophoton_decode.cli.console import Console
from twophoton_decode.cli.options import verbosity_options


@click.command("train-denoiser")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="File of the denoiser, such as denoiser.npz.",
)
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    default=4000,
    show_default=True,
    help="Steps of training, at most; it stops where held-out pictures gain nothing more.",
)
@click.option(
    "--width",
    type=click.IntRange(min=8),
    default=48,
    show_default=True,
    help="Channels of the network at full scale, a multiple of 8; time grows with its square.",
)
@click.option(
    "--size",
    "side",
    type=click.IntRange(min=32),
    default=128,
    show_default=True,
    help="Side of the pictures in pixels, as input_px in [deep] of the sessions.",
)
@click.option(
    "--colour",
    type=click.Choice(["grey", "rgb"]),
    default="grey",
    show_default=True,
    help="As colour in [deep] of the sessions.",
)
@click.option(
    "--autoencoder",
    default="taef2",
    show_default=True,
    metavar="NAME",
    help="Whose codes it learns, or NAME@random:SEED.",
)
@click.option(
    "--network",
    default="efficientnet-lite0",
    show_default=True,
    metavar="NAME",
    help="Whose last layer says what a picture is about, or NAME@random:SEED.",
)
@click.option(
    "--weights",
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE|FOLDER",
    help="Look for weights here first.",
)
@training_options
@verbosity_options
def train_denoiser(
    folder: Path,
    output: Path,
    steps: int,
    seed: int,
    width: int,
    side: int,
    colour: str,
    autoencoder: str,
    network: str,
    weights: Path | None,
    device: str,
    verbose: bool,
    quiet: bool,
) -> None:
    """Train a denoiser of codes on a folder of pictures, for `latent-diffusion`.

    FOLDER holds pictures that no session shows, 500 or more; a file of an array also works, as
    FILE or FILE=key. Interrupted, the same command goes on where it was.

    \b
    Example:
      tpdecode deep train-denoiser photographs -o denoiser.npz
      tpdecode reconstruct S --decoder latent-diffusion --denoiser denoiser.npz
    """  # fmt: skip
    from twophoton_decode.deep.latent.denoiser.make import Choice, make_denoiser
    from twophoton_decode.errors import UsageError
    from twophoton_decode.pipeline.inputs.sources import split_key
    from twophoton_decode.stimulus.colour_pictures import open_colour_pictures

    if width % 8:
        raise UsageError(f"--width must be a multiple of 8; found {width}.")
    path, key = split_key(str(folder))
    choice = Choice(
        autoencoder, network, side, colour == "grey", width, steps, seed, device, weights
    )
    with Console(verbose - quiet) as console:
        pictures = open_colour_pictures(Path(path), key=key)
        made = make_denoiser(pictures, output, choice, console.progress)
        for note in made.notes:
            console.say(f"note: {note}")
        origin = made.denoiser.origin
        console.say(
            f"{output}: a denoiser of {origin.pictures} pictures; the loss on held-out ones fell "
            f"from {origin.first_loss:.3f} to {origin.loss:.3f} in {origin.best_step} of "
            f"{origin.steps} steps."
        )
