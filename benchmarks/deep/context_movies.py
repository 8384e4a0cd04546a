"""Dim cells on simulated movies, beside suite2p in the same run, and on fields without cells.

    python benchmarks/deep/context_movies.py [--seeds 3] [--keep FOLDER] [--write]

Half of the cells are made dim (a tenth to a half of the others' brightness). A cell is found
where an ROI lies within 0.6 of a diameter of it, one ROI a cell.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir

import numpy as np
import tifffile
import torch
from result_sections import write_section
from scipy.optimize import linear_sum_assignment
from scipy.sparse import diags_array

from twophoton_decode.deep.microscope.context.heads import ATTENTION
from twophoton_decode.deep.microscope.context.judge import PlaneRois, judge_plane, judged_by_context
from twophoton_decode.deep.microscope.context.pictures import BinnedMovie, bin_width
from twophoton_decode.pipeline.deep.dim_cells import suite2p_rois
from twophoton_decode.settings import DimCellSettings
from twophoton_decode.simulation.parameters import SimulationParameters
from twophoton_decode.simulation.recording import SimulatedRecording, simulate

RESULTS = Path(__file__).parents[1] / "results" / "deep_context.md"
DIM = (0.1, 0.5)
EMPTY_FIELDS = 10


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seeds", type=int, default=3)
    given.add_argument("--keep", type=Path, default=Path(gettempdir()) / "tpdecode_context")
    given.add_argument("--write", action="store_true")
    options = given.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    lines = empty_fields(options.keep)
    if options.write:
        write_section(RESULTS, ["## Fields without cells", "", *lines])
    lines = against_suite2p(range(options.seeds), options.keep)
    if options.write:
        write_section(RESULTS, ["## Simulated movies, beside suite2p", "", *lines])
    lines = speed()
    if options.write:
        write_section(RESULTS, ["## Time", "", *lines])


def recording(seed: int) -> tuple[SimulatedRecording, np.ndarray]:
    """A recording, and which of its cells are dim."""
    parameters = SimulationParameters(seed=seed, images=20, cells=80, motion_px=1.0)
    made = simulate(parameters)
    generator = np.random.default_rng([seed, 17])
    dim = generator.permutation(parameters.cells) < parameters.cells // 2
    share = np.where(dim, generator.uniform(*DIM, parameters.cells), 1.0)
    soma = (diags_array(share.astype(np.float32)) @ made.scene.soma).tocsr()
    return replace(made, scene=replace(made.scene, soma=soma)), dim


def movie_of(made: SimulatedRecording) -> np.ndarray:
    return np.concatenate(list(made.frames()))


def empty_fields(keep: Path) -> list[str]:
    """False ROIs where there is neuropil alone."""
    counts: dict[str, list[tuple[int, int, int]]] = {name: [] for name in ATTENTION[:2]}
    for seed in range(EMPTY_FIELDS):
        made = simulate(
            SimulationParameters(seed=1000 + seed, images=12, cells=40, motion_px=0, field_px=128)
        )
        bare = replace(made.scene, soma=(made.scene.soma * 0).tocsr())
        frames = movie_of(replace(made, scene=bare))
        file = keep / "empty.bin"
        (frames // 2).astype(np.int16).tofile(file)
        shape = frames.shape[1:]
        width = bin_width(len(frames), made.parameters.frame_rate_hz, 0.28)
        movie = BinnedMovie(file, shape, width, (slice(0, shape[0]), slice(0, shape[1])))
        nothing = PlaneRois(np.empty((0, 2)), [], np.empty(0, bool))
        found = judge_plane(movie, nothing, DimCellSettings(), seed)
        tested = int(np.isfinite(found.activity).sum())
        counts["none"].append((len(found.probability), tested, int(found.active.sum())))
        print("empty", seed, counts["none"][-1], flush=True)
    each = np.array(counts["none"])
    lines = [
        f"{EMPTY_FIELDS} simulated movies of neuropil alone (128 px). Without clear cells there is "
        "no context, so candidates are judged by themselves. Mean a field: "
        f"{each[:, 0].mean():.1f} candidates, {each[:, 1].mean():.1f} that look like cells, "
        f"{each[:, 2].mean():.2f} false ROIs after the activity test "
        f"({', '.join(map(str, each[:, 2]))}).",
    ]
    print("\n".join(lines), flush=True)
    return lines


def against_suite2p(seeds: range, keep: Path) -> list[str]:
    rows: dict[str, list[tuple[float, ...]]] = {}
    for seed in seeds:
        made, dim = recording(seed)
        session = keep / f"movie{seed}"
        extracted(made, session)
        truth = made.somata.centre - made.scene.margin
        plane = session / "suite2p" / "plane0"
        rois = suite2p_rois(plane, (made.parameters.field_px,) * 2)
        width = bin_width(made.scene.frames, made.parameters.frame_rate_hz, 0.28)
        side = made.parameters.field_px
        with np.load(plane / "motion.npz", allow_pickle=False) as motion:
            seen = tuple(slice(*map(int, motion[name])) for name in ("rows", "columns"))
        movie = BinnedMovie(plane / "data.bin", (side, side), width, seen)
        far = 0.6 * made.parameters.diameter_px
        cells = rois.centre[rois.is_cell]
        rows.setdefault("suite2p, cells", []).append(scored(cells, truth, dim, far))
        rows.setdefault("suite2p, all ROIs", []).append(scored(rois.centre, truth, dim, far))
        for attention in ATTENTION:
            settings = DimCellSettings(attention=attention)
            found = judge_plane(movie, rois, settings, seed)
            looks = found.probability >= settings.minimum_probability
            for name, kept in (("looks alone", looks), ("looks and activity", found.active)):
                both = np.concatenate([cells, found.candidates.centre[kept]])
                rows.setdefault(f"suite2p, cells + {attention}, {name}", []).append(
                    scored(both, truth, dim, far)
                )
        for name, row in rows.items():
            print(seed, name, np.round(row[-1], 3), flush=True)
    lines = [
        f"{len(seeds)} movies, 140 px, 80 cells, half of them dim ({DIM[0]} to {DIM[1]} of the "
        "others' brightness); mean (each seed).",
        "",
        "| ROIs | recall, dim cells | recall, clear cells | precision | ROIs a movie |",
        "|---|---|---|---|---|",
    ]
    for name, row in rows.items():
        columns = [f"{np.mean(each):.2f} ({', '.join(f'{v:.2f}' for v in each)})"
                   for each in list(zip(*row, strict=True))[:3]]  # fmt: skip
        columns.append(f"{np.mean([each[3] for each in row]):.0f}")
        lines.append(f"| {name} | {' | '.join(columns)} |")
    print("\n".join(lines), flush=True)
    return lines


def extracted(made: SimulatedRecording, session: Path) -> None:
    """The movie through suite2p, unless that was done."""
    if (session / "traces.nc").exists():
        return
    file = session.with_suffix(".tif")
    tifffile.imwrite(file, movie_of(made))
    rate = str(made.parameters.frame_rate_hz)
    command = [sys.executable, "-m", "twophoton_decode", "extract", str(file), "-o", str(session)]
    subprocess.run([*command, "--frame-rate-hz", rate], check=True)


def scored(
    found: np.ndarray, truth: np.ndarray, dim: np.ndarray, far: float
) -> tuple[float, float, float, float]:
    """Recall of dim and of clear cells, precision, and how many ROIs there are."""
    apart = np.linalg.norm(found[:, None] - truth[None], axis=2)
    roi, cell = linear_sum_assignment(np.minimum(apart, 10 * far))
    hit = cell[apart[roi, cell] <= far]
    is_hit = np.isin(np.arange(len(truth)), hit)
    return is_hit[dim].mean(), is_hit[~dim].mean(), len(hit) / max(len(found), 1), len(found)


def speed() -> list[str]:
    """Judging a field of 512 px with 400 places."""
    generator = np.random.default_rng(0)
    picture = generator.normal(size=(3, 512, 512)).astype(np.float32)
    places = generator.uniform(10, 500, (400, 2))
    judged_by_context(picture, 5.0, places, places[:50], "self")
    begun, cpu = time.perf_counter(), time.process_time()
    judged_by_context(picture, 5.0, places, places[:50], "self")
    lines = [
        "Judging 400 candidates in a field of 512 px, one thread: "
        f"{time.process_time() - cpu:.1f} CPU s ({time.perf_counter() - begun:.1f} s on a shared "
        "machine); pictures and activity take one pass over the movie each besides."
    ]
    print("\n".join(lines), flush=True)
    return lines


if __name__ == "__main__":
    main()
