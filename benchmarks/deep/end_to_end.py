"""The end-to-end decoder against ridge: simulated V1 cells, and real mouse V1 with 50 pictures.

    python benchmarks/deep/end_to_end.py [--seeds 3] [--large] [--write]

Needs the photographs and the regions of Antolik et al. 2016 in TPDECODE_REAL_DATA. With --large
only time and memory of one fit: 1 000 cells, 2 000 pictures of 36 × 64 px, as in SENSORIUM.
"""

from __future__ import annotations

import argparse
import platform
import resource
import time
from pathlib import Path

import numpy as np
import torch
from photographs import DATA, luminance_at, photographs
from scipy import stats
from scipy.ndimage import gaussian_filter

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.decoding.decoders.ridge import Decoder as Ridge
from twophoton_decode.decoding.scoring.scores import similarity
from twophoton_decode.deep.decoders.end_to_end import Decoder as EndToEnd
from twophoton_decode.features import Pixels
from twophoton_decode.simulation.areas import noisy_trials, v1_rates

RESULTS = Path(__file__).parents[1] / "results" / "deep_end_to_end.md"
LARGE_RESULTS = RESULTS.with_name("deep_end_to_end_large.md")
LARGE = (36, 64)
PICTURES, TESTED, CELLS, REPEATS, SIDE = 700, 100, 350, 4, 32
SHARES = (0.25, 0.5, 1.0)
REGIONS = 2


def scored(made: np.ndarray, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pearson's r over pixels and SSIM of each picture."""
    rows, true = (each.reshape(len(shown), -1) for each in (made, shown))
    rows, true = (each - each.mean(axis=1, keepdims=True) for each in (rows, true))
    r = (rows * true).sum(axis=1) / np.linalg.norm(rows, axis=1) / np.linalg.norm(true, axis=1)
    return r, similarity(shown, made, float(np.ptp(shown)))


def told(before: np.ndarray, after: np.ndarray) -> str:
    """Two means and the interval of their paired difference over tested pictures."""
    gain = after - before
    half = stats.t.ppf(0.975, gain.size - 1) * gain.std(ddof=1) / np.sqrt(gain.size)
    low, high = gain.mean() - half, gain.mean() + half
    return f"{before.mean():.3f} → {after.mean():.3f} ({low:+.3f} to {high:+.3f})"


def simulated(seed: int) -> list[str]:
    """Rows of a table: ridge and end-to-end by the share of training images."""
    rng = np.random.default_rng(seed)
    pictures = luminance_at(photographs(PICTURES), SIDE)
    responses, image = noisy_trials(v1_rates(pictures, CELLS, rng), REPEATS, rng)
    trials = responses.reshape(REPEATS, PICTURES, CELLS)
    space, order = Pixels((SIDE, SIDE)), rng.permutation(PICTURES)
    tested = np.sort(order[:TESTED])
    average = trials[:, tested].mean(axis=0)
    rows = []
    for share in SHARES:
        training = order[TESTED:][: round(share * (PICTURES - TESTED))]
        used = np.isin(image, training)
        targets = space.encode(pictures)[image[used]]
        given = responses[used], targets, image[used]
        ridge, start = Ridge().fit(*given), time.perf_counter()
        network = EndToEnd.for_features(space).fit(*given)
        seconds = time.perf_counter() - start
        for what, tried in (("average", average), ("single", trials[0, tested])):
            before, after = (
                scored(space.decode(each.predict(tried)), pictures[tested])
                for each in (ridge, network)
            )
            cells = [told(a, b) for a, b in zip(before, after, strict=True)]
            used_network = "yes" if network.correction_ else "ridge stays"
            rows.append(
                f"| {seed} | {training.size} | {what} | {' | '.join(cells)} | {used_network} | "
                f"{seconds:.0f} |"
            )
            print(rows[-1], flush=True)
    return rows


def real(region: int) -> str:
    """A row: whether 50 pictures leave ridge as it is."""
    folder = DATA / "antolik2016" / f"region{region}"
    responses = np.load(folder / "raw_validation_set.npy")
    pictures = np.load(folder / "validation_inputs.npy").reshape(-1, 31, 31)
    repeats, images, cells = responses.shape
    space, image = Pixels((31, 31)), np.tile(np.arange(images), repeats)
    targets = space.encode(pictures)[image]
    given = responses.reshape(-1, cells), targets, image
    ridge, network = Ridge().fit(*given), EndToEnd.for_features(space).fit(*given)
    same = np.array_equal(ridge.predict(given[0]), network.predict(given[0]))
    said = network.warnings_[-1]
    return f"| {region} | {images} | {'equal to the bit' if same else 'differs'} | {said} |"


def large() -> list[str]:
    """A row: seconds and memory of one fit to a population and pictures as SENSORIUM has them."""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((2100, *LARGE))
    pictures = sum(gaussian_filter(noise, (0, sd, sd)) * sd for sd in (1, 3, 8))
    filters = gaussian_filter(rng.standard_normal((1000, *LARGE)), (0, 2, 2))
    rates = np.maximum(pictures.reshape(2100, -1) @ filters.reshape(1000, -1).T, 0)
    rates = rates / rates.std(axis=0)
    space = Pixels(LARGE)
    responses = rates + 1.5 * rng.standard_normal(rates.shape)
    given = responses[:2000], space.encode(pictures[:2000]), np.arange(2000)
    steps = [0]

    def count(done: int, total: int, what: str) -> None:
        steps[0] = done
        if done % 50 == 0:
            print(f"{done} of {total} {what}, {time.process_time():.0f} s of CPU", flush=True)

    begun, cpu = time.perf_counter(), time.process_time()
    network = EndToEnd.for_features(space).fit_long(*given, TrainingRun(progress=count))
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    before, after = (
        scored(space.decode(each.predict(responses[2000:])), pictures[2000:])[0]
        for each in (network.ridge_, network)
    )
    used = "yes" if network.correction_ else "ridge stays"
    gain = told(before, after)
    measured = f"{steps[0]} | {seconds / 60:.1f} | {cpu / 60:.1f} | {peak:.1f} | {gain}"
    row = f"| 1000 | 2000 | 36 × 64 | {measured} | {used} |"
    print(row, flush=True)
    return [
        "# One fit of end-to-end to as much as a mouse of SENSORIUM has",
        "",
        "`python benchmarks/deep/end_to_end.py --large --write`: smooth random pictures, linear "
        "cells with noise of 1.5 SD, single trials, 100 other pictures tested.",
        "",
        "| cells | pictures | px | steps | minutes | CPU minutes | peak memory, GiB | r, ridge → "
        "end-to-end | used |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        row,
        "",
        f"Machine: {platform.machine()}, {torch.get_num_threads()} threads on two cores that other "
        "work shares, so that CPU minutes tell more than minutes; Python "
        f"{platform.python_version()}, PyTorch {torch.__version__}.",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    if given.large:
        text = "\n".join(large()) + "\n"
        if given.write:
            LARGE_RESULTS.write_text(text)
        return
    torch.set_num_threads(1)
    rows = [row for seed in range(given.seeds) for row in simulated(seed)]
    lines = [
        "# The end-to-end decoder against ridge",
        "",
        "## Simulated V1 cells",
        f"{CELLS} cells, photographs at {SIDE} px shown {REPEATS} times, noise 1.5 SD, {TESTED} "
        "other photographs tested: ridge → end-to-end, with the 95 % interval of the paired "
        "difference over tested pictures.",
        "",
        "| seed | training images | decoded from | r over pixels | SSIM | used | seconds |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *rows,
        "",
        "## Real mouse V1",
        "Antolik et al. 2016.",
        "",
        "| region | pictures | against ridge | said |",
        "| --- | --- | --- | --- |",
        *(real(region + 1) for region in range(REGIONS)),
        "",
        f"Machine: {platform.machine()}, one core of two shared with other work; Python "
        f"{platform.python_version()}, PyTorch {torch.__version__}.",
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if given.write:
        RESULTS.write_text(text)


if __name__ == "__main__":
    main()
