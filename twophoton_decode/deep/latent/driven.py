"""Generators driven by the right responses and by wrong ones: what they make without the brain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.decoding.scoring.scores import similarity, unit_rows
from twophoton_decode.features import LinearFeatures
from twophoton_decode.progress import Progress, silent
from twophoton_decode.statistics.by_image import mean_by_image
from twophoton_decode.statistics.permutation import derangement
from twophoton_decode.statistics.share import kept_interval

OWN, WRONG, MEAN, EXCHANGED = (
    "own responses",
    "a wrong image",
    "the mean response",
    "cells exchanged",
)
ROUNDING = 1e-9
"""Deviations from the mean picture below this share of it are none."""
ONLY = {"z": "z only", "c": "c only"}


@dataclass(frozen=True, eq=False)
class Images:
    """What was shown, and the responses.

    Attributes
    ----------
    response : ndarray, shape (presentations, cells)
    image : ndarray of int, shape (presentations,)
    picture : ndarray, shape (images, y, x)
        At working size.
    fold, content : ndarray of int, shape (images,)
    """

    response: np.ndarray
    image: np.ndarray
    picture: np.ndarray
    fold: np.ndarray
    content: np.ndarray

    @property
    def repeats(self) -> np.ndarray:
        """Presentations of each image, (images,)."""
        return np.bincount(self.image, minlength=len(self.picture))


def driven_pictures(
    images: Images,
    space: LinearFeatures,
    makers: dict[str, Callable[[], Any]],
    seed: int,
    progress: Progress = silent,
) -> tuple[dict[str, Any], list[str]]:
    """Fields of `DrivenPictures`, and what the fits say.

    Parameters
    ----------
    makers : dict of str to callable
        Give unfitted decoders, by name.
    """
    ways = [(name, way) for name in makers for way in _ways(name)]
    made = np.zeros((len(ways), *images.picture.shape))
    mean = np.zeros((len(images.picture), images.picture[0].size))
    notes: list[str] = []
    folds = int(images.fold.max()) + 1
    for number in range(folds):
        tested = np.flatnonzero(images.fold == number)
        mean[tested] = _mean_picture(images, number)
        for name, make in makers.items():
            progress(number, folds, f"folds of {name}, driven rightly and wrongly")
            decoder = _fitted(make(), images, space, number, seed)
            notes += [each for each in decoder.warnings_ if each not in notes]
            for place, (of, way) in enumerate(ways):
                if of == name:
                    made[place, tested] = _driven(decoder, way, images, space, number, seed)
    fields = _scores(made, images, mean)
    return {"decoder": np.array([name for name, _ in ways]),
            "driven_by": np.array([way for _, way in ways]),
            "made": made, **fields, **_left(fields, ways, images.content)}, notes  # fmt: skip


def _ways(name: str) -> Sequence[str]:
    only = ONLY.values() if name == "latent-diffusion" else ()
    return (OWN, *only, WRONG, MEAN, EXCHANGED)


def _mean_picture(images: Images, number: int) -> np.ndarray:
    shown = images.image[images.fold[images.image] != number]
    return np.asarray(images.picture[shown].mean(axis=0)).ravel()


def _fitted(decoder: Any, images: Images, space: LinearFeatures, number: int, seed: int) -> Any:
    train = images.fold[images.image] != number
    image = images.image[train]
    features = space.encode(images.picture)[image]
    run = TrainingRun(seed=seed)
    return decoder.fit_long(images.response[train], features, images.content[image], run)


def _driven(
    decoder: Any, way: str, images: Images, space: LinearFeatures, number: int, seed: int
) -> np.ndarray:
    """Pictures (tested images, y, x) of one way."""
    tested = np.flatnonzero(images.fold == number)
    average = mean_by_image(images.response, images.image, len(images.picture))[tested]
    rng = np.random.default_rng([seed, 7, number])
    repeats = images.repeats[tested]
    if way == WRONG:
        other = derangement(images.content[tested], rng)
        average, repeats = average[other], repeats[other]
    elif way == MEAN:
        mean = images.response[images.fold[images.image] != number].mean(axis=0)
        average = np.repeat(mean[None], len(tested), axis=0)
    elif way == EXCHANGED:
        average = average[:, rng.permutation(average.shape[1])]
    only = next((key for key, word in ONLY.items() if word == way), "")
    made = np.empty((len(tested), *images.picture.shape[1:]))
    for count in np.unique(repeats):
        rows = repeats == count
        given = average[rows], int(count)
        features = decoder.driven(*given, only) if only else decoder.predict_mean(*given)
        made[rows] = space.decode(features)
    return made


def _scores(made: np.ndarray, images: Images, mean: np.ndarray) -> dict[str, Any]:
    """Every way against what was shown."""
    shown, own = images.picture, np.arange(len(images.picture))
    rows = shown.reshape(len(shown), -1)
    span = float(np.ptp(shown))
    found: dict[str, list[Any]] = {
        name: [] for name in ("ssim", "r", "two_way", "named", "nearest", "nearest_r", "dimension")
    }
    for pictures in made:
        flat = pictures.reshape(len(shown), -1)
        fit = _fits(flat, rows, mean, images.fold)
        other = images.content[:, None] != images.content
        trained = images.fold[:, None] != images.fold
        true = fit[own, own]
        found["ssim"].append(similarity(shown, pictures, span))
        found["r"].append(true)
        found["two_way"].append(_two_way(fit, true, other))
        found["named"].append((np.where(other, fit, -np.inf) < true[:, None]).all(axis=1))
        among = np.where(trained, fit, -np.inf)
        found["nearest"].append(among.argmax(axis=1))
        found["nearest_r"].append(among.max(axis=1))
        found["dimension"].append(participation_ratio(flat))
    stacked = {name: np.stack(values) for name, values in found.items()}
    means = {f"{name}_mean": stacked[name].mean(axis=1) for name in ("ssim", "r", "two_way")}
    return {
        **stacked,
        **means,
        "named_share": stacked["named"].mean(axis=1),
        "nearer_to_training": (stacked["nearest_r"] > stacked["r"]).mean(axis=1),
        "dimension_shown": participation_ratio(rows),
    }


def _fits(made: np.ndarray, shown: np.ndarray, mean: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """R of what was made of each image with every picture, (images, images)."""
    fit = np.empty((len(made), len(shown)))
    for number in np.unique(fold):
        rows = fold == number
        about = mean[rows][0]
        deviation = made[rows] - about
        # A linear read-out makes the mean picture of the mean response: the rest is rounding.
        largest = np.abs(deviation).max(axis=1, keepdims=True)
        deviation = np.where(largest > ROUNDING * np.abs(about).max(), deviation, 0)
        fit[rows] = unit_rows(deviation) @ unit_rows(shown - about).T
    return fit


def _two_way(fit: np.ndarray, true: np.ndarray, other: np.ndarray) -> np.ndarray:
    worse = (fit < true[:, None]) + 0.5 * (fit == true[:, None])
    return (worse * other).sum(axis=1) / other.sum(axis=1)


def _left(
    fields: dict[str, Any], ways: list[tuple[str, str]], content: np.ndarray
) -> dict[str, np.ndarray]:
    """Scores as shares of those with own responses, with paired intervals over images.

    NaN where these are no better than chance.
    """
    own = np.array([ways.index((name, OWN)) for name, _ in ways])
    found = {}
    for name, values in (("ssim", fields["ssim"]), ("two_way", fields["two_way"] - 0.5)):
        mean, nothing = values.mean(axis=1), np.full(len(ways), np.nan)
        found[f"{name}_left"] = np.divide(mean, mean[own], out=nothing, where=mean[own] > 0)
        ends = [
            kept_interval(values[way], values[of], content) if mean[of] > 0 else (np.nan, np.nan)
            for way, of in enumerate(own)
        ]
        found[f"{name}_left_low"], found[f"{name}_left_high"] = np.array(ends).T
    return found


def participation_ratio(rows: np.ndarray) -> float:
    """(Σλ)² / Σλ² of the covariance of rows (n, values) over n: 1 on a line, 0 where all are equal.

    At most n − 1.
    """
    centred = rows - rows.mean(axis=0)
    gram = centred @ centred.T
    square = float((gram**2).sum())
    return float(np.trace(gram)) ** 2 / square if square > 0 else 0.0
