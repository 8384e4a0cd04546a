"""``tpdecode simulate``: a recording with known truth."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.console import Console
from twophoton_decode.cli.options import verbosity_options


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Another seed makes another recording of the same kind.",
)
@verbosity_options
def simulate(folder: Path, seed: int, verbose: bool, quiet: bool) -> None:
    """Make a simulated recording: raw TIFFs, stimulus log, images, and the truth.

    \b
    Example:
      tpdecode simulate mouse --seed 3
      tpdecode init S --movie mouse/raw --log mouse/shown.csv --images mouse/pictures \\
          --frame-rate-hz 8
    """
    with Console(verbose - quiet) as console:
        rate = write_simulation(folder, seed, console)
        console.say(f"{folder} holds raw/, pictures/, shown.csv and truth.npz; {rate:g} frames/s")


def write_simulation(folder: Path, seed: int, console: Console) -> float:
    """Simulate the demo's recording into a new folder; returns its frame rate, Hz.

    A simulation that fails leaves nothing behind: the folder has to be empty the next time.
    """
    import shutil

    from twophoton_decode.errors import UsageError
    from twophoton_decode.simulation.parameters import demo_parameters
    from twophoton_decode.simulation.recording import simulate
    from twophoton_decode.simulation.writing import write

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file. Name a folder that does not exist yet.")
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty. Name a folder that does not exist yet.")
    parameters = demo_parameters(seed)
    try:
        write(simulate(parameters), folder, console.progress)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return parameters.frame_rate_hz
