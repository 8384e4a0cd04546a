"""Are the right layers found for populations that are made to be early or late?

    TPDECODE_WEIGHTS=FOLDER python benchmarks/deep/rsa_simulated.py [PICTURES.npz] [--pictures 300]

V1: Gabor cells on 64-px luminance, a third of them complex. Higher: each cell a half-rectified
mix of 6 channels of DINOv2-S, block 3 or block 8, averaged over one 3 x 3 site of patches. The
mean responses are z-scored, six trials add noise of 1.5 SD. Layers are those of EfficientNet-lite0,
which shares no weights with DINOv2. Three seeds.
"""

import argparse
import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from twophoton_decode.deep.comparison.models import layer_models, pixel_model
from twophoton_decode.deep.comparison.population_rdms import Trials, population_rdms
from twophoton_decode.deep.comparison.representation import (
    Comparison,
    PopulationData,
    represent,
)
from twophoton_decode.deep.features.extract import FeatureChoice, extract_features
from twophoton_decode.deep.networks.named import open_network, random_twin
from twophoton_decode.figures.deep.representation_words import sentences
from twophoton_decode.stimulus.colour_pictures import ColourPictures

NETWORK, CELLS, REPEATS, NOISE = "efficientnet-lite0", 300, 6, 1.5


def photographs(path, number):
    """Colour pictures of 128 px, (picture, y, x, 3) bytes."""
    with np.load(path, allow_pickle=False) as held:
        jpeg, offset = held["jpeg"].tobytes(), held["offset"]
    return np.stack([np.asarray(Image.open(io.BytesIO(jpeg[offset[i] : offset[i + 1]])))
                     for i in range(number)])  # fmt: skip


def v1_cells(grey, rng):
    """Mean responses (picture, cell) of Gabor cells to luminance (picture, 64, 64)."""
    side = grey.shape[-1]
    y, x = np.mgrid[:side, :side] - 0.0
    centre = rng.uniform(0.15, 0.85, (2, CELLS)) * side
    angle, wave = rng.uniform(0, np.pi, CELLS), side / rng.uniform(4, 16, CELLS)
    phase = rng.uniform(0, 2 * np.pi, CELLS)
    dy, dx = (axis[..., None] - c for axis, c in zip((y, x), centre, strict=True))
    along = dx * np.cos(angle) + dy * np.sin(angle)
    envelope = np.exp(-(dx**2 + dy**2) / (2 * (0.4 * wave) ** 2))
    flat = (grey - grey.mean(axis=(1, 2), keepdims=True)).reshape(len(grey), -1)
    a, b = (flat @ (envelope * np.cos(2 * np.pi * along / wave + phase + shift)).reshape(-1, CELLS)
            for shift in (0, np.pi / 2))  # fmt: skip
    simple = np.maximum(a, 0) + 0.15 * a
    return np.where(np.arange(CELLS) < 0.35 * CELLS, np.hypot(a, b), simple)


def higher_cells(features, layer, rng):
    """Mean responses of cells that mix a layer's channels at one site."""
    channel, row, column = features.place_of(layer)
    value = features.of(layer)
    size = int(channel.max()) + 1, int(row.max()) + 1, int(column.max()) + 1
    cube = np.zeros((len(value), *size))
    cube[:, channel, row, column] = (value - value.mean(0)) / value.std(0)
    cells = []
    for _ in range(CELLS):
        top, left = rng.integers(0, size[1] - 2), rng.integers(0, size[2] - 2)
        site = cube[:, rng.choice(size[0], 6, replace=False), top : top + 3, left : left + 3]
        cells.append(np.maximum(site.mean(axis=(2, 3)) @ rng.normal(size=6), 0))
    return np.stack(cells, axis=1)


def trials_of(mean, rng):
    z = (mean - mean.mean(0)) / mean.std(0)
    R = np.tile(z, (REPEATS, 1)) + NOISE * rng.normal(size=(REPEATS * len(z), z.shape[1]))
    image = np.tile(np.arange(len(z)), REPEATS)
    return Trials(R, image, np.repeat(np.arange(REPEATS), len(z)), len(z))


def main():
    parser = argparse.ArgumentParser()
    data = os.environ.get("TPDECODE_REAL_DATA", "../shared/data")
    parser.add_argument("file", nargs="?", default=f"{data}/pictures/pictures1000_128_jpeg.npz")
    parser.add_argument("--pictures", type=int, default=300)
    given = parser.parse_args()
    pixels = photographs(Path(given.file), given.pictures)
    names = np.array([str(i) for i in range(len(pixels))])
    shown = ColourPictures(names, [], lambda index: pixels[index])
    grey = pixels.mean(axis=-1).reshape(len(pixels), 64, 2, 64, 2).mean(axis=(2, 4)) / 255
    dino = extract_features(open_network("dinov2-small"), shown, FeatureChoice(grey=True, units=0))
    models, twins = [], {NETWORK: random_twin(NETWORK)}
    every = np.arange(len(pixels))
    for name in (NETWORK, twins[NETWORK]):
        features = extract_features(open_network(name), shown, FeatureChoice(grey=True))
        models += layer_models(features, every, [])
    models += pixel_model(grey, [])
    for seed in range(3):
        rng = np.random.default_rng(seed)
        means = {"V1": v1_cells(grey, rng), "block 3": higher_cells(dino, "block3", rng),
                 "block 8": higher_cells(dino, "block8", rng)}  # fmt: skip
        trials = trials_of(np.concatenate(list(means.values()), axis=1), rng)
        cells = {name: np.arange(CELLS) + CELLS * place for place, name in enumerate(means)}
        found = population_rdms(trials, cells, "crossnobis", 5, rng)
        data = [
            PopulationData(
                name,
                CELLS,
                found.rdm[[place]],
                found.between[place, place],
                tuple(found.ceiling[place]),
            )
            for place, name in enumerate(cells)
        ]
        made = represent(Comparison(data, models, twins, names, found.between, "crossnobis",
                                    bootstraps=200, seed=seed))  # fmt: skip
        print(f"seed {seed}")
        for place, sentence in enumerate(sentences(made)):
            layers = made.models_of(NETWORK)
            profile = " ".join(f"{made.layer[each]} {made.agreement[each, place]:.2f}/"
                               f"{made.agreement[each + len(layers), place]:.2f}"
                               for each in layers)  # fmt: skip
            print(f"  {sentence}\n    trained/random: {profile}", flush=True)


if __name__ == "__main__":
    main()
