"""Units decoded alike in different mice: simulated V1, noise and contrast mice, and real V1.

    python benchmarks/deep/agreement.py [simulated] [real] [--seeds 3] [--write]

Both need the photographs and recordings of TPDECODE_REAL_DATA.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from photographs import DATA, luminance_at, photographs
from result_sections import write_section

from twophoton_decode.deep.comparison.decoding.network_decoding import decoding_folds
from twophoton_decode.deep.comparison.decoding.spaces import (
    NETWORK,
    RANDOM,
    Space,
    layers_of,
    simple_spaces,
)
from twophoton_decode.deep.comparison.units.decoding import decoded_session
from twophoton_decode.deep.comparison.units.halves import common_content
from twophoton_decode.deep.comparison.units.sessions import compare_units
from twophoton_decode.deep.features.cache import FeatureCache
from twophoton_decode.deep.features.extract import FeatureChoice, extract_features
from twophoton_decode.deep.networks.named import open_network, random_twin
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.simulation.areas import noisy_trials, v1_rates
from twophoton_decode.stimulus.colour_pictures import ColourPictures, open_colour_pictures

RESULTS = Path(__file__).parents[1] / "results" / "deep_agreement.md"
NETWORK_NAME = "efficientnet-lite0"
LAYERS = ("stem", "b2", "b4", "b6", "gap")
PICTURES, CELLS, REPEATS, UNITS, V1_PX = 500, 350, 4, 500, 64
SETTINGS = DecodingSettings()
NEAR = SETTINGS.near_duplicate_correlation


def spaces_of(pictures: ColourPictures, small: np.ndarray) -> list[Space]:
    """Some layers of lite0, the same with random weights, and pixels."""
    shown, spaces = np.arange(len(pictures)), []
    for kind, name in ((NETWORK, NETWORK_NAME), (RANDOM, random_twin(NETWORK_NAME))):
        made = extract_features(
            open_network(name), pictures, FeatureChoice(units=UNITS), FeatureCache(None)
        )
        spaces += [each for each in layers_of(kind, made, shown) if each.name in LAYERS]
    return [*spaces, simple_spaces(small)[0]]


def compared(
    averages: Sequence[np.ndarray],
    pictures: Sequence[np.ndarray],
    spaces: Sequence[list[Space]],
    repeats: float,
    seed: int,
) -> dict[str, Any]:
    """Fields of the agreement of two mice."""
    folds = [decoding_folds(each, None, SETTINGS)[0] for each in pictures]
    sessions = [
        decoded_session(
            name, name, average, shown, own, fold, repeats=repeats, seed=(seed, 8, number)
        )
        for number, (name, average, shown, own, fold) in enumerate(
            zip("AB", averages, pictures, spaces, folds, strict=True)
        )
    ]
    content = common_content(pictures, [each.content for each in sessions], NEAR)
    sessions = [one._replace(content=own) for one, own in zip(sessions, content, strict=True)]
    return compare_units(sessions, spaces, seed)[0]


def rows_of(name: str, found: dict[str, Any]) -> list[str]:
    """One row of a table a space."""
    rows = []
    for place, (kind, space) in enumerate(zip(found["kind"], found["space"], strict=True)):
        low, high = found["agreement_ci95"][0, place]
        numbers = [
            found[key][0, place]
            for key in ("agreement", "ceiling", "partial", "same", "contrast", "contrast_same")
        ]
        disjoint, *others = (f"{value:.2f}" for value in numbers)
        cells = [name, kind, space, f"{disjoint} ({low:.2f} to {high:.2f})", *others]
        rows.append(f"| {' | '.join(cells)} | {found['agreement_p'][0, place]:.3f} |")
    return rows


HEAD = [
    "| mice | features | layer | disjoint (95 % interval) | ceiling | partial | same pictures | "
    "contrast alone | contrast, same | p |",
    f"|{' --- |' * 10}",
]


def simulated(seeds: int) -> list[str]:
    """V1 mice with other cells and mice of noise, both shown the same pictures."""
    pictures = photographs(PICTURES)
    small, v1_pictures = luminance_at(pictures, 32), luminance_at(pictures, V1_PX)
    spaces = spaces_of(pictures, small)
    lines = [
        "## Simulated mice",
        f"{CELLS} cells a mouse, the same {PICTURES} photographs, {REPEATS} repeats, noise 1.5 SD, "
        f"{UNITS} units a layer. Disjoint: tested on halves of the pictures that are not shared.",
        "",
        *HEAD,
    ]
    for seed in range(seeds):
        began = time.monotonic()
        for name in ("V1", "noise"):
            averages = [_average(name, v1_pictures, seed, mouse) for mouse in range(2)]
            found = compared(averages, [small] * 2, [spaces] * 2, REPEATS, seed)
            lines += rows_of(f"{name}, seed {seed}", found)
        print(f"seed {seed}: {time.monotonic() - began:.0f} s", flush=True)
    return [*lines, ""]


def _average(name: str, pictures: np.ndarray, seed: int, mouse: int) -> np.ndarray:
    rng = np.random.default_rng([seed, mouse])
    if name == "noise":
        return rng.normal(size=(len(pictures), CELLS))
    response, _ = noisy_trials(v1_rates(pictures, CELLS, rng), REPEATS, rng)
    return response.reshape(REPEATS, len(pictures), CELLS).mean(axis=0)


def real() -> list[str]:
    """Regions 1 and 2 of Antolik et al. 2016, which saw the same 50 pictures."""
    lines = [
        "## Real mouse V1",
        "Antolik et al. 2016, regions 1 and 2: the same 50 pictures, so that each is tested on 25 "
        "that the other is not tested on.",
        "",
        *HEAD,
    ]
    averages, repeats = [], []
    for region in (1, 2):
        folder = DATA / "antolik2016" / f"region{region}"
        response = np.load(folder / "raw_validation_set.npy", allow_pickle=False).astype(float)
        averages.append(response.mean(axis=0))
        repeats.append(len(response))
    shown = open_colour_pictures(folder / "validation_inputs.npy", shape=(31, 31))
    small = luminance_at(shown, 31)
    spaces = spaces_of(shown, small)
    found = compared(averages, [small] * 2, [spaces] * 2, float(np.mean(repeats)), 0)
    return [*lines, *rows_of("regions 1, 2", found), ""]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["simulated", "real"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    parts = {"simulated": lambda: simulated(given.seeds), "real": real}
    for part in given.parts:
        section = parts[part]()
        print("\n".join(section))
        if given.write:
            write_section(RESULTS, section)
