"""A whole simulated recording, from one seed: what was shown, what fired, what shone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import diags_array

from twophoton_decode.simulation.microscope.bending import MODES
from twophoton_decode.simulation.microscope.calcium import calcium_traces
from twophoton_decode.simulation.microscope.movie import Scene, frames_in_chunks, wandering
from twophoton_decode.simulation.microscope.tissue import Somata, draw_somata, neuropil_texture
from twophoton_decode.simulation.parameters import SimulationParameters, generators
from twophoton_decode.simulation.session import Session, simulate_session

CHUNK = 200
"""Frames made at a time; part of what the seed determines."""

NEUROPIL_COMPONENTS = 6


@dataclass(frozen=True, eq=False)
class SimulatedRecording:
    """A recording and everything that is true of it.

    Attributes
    ----------
    parameters : SimulationParameters
    session : Session
    spike_cell, spike_s : ndarray, shape (spikes,)
        Every spike, evoked and spontaneous: the cell and the time since the movie began.
    dff : ndarray, shape (cells, frames), float32
        ΔF/F of each soma without noise, neuropil and bleaching.
    brightness : ndarray, shape (cells,), photons per pixel and frame at rest
    somata : Somata
    scene : Scene
    """

    parameters: SimulationParameters
    session: Session
    spike_cell: np.ndarray
    spike_s: np.ndarray
    dff: np.ndarray
    brightness: np.ndarray
    somata: Somata
    scene: Scene

    def frames(self) -> Iterator[np.ndarray]:
        """The movie in chunks of frames: uint16, shape (frames, height, width)."""
        generator = generators(self.parameters.seed)["photons"]
        return frames_in_chunks(self.scene, self.parameters.detector, generator, CHUNK)

    def mask_pixels(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Every soma's pixels in the field of view, without motion.

        Returns
        -------
        offset : ndarray of int, shape (cells + 1,)
            Cell k has the entries offset[k]:offset[k+1] of the other two.
        y, x : ndarray of int, shape (pixels,), px
        """
        masks = [self._mask(cell) for cell in range(self.parameters.cells)]
        offset = np.cumsum([0, *(mask.shape[1] for mask in masks)])
        y, x = np.concatenate(masks, axis=1)
        return offset, y, x

    def _mask(self, cell: int) -> np.ndarray:
        """Rows and columns of a soma's pixels, shape (2, pixels); what is cut off is left out."""
        pixels = np.array(self.somata.pixels(cell)) - self.scene.margin
        inside = (pixels >= 0) & (pixels < self.parameters.field_px)
        return pixels[:, inside.all(axis=0)]


def simulate(parameters: SimulationParameters) -> SimulatedRecording:
    """Simulate a recording; its frames are made when they are asked for.

    Parameters
    ----------
    parameters : SimulationParameters

    Returns
    -------
    SimulatedRecording
    """
    streams = generators(parameters.seed)
    session = simulate_session(parameters)
    spike_cell, spike_s = _spikes(parameters, session, streams["spikes"])
    dff = _fluorescence(parameters, spike_cell, spike_s, streams["indicator"])
    margin = int(np.ceil(parameters.motion_px + MODES * parameters.bend_px)) + 2
    somata = draw_somata(
        parameters.cells,
        parameters.field_px,
        margin,
        parameters.diameter_px,
        streams["tissue"],
    )
    brightness = parameters.soma_photons * np.exp(
        streams["brightness"].normal(0.0, 0.3, parameters.cells)
    )
    scene = _scene(parameters, dff, somata, brightness, margin, streams)
    return SimulatedRecording(
        parameters, session, spike_cell, spike_s, dff, brightness, somata, scene
    )


def _spikes(
    parameters: SimulationParameters, session: Session, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Cell and time of every spike: evoked within the presentation, and spontaneous bursts."""
    shown, cell = np.nonzero(session.response)
    count = session.response[shown, cell]
    evoked_cell = np.repeat(cell, count)
    latency_s = generator.uniform(0.05, 0.05 + 0.5 * parameters.shown_s, evoked_cell.size)
    evoked_s = np.repeat(session.onset_s[shown], count) + latency_s
    movie_s = parameters.frames / parameters.frame_rate_hz
    bursts = generator.poisson(parameters.spontaneous_hz * movie_s, parameters.cells)
    burst_cell = np.repeat(np.arange(parameters.cells), bursts)
    burst_s = generator.uniform(0, movie_s, burst_cell.size)
    size = 1 + generator.poisson(2.0, burst_cell.size)
    spread_s = generator.uniform(0, 0.2, size.sum())
    return (
        np.concatenate([evoked_cell, np.repeat(burst_cell, size)]),
        np.concatenate([evoked_s, np.repeat(burst_s, size) + spread_s]),
    )


def _fluorescence(
    parameters: SimulationParameters,
    spike_cell: np.ndarray,
    spike_s: np.ndarray,
    generator: np.random.Generator,
) -> np.ndarray:
    """Clean ΔF/F, shape (cells, frames), with indicators of somewhat varied strength."""
    strength = np.exp(generator.normal(-0.02, 0.2, parameters.cells))
    return calcium_traces(
        spike_cell,
        spike_s,
        cells=parameters.cells,
        frames=parameters.frames,
        frame_rate_hz=parameters.frame_rate_hz,
        rise_s=parameters.rise_s,
        decay_s=parameters.decay_s,
        dff_per_spike=parameters.dff_per_spike * strength,
    )


def _scene(
    parameters: SimulationParameters,
    dff: np.ndarray,
    somata: Somata,
    brightness: np.ndarray,
    margin: int,
    streams: dict[str, np.random.Generator],
) -> Scene:
    """Somata and neuropil with their courses, bleaching and motion."""
    side, generator = somata.side, streams["neuropil"]
    texture = neuropil_texture(NEUROPIL_COMPONENTS, side, parameters.field_px / 8, generator)
    covered = np.minimum(somata.profile.max(axis=0).toarray(), 1.0).reshape(side, side)
    passed = 1 - (1 - parameters.neuropil_leak) * (covered > 0.25)
    light = parameters.neuropil_photons / NEUROPIL_COMPONENTS
    fade = (1 - parameters.bleaching) ** (np.arange(parameters.frames) / parameters.frames)
    course = _neuropil_course(dff, parameters.frame_rate_hz, generator)
    return Scene(
        soma=(diags_array(brightness.astype(np.float32)) @ somata.profile).tocsr(),
        soma_course=((1 + dff) * fade).astype(np.float32),
        neuropil=(light * texture * passed).astype(np.float32),
        neuropil_course=(course * fade).astype(np.float32),
        motion=wandering(parameters.frames, parameters.motion_px, streams["motion"]),
        margin=margin,
        bend=_bend(parameters, streams["bending"]),
    )


def _bend(parameters: SimulationParameters, generator: np.random.Generator) -> np.ndarray | None:
    """How far each pattern of bending goes in each frame, shape (frames, modes, 2), px."""
    if parameters.bend_px == 0:
        return None
    courses = [wandering(parameters.frames, parameters.bend_px, generator) for _ in range(MODES)]
    return np.stack(courses, axis=1)


def _neuropil_course(
    dff: np.ndarray, frame_rate_hz: float, generator: np.random.Generator
) -> np.ndarray:
    """Courses around one: slow noise of their own plus the activity of many cells."""
    cells, frames = dff.shape
    noise = generator.normal(size=(NEUROPIL_COMPONENTS, frames))
    keep = np.exp(-1 / (1.0 * frame_rate_hz))
    for frame in range(1, frames):
        noise[:, frame] = keep * noise[:, frame - 1] + np.sqrt(1 - keep**2) * noise[:, frame]
    mixed = generator.dirichlet(np.ones(cells), NEUROPIL_COMPONENTS) @ dff
    return np.maximum(1 + 0.05 * noise + 1.0 * (mixed - mixed.mean()), 0.1)
