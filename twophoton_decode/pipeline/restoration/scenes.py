"""Simulated movies without noise, as bright as the user's, to learn from and to be tested on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from twophoton_decode.deep.microscope.restoration.examples import CleanMovies
from twophoton_decode.deep.microscope.restoration.light import Light
from twophoton_decode.progress import Progress, silent
from twophoton_decode.simulation.microscope.movie import expected_photons
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
        Pixels of every soma, without motion; empty without cells.
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
        empty = number % EMPTY_EVERY == EMPTY_EVERY - 1
        made.append(scene(light, rate_hz, [seed, number], empty=empty).clean)
    everything = CleanMovies(made, made, light.read_noise, window)
    numbers = range(TRAINING + HELD_OUT)
    return everything.part(numbers[:TRAINING]), everything.part(numbers[TRAINING:])


def test_scene(
    light: Light, rate_hz: float, number: int, *, empty: bool, frames: int = FRAMES
) -> SimulatedScene:
    """A scene that no network learns from, the same whatever it was trained with."""
    return scene(light, rate_hz, [_TEST_STREAM, number], empty=empty, frames=frames)


def scene(
    light: Light, rate_hz: float, stream: list[int], *, empty: bool, frames: int = FRAMES
) -> SimulatedScene:
    """One movie as bright as the user's; what differs between scenes follows from `stream`."""
    rng = np.random.default_rng(stream)
    simulated = simulate(_parameters(rng, rate_hz, frames, empty=empty))
    shown = simulated.scene
    if empty:
        shown = replace(shown, soma=csr_array(shown.soma.shape, dtype=np.float32))
    photons = expected_photons(shown, 0, frames)
    factor = np.float32(light.photons * rng.uniform(0.7, 1.4) / photons.mean())
    ring = float(np.median(simulated.brightness)) * float(factor)
    return SimulatedScene(
        clean=photons * factor,
        diameter_px=simulated.parameters.diameter_px,
        contrast=0.0 if empty else ring,
        masks=[] if empty else _masks(simulated),
    )


def _parameters(
    rng: np.random.Generator, rate_hz: float, frames: int, *, empty: bool
) -> SimulationParameters:
    diameter = rng.uniform(*_DIAMETERS_PX)
    room = FIELD_PX**2 / (np.pi / 4 * diameter**2)
    period = (frames / rate_hz - 2 * _SECONDS_AROUND) / _PICTURES
    return SimulationParameters(
        cells=1 if empty else int(np.clip(room * rng.uniform(0.05, 0.3), 4, 80)),
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
        spontaneous_hz=float(rng.uniform(0.05, 0.2)) * min(1.0, rate_hz / DEFAULT_RATE_HZ),
        soma_photons=float(np.exp(rng.uniform(np.log(4), np.log(24)))),
        neuropil_photons=8.0,
        neuropil_leak=1.0 if empty else float(rng.uniform(0.5, 0.9)),
        bleaching=0.0,
        motion_px=float(rng.uniform(0, 2)),
    )


def _masks(simulated: SimulatedRecording) -> list[tuple[np.ndarray, np.ndarray]]:
    offset, y, x = simulated.mask_pixels()
    pairs = zip(offset[:-1], offset[1:], strict=True)
    return [(y[a:b], x[a:b]) for a, b in pairs]
