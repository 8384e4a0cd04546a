"""Feature inversion of many pictures, those of a fold optimised together.

    python benchmarks/deep/inversion_together.py [simulated] [real] [--seeds 0 1 2]
        [--regions 1 2] [--pictures 400] [--images 20] [--folds 5] [--layers] [--write]

As `inversion.py`, in about half the time: Adam moves every number of a code by its own gradient
alone, so that pictures of a batch come out as each by itself, to rounding. Three ways to make a
picture: the reconstruction, where its code starts, and the code of ridge's picture, around which
the prior lies. With --layers also each layer alone, and the layers up to each.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from decoding import table
from inversion import SETTINGS, real_responses, responses_of, simulated_responses
from photographs import luminance_at, photographs
from result_sections import write_section

from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.decoding.scoring.scores import correlation, similarity
from twophoton_decode.deep.inversion.controls import _Folds
from twophoton_decode.deep.inversion.critic import Target
from twophoton_decode.deep.inversion.inversion import Inversion
from twophoton_decode.deep.inversion.latent import Latent
from twophoton_decode.deep.inversion.scores import Candidates, _fit, _two_way, score_names
from twophoton_decode.records import Responses
from twophoton_decode.settings import DeepSettings
from twophoton_decode.statistics.mean_score import mean_score

COMMAND = "python benchmarks/deep/inversion_together.py"
RESULTS = Path(__file__).parents[1] / "results" / "deep_inversion.md"
WAYS = ("reconstruction", "no optimisation", "ridge's picture through the generator")


def together(inversion: Inversion, latent: Latent, target: Target) -> np.ndarray:
    """Pictures (n, 3, side, side): what `Inversion` does with Adam, for n pictures at once."""
    steps, rate = inversion.descent.steps, inversion.descent.rate
    moved = torch.from_numpy(np.asarray(latent.start, np.float32)).clone().requires_grad_()
    best, lowest = moved.detach().clone(), torch.full((len(moved),), torch.inf)
    adam = torch.optim.Adam([moved], lr=rate)
    for step in range(steps + 1):
        adam.zero_grad()
        pictures = inversion.generator(moved)
        judged = inversion.critic(inversion.encoder(pictures, target.unit), target, pictures)
        loss = judged + latent.penalty(moved)
        loss.sum().backward()
        better = loss.detach() < lowest
        best[better], lowest[better] = moved.detach()[better], loss.detach()[better]
        if step < steps:
            adam.step()
    return inversion.generated(best.numpy())


DECODED = "the decoded features themselves"


@dataclass
class Scored:
    """Scores (way, image, score) of some images, their numbers, and CPU seconds each."""

    score: np.ndarray
    ways: list[str]
    names: list[str]
    chosen: np.ndarray
    seconds: float


def scored(responses: Responses, settings: Any, images: int, read: Any, layers: bool) -> Scored:
    """Pictures of some images, a fold at a time."""
    session = SessionContext(deep=DeepSettings(inversion_images=images), read=read)
    begun = time.process_time()
    work = _Folds.of(responses, settings, session)
    chosen = _of_few_folds(work, images, settings.seed)
    names = score_names(work.studio.encoder.names)
    parts = layer_sets(work.studio.encoder.names) if layers else {}
    score = np.full((len(WAYS) + len(parts) + 1, len(chosen), len(names)), np.nan)
    seen: set[int] = set()
    for image, readout, candidates in work.tested(chosen):
        number = int(work.fold[image])
        if number in seen:
            continue
        seen.add(number)
        own = chosen[work.fold[chosen] == number]
        score[:, np.isin(chosen, own)] = _of_fold(
            work, readout, candidates, own, list(parts.values())
        )
        print(f"{len(seen)} folds, {time.process_time() - begun:.0f} s", flush=True)
    seconds = (time.process_time() - begun) / len(chosen)
    return Scored(score, [*WAYS, *parts, DECODED], names, chosen, seconds)


def layer_sets(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Each layer alone, and the first two, three, … of them."""
    alone = {f"{name} alone": (name,) for name in names}
    return alone | {f"up to {names[n - 1]}": tuple(names[:n]) for n in range(2, len(names))}


def _of_few_folds(work: _Folds, count: int, seed: int) -> np.ndarray:
    """So many images, at random from the first fold, then from the next: each fold is a fit."""
    rng = np.random.default_rng([seed, 17])
    order = rng.permutation(len(work.fold))
    return np.sort(order[np.argsort(work.fold[order], kind="stable")][:count])


def _of_fold(
    work: _Folds, readout: Any, candidates: Candidates, images: np.ndarray,
    parts: list[tuple[str, ...]],
) -> np.ndarray:  # fmt: skip
    rows = work.average[images]
    latent, inversion = readout.latent(rows), readout.studio.inversion()
    target = readout.features(rows)
    ways = [
        together(inversion, latent, target),
        inversion.generated(latent.start), inversion.generated(latent.centre),
        *(together(inversion, latent, target.only(layers)) for layers in parts),
    ]  # fmt: skip
    held = np.flatnonzero(work.fold == work.fold[images[0]])
    found = []
    for place, image in enumerate(images.tolist()):
        made = np.stack([each[place] for each in ways])
        at = int(np.flatnonzero(held == image)[0])
        other = work.content[held] != work.content[image]
        own = candidates.scores(readout, made, at, at, other)[0]
        found.append(np.vstack([own, _decoded(readout, candidates, rows[place], at, other)]))
    return np.stack(found, axis=1)


def _decoded(
    readout: Any, candidates: Candidates, row: np.ndarray, own: int, other: np.ndarray
) -> np.ndarray:
    """Two-way identification by the decoded features, of which no picture is made."""
    decoded = readout.features(row[None]).value
    fits = [
        _two_way(_fit(candidates.standard[name](decoded[name]), layer), own, other)[0]
        for name, layer in candidates.layers.items()
    ]
    return np.array([np.nan, np.nan, np.nan, *fits])


def rows_of(found: Scored) -> list[list[str]]:
    """A row a way: mean scores, and PixCorr and late two-way of the reconstruction less its own."""
    rows, score = [], found.score
    for way, name in enumerate(found.ways):
        gains = [told(score[0, :, at] - score[way, :, at]) if way else "–" for at in (0, -1)]
        means = (f"{each:.3f}" if np.isfinite(each) else "–" for each in score[way].mean(axis=0))
        rows.append([name, *means, *gains])
    return rows


def told(gain: np.ndarray) -> str:
    if not np.isfinite(gain).all():
        return "–"
    found = mean_score(gain)
    return f"{found.mean:+.3f} ({found.interval[0]:+.3f} to {found.interval[1]:+.3f})"


def titles_of(names: list[str]) -> list[str]:
    gain = "reconstruction − this"
    return ["picture", *names, f"PixCorr: {gain}", f"{names[-1]}: {gain}"]


def simulated(seed: int, given: argparse.Namespace) -> list[str]:
    """V1 and higher cells that saw photographs once."""
    source = photographs(given.pictures)
    settings = SETTINGS.model_copy(update={"seed": seed, "folds": given.folds})
    found = scored(
        responses_of(*simulated_responses(source, seed), luminance_at(source, 32)), settings,
        given.images, lambda name, side: source.read(int(name), side, grey=True), given.layers,
    )  # fmt: skip
    return [
        f"## Simulated cells, seed {seed}: {len(found.chosen)} of {given.pictures} photographs",
        f"700 V1 cells (Gabor, 64 px) and 800 higher cells (DINOv2-S block3), noise 1.5 SD, "
        f"every picture shown once; {given.folds} folds, two-way identification among the "
        f"{given.pictures // given.folds} of a fold, images at random from the first folds; "
        f"{found.seconds:.1f} s of CPU a picture{' and its layers' * given.layers}.",
        "",
        *table(titles_of(found.names), rows_of(found)),
    ]


def real(region: int, given: argparse.Namespace) -> list[str]:
    """One region of Antolik et al., trial averages: feature inversion beside ridge."""
    responses = real_responses(region)
    count, cells = len(responses.picture), responses.response.shape[1]
    found = scored(responses, SETTINGS, min(given.images, count), None, given.layers)
    chosen = found.chosen
    ridge = reconstruct(responses, "ridge", SETTINGS)
    place = ridge_places(ridge.image_name, chosen)
    made, shown = ridge.average[place], ridge.picture[place]
    flat = (each.reshape(len(place), -1) for each in (made, shown))
    of_ridge = [correlation(*flat), similarity(shown, made, float(np.ptp(ridge.picture)))]
    beside = [
        [name, *(told(found.score[way, :, at] - of_ridge[at]) for at in (0, 1))]
        for way, name in enumerate(found.ways[:-1])
    ]
    return [
        f"## Real mouse V1, region {region}: {cells} cells, {len(chosen)} of {count} pictures",
        f"Antolik et al. 2016, 31 px, trial averages, {SETTINGS.folds} folds; "
        f"{found.seconds:.1f} s of CPU a picture. Ridge in the same folds: PixCorr "
        f"{of_ridge[0].mean():.3f}, SSIM "
        f"{of_ridge[1].mean():.3f}.",
        "",
        *table(titles_of(found.names), rows_of(found)),
        *table(["picture", "PixCorr: this − ridge", "SSIM: this − ridge"], beside),
    ]


def ridge_places(names: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Where a reconstruction has the images of these numbers."""
    place = {int(name): at for at, name in enumerate(names.tolist())}
    return np.array([place[image] for image in chosen.tolist()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", default=["simulated", "real"])
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--regions", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--images", type=int, default=20)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--layers", action="store_true")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    jobs: list[Callable[[], list[str]]] = []
    if "simulated" in given.parts:
        jobs += [partial(simulated, seed, given) for seed in given.seeds]
    if "real" in given.parts:
        jobs += [partial(real, region, given) for region in given.regions]
    for job in jobs:
        title, *rest = job()
        lines = [title, f"`{COMMAND} {shlex.join(sys.argv[1:])}`", "", *rest]
        print("\n".join(lines), flush=True)
        if given.write:
            write_section(RESULTS, lines)


if __name__ == "__main__":
    main()
