"""What a simulated recording is made from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from twophoton_decode.simulation.microscope.movie import Detector
from twophoton_decode.simulation.population import Tuning


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
    picture_rows : int or None
        So many rows in the middle of a picture are shown, the others are grey; None: all.
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
    bend_px : float
        Largest displacement by each pattern in which the tissue bends; 0: it moves rigidly.
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
    picture_rows: int | None = None
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
    bend_px: float = 0.0
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
    "bending",
    "tiers",
    "files",
)


def generators(seed: int) -> dict[str, np.random.Generator]:
    """An independent generator for each purpose, so that adding one changes no other."""
    sequences = np.random.SeedSequence(seed).spawn(len(STREAMS))
    return dict(zip(STREAMS, map(np.random.default_rng, sequences), strict=True))
