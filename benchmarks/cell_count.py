"""Cell-count curves by inner products, against cumulative sums of pictures in NumPy.

    python benchmarks/cell_count.py [--reference-presentations 60] [--repeats 5] [--write]

Both compute R and CD of every presentation at every number of cells in float64, from the
same float32 reverse filters, in one run. The reference is timed on some presentations and
scaled; the program's side is timed whole, inner products included.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from pathlib import Path

import numpy as np

from twophoton_decode.analyses.cell_order import strongest_first
from twophoton_decode.analyses.growing_reconstruction import fold_products, scores
from twophoton_decode.kernels.cell_count import curves_against_candidates

CELLS, IMAGES, REPEATS, PIXELS, FOLDS = 726, 200, 12, 1024, 10
RESULTS = Path(__file__).parent / "results" / "cell_count.md"


class Recording:
    """Random responses and filters of the size in the paper's example plane."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        self.filters = rng.normal(size=(FOLDS, CELLS, PIXELS)).astype(np.float32)
        self.mean = 0.1 * rng.normal(size=(FOLDS, PIXELS))
        self.picture = rng.normal(size=(IMAGES, PIXELS))
        self.image = np.repeat(np.arange(IMAGES), REPEATS)
        self.response = rng.exponential(size=(IMAGES * REPEATS, CELLS))
        self.mean_response = self.response.mean(axis=0)
        self.responsive = rng.random(self.response.shape) < 0.05
        self.fold = np.arange(IMAGES) % FOLDS

    def trials(self, fold):
        return np.flatnonzero(self.fold[self.image] == fold)


def by_inner_products(recording):
    """R and CD, each (presentations, cells + 1), by what the program runs."""
    r = np.empty((len(recording.image), CELLS + 1))
    cd = np.empty_like(r)
    for fold in range(FOLDS):
        trials = recording.trials(fold)
        products = fold_products(
            recording.filters[fold], recording.picture - recording.mean[fold], np.zeros(PIXELS)
        )
        response = recording.response[trials]
        order = strongest_first(response, recording.responsive[trials])
        amplitude = response - recording.mean_response
        growth = grow(products, amplitude, order)
        image = recording.image[trials]
        r[trials], cd[trials] = scores(products, growth, amplitude, order, image)
    return r, cd


def by_pixels(recording, trials):
    """The same in pixel space: cumulative sums over cells, one presentation at a time."""
    r, cd = np.empty((2, len(trials), CELLS + 1))
    for row, trial in enumerate(trials):
        image = recording.image[trial]
        fold = recording.fold[image]
        response = recording.response[trial]
        order = np.lexsort((-response, ~recording.responsive[trial]))
        grown = np.zeros((CELLS + 1, PIXELS))
        gain = (response - recording.mean_response)[order, None]
        np.cumsum(gain * recording.filters[fold][order], axis=0, out=grown[1:])
        shown = recording.picture[image] - recording.mean[fold]
        missed = shown - grown
        cd[row] = 1 - np.einsum("np,np->n", missed, missed) / (shown @ shown)
        grown -= grown.mean(axis=1, keepdims=True)
        shown = shown - shown.mean()
        norm = np.sqrt(np.einsum("np,np->n", grown, grown) * (shown @ shown))
        r[row] = np.divide(grown @ shown, norm, out=np.zeros(CELLS + 1), where=norm > 0)
    return r, cd


def against_every_image(recording, fold=0):
    """Seconds for one fold's curves against all images, true and wrong."""
    trials = recording.trials(fold)
    products = fold_products(
        recording.filters[fold], recording.picture - recording.mean[fold], np.zeros(PIXELS)
    )
    response, responsive = recording.response[trials], recording.responsive[trials]
    order = strongest_first(response, responsive)
    amplitude = response - recording.mean_response
    growth = grow(products, amplitude, order)
    edges = np.arange(0, len(trials) + 1, REPEATS)
    return seconds(
        curves_against_candidates,
        products.product,
        np.zeros(IMAGES),
        amplitude,
        order,
        growth.inverse_norm,
        responsive.sum(axis=1),
        edges,
        np.unique(recording.image[trials]),
    )


def seconds(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def measure(reference_presentations, repeats):
    recording = Recording()
    compile_s = seconds(by_inner_products, recording)
    against_every_image(recording)
    chosen = np.linspace(0, IMAGES * REPEATS - 1, reference_presentations).astype(int)
    scale = IMAGES * REPEATS / len(chosen)
    ours, theirs, wrong = [], [], []
    for _ in range(repeats):  # interleaved, so that both meet the same load
        theirs.append(scale * seconds(by_pixels, recording, chosen))
        ours.append(seconds(by_inner_products, recording))
        wrong.append(FOLDS * against_every_image(recording))
    found, expected = by_inner_products(recording), by_pixels(recording, chosen)
    return {
        "ours": ours,
        "reference": theirs,
        "wrong": wrong,
        "first_call": compile_s,
        "difference": [np.abs(a[chosen] - b).max() for a, b in zip(found, expected, strict=True)],
        "presentations": len(chosen),
    }


def table(found, command):
    ours, reference = np.array(found["ours"]), np.array(found["reference"])
    ratio = reference / ours
    return f"""# Cell-count curves

{CELLS} cells, {IMAGES} images, {REPEATS} repeats, {PIXELS} pixels, {FOLDS} folds: R and CD of every
presentation at every number of cells, inner products included, float64 from float32 filters.

| | seconds, median | lowest to highest |
|---|---|---|
| NumPy, cumulative sums of pictures (scaled from {found["presentations"]} of \
{IMAGES * REPEATS} presentations) | {np.median(reference):.1f} | {reference.min():.1f} to \
{reference.max():.1f} |
| tpdecode, inner products | {np.median(ours):.2f} | {ours.min():.2f} to {ours.max():.2f} |
| the same against all {IMAGES} images, true and wrong: further time (scaled from one fold) | \
{np.median(found["wrong"]):.2f} | {min(found["wrong"]):.2f} to {max(found["wrong"]):.2f} |

**{np.median(ratio):.0f} times faster** (median of {len(ratio)} interleaved pairs, \
{ratio.min():.0f} to {ratio.max():.0f}).
Largest difference: R {found["difference"][0]:.1e}, CD {found["difference"][1]:.1e}.
The first call, which compiles or loads the compiled kernel, took {found["first_call"]:.1f} s and \
is not counted.

Machine: {processor()}, {os.cpu_count()} cores, load average {load()}; Python \
{platform.python_version()}, NumPy {np.__version__}. Command: `{command}`.
"""


def processor():
    """Name of the processor, where the system says it."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def load():
    """Processes that wanted to run in the last minute, this one included; other people's too."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reference-presentations", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--write", action="store_true", help=f"write results/{RESULTS.name}")
    options = parser.parse_args()
    command = (
        f"python benchmarks/cell_count.py --reference-presentations "
        f"{options.reference_presentations} --repeats {options.repeats}"
    )
    text = table(measure(options.reference_presentations, options.repeats), command)
    print(text)
    if options.write:
        RESULTS.write_text(text)


if __name__ == "__main__":
    main()
