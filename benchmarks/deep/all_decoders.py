"""All decoders that take minutes beside ridge: is any shown to be better on real mouse V1?

    python benchmarks/deep/all_decoders.py [--coverage 50] [--write]

Needs the regions of Antolik et al. 2016 in TPDECODE_REAL_DATA and taef2 in TPDECODE_WEIGHTS. With
--coverage it also counts how often all intervals of simulated sessions hold at once.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from photographs import DATA

import twophoton_decode as tp
from twophoton_decode.analyses.sessions.against_ridge import AgainstRidge, decoders_against_ridge
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.figures.canvas.numbers import interval, number, signed
from twophoton_decode.settings import DecodingSettings

sys.path.insert(0, str(Path(__file__).parents[1] / "validation"))

from recordings import LEVELS, recording

RESULTS = Path(__file__).parents[1] / "results" / "deep_all_decoders.md"
REGIONS = 2
FAST = ("ridge", "all-cells", "bayes", "lasso", "elastic-net", "cell-selection")
DEEP = ("end-to-end", "latent")
SCORES = ("r_average", "r_single", "ssim")
SIMULATED = ("ridge", "all-cells", "bayes")


def real(region: int, folder: Path, fast: tuple[str, ...]) -> list[str]:
    """Lines on one region: a row a decoder, and what the program says."""
    files = DATA / "antolik2016" / f"region{region}"
    responses = np.load(files / "raw_validation_set.npy")
    pictures = np.load(files / "validation_inputs.npy").reshape(-1, 31, 31)
    session = tp.from_arrays(folder / str(region), responses, pictures, say=None)
    said: list[str] = []
    seconds = {}
    for name in (*fast, *DEEP):
        begun = time.process_time()
        session.run("reconstruct", decoders=name, say=said.append)
        seconds[name] = time.process_time() - begun
        print(region, name, f"{seconds[name]:.0f} s of CPU", flush=True)
    told = [line for line in said if line.startswith("compare-decoders: Mean")][-1]
    return lines_of(f"Region {region}", session, folder / str(region), seconds, told)


def lines_of(
    title: str, session: tp.Session, path: Path, seconds: dict[str, float], told: str
) -> list[str]:
    """A row a decoder, and what the program says."""
    summary = json.loads((path / "summary.json").read_text())["decoders"]
    made = {name: session.reconstruction[name] for name in seconds}
    against = {score: decoders_against_ridge(made, score) for score in SCORES}
    responses = session.responses
    lines = [
        f"## {title}",
        f"{responses.cells} cells, {responses.images} pictures, "
        f"{int(responses.repeats_per_image.max())} repeats.",
        "",
        "| decoder | R of averages | less ridge | R of single trials | less ridge | SSIM | less "
        "ridge | p against chance (Holm) | CPU s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in seconds:
        cells = [name]
        for score in SCORES:
            cells.append(number(float(np.mean(getattr(made[name], score))), 3))
            cells.append(_lead(against[score].get(name)))
        cells += [number(summary[name]["p_holm"], 3), f"{seconds[name]:.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, "", f"The program says: {told.removeprefix('compare-decoders: ')}", ""]


def _lead(lead: AgainstRidge | None) -> str:
    if lead is None:
        return "–"
    return f"{signed(lead.mean, 3)} ({interval(lead.interval, 3)}), {lead.verdict}"


def coverage(runs: int) -> list[str]:
    """Rows: how often all intervals hold the expected leads at once, and what is called better."""
    settings = DecodingSettings(features="pixels", folds=10, permutations=0)
    rows = []
    for level in ("R = 0", "middle R"):
        mean, low, high, better, picked = [], [], [], [], []
        for seed in range(runs):
            rng = np.random.default_rng([seed, 17])
            responses = recording(LEVELS[level], rng).responses()
            made = {name: reconstruct(responses, name, settings) for name in SIMULATED}
            found = decoders_against_ridge(made, "r_average")
            mean.append([each.mean for each in found.values()])
            low.append([each.interval[0] for each in found.values()])
            high.append([each.interval[1] for each in found.values()])
            better.append(any(each.verdict == "better" for each in found.values()))
            picked.append(int(np.argmax(mean[-1])))
        truth = np.mean(mean, axis=0)
        holds = (np.array(low) <= truth) & (truth <= np.array(high))
        best = holds[np.arange(runs), picked].mean()
        rows.append(
            f"| {level} | {runs} | {100 * holds.all(axis=1).mean():.1f} % | {100 * best:.1f} % | "
            f"{100 * np.mean(better):.1f} % | {', '.join(signed(each, 3) for each in truth)} |"
        )
        print(rows[-1], flush=True)
    return rows


def page(regions: list[str], rows: list[str]) -> str:
    names = ", ".join(SIMULATED[1:])
    measured = [
        "## Coverage",
        f"Simulated sessions of 40 images, 50 cells, 4 repeats; {names} against ridge, R of "
        "averages. The expected lead is the mean over all runs. *Of the best*: of the decoder that "
        "came out best in a run. Last column: expected leads, in that order.",
        "",
        "| responses | runs | all intervals hold at once | interval of the best holds | any called "
        "better than ridge | expected leads |",
        "| --- | --- | --- | --- | --- | --- |",
        *rows,
        "",
    ]
    return "\n".join(
        [
            "# All decoders against ridge on real mouse V1",
            "",
            "`python benchmarks/deep/all_decoders.py --coverage 50 --write`: Antolik et al. 2016, "
            "settings of a new session, every image reconstructed by a fit that never saw it. "
            "*Less ridge*: mean over images, 95 % intervals that hold for all decoders of a column "
            "at once (docs/methods/scores.md), and the verdict. feature-inversion and "
            "latent-diffusion are not among them: they take hours, and a denoiser.",
            "",
            *regions,
            *(measured if rows else []),
            f"Machine: {platform.machine()}, two cores that other work shares; Python "
            f"{platform.python_version()}.",
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--coverage", type=int, default=0, metavar="RUNS")
    parser.add_argument("--decoders", nargs="*", default=FAST, help="beside the deep ones")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    rows = coverage(given.coverage) if given.coverage else []
    with tempfile.TemporaryDirectory() as folder:
        regions = [
            line
            for region in range(REGIONS)
            for line in real(region + 1, Path(folder), tuple(given.decoders))
        ]
    text = page(regions, rows)
    print(text)
    if given.write:
        RESULTS.write_text(text)


if __name__ == "__main__":
    main()
