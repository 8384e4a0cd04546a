"""The strength of a sparse penalty, chosen by images left out inside training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from twophoton_decode.decoding.fitting.affine import Solver
from twophoton_decode.decoding.fitting.readout import Weights
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.ridge.strength import UNPREDICTABLE
from twophoton_decode.decoding.sparse.path import ROUNDS, CentredProblem, SparsePath
from twophoton_decode.kernels.lasso.path import SharedGram
from twophoton_decode.kernels.threads import in_threads, one_thread_each

INNER_FOLDS = 5
INNER_FEATURES = 64
"""Features by whose error the strength is chosen; drawn at random where there are more."""
SEED = 20
PATIENCE = 2
"""Strengths in a row, each worse than the best, after which the path is not followed further."""


@dataclass(frozen=True, eq=False)
class TrainingPart:
    """Some training presentations: what a path needs of their responses, whatever the targets.

    `sums` (targets, cells) are responses summed over the presentations of a target,
    `repeats` (targets,) how many there are.
    """

    gram: SharedGram
    unit: float
    sums: np.ndarray
    repeats: np.ndarray

    @classmethod
    def of(cls, gram: np.ndarray, sums: np.ndarray, repeats: np.ndarray) -> TrainingPart:
        """From sums of products of responses, and of responses, about any fixed origin."""
        count, total = repeats.sum(), sums.sum(axis=0)
        covariance = gram / count - np.outer(total, total) / count**2
        variance = float(np.trace(covariance)) / len(covariance)
        variance = variance if variance > 0 else 1.0
        return cls(SharedGram.of(covariance / variance), float(np.sqrt(variance)), sums, repeats)

    def problem(self, targets: np.ndarray) -> CentredProblem:
        """Of targets (targets, features), which need not be centred."""
        centred = targets - self.mean(targets)
        count = self.repeats.sum()
        moments = np.ascontiguousarray(centred.T @ self.sums) / (count * self.unit)
        return CentredProblem(self.gram, self.unit, moments, self.repeats @ centred**2 / count)

    def mean(self, targets: np.ndarray) -> np.ndarray:
        """Mean target over the presentations, (features,)."""
        return self.repeats @ targets / self.repeats.sum()


@dataclass(frozen=True, eq=False)
class InnerFold:
    """A part of training to fit, and presentations of other image groups to judge it by.

    `responses` (presentations, cells) are those left out, minus the part's mean; `target`
    (presentations,) says which target each has.
    """

    part: TrainingPart
    responses: np.ndarray
    target: np.ndarray

    def start(self, targets: np.ndarray, l1_share: float) -> InnerPath:
        """A path for these targets."""
        wanted = (targets - self.part.mean(targets))[self.target]
        return InnerPath(self, SparsePath(self.part.problem(targets), l1_share), wanted)


@dataclass(frozen=True, eq=False)
class InnerPath:
    """A path on the part of a fold, and the targets of the presentations left out."""

    fold: InnerFold
    path: SparsePath
    wanted: np.ndarray

    def error(self, strength: float) -> float:
        """Squared error on the presentations left out, at the next strength."""
        self.path.step(strength)
        weights = self.path.weights
        used = weights.any(axis=0)
        missed = self.wanted - self.fold.responses[:, used] @ weights[:, used].T
        return float(np.vdot(missed, missed))


def inner_folds(training: TrainingResponses) -> list[InnerFold]:
    """Folds over groups of training images; Gram matrices are downdated, not built anew.

    Groups are dealt out in the order of the strength of their summed response: so the
    folds are alike, and do not depend on the order of cells or presentations.
    """
    groups = training.group.max() + 1
    sums = np.zeros((groups, training.cells))
    np.add.at(sums, training.group, training.centred)
    rank = np.argsort(np.argsort((sums**2).sum(axis=1), kind="stable"))
    fold = (rank % min(INNER_FOLDS, groups))[training.group]
    return [_left_out(training, fold == number) for number in range(fold.max() + 1)]


def _left_out(training: TrainingResponses, out: np.ndarray) -> InnerFold:
    responses, target = training.centred[out], training.target[out]
    sums, repeats = training.target_sums.copy(), training.repeats.copy()
    np.subtract.at(sums, target, responses)
    np.subtract.at(repeats, target, 1)
    part = TrainingPart.of(training.gram - responses.T @ responses, sums, repeats)
    return InnerFold(part, responses - sums.sum(axis=0) / repeats.sum(), target)


def sparse_solver(
    training: TrainingResponses, strengths: Sequence[float], l1_share: float
) -> Solver:
    """How to find sparse weights for any targets, at a strength chosen inside training.

    The strength, as a fraction of each feature's λmax, is one for all features: that with the
    smallest squared single-trial error on image groups left out in five folds, measured on
    up to 64 features (drawn with a fixed seed) [ours]. Strengths are tried from the largest
    on until two in a row were worse than the best.

    Parameters
    ----------
    training : TrainingResponses
    strengths : sequence of float, descending, at most 1
    l1_share : float
        See `SparsePath`.
    """
    whole = TrainingPart.of(training.gram, training.target_sums, training.repeats)
    folds = inner_folds(training) if len(strengths) > 1 and training.group.max() > 0 else []

    def solve(targets: np.ndarray) -> Weights:
        with one_thread_each():
            chosen, error, missed = _choose(folds, targets, strengths, l1_share)
            path = SparsePath(whole.problem(targets), l1_share)
            for strength in strengths[: chosen + 1]:
                path.step(strength)
        warnings = [UNPREDICTABLE] if chosen == 0 and len(strengths) > 1 else []
        warnings += _missed([*path.missed, *missed])
        coef = np.ascontiguousarray(path.weights.T)
        return Weights(coef, float(strengths[chosen]), tuple(warnings), error)

    return solve


Missed = list[tuple[float, int, float]]


def _choose(
    folds: list[InnerFold], targets: np.ndarray, strengths: Sequence[float], l1_share: float
) -> tuple[int, float, Missed]:
    """Which strength is best, its error scaled to all features, and what was not certified."""
    if not folds:
        return len(strengths) - 1, float("nan"), []
    features = _inner_features(targets)
    share = (targets[:, features] ** 2).sum() / max((targets**2).sum(), np.finfo(float).tiny)
    paths = [fold.start(targets[:, features], l1_share) for fold in folds]
    errors: list[float] = []
    for strength in strengths:
        errors.append(sum(in_threads(partial(_error_at, strength), paths)))
        best = int(np.argmin(errors))
        if len(errors) > best + PATIENCE:
            break
    missed = [entry for path in paths for entry in path.path.missed]
    return best, errors[best] / share if share > 0 else 0.0, missed


def _error_at(strength: float, path: InnerPath) -> float:
    return path.error(strength)


def _inner_features(targets: np.ndarray) -> np.ndarray:
    features = targets.shape[1]
    if features <= INNER_FEATURES:
        return np.arange(features)
    drawn = np.random.default_rng(SEED).choice(features, INNER_FEATURES, replace=False)
    return np.sort(drawn)


def _missed(missed: Missed) -> list[str]:
    """One warning for all fits, inner ones included, that were given up."""
    if not missed:
        return []
    strength, count, gap = max(missed, key=lambda entry: entry[2])
    return [
        f"{sum(entry[1] for entry in missed)} fits of a feature at a strength did not "
        f"reach the wanted duality gap in {ROUNDS} rounds; the widest gap is {gap:.1e} of the "
        f"feature's variance, at {strength:.3f} of the largest strength, where {count} "
        "features missed it. Cells may be copies of each other, or nearly."
    ]
