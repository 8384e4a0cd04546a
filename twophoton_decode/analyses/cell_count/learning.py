"""Score against the number of training images, and of repeats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from twophoton_decode.analyses.cell_count.refits import Training
from twophoton_decode.analyses.fold import FoldTrials
from twophoton_decode.decoding.scoring.scores import correlation
from twophoton_decode.kernels.threads import results_in_turn
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.statistics.by_image import sums_by_image

SHARES = (0.125, 0.25, 0.5, 0.75)
FEWEST_IMAGES = 3
# Multiplications of all refits together; with more cells, fewer folds are scored.
LARGEST_COST = 1.5e11
# Least squares gets this share of the mean eigenvalue as penalty, so that it is defined.
TINY = 1e-9


@dataclass(frozen=True)
class LearningCurves:
    """R with decoders trained on less.

    Attributes
    ----------
    images, repeats : ndarray, shape (sizes,)
        Training images, and presentations of each, mean over folds.
    r : ndarray, shape (images, sizes)
        R per trial, then averaged; NaN for images of folds that were left out.
    """

    images: np.ndarray
    repeats: np.ndarray
    r: np.ndarray


def learning_curves(
    reconstruction: Reconstruction,
    responses: Responses,
    decoded: np.ndarray,
    seed: int,
    progress: Progress = silent,
) -> LearningCurves:
    """R of single test trials, with fewer training images or fewer repeats of each [ours].

    Refits ridge with the fold's strength (a ratio of variances, which does not depend on how
    much is known) or least squares, to nested random subsets of the training images with all
    their repeats, and to nested random subsets of the repeats of all training images.

    Parameters
    ----------
    decoded : ndarray, shape (images, pixels)
        The images through the features and back, of `refits.decoded_pictures`.
    seed : int
        Seed of the subsets.
    """
    sizes = _sizes(responses)
    folds = np.unique(reconstruction.fold)
    folds = folds[: _affordable(responses, len(folds), sizes)]

    def of_fold(fold: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        trials = FoldTrials.of(reconstruction, responses, int(fold))
        training = Training.of(reconstruction, responses, trials, decoded)
        rank = _ranks(training.image, np.random.default_rng([seed, 7, int(fold)]))
        return trials.shown, *_learned(training, trials, rank, sizes)

    r = np.full((responses.images, len(sizes)), np.nan)
    used = np.zeros((2, len(sizes)))
    for done, (shown, curves, trained_on) in enumerate(results_in_turn(of_fold, folds)):
        progress(done, len(folds), "folds refitted to less training data")
        r[shown] = curves
        used += trained_on
    progress(len(folds), len(folds), "folds refitted to less training data")
    return LearningCurves(used[0] / len(folds), used[1] / used[0], r)


def _learned(
    training: Training,
    trials: FoldTrials,
    rank: tuple[np.ndarray, np.ndarray],
    sizes: list[tuple[float, int]],
) -> tuple[np.ndarray, np.ndarray]:
    """R of a fold's images at every size, and what was trained on, (2, sizes)."""
    r = np.empty((len(trials.shown), len(sizes)))
    used = np.empty((2, len(sizes)))
    for column, (share, repeats) in enumerate(sizes):
        kept = _kept(training.image, rank, share, repeats)
        used[:, column] = len(np.unique(training.image[kept])), len(kept)
        scored = _refit(training, kept, trials.image)
        r[:, column] = trials.average(scored[:, None])[:, 0]
    return r, used


def _sizes(responses: Responses) -> list[tuple[float, int]]:
    """Share of the training images, and largest number of repeats, of every refit."""
    most = int(responses.repeats_per_image.max())
    repeats = [2**n for n in range(int(np.log2(most)) + 1) if 2**n < most]
    shares = [s for s in SHARES if s * responses.images * 0.5 >= FEWEST_IMAGES]
    return [(share, most) for share in [*shares, 1.0]] + [(1.0, n) for n in repeats]


def _affordable(responses: Responses, folds: int, sizes: list[tuple[float, int]]) -> int:
    """How many folds can be refitted at every size, at least one."""
    small, large = sorted((responses.cells, responses.presentations))
    return int(np.clip(LARGEST_COST / (0.6 * len(sizes) * small**2 * large), 1, folds))


def _ranks(image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A random rank of each training image, and of each presentation among its image's."""
    images = rng.permutation(int(image.max()) + 1)
    shuffled = rng.permutation(len(image))
    order = shuffled[np.argsort(image[shuffled], kind="stable")]
    counts = np.bincount(image)
    repeat = np.empty(len(image), np.int64)
    repeat[order] = np.arange(len(image)) - np.repeat(np.cumsum(counts) - counts, counts)
    return images, repeat


def _kept(
    image: np.ndarray, rank: tuple[np.ndarray, np.ndarray], share: float, repeats: int
) -> np.ndarray:
    """Presentations of that share of the images, at most so many of each."""
    of_image, of_repeat = rank
    images = max(FEWEST_IMAGES, round(share * len(of_image)))
    return np.flatnonzero((of_image[image] < images) & (of_repeat < repeats))


def _refit(training: Training, kept: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """R of every test presentation, the decoder fitted to the presentations `kept`."""
    image = np.unique(training.image[kept], return_inverse=True)[1]
    target = training.target[np.unique(training.image[kept])]
    response = training.response[kept]
    mean = response.mean(axis=0)
    centred = response - mean
    sums = sums_by_image(centred, image)
    mixture = _ridge(centred, sums, training.test_response - mean, image, training.strength)
    # m stays that of the fold, so that scores differ by the weights alone.
    return correlation(training.shown[shown], mixture @ target)


def _ridge(
    centred: np.ndarray,
    sums: np.ndarray,
    test: np.ndarray,
    image: np.ndarray,
    strength: float,
) -> np.ndarray:
    """What each training image contributes to each test presentation, by the shorter way."""
    presentations, cells = centred.shape
    strength += TINY * (centred**2).sum() / min(presentations, cells)
    if cells <= presentations:
        penalised = centred.T @ centred + strength * np.eye(cells)
        return test @ linalg.solve(penalised, sums.T, assume_a="pos")
    penalised = centred @ centred.T + strength * np.eye(presentations)
    weight = linalg.solve(penalised, centred @ test.T, assume_a="pos")
    return sums_by_image(weight, image).T
