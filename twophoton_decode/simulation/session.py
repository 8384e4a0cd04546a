"""What was shown, and how the population responded: truth before any microscope."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.simulation.parameters import SimulationParameters, generators
from twophoton_decode.simulation.pictures import natural_pictures
from twophoton_decode.simulation.population import Population, population, trial_responses

GREY = 128


@dataclass(frozen=True, eq=False)
class Session:
    """What was shown, and how the population responded: truth before any microscope.

    Attributes
    ----------
    picture : ndarray, shape (images, side, side), uint8, grey level
    image, repeat : ndarray of int, shape (presentations,)
        Which picture was shown, and how often it had been shown before.
    onset_s : ndarray, shape (presentations,)
    running : ndarray of bool, shape (presentations,)
    population : Population
    response : ndarray of int, shape (presentations, cells), spikes per presentation
    """

    picture: np.ndarray
    image: np.ndarray
    repeat: np.ndarray
    onset_s: np.ndarray
    running: np.ndarray
    population: Population
    response: np.ndarray

    def response_of_each_repeat(self) -> np.ndarray:
        """`response` by repeat, image and cell: float32, spikes per presentation."""
        shape = (self.repeat.max() + 1, len(self.picture), self.response.shape[1])
        ordered = np.empty(shape, dtype=np.float32)
        ordered[self.repeat, self.image] = self.response
        return ordered


def simulate_session(parameters: SimulationParameters) -> Session:
    """The pictures, their order, and the population's response to every presentation."""
    streams = generators(parameters.seed)
    luminance = natural_pictures(parameters.images, parameters.picture_px, streams["pictures"])
    picture = _shown_rows(np.rint(255 * luminance).astype(np.uint8), parameters.picture_rows)
    blocks = [streams["order"].permutation(parameters.images) for _ in range(parameters.repeats)]
    image = np.concatenate(blocks)
    onset_s = parameters.lead_s + parameters.period_s * np.arange(image.size)
    running = _bouts(image.size, streams["running"])
    drawn = population(picture / 255.0, parameters.cells, parameters.tuning, streams["population"])
    response = trial_responses(drawn, image, running, parameters.tuning, streams["trials"])
    repeat = np.repeat(np.arange(parameters.repeats), parameters.images)
    return Session(picture, image, repeat, onset_s, running, drawn, response)


def simulate_responses(parameters: SimulationParameters) -> tuple[np.ndarray, np.ndarray]:
    """The population's responses alone, as one would import them from arrays.

    Returns
    -------
    response : ndarray, shape (repeats, images, cells), float32, spikes per presentation
    picture : ndarray, shape (images, side, side), uint8
    """
    session = simulate_session(parameters)
    return session.response_of_each_repeat(), session.picture


def _shown_rows(picture: np.ndarray, rows: int | None) -> np.ndarray:
    """Pictures (images, side, side), grey but for so many rows in the middle; None: all."""
    if rows is None:
        return picture
    top = (picture.shape[1] - rows) // 2
    shown = np.full_like(picture, GREY)
    shown[:, top : top + rows] = picture[:, top : top + rows]
    return shown


def _bouts(presentations: int, generator: np.random.Generator) -> np.ndarray:
    """Whether the animal runs: bouts of about eight presentations, a fifth of the time."""
    running = np.zeros(presentations, dtype=bool)
    chance = generator.random(presentations)
    for now in range(1, presentations):
        running[now] = chance[now] < (1 - 1 / 8 if running[now - 1] else 1 / 32)
    return running
