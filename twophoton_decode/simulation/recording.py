"""A whole simulated recording, from one seed: what was shown, what fired, what shone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import diags_array

from twophoton_decode.simulation.calcium import calcium_traces
from twophoton_decode.simulation.movie import Detector, Scene, frames_in_chunks, wandering
from twophoton_decode.simulation.pictures import natural_pictures
from twophoton_decode.simulation.population import (
    Population,
    Tuning,
    population,
    trial_responses,
)
from twophoton_decode.simulation.tissue import Somata, draw_somata, neuropil_texture

CHUNK = 200
"""Frames made at a time; part of what the seed determines."""

NEUROPIL_COMPONENTS = 6


@dataclass(frozen=True)
class SimulationParameters:
    """What a simulated recording is made from; equal parameters give equal files.

    Parameters
    ----------
    cells, images, repeats : int
        Simulated cells, pictures, and presentations of each picture.
    seed : int
        The one seed of everything random.
    picture_px : int
        Side of the pictures, px.
    field_px : int
        Side of the field of view, px.
    frame_rate_hz : float
    lead_s, shown_s, period_s : float
        Time before the first onset (and as much after the last), duration of a
        presentation, and time from one onset to the next, s.
    diameter_px : float
        Mean diameter of a soma.
    rise_s, decay_s : float
        Kinetics of the calcium indicator.
    dff_per_spike : float
        Peak ΔF/F of a single spike, mean over cells.
    spontaneous_hz : float
        Rate of spontaneous bursts per cell, which happen without any picture.
    soma_photons, neuropil_photons : float
        Mean photons per pixel and frame from resting somata and from neuropil.
    neuropil_leak : float
        Share of the surrounding neuropil's light that reaches the pixels of a soma.
    bleaching : float
        Share of all light lost from the first to the last frame.
    motion_px : float
        Largest rigid shift in either direction.
    files : int
        TIFF files the movie is spread over.
    detector : Detector
    tuning : Tuning
    """

    cells: int = 110
    images: int = 60
    repeats: int = 8
    seed: int = 0
    picture_px: int = 64
    field_px: int = 140
    frame_rate_hz: float = 8.0
    lead_s: float = 4.0
    shown_s: float = 0.5
    period_s: float = 1.3
    diameter_px: float = 9.0
    rise_s: float = 0.06
    decay_s: float = 0.28
    dff_per_spike: float = 0.1
    spontaneous_hz: float = 0.02
    soma_photons: float = 15.0
    neuropil_photons: float = 8.0
    neuropil_leak: float = 0.7
    bleaching: float = 0.15
    motion_px: float = 2.0
    files: int = 3
    detector: Detector = field(default_factory=Detector)
    tuning: Tuning = field(default_factory=Tuning)

    @property
    def presentations(self) -> int:
        """Number of presentations."""
        return self.images * self.repeats

    @property
    def frames(self) -> int:
        """Number of frames of the movie."""
        seconds = 2 * self.lead_s + self.presentations * self.period_s
        return int(np.ceil(seconds * self.frame_rate_hz))


def demo_parameters(seed: int = 0) -> SimulationParameters:
    """The recording of ``tpdecode demo``: small enough for minutes, rich enough to decode."""
    return SimulationParameters(seed=seed)


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
        generator = _generators(self.parameters.seed)["photons"]
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
    generators = _generators(parameters.seed)
    session = simulate_session(parameters)
    spike_cell, spike_s = _spikes(parameters, session, generators["spikes"])
    dff = _fluorescence(parameters, spike_cell, spike_s, generators["indicator"])
    margin = int(np.ceil(parameters.motion_px)) + 2
    somata = draw_somata(
        parameters.cells,
        parameters.field_px,
        margin,
        parameters.diameter_px,
        generators["tissue"],
    )
    brightness = parameters.soma_photons * np.exp(
        generators["brightness"].normal(0.0, 0.3, parameters.cells)
    )
    scene = _scene(parameters, dff, somata, brightness, margin, generators)
    return SimulatedRecording(
        parameters, session, spike_cell, spike_s, dff, brightness, somata, scene
    )


def simulate_session(parameters: SimulationParameters) -> Session:
    """The pictures, their order, and the population's response to every presentation."""
    generators = _generators(parameters.seed)
    luminance = natural_pictures(parameters.images, parameters.picture_px, generators["pictures"])
    picture = np.rint(255 * luminance).astype(np.uint8)
    blocks = [generators["order"].permutation(parameters.images) for _ in range(parameters.repeats)]
    image = np.concatenate(blocks)
    onset_s = parameters.lead_s + parameters.period_s * np.arange(image.size)
    running = _bouts(image.size, generators["running"])
    drawn = population(
        picture / 255.0, parameters.cells, parameters.tuning, generators["population"]
    )
    response = trial_responses(drawn, image, running, parameters.tuning, generators["trials"])
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
    shape = (parameters.repeats, parameters.images, parameters.cells)
    response = np.empty(shape, dtype=np.float32)
    response[session.repeat, session.image] = session.response
    return response, session.picture


STREAMS = (
    "pictures",
    "order",
    "running",
    "population",
    "trials",
    "spikes",
    "indicator",
    "tissue",
    "brightness",
    "neuropil",
    "motion",
    "photons",
)


def _generators(seed: int) -> dict[str, np.random.Generator]:
    """An independent generator for each purpose, so that adding one changes no other."""
    sequences = np.random.SeedSequence(seed).spawn(len(STREAMS))
    return dict(zip(STREAMS, map(np.random.default_rng, sequences), strict=True))


def _bouts(presentations: int, generator: np.random.Generator) -> np.ndarray:
    """Whether the animal runs: bouts of about eight presentations, a fifth of the time."""
    running = np.zeros(presentations, dtype=bool)
    chance = generator.random(presentations)
    for now in range(1, presentations):
        running[now] = chance[now] < (1 - 1 / 8 if running[now - 1] else 1 / 32)
    return running


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
    generators: dict[str, np.random.Generator],
) -> Scene:
    """Somata and neuropil with their courses, bleaching and motion."""
    side, generator = somata.side, generators["neuropil"]
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
        motion=wandering(parameters.frames, parameters.motion_px, generators["motion"]),
        margin=margin,
    )


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
