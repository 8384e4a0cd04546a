"""Cell-count curves, with fixed and with refitted weights, against plain NumPy.

    python benchmarks/cell_count.py [--reference-presentations 60] [--repeats 5] [--write]

Both sides compute R and CD of every presentation at every number of cells in float64, from the
same float32 reverse filters or the same responses, in one run. The references are timed on some
presentations and scaled; the program's side is timed whole, inner products included.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from pathlib import Path

import numpy as np

from twophoton_decode.analyses.cell_count.order import strongest_first
from twophoton_decode.analyses.cell_count.refits import Training
from twophoton_decode.analyses.cell_count.refitted import refitted_scores
from twophoton_decode.analyses.cumulative_reconstruction import (
    fold_products,
    scores,
    scores_in_one_order,
)
from twophoton_decode.kernels.held_curves import held_curves

CELLS, IMAGES, REPEATS, PIXELS, FOLDS = 726, 200, 12, 1024, 10
REFITTED, STRENGTH = 100, 50.0
REFERENCE_COUNTS = (10, 30, 50, 70, 90)  # their mean stands for 1 to 100
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
        image = recording.image[trials]
        r[trials], cd[trials], _ = scores(products, amplitude, order, image)
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
    """Seconds for one fold's curves of responsive cells against all images, true and wrong."""
    trials, products, response, order = prepared(recording, fold)
    amplitude = response - recording.mean_response
    inverse = scores(products, amplitude, order, recording.image[trials])[2]
    product, start = products.unit_product
    return seconds(
        held_curves,
        product,
        start,
        amplitude,
        order,
        inverse,
        recording.responsive[trials].sum(axis=1),
        np.arange(0, len(trials) + 1, REPEATS),
        np.unique(recording.image[trials]),
    )


def one_random_draw(recording, fold=0):
    """Seconds for one fold's curves of one draw of random cells."""
    trials, products, response, _ = prepared(recording, fold)
    amplitude = response - recording.mean_response
    order = np.random.default_rng(0).permutation(CELLS)
    return seconds(scores_in_one_order, products, amplitude, order, recording.image[trials])


def prepared(recording, fold):
    trials = recording.trials(fold)
    products = fold_products(
        recording.filters[fold], recording.picture - recording.mean[fold], np.zeros(PIXELS)
    )
    response = recording.response[trials]
    return trials, products, response, strongest_first(response, recording.responsive[trials])


def refit(recording):
    """R and CD of every presentation, refitted at 0 to `REFITTED` cells, by the program."""
    r, cd = np.empty((2, len(recording.image), REFITTED + 1))
    for fold in range(FOLDS):
        trials = recording.trials(fold)
        training = training_part(recording, fold)
        order = strongest_first(recording.response[trials], recording.responsive[trials])
        r[trials], cd[trials] = refitted_scores(
            training, order[:, :REFITTED], recording.image[trials]
        )
    return r, cd


def training_part(recording, fold):
    train = np.flatnonzero(recording.fold[recording.image] != fold)
    known, image = np.unique(recording.image[train], return_inverse=True)
    response = recording.response[train]
    target = recording.picture[known]
    return Training(
        response - response.mean(axis=0),
        image,
        target - target.mean(axis=0),
        STRENGTH,
        recording.response[recording.trials(fold)] - response.mean(axis=0),
        recording.picture - recording.mean[fold],
    )


def refit_by_lstsq(recording, trials):
    """The same by `numpy.linalg.lstsq` at some counts, the ridge penalty as further rows."""
    r, cd = np.empty((2, len(trials), len(REFERENCE_COUNTS)))
    for row, trial in enumerate(trials):
        fold = recording.fold[recording.image[trial]]
        train = np.flatnonzero(recording.fold[recording.image] != fold)
        response = recording.response[train]
        Y = recording.picture[recording.image[train]]
        Y = np.vstack([Y - Y.mean(axis=0), np.zeros((REFITTED, PIXELS))])
        order = np.lexsort((-recording.response[trial], ~recording.responsive[trial]))
        mean = response.mean(axis=0)
        shown = recording.picture[recording.image[trial]] - recording.mean[fold]
        for column, n in enumerate(REFERENCE_COUNTS):
            cells = order[:n]
            X = np.vstack([response[:, cells] - mean[cells], np.sqrt(STRENGTH) * np.eye(n)])
            weights = np.linalg.lstsq(X, Y[: len(X)], rcond=None)[0]
            made = (recording.response[trial, cells] - mean[cells]) @ weights
            cd[row, column] = 1 - ((shown - made) ** 2).sum() / (shown @ shown)
            r[row, column] = np.corrcoef(made, shown)[0, 1]
    return r, cd


def seconds(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def measure(reference_presentations, repeats):
    recording = Recording()
    compile_s = seconds(by_inner_products, recording)
    against_every_image(recording)
    one_random_draw(recording)
    refit(recording)
    chosen = np.linspace(0, IMAGES * REPEATS - 1, reference_presentations).astype(int)
    few = chosen[:2]
    times = {name: [] for name in ("ours", "reference", "wrong", "random", "refit", "lstsq")}
    for _ in range(repeats):  # interleaved, so that both meet the same load
        per_presentation = seconds(by_pixels, recording, chosen) / len(chosen)
        times["reference"].append(IMAGES * REPEATS * per_presentation)
        times["ours"].append(seconds(by_inner_products, recording))
        times["wrong"].append(FOLDS * against_every_image(recording))
        times["random"].append(FOLDS * one_random_draw(recording))
        times["refit"].append(seconds(refit, recording))
    start = time.perf_counter()
    by_lstsq = refit_by_lstsq(recording, few)
    per_refit = (time.perf_counter() - start) / len(few) / len(REFERENCE_COUNTS)
    times["lstsq"].append(IMAGES * REPEATS * REFITTED * per_refit)
    return {
        "times": {name: np.array(values) for name, values in times.items()},
        "first_call": compile_s,
        "difference": largest_differences(
            by_inner_products(recording), by_pixels(recording, chosen), chosen
        ),
        "difference_refit": largest_differences(
            [values[:, REFERENCE_COUNTS] for values in refit(recording)], by_lstsq, few
        ),
        "presentations": len(chosen),
        "refitted_presentations": len(few),
    }


def largest_differences(ours, reference, chosen):
    pairs = zip(ours, reference, strict=True)
    return [np.abs(found[chosen] - expected).max() for found, expected in pairs]


def table(found, command):
    times = found["times"]
    ratio = times["reference"] / times["ours"]
    refit_ratio = np.median(times["lstsq"]) / np.median(times["refit"])
    return f"""# Cell-count curves

{CELLS} cells, {IMAGES} images, {REPEATS} repeats, {PIXELS} pixels, {FOLDS} folds: R and CD of every
presentation at every number of cells, inner products included, float64 from float32 filters.

| | seconds, median | lowest to highest |
|---|---|---|
| NumPy, cumulative sums of pictures (scaled from {found["presentations"]} of \
{IMAGES * REPEATS} presentations) | {spread(times["reference"], 1)} |
| tpdecode, inner products | {spread(times["ours"])} |
| responsive cells against all {IMAGES} images, true and wrong: further time (scaled from one \
fold) | {spread(times["wrong"])} |
| one draw of random cells: further time (scaled from one fold) | {spread(times["random"])} |
| `numpy.linalg.lstsq`, refitted at every count up to {REFITTED} (**scaled from \
{found["refitted_presentations"]} presentations and {len(REFERENCE_COUNTS)} counts**) \
| {spread(times["lstsq"], 0)} |
| tpdecode, refitted at every count up to {REFITTED} | {spread(times["refit"])} |

**{np.median(ratio):.0f} times faster** with fixed weights (median of {len(ratio)} interleaved \
pairs, {ratio.min():.0f} to {ratio.max():.0f}), **{refit_ratio:.0f} times faster** refitted.
Largest difference: R {found["difference"][0]:.1e}, CD {found["difference"][1]:.1e}; refitted R \
{found["difference_refit"][0]:.1e}, CD {found["difference_refit"][1]:.1e}.
The first call, which compiles or loads the compiled kernel, took {found["first_call"]:.1f} s and \
is not counted.

Machine: {processor()}, {os.cpu_count()} cores, load average {load()}; Python \
{platform.python_version()}, NumPy {np.__version__}. Command: `{command}`.
"""


def spread(values, digits=2):
    median, low, high = (f"{x:.{digits}f}" for x in (np.median(values), min(values), max(values)))
    return f"{median} | {low} to {high}"


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
