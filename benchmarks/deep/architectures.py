"""Hierarchy scores of 29 architectures with random weights, or of chosen networks, in one run.

    python benchmarks/deep/architectures.py [--pictures 60] [--network NAME]… [-o FOLDER] [--write]

Makes a session of three simulated areas that see the photographs of TPDECODE_REAL_DATA, and runs
`tpdecode deep hierarchy` on it. Without --network, the architectures are those of Nonaka et al.
2021 as far as torchvision has them, and as many others, to 29.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from pathlib import Path

import numpy as np
from photographs import luminance_at, photographs
from PIL import Image
from result_sections import write_section

import twophoton_decode as tp
from twophoton_decode.cli.main import tpdecode
from twophoton_decode.deep.features.cache import FeatureCache
from twophoton_decode.deep.features.extract import FeatureChoice, extract_features
from twophoton_decode.deep.networks.named import open_network
from twophoton_decode.simulation.areas import higher_rates, noisy_trials, v1_rates

RESULTS = Path(__file__).parents[1] / "results" / "deep_hierarchy.md"
OF_THE_STUDY = (
    "alexnet", "densenet121", "densenet161", "densenet169", "densenet201", "googlenet",
    "inception_v3", "mobilenet_v2", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
    "squeezenet1_0", "squeezenet1_1", "vgg16", "vgg19",
)  # fmt: skip
OTHERS = (
    "efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2", "dinov2-small",
    "convnext_tiny", "mnasnet1_0", "mobilenet_v3_large", "regnet_y_400mf", "resnext50_32x4d",
    "shufflenet_v2_x1_0", "swin_t", "vit_b_16",
)  # fmt: skip
AREAS, CELLS, REPEATS = ("V1", "LM", "PM"), 40, 4
HIGHER, LAYERS = "resnet18@random:7", ("layer1", "layer3")


def simulated_session(folder: Path, pictures: int, units: int) -> Path:
    """V1 sees edges, LM and PM mix an early and a late layer of a network with random weights."""
    shown = photographs(pictures)
    (folder / "pictures").mkdir(parents=True)
    for place in range(pictures):
        grey = np.uint8(np.round(255 * shown.read(place, 128, grey=True)[0]))
        Image.fromarray(grey).save(folder / "pictures" / f"{place:03d}.png")
    rng = np.random.default_rng(0)
    made = extract_features(open_network(HIGHER), shown, FeatureChoice(units=0), FeatureCache(None))
    rates = [v1_rates(luminance_at(shown, 64), CELLS, rng)]
    for name in LAYERS:
        layer = made.of(name).reshape(pictures, *made.layer_shape[made.layers.index(name)])
        rates.append(higher_rates(layer, CELLS, rng))
    response, _ = noisy_trials(np.concatenate(rates, axis=1), REPEATS, rng)
    areas = np.repeat(AREAS, CELLS)
    rows = "".join(f"{cell},{area}\n" for cell, area in enumerate(areas))
    (folder / "areas.csv").write_text(f"roi,population\n{rows}", encoding="utf-8")
    np.save(folder / "R.npy", response.reshape(REPEATS, pictures, -1))
    tpdecode([
        "import", "arrays", "--responses", str(folder / "R.npy"), "--axes", "repeat image cell",
        "--images", str(folder / "pictures"), "--populations", str(folder / "areas.csv"),
        "-o", str(folder / "S"), "-q",
    ], standalone_mode=False)  # fmt: skip
    tp.open(folder / "S").set("deep.units", units)
    return folder / "S"


def run(given: argparse.Namespace, folder: Path) -> list[str]:
    """The section of the results."""
    networks = given.network or [f"{name}@random:0" for name in (*OF_THE_STUDY, *OTHERS)]
    made = simulated_session(folder, given.pictures, given.units)
    options = [each for name in networks for each in ("--network", name)]
    began, of_cpu = time.monotonic(), time.process_time()
    tpdecode([
        "deep", "hierarchy", str(made), "--order", ",".join(AREAS),
        "-o", str(folder / "scores"), *options,
    ], standalone_mode=False)  # fmt: skip
    seconds, busy = time.monotonic() - began, time.process_time() - of_cpu
    told = (
        f"`tpdecode deep hierarchy`, {given.pictures} photographs, {CELLS} cells in each of "
        f"{', '.join(AREAS)} (LM and PM mix layers of a network with random weights), "
        f"{given.units} units a layer: {busy:.0f} s of CPU, {seconds:.0f} s beside other work."
    )
    return section(networks, told, folder / "scores" / "hierarchy.csv")


def section(networks: list[str], told: str, table: Path) -> list[str]:
    """The section of the results, from the table that the command wrote."""
    lines = [
        f"## {len(networks)} architectures in one run",
        told,
        "",
        "| network | score (95 % interval) | depth | fully connected | skips |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in csv.DictReader(table.open(encoding="utf-8")):
        score, low, high = (float(row[key]) for key in ("score", "low", "high"))
        lines.append(
            f"| {row['network']} | {score:.2f} ({low:.2f} to {high:.2f}) | {row['depth']} | "
            f"{row['fully_connected']} | {row['skip_connections']} |"
        )
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--network", action="append")
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        lines = run(given, given.output or Path(scratch))
    print("\n".join(lines))
    if given.write:
        write_section(RESULTS, lines)
