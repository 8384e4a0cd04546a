"""By how much ΔF/F is too large or too small, over noise, frame rate, activity and kinetics.

    python benchmarks/dff_gain.py [--cells 16] [--write]

Cells of a known F0 fire at random; the gain is true F0 over estimated F0, averaged over
frames: by so much their responses come out too large. Ways to find F0 that are in use stand
beside the two that `baseline_method` offers.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d, minimum_filter1d
from scipy.stats import spearmanr

from twophoton_decode.extraction.signals.baseline.f0 import baseline
from twophoton_decode.extraction.signals.baseline.windows import Binned
from twophoton_decode.extraction.signals.noise import frame_noise
from twophoton_decode.settings import TraceSettings
from twophoton_decode.simulation.microscope.calcium import calcium_traces

RESULTS = Path(__file__).parent / "results" / "dff_gain.md"
NOW, BEFORE = TraceSettings(), TraceSettings(baseline_method="percentile")
F0, RISE_S = 100.0, 0.07
SMOOTHING_S = 0.5


@dataclass(frozen=True)
class Recording:
    """What one row of a table was simulated with; noise is that of a frame at 30 Hz."""

    noise: float = 0.1
    rate_hz: float = 30.0
    events_hz: float = 0.2
    decay_s: float = 0.7
    dff: float = 0.3
    varied: bool = False
    bleaching: float = 0.0
    wandering: float = 0.0
    seconds: float = 600.0
    window_s: float = 60.0

    @property
    def frame_noise(self) -> float:
        """SD of a frame's noise in F0, for the same light at every rate."""
        return float(self.noise * np.sqrt(self.rate_hz / 30))

    def simulated(self, cells: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Traces and their true F0, (cells, frames) each."""
        rng = np.random.default_rng(seed)
        frames = int(self.seconds * self.rate_hz)
        count = rng.poisson(self.events_hz * self.seconds, cells)
        cell = np.repeat(np.arange(cells), count)
        size = rng.exponential(1, cell.size) if self.varied else np.ones(cell.size)
        # Transients of one size at a time, in fifths of the mean size.
        activity = np.zeros((cells, frames), np.float32)
        when = rng.uniform(0, self.seconds, cell.size)
        for level in np.unique(np.ceil(5 * size)):
            chosen = np.ceil(5 * size) == level
            height = np.full(cells, self.dff * (size[chosen].mean()))
            activity += calcium_traces(
                cell[chosen], when[chosen], cells=cells, frames=frames,
                frame_rate_hz=self.rate_hz, rise_s=RISE_S, decay_s=self.decay_s,
                dff_per_spike=height,
            )  # fmt: skip
        true = F0 * (1 - self.bleaching * np.arange(frames) / frames)
        slow = gaussian_filter1d(rng.standard_normal((cells, frames)), 1.5 * self.rate_hz, axis=1)
        slow *= self.wandering / slow.std(axis=1, keepdims=True)
        noise = F0 * self.frame_noise * rng.standard_normal((cells, frames))
        return true * (1 + activity + slow) + noise, np.broadcast_to(true, noise.shape)


Way = Callable[[np.ndarray, Recording], np.ndarray]


def by_setting(settings: TraceSettings) -> Way:
    def found(trace: np.ndarray, of: Recording) -> np.ndarray:
        how = settings.model_copy(update={"baseline_window_s": of.window_s})
        return baseline(trace, of.rate_hz, how).value

    return found


def smoothed(trace: np.ndarray, of: Recording) -> np.ndarray:
    return gaussian_filter1d(trace, SMOOTHING_S * of.rate_hz, axis=1)


def percentile_of_smoothed(trace: np.ndarray, of: Recording) -> np.ndarray:
    parts = [slice(0, trace.shape[1])]
    good = np.ones(trace.shape[1], dtype=bool)
    frames = Binned.of(smoothed(trace, of), 1, good, parts)
    window = round(of.window_s * of.rate_hz)
    return frames.percentiles([10.0], window).at_frames(0, parts)


def noise_added_back(trace: np.ndarray, of: Recording) -> np.ndarray:
    """The 10th percentile of noise lies 1.28 SD below its mean."""
    left = 1 / np.sqrt(2 * np.sqrt(np.pi) * SMOOTHING_S * of.rate_hz)
    return percentile_of_smoothed(trace, of) + 1.2816 * left * frame_noise(trace)[:, None]


def maximin(trace: np.ndarray, of: Recording) -> np.ndarray:
    """suite2p's: the running maximum of the running minimum of the smoothed trace."""
    window = round(of.window_s * of.rate_hz)
    low = minimum_filter1d(smoothed(trace, of), window, axis=1)
    return np.asarray(maximum_filter1d(low, window, axis=1))


def half_sample_mode(trace: np.ndarray, of: Recording) -> np.ndarray:
    """The densest value of the smoothed trace, for the whole recording."""
    mode = []
    for row in np.sort(smoothed(trace, of), axis=1):
        values = row
        while values.size > 3:
            half = (values.size + 1) // 2
            at = int(np.argmin(values[half - 1 :] - values[: values.size - half + 1]))
            values = values[at : at + half]
        mode.append(values.mean())
    return np.repeat(np.array(mode)[:, None], trace.shape[1], axis=1)


WAYS: dict[str, Way] = {
    "percentile": by_setting(BEFORE),
    "of the smoothed trace": percentile_of_smoothed,
    "and noise added back": noise_added_back,
    "maximin": maximin,
    "half-sample mode": half_sample_mode,
    "silent-level": by_setting(NOW),
}

NOISE = {f"noise {n:.0%}": Recording(noise=n) for n in (0.1, 0.2, 0.25, 0.33, 0.42)}
RATE = {f"{r:g} Hz, same light": Recording(0.25, r) for r in (7.5, 15, 30, 60)}
BUSY = {
    f"{e:g} events/s, noise {n:.0%} at {r:g} Hz": Recording(n * np.sqrt(30 / r), r, e)
    for e in (1, 3, 5, 8)
    for n, r in ((0.1, 30.0), (0.25, 7.5), (0.25, 15.0), (0.25, 30.0), (0.25, 60.0))
}
KINETICS = {
    f"decay {d:g} s, {e:g} events/s": Recording(0.2, events_hz=e, decay_s=d)
    for d in (0.35, 1.5)
    for e in (0.2, 1, 3)
}
busy = Recording(0.15, events_hz=2)
OTHER = {
    "2 events/s": busy,
    "sizes exponential": replace(busy, varied=True),
    "transients of 10 %": replace(busy, dff=0.1),
    "transients of 100 %": replace(busy, dff=1.0),
    "bleaching by 40 %": replace(busy, bleaching=0.4),
    "window 20 s": replace(busy, window_s=20),
    "window 180 s": replace(busy, window_s=180),
    "3 minutes": replace(busy, seconds=180),
    "slow wandering of 5 % SD": replace(busy, wandering=0.05),
    "the same in a silent cell": replace(busy, wandering=0.05, events_hz=0.02),
}


def gain(trace: np.ndarray, true: np.ndarray, way: Way, of: Recording) -> np.ndarray:
    return np.asarray((true / way(trace, of)).mean(axis=1))


def row(name: str, of: Recording, cells: int, seed: int) -> list[str]:
    trace, true = of.simulated(cells, seed)
    gains = [gain(trace, true, way, of) for way in WAYS.values()]
    return [name, *(f"{each.mean():.2f}" for each in gains), f"{gains[-1].std():.2f}"]


def gains(rows: dict[str, Recording], cells: int) -> str:
    lines = [["", *WAYS, "SD over cells"]]
    for seed, (name, of) in enumerate(rows.items()):
        lines.append(row(name, of, cells, seed))
        print(*lines[-1], sep="  ", flush=True)
    return table(lines)


def order_of_cells(cells: int) -> str:
    """Rank correlation of measured with true response sizes, in populations of unlike cells."""
    lines = [["population", "percentile", "silent-level"]]
    for name, noisiest, busiest in (
        ("noise 5 to 40 %", 0.4, 0.2),
        ("and 0.05 to 3 events/s", 0.4, 3),
    ):
        rng = np.random.default_rng(7)
        true_size = rng.lognormal(0, 0.3, 4 * cells)
        gained: dict[str, list[float]] = {"percentile": [], "silent-level": []}
        for seed in range(4 * cells):
            of = Recording(rng.uniform(0.05, noisiest), 15.0, rng.uniform(0.05, busiest))
            trace, true = of.simulated(1, seed)
            for way, found in gained.items():
                found.append(float(gain(trace, true, WAYS[way], of)[0]))
        ranks = [spearmanr(true_size, true_size * np.array(g)).statistic for g in gained.values()]
        lines.append([name, *(f"{rank:.2f}" for rank in ranks)])
    return table(lines)


def near_zero(cells: int) -> str:
    """What is kept of cells whose F0 is hardly above zero, and how wrong their gain may be."""
    lines = [
        ["F0 over the noise of a frame", "kept", "gain of these: median, 5 to 95 %", "kept before"]
    ]
    for ratio in (0.25, 0.5, 1, 1.5, 2, 3, 5):
        kept, before, gained = [], [], []
        for seed, events in enumerate((0.1, 1, 3)):
            of = Recording(1 / ratio, events_hz=events, dff=1 / ratio, seconds=400)
            trace, true = of.simulated(cells, seed)
            found = baseline(trace, of.rate_hz, NOW)
            kept.append(found.safe.mean())
            before.append(baseline(trace, of.rate_hz, BEFORE).safe.mean())
            gained.extend((true / found.value).mean(axis=1)[found.safe])
        low, middle, high = np.percentile(gained, [5, 50, 95]) if gained else (np.nan,) * 3
        said = f"{middle:.2f}, {low:.2f} to {high:.2f}" if gained else "–"
        lines.append([f"{ratio:g}", f"{np.mean(kept):.0%}", said, f"{np.mean(before):.0%}"])
    return table(lines)


def speed() -> str:
    """Seconds for 1000 cells of 20 000 frames, in blocks of 250."""
    trace = F0 + 10 * np.random.default_rng(0).standard_normal((250, 20_000))
    said = []
    for how in (BEFORE, NOW):
        baseline(trace[:1], 30.0, how)
        start = time.perf_counter()
        for _ in range(4):
            baseline(trace, 30.0, how)
        said.append(f"{how.baseline_method} {time.perf_counter() - start:.1f} s")
    return ", ".join(said)


def table(lines: list[list[str]]) -> str:
    lines = [lines[0], ["---"] * len(lines[0]), *lines[1:]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=16)
    parser.add_argument("--write", action="store_true", help=f"keep the tables in {RESULTS.name}")
    options = parser.parse_args()
    cells = options.cells
    text = (
        "# The gain of ΔF/F\n\n`python benchmarks/dff_gain.py --write`: true F0 over estimated "
        f"F0, mean over {cells} cells; 1 is right.\nUnless a row says otherwise: 10 minutes at "
        "30 Hz, noise SD per frame of 10 % of F0, 0.2 events/s of 30 % ΔF/F\nthat decay in 0.7 s, "
        "window 60 s. Smoothing is Gaussian, SD 0.5 s.\n\n"
        f"## Noise\n{gains(NOISE, cells)}\n\n## Frame rate\nNoise of 25 % at 30 Hz.\n\n"
        f"{gains(RATE, cells)}\n\n## Activity\n{gains(BUSY, cells)}\n\n"
        f"## Kinetics\nNoise of 20 %.\n\n{gains(KINETICS, cells)}\n\n"
        f"## What else varies\nNoise of 15 %.\n\n{gains(OTHER, cells)}\n\n"
        "## Order of cells\nSpearman's rank correlation of measured with true response sizes, "
        f"{4 * cells} cells whose true sizes spread by 30 %.\nThe noise of the responses "
        f"themselves is left out.\n\n{order_of_cells(cells)}\n\n"
        "## F0 near zero\nTransients as large as the noise of a frame, 0.1, 1 and 3 events/s "
        f"together.\n\n{near_zero(cells)}\n\n## Speed\n1000 cells, 20 000 frames: {speed()}.\n"
    )
    print(text)
    if options.write:
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
