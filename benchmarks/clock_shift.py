"""How well the shift of responses against a wrong stimulus clock is found in simulated traces.

    python benchmarks/clock_shift.py [--sessions 200] [--write]

Sessions of 50 cells at 15 Hz, a picture every 1.5 s, six repeats, each cell responding to a
fifth of the pictures. No movie is made: spikes of simulated trials become calcium traces, with
bleaching, slow gains of each cell, coloured noise and spontaneous bursts. Each row is one kind
of session. A warning needs an interval without zero, and 0.1 s over the session.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from multiprocessing import Pool
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
from scipy.signal import lfilter

from twophoton_decode.records.traces import Traces
from twophoton_decode.responses.clock.sentences import is_worth_a_warning
from twophoton_decode.responses.clock.shift import clock_shift
from twophoton_decode.responses.clock.signals import EvenSignals, SignalCollector
from twophoton_decode.responses.evoked import evoked_responses
from twophoton_decode.settings import ResponseSettings
from twophoton_decode.simulation.microscope.calcium import calcium_traces
from twophoton_decode.simulation.population import Population, Tuning, trial_responses

RESULTS = Path(__file__).parent / "results" / "clock_shift.md"
RATE_HZ, PERIOD_S, REPEATS, LEAD_S = 15.0, 1.5, 6, 4.0
SETTINGS = ResponseSettings()


@dataclass(frozen=True)
class Kind:
    """What a session is like; `noise` is the SD of a frame in ΔF/F, one spike being 0.1."""

    minutes: float = 5
    fast: float = 0.0
    noise: float = 0.5
    cells: int = 50
    responsive: float = 1.0
    gain: float = 0.3
    colour: float = 0.0
    decay_s: float = 0.5
    mean_spikes: float = 6.0
    repeats: int = REPEATS


@dataclass(frozen=True)
class Simulated:
    """Traces (cell, frame), onsets by the log's clock and by the movie's, and the pictures."""

    trace: np.ndarray
    logged_s: np.ndarray
    true_s: np.ndarray
    image: np.ndarray


def simulated(kind: Kind, seed: int) -> Simulated:
    """One session."""
    rng = np.random.default_rng(seed)
    duration = 60 * kind.minutes
    count = int((duration - 2 * LEAD_S) / PERIOD_S)
    images = max(2, count // kind.repeats)
    blocks = [rng.permutation(images) for _ in range(-(-count // images))]
    image = np.concatenate(blocks)[:count]
    true_s = LEAD_S + PERIOD_S * np.arange(count)
    cell, spike_s = _spikes(kind, image, true_s, rng)
    frames = int(duration * RATE_HZ)
    signal = calcium_traces(
        cell,
        spike_s,
        cells=kind.cells,
        frames=frames,
        frame_rate_hz=RATE_HZ,
        rise_s=0.06,
        decay_s=kind.decay_s,
        dff_per_spike=0.1 * rng.lognormal(0, 0.3, kind.cells),
    )
    share = (np.arange(frames) + 0.5) / frames
    turns, phase = rng.uniform(0.3, 2, (kind.cells, 1)), rng.uniform(0, 6.3, (kind.cells, 1))
    gain = np.exp(kind.gain * np.sin(2 * np.pi * turns * share + phase))
    white = rng.standard_normal(signal.shape)
    noise = lfilter([np.sqrt(1 - kind.colour**2)], [1, -kind.colour], white, axis=1)
    trace = (1 + signal * gain) * np.exp(-0.3 * share) + kind.noise * noise
    return Simulated(trace, true_s * (1 + kind.fast), true_s, image)


def _spikes(
    kind: Kind, image: np.ndarray, onset_s: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Cell and time of evoked and spontaneous spikes."""
    shape = (int(image.max()) + 1, kind.cells)
    rate = np.where(rng.random(shape) < 0.2, rng.gamma(2, 0.5, shape) * kind.mean_spikes, 0.0)
    rate[:, rng.random(kind.cells) >= kind.responsive] = 0
    drawn = Population(
        np.zeros((kind.cells, 1, 1)),
        rate,
        rng.gamma(4, 0.25, kind.cells),
        np.ones(kind.cells, bool),
    )
    running = rng.random(image.size) < 0.2
    spikes = trial_responses(drawn, image, running, Tuning(), rng)
    row, cell = np.nonzero(spikes)
    each = spikes[row, cell]
    evoked_s = np.repeat(onset_s[row], each) + rng.uniform(0.05, 0.3, each.sum())
    bursts = np.repeat(np.arange(kind.cells), rng.poisson(1.2 * kind.minutes, kind.cells))
    burst_s = rng.uniform(0, 60 * kind.minutes, bursts.size)
    size = 1 + rng.poisson(2.0, bursts.size)
    spontaneous_s = np.repeat(burst_s, size) + rng.uniform(0, 0.2, size.sum())
    return (
        np.concatenate([np.repeat(cell, each), np.repeat(bursts, size)]),
        np.concatenate([evoked_s, spontaneous_s]),
    )


def responses_at(session: Simulated, onset_s: np.ndarray) -> np.ndarray:
    """Evoked responses in the default windows, all (presentation, cell) as one row."""
    edges = [
        np.searchsorted((np.arange(session.trace.shape[1]) + 0.5) / RATE_HZ, onset_s + edge)
        for edge in (*SETTINGS.baseline_window_s, *SETTINGS.response_window_s)
    ]
    inside = edges[3] < session.trace.shape[1]
    found = evoked_responses(session.trace, (edges[0], edges[1]), (edges[2], edges[3]))
    return np.where(inside[:, None], found, 0).ravel()


def row_of(kind: Kind, sessions: int) -> dict[str, float]:
    """What was found in sessions of one kind."""
    truth = 1 / (1 + kind.fast) - 1
    told, covered, warned, error, seconds, r_before, r_after = ([] for _ in range(7))
    for seed in range(sessions):
        session = simulated(kind, seed)
        start = time.process_time()
        found = clock_shift(_signals(session), session.image, session.logged_s, SETTINGS)
        seconds.append(time.process_time() - start)
        low, high = found.ci95
        told.append(np.isfinite(low))
        if told[-1]:
            covered.append(low <= 60 * truth <= high)
            error.append(found.stretch - truth)
        warned.append(is_worth_a_warning(found.per_min, found.ci95, session.logged_s))
        if kind.fast and seed < 10:
            right = responses_at(session, session.true_s)
            mended = session.logged_s * (1 + (found.stretch if warned[-1] else 0))
            r_before.append(np.corrcoef(right, responses_at(session, session.logged_s))[0, 1])
            r_after.append(np.corrcoef(right, responses_at(session, mended))[0, 1])
    return {
        "told": float(np.mean(told)),
        "warned": float(np.mean(warned)),
        "covered": float(np.mean(covered)) if covered else np.nan,
        "error": float(np.std(error)) if error else np.nan,
        "before": float(np.mean(r_before)) if r_before else np.nan,
        "after": float(np.mean(r_after)) if r_after else np.nan,
        "seconds": float(np.mean(seconds)),
    }


def _signals(session: Simulated) -> EvenSignals | None:
    times = SimpleNamespace(
        frame_rate_hz=RATE_HZ,
        duration_s=session.trace.shape[1] / RATE_HZ,
        frame_time=lambda _, frame: (frame + 0.5) / RATE_HZ,
    )
    collector = SignalCollector(cast(Traces, times))
    collector.add(session.trace, 0)
    return collector.signals()


FAST = 0.001
NULL = {
    "ordinary": Kind(),
    "clear": Kind(noise=0.25),
    "noisy": Kind(noise=1.0),
    "coloured noise, strong drifts of gain": Kind(colour=0.7, gain=0.6),
    "a fifth of the cells respond": Kind(responsive=0.2),
    "a tenth of the cells respond": Kind(responsive=0.1),
    "nobody responds": Kind(responsive=0.0),
    "pictures shown once": Kind(repeats=1),
    "slow indicator, 1.5 s": Kind(decay_s=1.5),
}
WRONG = {
    "ordinary": Kind(fast=FAST),
    "noisy": Kind(fast=FAST, noise=1.0),
    "a fifth of the cells respond": Kind(fast=FAST, responsive=0.2),
    "10 min": Kind(fast=FAST, minutes=10),
    "10 min, noisy": Kind(fast=FAST, minutes=10, noise=1.0),
    "10 min, a fifth of the cells respond": Kind(fast=FAST, minutes=10, responsive=0.2),
    "30 min": Kind(fast=FAST, minutes=30),
    "10 min, 0.7 % fast": Kind(fast=0.007, minutes=10),
}
HEAD = (
    "| session | sessions | told | warned | interval holds the truth | SD of the error, s per min "
    "| r with the right responses | r with the factor named | CPU s |"
)


def number_of(kind: Kind, sessions: int) -> int:
    """Long sessions are simulated less often."""
    return max(2, sessions // {5: 1, 10: 4}.get(kind.minutes, 10))


def line_of(name: str, kind: Kind, sessions: int) -> str:
    """A row of a Markdown table."""
    number = number_of(kind, sessions)
    found = row_of(kind, number)
    line = (
        f"| {name} | {number} | {found['told']:.1%} | {found['warned']:.1%} "
        f"| {found['covered']:.1%} | {60 * found['error']:.4f} | {found['before']:.3f} "
        f"| {found['after']:.3f} | {found['seconds']:.2f} |"
    ).replace("nan%", "–")
    line = line.replace("nan", "–")
    print(line, flush=True)
    return line


def largest(cells: int = 100, frames: int = 20_000) -> str:
    """The time for more cells and frames."""
    minutes = frames / RATE_HZ / 60
    seconds = row_of(replace(Kind(), cells=cells, minutes=minutes), 1)["seconds"]
    return f"{cells} cells × {frames} frames ({minutes:.0f} min): {seconds:.2f} s of CPU."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    every = [*NULL.items(), *WRONG.items()]
    rows = [(name, kind, options.sessions) for name, kind in every]
    with Pool(options.jobs) as pool:
        lines = pool.starmap(line_of, rows, chunksize=1)
    head = [HEAD, "| --- " * 9 + "|"]
    text = "\n".join(
        [
            "# Shift of responses against a wrong clock\n",
            f"`python benchmarks/clock_shift.py --sessions {options.sessions} --write`: sessions "
            "of 5 min and 50 cells where nothing else is said.\n",
            "## The clock is right\n",
            *head,
            *lines[: len(NULL)],
            "\n## The stimulus clock runs 0.1 % fast\n",
            *head,
            *lines[len(NULL) :],
            f"\n{largest()}\n",
        ]
    )
    print(text)
    if options.write:
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
