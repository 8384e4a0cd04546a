"""What a network learns restoration from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twophoton_decode.deep.microscope.restoration.examples import CleanMovies
from twophoton_decode.deep.microscope.restoration.light import Light
from twophoton_decode.deep.microscope.restoration.network import WINDOW
from twophoton_decode.errors import UsageError
from twophoton_decode.pipeline.restoration.scenes import training_movies
from twophoton_decode.progress import Progress

SIMULATION: Final = "simulation"


@dataclass(frozen=True, eq=False)
class Examples:
    """Movies to learn from, others that say when to stop, and what they are called."""

    known: CleanMovies
    held_out: CleanMovies
    name: str


def examples_for(
    train_on: str, light: Light, rate_hz: float, seed: int, progress: Progress
) -> Examples:
    """Pairs for a movie with this noise.

    Raises
    ------
    UsageError
        There is no such source.
    """
    if train_on != SIMULATION:
        raise UsageError(f"--train-on {train_on}: expected {SIMULATION}.")
    return Examples(*training_movies(light, rate_hz, WINDOW, seed, progress), SIMULATION)
