"""Simulated movies without noise, as bright as the user's, to learn from and to be tested on."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.sparse import csr_array

from twophoton_decode.deep.microscope.restoration.examples import CleanMovies
from twophoton_decode.deep.microscope.restoration.light import Light
from twophoton_decode.progress import Progress, silent
from twophoton_decode.simulation.microscope.movie import Scene, expected_photons, wandering
from twophoton_decode.simulation.microscope.tissue import neuropil_texture
from twophoton_decode.simulation.parameters import SimulationParameters
from twophoton_decode.simulation.recording import SimulatedRecording, simulate

TRAINING, HELD_OUT = 12, 3
"""Movies to learn from, and movies that say when to stop."""
FRAMES = 80
FIELD_PX = 128
EMPTY_EVERY = 4
"""One training movie in so many has no cell."""
DEFAULT_RATE_HZ = 8.0
_TEST_STREAM = 1_000_000
"""Seeds from here on are of scenes that no network learns from."""
_SECONDS_AROUND, _PICTURES = 0.5, 4
_DIAMETERS_PX = (6.0, 16.0)
_MARGIN, _TEXTURES = 4, 3
_BUSY = 4.0
"""Training scenes are so many times as active as others: a network that sees few events learns
that a mean over time is nearly right."""


@dataclass(frozen=True, eq=False)
class SimulatedScene:
    """A movie without noise and the cells in it.

    Attributes
    ----------
    clean : ndarray of float32, shape (frames, y, x)
        Photons.
    diameter_px : float
        Of its cells.
    contrast : float
        Median over cells of what the ring of a resting soma adds to its surround, photons.
    masks : list of (y, x) pairs of ndarray
        Pixels of every soma, without motion.
    """

    clean: np.ndarray
    diameter_px: float
    contrast: float
    masks: list[tuple[np.ndarray, np.ndarray]]


def training_movies(
    light: Light, rate_hz: float, window: int, seed: int, progress: Progress = silent
) -> tuple[CleanMovies, CleanMovies]:
    """What a network learns from, and what says when to stop: other scenes.

    Size and number of cells, their brightness beside the neuropil, the indicator and the
    motion differ from scene to scene; every fourth has no cell.
    """
    made = []
    for number in range(TRAINING + HELD_OUT):
        progress(number, TRAINING + HELD_OUT, "scenes simulated")
        made.append(_training_movie(light, rate_hz, seed, number))
    everything = CleanMovies(made, made, light.read_noise, window)
    numbers = range(TRAINING + HELD_OUT)
    return everything.part(numbers[:TRAINING]), everything.part(numbers[TRAINING:])


def held_out_movies(light: Light, rate_hz: float, window: int, seed: int) -> CleanMovies:
    """Those of `training_movies` that say when to stop, alone."""
    numbers = range(TRAINING, TRAINING + HELD_OUT)
    made = [_training_movie(light, rate_hz, seed, number) for number in numbers]
    return CleanMovies(made, made, light.read_noise, window)


def _training_movie(light: Light, rate_hz: float, seed: int, number: int) -> np.ndarray:
    if number % EMPTY_EVERY == EMPTY_EVERY - 1:
        return empty_scene(light, rate_hz, [seed, number])
    return scene(light, rate_hz, [seed, number], _BUSY).clean


def test_scene(light: Light, rate_hz: float, number: int) -> SimulatedScene:
    """A scene with cells that no network learns from, the same whatever it was trained with."""
    return scene(light, rate_hz, [_TEST_STREAM, number])


def empty_test_scene(light: Light, rate_hz: float, number: int, frames: int) -> np.ndarray:
    """A scene without cells that no network learns from, (frames, y, x), photons."""
    return empty_scene(light, rate_hz, [_TEST_STREAM, number], frames)


def scene(light: Light, rate_hz: float, stream: list[int], busy: float = 1.0) -> SimulatedScene:
    """One movie as bright as the user's; what differs between scenes follows from `stream`.

    Cells are `busy` times as active as they usually are.
    """
    rng = np.random.default_rng(stream)
    simulated = simulate(_parameters(rng, rate_hz, busy))
    photons = expected_photons(simulated.scene, 0, FRAMES)
    factor = _brightened(photons, light, rng)
    return SimulatedScene(
        clean=photons * factor,
        diameter_px=simulated.parameters.diameter_px,
        contrast=float(np.median(simulated.brightness)) * float(factor),
        masks=_masks(simulated),
    )


def empty_scene(
    light: Light, rate_hz: float, stream: list[int], frames: int = FRAMES
) -> np.ndarray:
    """Neuropil that moves and flickers slowly, (frames, y, x), photons; nothing else."""
    rng = np.random.default_rng([*stream, 1])
    side = FIELD_PX + 2 * _MARGIN
    texture = neuropil_texture(_TEXTURES, side, FIELD_PX / rng.uniform(4, 16), rng)
    slow = gaussian_filter1d(rng.normal(size=(_TEXTURES, frames)), rate_hz, axis=1)
    neuropil = Scene(
        soma=csr_array((1, side**2), dtype=np.float32),
        soma_course=np.zeros((1, frames), np.float32),
        neuropil=texture,
        neuropil_course=(1 + 0.2 * slow).astype(np.float32),
        motion=wandering(frames, float(rng.uniform(0, 2)), rng),
        margin=_MARGIN,
    )
    photons = expected_photons(neuropil, 0, frames)
    return photons * _brightened(photons, light, rng)


def _brightened(photons: np.ndarray, light: Light, rng: np.random.Generator) -> np.float32:
    """By what a scene is multiplied to be about as bright as the user's movie."""
    return np.float32(light.photons * rng.uniform(0.7, 1.4) / photons.mean())


def _parameters(rng: np.random.Generator, rate_hz: float, busy: float) -> SimulationParameters:
    diameter = rng.uniform(*_DIAMETERS_PX)
    room = FIELD_PX**2 / (np.pi / 4 * diameter**2)
    period = (FRAMES / rate_hz - 2 * _SECONDS_AROUND) / _PICTURES
    return SimulationParameters(
        cells=int(np.clip(room * rng.uniform(0.05, 0.3), 4, 80)),
        images=_PICTURES,
        repeats=1,
        seed=int(rng.integers(2**31)),
        field_px=FIELD_PX,
        frame_rate_hz=rate_hz,
        lead_s=_SECONDS_AROUND,
        shown_s=min(0.5, period / 2),
        period_s=period * 1.001,
        diameter_px=diameter,
        decay_s=float(np.exp(rng.uniform(np.log(0.2), np.log(1.0)))),
        dff_per_spike=float(np.exp(rng.uniform(np.log(0.08), np.log(0.4)))),
        spontaneous_hz=busy * float(rng.uniform(0.05, 0.2)) * min(1.0, rate_hz / DEFAULT_RATE_HZ),
        soma_photons=float(np.exp(rng.uniform(np.log(4), np.log(24)))),
        neuropil_photons=8.0,
        neuropil_leak=float(rng.uniform(0.5, 0.9)),
        bleaching=0.0,
        motion_px=float(rng.uniform(0, 2)),
    )


def _masks(simulated: SimulatedRecording) -> list[tuple[np.ndarray, np.ndarray]]:
    offset, y, x = simulated.mask_pixels()
    pairs = itertools.pairwise(offset)
    return [(y[a:b], x[a:b]) for a, b in pairs]
