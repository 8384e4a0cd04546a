"""What restoration keeps, loses and invents, counted where the truth is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from skimage.metrics import structural_similarity

from twophoton_decode.deep.microscope.restoration.events import (
    Events,
    fidelity,
    flicker,
    slow_error,
    traces_of,
    true_events,
)
from twophoton_decode.deep.microscope.restoration.examples import CleanMovies, detected
from twophoton_decode.deep.microscope.restoration.light import Light
from twophoton_decode.deep.microscope.restoration.network import WINDOW
from twophoton_decode.deep.microscope.restoration.particles import (
    PARTICLE,
    compare,
    count,
    rise_of_cell,
)
from twophoton_decode.deep.microscope.restoration.restorer import Restorer, moving_average
from twophoton_decode.pipeline.restoration.scenes import (
    FRAMES,
    SimulatedScene,
    empty_test_scene,
    test_scene,
)
from twophoton_decode.progress import Progress, silent

Way = Callable[[np.ndarray], np.ndarray]
"""Photons (frames, y, x) of a noisy movie to those of a better one."""
RAW, AVERAGE, RESTORED = METHODS = ("raw", "moving average", "restored")
SCENES: Final = 4
EMPTY_SCENES: Final = 40
NOISE_FRAMES: Final = 40
TYPICAL_PX, TYPICAL_CONTRAST = 10.0, 1.0
"""What an invented particle is measured by where there is no cell: one of this diameter that is
brighter than its surround by the mean of the movie times this."""
AVERAGES: Final = (3, 5, 7)
_EVERY = 8
_NOISE_STREAM = 11


@dataclass(frozen=True, eq=False)
class Controls:
    """Numbers by field of the record, each (method,), and what is shown of them."""

    numbers: Mapping[str, np.ndarray]
    scenes: int
    empty_scenes: int
    noise_frames: int
    events: int
    trace: np.ndarray
    simulated: np.ndarray
    empty: np.ndarray


def ways(restorer: Restorer, average_window: int) -> dict[str, Way]:
    """Raw, moving average and network, by name."""
    return {
        RAW: lambda photons: photons,
        AVERAGE: lambda photons: moving_average(photons, average_window),
        RESTORED: restorer.whole,
    }


def best_average(held_out: CleanMovies, peak: float) -> int:
    """The moving average nearest to clean movies that no network learned from, by SSIM."""
    rng = np.random.default_rng(_NOISE_STREAM)
    score = dict.fromkeys(AVERAGES, 0.0)
    for seen, wanted in zip(held_out.seen, held_out.wanted, strict=True):
        noisy = detected(seen, held_out.read_noise, rng)
        for window in AVERAGES:
            made = moving_average(noisy, window)[::_EVERY]
            score[window] += _ssim(made, wanted[::_EVERY], peak).mean()
    return max(score, key=lambda window: score[window])


def count_controls(
    chosen: Mapping[str, Way],
    light: Light,
    rate_hz: float,
    peak: float,
    progress: Progress = silent,
) -> Controls:
    """Every way on scenes with cells, on empty ones, and on noise alone, all unseen in training."""
    rows: list[dict[str, list[float]]] = []
    shown: dict[str, Any] = {}
    events = 0
    for number in range(SCENES):
        progress(number, SCENES, "test scenes restored")
        scene = test_scene(light, rate_hz, number)
        noisy = detected(scene.clean, light.read_noise, _noise_of(number))
        made = {name: way(noisy) for name, way in chosen.items()}
        true = true_events(traces_of(scene.clean, scene.masks))
        events += len(true.cell)
        rows.append({name: _on_scene(each, scene, true, peak) for name, each in made.items()})
        if number == 0:
            shown = _examples(scene, made, true)
    names = ("ssim", "recall", "invented", "slope", "area_slope", "missed", "trace_r", "flicker",
             "baseline")  # fmt: skip
    everything = np.array([[row[name] for name in chosen] for row in rows])
    numbers = dict(zip(names, np.nanmean(everything, axis=0).T, strict=True))
    numbers["invented_empty"], empty = _on_empty(chosen, light, rate_hz, progress)
    numbers["invented_noise"] = _on_noise(chosen, light, progress)
    counts = SCENES, EMPTY_SCENES, NOISE_FRAMES, events
    return Controls(numbers, *counts, shown["trace"], shown["simulated"], empty)


def _on_scene(made: np.ndarray, scene: SimulatedScene, events: Events, peak: float) -> list[float]:
    """The numbers of one way on one scene, in the order of `count_controls`."""
    frames = slice(_EVERY // 2, FRAMES, _EVERY)
    threshold = PARTICLE * rise_of_cell(scene.contrast, scene.diameter_px)
    seen = compare(made[frames], scene.clean[frames], threshold, scene.diameter_px)
    real, found, invented = np.array(seen).sum(axis=0)
    clean, own = (traces_of(each, scene.masks) for each in (scene.clean, made))
    kept = fidelity(own, clean, events)
    return [
        float(_ssim(made[frames], scene.clean[frames], peak).mean()),
        found / real if real else float("nan"),
        invented / len(seen),
        kept.slope,
        kept.area_slope,
        kept.missed,
        kept.r,
        flicker(made, scene.clean),
        slow_error(own, clean),
    ]


def _on_empty(
    chosen: Mapping[str, Way], light: Light, rate_hz: float, progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    """Particles a frame by way, and one scene: clean, and by every way."""
    frames, middle = max(*AVERAGES, WINDOW), max(*AVERAGES, WINDOW) // 2
    found: dict[str, list[int]] = {name: [] for name in chosen}
    shown: list[np.ndarray] = []
    for number in range(EMPTY_SCENES):
        progress(number, EMPTY_SCENES, "empty scenes restored")
        clean = empty_test_scene(light, rate_hz, number, frames)
        noisy = detected(clean, light.read_noise, _noise_of(1000 + number))
        made = {name: way(noisy)[[middle]] for name, way in chosen.items()}
        for name, each in made.items():
            found[name].append(invented_in(each, light, clean[[middle]])[0])
        if number == 0:
            shown = [clean[middle], *(each[0] for each in made.values())]
    return np.array([np.mean(each) for each in found.values()]), np.stack(shown)


def _on_noise(chosen: Mapping[str, Way], light: Light, progress: Progress) -> np.ndarray:
    """Particles a frame by way in a movie of one brightness, all of it noise."""
    progress(0, NOISE_FRAMES, "frames of noise restored")
    noisy = noise_movie(light, NOISE_FRAMES)
    return np.array([invented_in(way(noisy), light).mean() for way in chosen.values()])


def noise_movie(light: Light, frames: int, side: int = 128) -> np.ndarray:
    """Noise of the user's detector on an even field as bright as the movie, photons."""
    even = np.full((frames, side, side), light.photons, np.float32)
    return detected(even, light.read_noise, _noise_of(2000))


def invented_in(frames: np.ndarray, light: Light, clean: np.ndarray | None = None) -> np.ndarray:
    """Particles of every frame that the clean ones lack; without these, all particles."""
    threshold = PARTICLE * rise_of_cell(TYPICAL_CONTRAST * light.photons, TYPICAL_PX)
    if clean is None:
        return count(frames, threshold, TYPICAL_PX)
    return np.array([each.invented for each in compare(frames, clean, threshold, TYPICAL_PX)])


def _examples(
    scene: SimulatedScene, made: Mapping[str, np.ndarray], events: Events
) -> dict[str, np.ndarray]:
    """A frame of clean, raw, average, restored, and the trace of the cell with most events."""
    series = [scene.clean, *made.values()]
    cell = int(np.bincount(events.cell).argmax()) if len(events.cell) else 0
    return {
        "trace": np.stack([traces_of(each, [scene.masks[cell]])[0] for each in series]),
        "simulated": np.stack([each[FRAMES // 2] for each in series]),
    }


def _ssim(made: np.ndarray, clean: np.ndarray, peak: float) -> np.ndarray:
    pairs = zip(made, clean, strict=True)
    return np.array([structural_similarity(a, b, data_range=peak) for a, b in pairs])


def _noise_of(number: int) -> np.random.Generator:
    return np.random.default_rng([_NOISE_STREAM, number])
