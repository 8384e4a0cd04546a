"""Attention on and off per cell: simulated cells that attend or not, and real macaque V1.

    python benchmarks/deep/attention.py [simulated] [macaque] [--seeds 3] [--write]

`simulated` needs the photographs of TPDECODE_REAL_DATA and the weights of EfficientNet-lite0 and
lite1 (TPDECODE_WEIGHTS), `macaque` the patterns and cells of `tang2018`.

Simulated cells see a channel of a block of lite1, averaged over 3 x 3 places: 80 with attention,
times 1 + gain x lite1's own class activation, and 80 without. 400 cells are noise. The program is
given lite0 and lite0's maps, so that neither features nor maps are those that made the cells.
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path

import numpy as np
from photographs import DATA, photographs
from scipy import stats

from twophoton_decode.deep.attention.class_activation import class_activation_maps
from twophoton_decode.deep.attention.embedding import (
    distances,
    embeddings,
    nearest,
    shared,
)
from twophoton_decode.deep.attention.encoding import chance_and_p, differences, r_of_maps
from twophoton_decode.deep.attention.held_out import (
    OFF,
    ON,
    HeldOut,
    ShownImages,
    with_attention,
    without_maps,
)
from twophoton_decode.deep.attention.maps import resized
from twophoton_decode.deep.attention.passes import outputs_of
from twophoton_decode.deep.attention.shown import spatial_layers
from twophoton_decode.deep.comparison.dissimilarity import as_matrix, correlation_distance
from twophoton_decode.deep.features.extract import FeatureChoice, extract_features
from twophoton_decode.deep.networks.named import open_network
from twophoton_decode.encoding.prediction import prediction_r
from twophoton_decode.progress import silent
from twophoton_decode.stimulus.colour_pictures import ColourPictures

RESULTS = Path(__file__).parents[1] / "results" / "deep_attention.md"
NETWORK, BRAIN, BRAIN_LAYER = "efficientnet-lite0", "efficientnet-lite1", "b3"
TWIN = "efficientnet-lite0@random:0"
PICTURES, ATTENDED, PLAIN, NOISE = 500, 80, 80, 400
FOLDS, REPEATS, TRIAL_NOISE, SITE, GAIN = 5, 10, 1.5, 3, 1.5
REFITS, CELLS_AT_ONCE = 2000, 100
PATTERNS, PATTERN_PX, COMPARED = 2500, 64, ("b1", "b2", "b3", "b4")
CHOICE = FeatureChoice()
SMALL = FeatureChoice(input_px=PATTERN_PX)


def table(titles: str, rows: list[list[str]]) -> list[str]:
    """Rows of a table in Markdown; titles are separated by |."""
    count = titles.count("|") + 1
    lines = [f"| {titles} |", f"|{' --- |' * count}"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows), ""]


def z_scored(columns: np.ndarray) -> np.ndarray:
    return (columns - columns.mean(axis=0)) / columns.std(axis=0)


def auc(first: np.ndarray, second: np.ndarray) -> float:
    """How often a value of the first is larger than one of the second."""
    return float(stats.mannwhitneyu(first, second).statistic / (len(first) * len(second)))


def cells_of(
    block: np.ndarray, attention: np.ndarray, gain: float, rng: np.random.Generator
) -> np.ndarray:
    """Mean responses (picture, cell): attended cells, plain ones, and noise."""
    _, channels, side, _ = block.shape
    rates = []
    for cell in range(ATTENDED + PLAIN):
        channel, y, x = rng.integers(channels), *rng.integers(side - SITE + 1, size=2)
        modulation = 1 + gain * attention if cell < ATTENDED else 1.0
        seen = block[:, channel] * modulation
        rates.append(seen[:, y : y + SITE, x : x + SITE].mean(axis=(1, 2)))
    driven = np.concatenate([z_scored(np.stack(rates, 1)), np.zeros((len(block), NOISE))], axis=1)
    return driven + rng.normal(0, TRIAL_NOISE / np.sqrt(REPEATS), driven.shape)


def shown_images(response: np.ndarray, maps: np.ndarray, rng: np.random.Generator) -> ShownImages:
    images, cells = response.shape
    at_once = min(CELLS_AT_ONCE, cells)
    exchanged = [
        response[rng.permutation(images)][:, rng.permutation(cells)[:at_once]]
        for _ in range(REFITS // at_once)
    ]
    fold = rng.permutation(images) % FOLDS
    return ShownImages(response, np.concatenate(exchanged, 1), fold, np.arange(images), maps)


def scipys_p(found: HeldOut, shown: ShownImages, cells: slice, folds: int) -> np.ndarray:
    """scipy's two-sided p of Pearson's r, over the pictures of so many folds."""
    rows = shown.fold < folds
    pairs = zip(found.predicted[OFF][rows, cells].T, shown.response[rows, cells].T, strict=True)
    return np.array([stats.pearsonr(a, b).pvalue for a, b in pairs])


def same_kind(found: HeldOut, seed: int) -> list[str]:
    """What UMAP keeps of the driven cells' neighbours, and whether these are of one kind."""
    driven = ATTENDED + PLAIN
    matrix = as_matrix(correlation_distance(found.predicted[ON][:, :driven].T))
    layout = [nearest(distances(each), 10) for each in embeddings(matrix, seed)]
    kind = np.arange(driven) < ATTENDED
    kept = np.mean([shared(nearest(matrix, 10), each) for each in layout])
    agree = np.mean([shared(layout[0], each) for each in layout[1:]])
    return [f"{kept:.2f}", f"{agree:.2f}", f"{(kind[layout[0]] == kind[:, None]).mean():.2f}"]


def simulated(seeds: int) -> list[str]:
    pictures = photographs(PICTURES)
    own, brain = open_network(NETWORK), open_network(BRAIN)
    layers, _ = spatial_layers(extract_features(own, pictures, CHOICE), np.arange(PICTURES))
    maps = class_activation_maps(own, pictures, CHOICE).value
    place = brain.architecture.places(brain.module)[BRAIN_LAYER].module
    block = outputs_of(
        brain, {"it": place}, lambda o: o["it"].numpy(force=True), pictures, CHOICE, silent
    )
    attention = resized(class_activation_maps(brain, pictures, CHOICE).value, block.shape[-1])
    groups = slice(0, ATTENDED), slice(ATTENDED, ATTENDED + PLAIN)
    noise = slice(ATTENDED + PLAIN, None)
    rows, tests, layouts = [], [], []
    for gain in (GAIN, 0.0):
        for seed in range(1, seeds + 1):
            rng = np.random.default_rng(seed)
            shown = shown_images(cells_of(block, attention, gain, rng), maps, rng)
            started = time.perf_counter()
            found = with_attention(shown, layers, seed)
            seconds = time.perf_counter() - started
            r = r_of_maps(found, shown.response)
            p = chance_and_p(found, shown.exchanged, r, 0.05)
            against = {
                "none": r["delta"],
                "mean map": r["r_on"] - r["r_mean_map"],
                "other map": r["r_on"] - r["r_other_map"],
                "both": r["delta_counted"],
            }
            rows.append(
                [f"{gain:g}", str(seed)]
                + [f"{auc(*(each[group] for group in groups)):.3f}" for each in against.values()]
                + [f"{np.median(r['r_off'][group]):.3f}" for group in groups]
                + [f"{r['delta'][group].mean():+.4f}" for group in groups]
                + [", ".join(sorted(set(found.layer.tolist()))), f"{seconds:.0f}"]
            )
            tests.append(
                [f"{gain:g}", str(seed)]
                + [f"{100 * (each < 0.01).mean():.1f} %" for each in (
                    p["p_off"][noise], p["p_either"][noise], scipys_p(found, shown, noise, 1),
                    scipys_p(found, shown, noise, FOLDS))]
                + [f"{int(p['predicted'][noise].sum())} of {NOISE}",
                   f"{100 * p['predicted'][:ATTENDED + PLAIN].mean():.0f} %"]
            )  # fmt: skip
            if gain:
                layouts.append([str(seed), *same_kind(found, seed)])
            print(rows[-1], tests[-1], flush=True)
    return [
        f"{PICTURES} photographs, {FOLDS} folds, {REPEATS} repeats; {BRAIN} {BRAIN_LAYER}, "
        f"{ATTENDED} attended cells and {PLAIN} plain ones; features and maps of {NETWORK}.",
        "",
        "AUC of attended against plain cells, by r with the own map less r with …; then median r "
        "without attention and mean difference to it, of attended and plain cells.",
        "",
        *table("gain | seed | none | mean map | other map | both controls | r attended | r plain | "
               "Δ attended | Δ plain | layer chosen | seconds", rows),
        "Noise cells at p < .01, without attention and by the larger r with and without, then by "
        "Pearson's test of one split and of all folds together; noise cells among those predicted "
        "(false discovery rate 5 %), and driven cells found.",
        "",
        *table("gain | seed | permuted images, off | permuted images, larger | Pearson, one fold "
               "| Pearson, all folds | noise called predicted | driven found", tests),
        "UMAP in three dimensions of the driven cells: neighbours kept of the 10 nearest, shared "
        "with the first seed by the others, and of one kind (.50 by chance).",
        "",
        *table("seed | kept | seeds agree | same kind", layouts),
    ]  # fmt: skip


def gabor_energies(patterns: np.ndarray) -> np.ndarray:
    """Energies of Gabor pairs, (pattern, energy): 4 wavelengths, 8 directions, 5 x 5 places."""
    side = patterns.shape[1]
    y, x = np.mgrid[:side, :side].astype(float)
    pairs = []
    for wavelength in (4, 6, 9, 14):
        for angle in np.arange(8) * np.pi / 8:
            for cy in np.linspace(2, side - 3, 5):
                for cx in np.linspace(2, side - 3, 5):
                    along = (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)
                    width = 0.4 * wavelength
                    envelope = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * width**2))
                    wave = envelope * np.exp(2j * np.pi * along / wavelength)
                    pairs.append((wave - envelope * wave.sum() / envelope.sum()).ravel())
    return np.abs(patterns.reshape(len(patterns), -1) @ np.stack(pairs, 1))


def macaque() -> list[str]:
    with np.load(DATA / "tang2018" / "stimuli.npz", allow_pickle=False) as held:
        patterns = held["pattern20"].astype(float)
    files = [DATA / "tang2018" / f"neu{number}.npy" for number in (75, 255)]
    cells = np.stack([np.load(file, allow_pickle=False).ravel() for file in files], axis=1)
    rng = np.random.default_rng(0)
    some = rng.permutation(len(patterns))[:PATTERNS]
    patterns, cells = patterns[some], cells[some].astype(float)
    low, high = float(patterns.min()), float(patterns.max())
    pictures = ColourPictures(np.arange(PATTERNS).astype(str), [], lambda i: patterns[i], low, high)
    own = open_network(NETWORK)
    maps = class_activation_maps(own, pictures, SMALL)
    shown = shown_images(cells, maps.value, rng)
    every, _ = spatial_layers(extract_features(own, pictures, SMALL), np.arange(PATTERNS))
    layers = {name: every[name] for name in COMPARED}
    started = time.perf_counter()
    found = with_attention(shown, layers, 0)
    seconds = time.perf_counter() - started
    rows = []

    def add(name: str, predicted: np.ndarray) -> None:
        r = prediction_r(predicted, cells)
        rows.append([name, *(f"{each:.3f}" for each in r), f"{r.mean():.3f}"])
        print(rows[-1], flush=True)

    add("pixels", without_maps(shown, patterns.reshape(PATTERNS, -1)))
    add("Gabor energies", without_maps(shown, gabor_energies(patterns)))
    twin, _ = spatial_layers(
        extract_features(open_network(TWIN), pictures, SMALL), np.arange(PATTERNS)
    )
    for name in ("b1", "b2"):
        add(f"random {name}", without_maps(shown, twin[name].value))
    for name, predicted in zip(layers, found.of_layer, strict=True):
        add(name, predicted)
    told = differences(found, cells, 1000, 0)
    r = r_of_maps(found, cells)
    told["delta"] = r["delta"].mean()
    delta = [
        f"{told[key]:+.4f} ({told[f'{key}_ci95'][0]:+.4f} to {told[f'{key}_ci95'][1]:+.4f})"
        for key in ("delta", "beyond_other", "beyond_mean")
    ]
    return [
        f"{PATTERNS} of the 9 500 patterns at random, {FOLDS} folds, so "
        f"{PATTERNS - PATTERNS // FOLDS} train; 20 px enlarged to "
        f"{PATTERN_PX}; the two cells of `tang2018`; attention on and off "
        f"{seconds:.0f} s.",
        "",
        *table("from | neu75 | neu255 | mean r", rows),
        f"Attention ({maps.source}; layers chosen: {', '.join(found.layer.tolist())}): r with the "
        f"own map less r without {delta[0]}, less another's map {delta[1]}, less the mean map "
        f"{delta[2]}. {' '.join(maps.notes)}",
        "",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=["simulated", "macaque"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    lines = ["# Attention on and off per cell", ""]
    for part in given.parts:
        made = simulated(given.seeds) if part == "simulated" else macaque()
        lines += [f"## {part.capitalize()}", *made]
    lines.append(
        f"Machine: {platform.machine()}, shared with other work; Python "
        f"{platform.python_version()}, NumPy {np.__version__}. Command: `python "
        f"benchmarks/deep/attention.py {' '.join(given.parts)} --seeds {given.seeds}`."
    )
    print("\n".join(lines))
    if given.write:
        RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
