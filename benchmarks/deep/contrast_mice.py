"""Why mice that share contrast alone agree on pictures that they do not share.

    python benchmarks/deep/contrast_mice.py [--write]

Two mice whose cells mix four contrast statistics at random, as in benchmarks/deep/agreement.py;
one thing is changed at a time. Needs the photographs of TPDECODE_REAL_DATA.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from photographs import luminance_at, photographs
from result_sections import write_section
from scipy import stats

from twophoton_decode.deep.comparison.decoding.decoded_layers import Population, decode_layers
from twophoton_decode.deep.comparison.decoding.network_decoding import decoding_folds
from twophoton_decode.deep.comparison.units.contrast import contrast_mouse
from twophoton_decode.deep.features.cache import FeatureCache
from twophoton_decode.deep.features.extract import FeatureChoice, extract_features
from twophoton_decode.deep.networks.architecture import Place
from twophoton_decode.deep.networks.named import open_network
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.simulation.areas import noisy_trials, v1_rates
from twophoton_decode.stimulus.colour_pictures import ColourPictures

RESULTS = Path(__file__).parents[1] / "results" / "deep_agreement.md"
NETWORK, LAYERS = "efficientnet-lite0", ("stem", "b2", "b4", "b6", "gap")
PICTURES, CELLS, REPEATS, UNITS = 500, 350, 4, 500
SPLITS = 20
Features = Mapping[str, np.ndarray]


def agreement(mice: list[np.ndarray], small: np.ndarray, layers: Features, tested: int) -> list:
    """Spearman's ρ over units on disjoint and on the same `tested` pictures, of every layer."""
    folds, _ = decoding_folds(small, None, DecodingSettings())
    decoded = [decode_layers(Population(each), layers, folds.fold, folds.content) for each in mice]
    rng = np.random.default_rng(3)
    orders = [rng.permutation(len(small)) for _ in range(SPLITS)]
    found = []
    for name in layers:
        first, second = (each[name] for each in decoded)
        pairs = [(order[:tested], order[tested : 2 * tested]) for order in orders]
        disjoint = [rho(accuracy(first, a), accuracy(second, b)) for a, b in pairs]
        same = [rho(accuracy(first, a), accuracy(second, a)) for a, _ in pairs]
        found.append((np.mean(disjoint), np.mean(same)))
    return found


def accuracy(layer, pictures: np.ndarray) -> np.ndarray:
    """r of every unit over some pictures."""
    x, y = (each[pictures] - each[pictures].mean(axis=0) for each in (layer.decoded, layer.truth))
    norm = np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))
    return np.divide((x * y).sum(axis=0), norm, out=np.zeros_like(norm), where=norm > 0)


def rho(one: np.ndarray, other: np.ndarray) -> float:
    return float(stats.spearmanr(one, other)[0])


def normalised(layers: Features) -> Features:
    """Every layer with mean 0 and SD 1 over units, picture by picture."""
    return {
        name: (each - each.mean(axis=1, keepdims=True))
        / np.maximum(each.std(axis=1, keepdims=True), 1e-9)
        for name, each in layers.items()
    }


def linear_stem(pictures: ColourPictures) -> np.ndarray:
    """Units of the first convolution before it is rectified, (pictures, units)."""
    network = open_network(NETWORK)
    only = replace(network.architecture, places=lambda module: {"stem": Place(module.conv_stem)})
    made = extract_features(
        replace(network, architecture=only), pictures, FeatureChoice(units=UNITS),
        FeatureCache(None),
    )  # fmt: skip
    return made.of("stem")


def variants() -> list[tuple[str, list]]:
    pictures = photographs(PICTURES)
    small = luminance_at(pictures, 32)
    made = extract_features(
        open_network(NETWORK), pictures, FeatureChoice(units=UNITS), FeatureCache(None)
    )
    layers = {name: made.of(name) for name in LAYERS}

    def mice(cells: int = CELLS, repeats: float = REPEATS) -> list[np.ndarray]:
        return [
            contrast_mouse(small, cells, repeats, np.random.default_rng([0, n])) for n in range(2)
        ]

    usual = mice()
    rows = [
        (f"{tested} pictures tested in each mouse", agreement(usual, small, layers, tested))
        for tested in (250, 100, 50, 25)
    ]
    for label, changed in (
        ("one repeat", mice(repeats=1)),
        ("30 cells", mice(cells=30)),
        ("10 cells, one repeat", mice(10, 1)),
    ):
        rows.append((f"250 tested, {label}", agreement(changed, small, layers, 250)))
    v1 = [_v1_mouse(luminance_at(pictures, 64), n) for n in range(2)]
    linear = {**layers, "stem": linear_stem(pictures)}
    for tested in (250, 50):
        rows.append((f"{tested} tested, mice of V1", agreement(v1, small, layers, tested)))
        rows.append(
            (f"{tested} tested, stem before its rectification",
             agreement(usual, small, linear, tested))
        )  # fmt: skip
    of_unit = normalised(layers)
    label = "layers with mean 0 and SD 1 over units for each picture"
    rows += [
        (f"{tested} tested, {label}", agreement(usual, small, of_unit, tested))
        for tested in (250, 50)
    ]
    return rows


def _v1_mouse(pictures: np.ndarray, number: int) -> np.ndarray:
    rng = np.random.default_rng([0, number])
    response, _ = noisy_trials(v1_rates(pictures, CELLS, rng), REPEATS, rng)
    return response.reshape(REPEATS, len(pictures), CELLS).mean(axis=0)


def main() -> list[str]:
    lines = [
        "## Why contrast alone agrees",
        f"Two mice of contrast, {CELLS} cells, {REPEATS} repeats, {PICTURES} photographs, "
        f"{NETWORK}, {UNITS} units a layer, one thing changed at a time; disjoint pictures, in "
        f"brackets the same ones; mean of {SPLITS} draws of tested pictures.",
        "",
        f"| changed | {' | '.join(LAYERS)} |",
        f"|{' --- |' * (1 + len(LAYERS))}",
    ]
    for label, found in variants():
        cells = " | ".join(f"{disjoint:.2f} ({same:.2f})" for disjoint, same in found)
        lines.append(f"| {label} | {cells} |")
        print(lines[-1], flush=True)
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    lines = main()
    if given.write:
        write_section(RESULTS, lines)
