"""Lasso paths of 1248 features, against scikit-learn, celer and skglm.

    python benchmarks/sparse_path.py [--reference-targets 100] [--peer-targets 50] [--repeats 3]
                                     [--peers PYTHON] [--write]

2160 presentations × 726 cells × 1248 targets, 20 strengths from λmax to 0.02 λmax of each target.
The program solves all targets and certifies every one at every strength; the others are
timed on some targets, in two processes, and scaled. PYTHON is an interpreter with celer and
skglm, whose dependencies are not the program's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

CELLS, IMAGES, REPEATS, TARGETS = 726, 200, 12, 1248
FRACTIONS = np.geomspace(1.0, 0.02, 20)
KINDS = {"simulated recording": 0.0, "the same, strong common gain": 3.0}
RESULTS = Path(__file__).parent / "results" / "sparse_path.md"


def recording(common):
    """Centred responses (2160, 726) and Gabor features (2160, 1248) of a simulated recording."""
    from twophoton_decode.features.gabor import FeatureSpace
    from twophoton_decode.simulation.pictures import natural_pictures
    from twophoton_decode.simulation.population import Tuning, population, trial_responses

    rng, tuning = np.random.default_rng(0), Tuning()
    pictures = natural_pictures(IMAGES, 32, rng, largest_overlap=0.6)
    image = np.tile(np.arange(IMAGES), REPEATS)
    drawn = population(pictures, CELLS, tuning, rng)
    R = trial_responses(drawn, image, rng.random(image.size) < 0.3, tuning, rng).astype(float)
    R += 0.5 * rng.standard_normal(R.shape) + common * rng.standard_normal((len(R), 1))
    kept = image % 10 != 0
    X, Y = R[kept], FeatureSpace((32, 32)).encode(pictures)[image[kept]]
    return X - X.mean(axis=0), Y - Y.mean(axis=0)


def ours(X, Y):
    """Seconds for all targets, and how many fits were not certified."""
    from threadpoolctl import threadpool_limits

    from twophoton_decode.decoding.sparse.path import CentredProblem, SparsePath
    from twophoton_decode.kernels.lasso.path import SharedGram

    start = time.perf_counter()
    n, unit = len(X), np.sqrt((X**2).mean())
    gram = SharedGram.of(X.T @ X / (n * unit**2))
    moments = np.ascontiguousarray(Y.T @ X) / (n * unit)
    path = SparsePath(CentredProblem(gram, unit, moments, (Y**2).mean(axis=0)), 1.0)
    with threadpool_limits(1, user_api="blas"):
        for fraction in FRACTIONS:
            path.step(fraction)
    return time.perf_counter() - start, sum(entry[1] for entry in path.missed)


def sklearn_path(X, y, gram, moments):
    from sklearn.linear_model import lasso_path

    alphas = FRACTIONS * np.abs(moments).max() / len(X)
    return lasso_path(
        X, y, alphas=alphas, precompute=gram, Xy=moments, tol=1e-4, check_input=False
    )[1]


def celer_path(X, y, gram, moments):
    from celer import celer_path

    return celer_path(X, y, "lasso", alphas=FRACTIONS * np.abs(moments).max() / len(X), tol=1e-4)[1]


def skglm_path(X, y, gram, moments):
    from skglm import Lasso

    alphas = FRACTIONS * np.abs(moments).max() / len(X)
    return Lasso(fit_intercept=False, tol=1e-4).path(X, y, alphas)[1]


SOLVERS = {"scikit-learn": sklearn_path, "celer": celer_path, "skglm": skglm_path}


def solve_some(job):
    """Paths of some targets in one process, and the widest gap among them."""
    solver, file, targets = job
    warnings.simplefilter("ignore")
    data = np.load(file)
    X, Y = np.asfortranarray(data["X"]), data["Y"]
    gram = X.T @ X
    SOLVERS[solver](X, np.ascontiguousarray(Y[:, 0]), gram, X.T @ Y[:, 0])  # compiles
    start, found = time.perf_counter(), []
    for t in targets:
        y = np.ascontiguousarray(Y[:, t])
        found.append(SOLVERS[solver](X, y, gram, X.T @ y))
    took = time.perf_counter() - start
    gaps = [widest_gap(X, Y[:, t], path) for t, path in zip(targets, found, strict=True)]
    return took, max(gaps)


def widest_gap(X, y, weights):
    """Of the duality gaps along a path, as a share of ‖y‖²/n."""
    n, gaps = len(y), []
    for fraction, b in zip(FRACTIONS, weights.T, strict=True):
        alpha, residual = fraction * np.abs(X.T @ y).max() / n, y - X @ b
        bound = alpha / np.abs(X.T @ residual / n).max()
        factor = np.clip(y @ residual / (residual @ residual), -bound, bound)
        primal = residual @ residual / (2 * n) + alpha * np.abs(b).sum()
        gaps.append(primal - (y @ y - np.sum((y - factor * residual) ** 2)) / (2 * n))
    return max(gaps) / (y @ y / n)


def theirs(solver, file, targets):
    """Seconds for these targets in two processes, and the widest gap."""
    with ProcessPoolExecutor(2) as pool:
        parts = list(pool.map(solve_some, [(solver, file, targets[i::2].tolist()) for i in (0, 1)]))
    return max(part[0] for part in parts), max(part[1] for part in parts)


def by_peer(python, solver, file, targets):
    """The same by another interpreter, which runs this file."""
    job = json.dumps([solver, str(file), np.asarray(targets).tolist()])
    command = [python, __file__, "--job", job]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(made.stdout.splitlines()[-1])


def measure(options):
    rows, rng = [], np.random.default_rng(1)
    for kind, common in KINDS.items():
        X, Y = recording(common)
        ours(X, Y[:, :70])  # compiles
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "data.npz"
            np.savez(file, X=X, Y=Y)
            runs = {"tpdecode": []}
            for _ in range(options.repeats):  # interleaved, so that all meet the same load
                runs["tpdecode"].append(ours(X, Y))
                some = rng.choice(TARGETS, options.reference_targets, replace=False)
                took, gap = theirs("scikit-learn", file, some)
                runs.setdefault("scikit-learn", []).append((took * TARGETS / len(some), gap))
            for solver in ("celer", "skglm") if options.peers else ():
                some = rng.choice(TARGETS, options.peer_targets, replace=False)
                took, gap = by_peer(options.peers, solver, file, some)
                runs[solver] = [(took * TARGETS / len(some), gap)]
        rows += table_rows(kind, runs, options)
    return rows


def table_rows(kind, runs, options):
    rows, base = [], np.median([run[0] for run in runs["tpdecode"]])
    counts = {"scikit-learn": options.reference_targets}
    for name, found in runs.items():
        took = np.array([run[0] for run in found])
        if name == "tpdecode":
            note = f"{found[0][1]} of {TARGETS * 20} fits not certified"
        else:
            note = f"scaled from {counts.get(name, options.peer_targets)} random targets; "
            note += f"widest gap {max(run[1] for run in found):.1e} of the variance"
        rows.append(
            f"| {kind} | {name} | {np.median(took):.1f} | {took.min():.1f} to {took.max():.1f} | "
            f"{np.median(took) / base:.1f} | {note} |"
        )
    return rows


def report(rows, command):
    lines = "\n".join(rows)
    return f"""# Lasso paths

2160 presentations × {CELLS} cells × {TARGETS} targets, 20 strengths from λmax to 0.02 λmax of each
target. tpdecode: every fit certified by a duality gap of at most 1e-4 ‖y‖²/n and 1 % of
P(0) − P(b), in float64; Gram matrix included. The others have `tol=1e-4`, work in two processes and
are scaled up; scikit-learn is `lasso_path(precompute=Gram)`.

| data | solver | seconds, median | lowest to highest | times tpdecode | |
|---|---|---|---|---|---|
{lines}

Machine: {platform.machine()}, {os.cpu_count()} cores, load average at the end \
{os.getloadavg()[0]:.1f}; Python {platform.python_version()}, NumPy {np.__version__}. Command: \
`{command}`, one linear-algebra thread for each process (OMP_NUM_THREADS=1).
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reference-targets", type=int, default=100)
    parser.add_argument("--peer-targets", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", help="a Python interpreter with celer and skglm")
    parser.add_argument("--write", action="store_true", help=f"write results/{RESULTS.name}")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if options.job:
        solver, file, targets = json.loads(options.job)
        sys.stdout.write("\n" + json.dumps(theirs(solver, file, np.array(targets))))
        return
    command = (
        f"python benchmarks/sparse_path.py --reference-targets {options.reference_targets} "
        f"--repeats {options.repeats}"
    )
    command += f" --peers PYTHON --peer-targets {options.peer_targets}" if options.peers else ""
    text = report(measure(options), command)
    print(text)
    if options.write:
        RESULTS.write_text(text)


if __name__ == "__main__":
    main()
