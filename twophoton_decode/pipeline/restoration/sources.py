"""What a network learns restoration from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from twophoton_decode.deep.microscope.restoration.examples import CleanMovies, Source
from twophoton_decode.deep.microscope.restoration.light import Light
from twophoton_decode.deep.microscope.restoration.network import WINDOW
from twophoton_decode.deep.microscope.restoration.own_movie import HELD_OUT, OwnMovie, stretches
from twophoton_decode.errors import UsageError
from twophoton_decode.pipeline.restoration.good_movie import Degradation, degraded_movies
from twophoton_decode.pipeline.restoration.scenes import held_out_movies, training_movies
from twophoton_decode.progress import Progress
from twophoton_decode.records import Recording

SIMULATION, SELF = "simulation", "self"
DEFAULT_LOSS: Final = "ssim"


@dataclass(frozen=True, eq=False)
class Examples:
    """Pairs to learn from, others that say when to stop, and what they are called.

    `simulated` are held-out simulations, by which the moving average beside is chosen.
    """

    known: Source
    held_out: Source
    simulated: CleanMovies
    name: str


def loss_for(train_on: str, loss: str) -> str:
    """The loss that is asked for, or the one that goes with `train_on` where none is.

    Raises
    ------
    UsageError
        The movie itself is learned from with a loss that needs clean frames.
    """
    if train_on != SELF:
        return loss or DEFAULT_LOSS
    if loss not in ("", "mse"):
        raise UsageError(
            f"--train-on self has no clean frame to be like, which --method {loss} needs: noise "
            "averages out of the squared error alone. Give --method mse, or none."
        )
    return "mse"


def examples_for(
    train_on: str,
    recording: Recording,
    light: Light,
    rate_hz: float,
    degradation: Degradation,
    seed: int,
    progress: Progress,
) -> Examples:
    """Pairs for a movie with this noise: simulated, of the movie itself, or of a good one.

    Raises
    ------
    UsageError
        There is no such file, or its recording is not better than the movie.
    MovieError
        A movie is too short to learn from.
    """
    if train_on == SIMULATION:
        known, held_out = training_movies(light, rate_hz, WINDOW, seed, progress)
        return Examples(known, held_out, held_out, SIMULATION)
    simulated = held_out_movies(light, rate_hz, WINDOW, seed)
    if train_on == SELF:
        own = OwnMovie(stretches(recording, light, WINDOW), WINDOW)
        numbers = range(len(own.stretch))
        parts = own.part(numbers[:-HELD_OUT]), own.part(numbers[-HELD_OUT:])
        return Examples(*parts, simulated, SELF)
    file = Path(train_on)
    if not file.exists():
        raise UsageError(
            f"--train-on {train_on}: expected {SIMULATION}, {SELF}, or the file of a good "
            "recording; there is no such file."
        )
    return Examples(*degraded_movies(file, light, degradation, WINDOW), simulated, file.name)
