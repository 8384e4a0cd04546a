"""One peer of benchmarks/decoding.py, run by the Python that has it.

    python benchmarks/decoding_peers.py himalaya|scikit-learn|fastl2lir FOLDER

FOLDER has the arrays of the problem as .npy; the result and its seconds are written there.
"""

import sys
import time
import warnings
from pathlib import Path

import numpy as np


def himalaya(X, Y, setting, folder):
    """RidgeCV with the given folds: one strength for each target, in float64."""
    from himalaya.ridge import RidgeCV

    fold = setting["fold"]
    cv = [(np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in np.unique(fold)]
    model = RidgeCV(alphas=setting["alphas"], fit_intercept=True, cv=cv)
    yield
    yield model.fit(X, Y)
    np.save(folder / "strength.npy", model.best_alphas_)
    np.save(folder / "weights.npy", model.coef_)


def scikit_learn(X, Y, setting, folder):
    """RidgeCV with its own leave-one-presentation-out shortcut."""
    from sklearn.linear_model import RidgeCV

    model = RidgeCV(alphas=setting["alphas"], alpha_per_target=True)
    yield
    yield model.fit(X, Y)
    np.save(folder / "strength.npy", model.alpha_)
    np.save(folder / "weights.npy", model.coef_.T)


def fastl2lir(X, Y, setting, folder):
    """The strongest correlations chosen for each target, then ridge."""
    from fastl2lir import FastL2LiR

    model = FastL2LiR()
    alpha, count = float(setting["alpha"]), int(setting["count"])
    yield
    yield model.fit(X, Y, alpha=alpha, n_feat=count)
    np.save(folder / "weights.npy", model.W)


PEERS = {"himalaya": himalaya, "scikit-learn": scikit_learn, "fastl2lir": fastl2lir}


def main():
    name, folder = sys.argv[1], Path(sys.argv[2])
    warnings.simplefilter("ignore")
    arrays = {path.stem: np.load(path, allow_pickle=False) for path in folder.glob("*.npy")}
    run = PEERS[name](arrays["X"], arrays["Y"], arrays, folder)
    next(run)  # imports
    start = time.perf_counter()
    next(run)
    seconds = time.perf_counter() - start
    next(run, None)
    (folder / "seconds.txt").write_text(f"{seconds}", encoding="utf-8")


if __name__ == "__main__":
    main()
