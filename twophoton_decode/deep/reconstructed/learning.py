"""How scores grow with the number of training images: would more pictures help?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twophoton_decode.decoding.folds.splits import FoldsOfTrials
from twophoton_decode.decoding.folds.trials import Trials
from twophoton_decode.decoding.folds.warnings import gathered
from twophoton_decode.decoding.scoring.scores import correlation, similarity
from twophoton_decode.errors import AnalysisError
from twophoton_decode.features import LinearFeatures
from twophoton_decode.records import Reconstruction
from twophoton_decode.statistics.by_image import content_groups
from twophoton_decode.statistics.mean_score import mean_score
from twophoton_decode.words import duration

SHARES = (0.25, 0.5, 1.0)
SCORES = ("PixCorr", "SSIM")
_NAMED = ("a quarter", "half", "all")
FEWEST_IMAGES = 20
S_IN_H = 3600.0
_WRONG = 5
"""Wrong images that a picture is compared with."""


@dataclass(frozen=True, eq=False)
class Learning:
    """What a decoder makes of every tested image after training on each share of the others.

    `made` (shares, images, y, x), `training_images` (shares,) means over folds.
    """

    made: np.ndarray
    training_images: np.ndarray
    warnings: list[str]


def learnt(
    made: Reconstruction,
    parts: FoldsOfTrials,
    transforms: Sequence[str],
    most_hours: float,
) -> Learning:
    """Fit the decoder anew to each share of the training images of every fold.

    Within a fold the smaller shares are part of the larger ones, near-duplicates together, and
    all presentations of an image come with it. Its tested images stay the same.

    Parameters
    ----------
    made : Reconstruction
        Says which images are tested in which fold.
    parts : FoldsOfTrials
        Its folds.
    transforms : sequence of str
        Of the responses, to choose from in each fit.
    most_hours : float
        Longer than that a decoder is not trained.

    Raises
    ------
    AnalysisError
        Fewer than 20 different images, or a decoder that would take longer.
    """
    _require_images(parts.trials)
    fits = len(parts) * len(SHARES)
    found = np.empty((len(SHARES), *made.average.shape))
    images, begun = np.empty((len(parts), len(SHARES))), time.monotonic()
    warnings: list[list[str]] = []
    for fold in range(len(parts)):
        said: list[str] = []
        for place, less in enumerate(_shares(parts, fold)):
            part = less.part(fold, transforms)
            fit = part.fit()
            average = (fit.average + fit.mean_picture).reshape(-1, *made.average.shape[1:])
            found[place, made.fold == fold] = average
            images[fold, place] = len(part.known)
            said += [f"after {_NAMED[place]} of the training images, {each}"
                     for each in fit.warnings]  # fmt: skip
            parts.progress(fold * len(SHARES) + place + 1, fits, "fits to fewer images")
            if fold == 0:
                _require_time(time.monotonic() - begun, len(parts), most_hours)
        warnings.append(said)
    return Learning(found, images.mean(axis=0), gathered(warnings))


def _shares(parts: FoldsOfTrials, fold: int) -> Iterator[FoldsOfTrials]:
    """The folds with a quarter, half and all of the training images of one of them."""
    trials, tested = parts.trials, parts.fold == fold
    content = np.arange(len(tested)) if trials.content is None else trials.content
    groups = np.unique(content[~tested])
    order = np.random.default_rng([parts.seed, 8, fold]).permutation(groups)
    for share, name in zip(SHARES, _NAMED, strict=True):
        kept = order[: max(1, round(share * len(groups)))]
        if len(kept) == len(groups):
            # Nothing left out: what the whole fit has learned before can be read again.
            yield parts
            continue
        folder = parts.session.checkpoints
        session = replace(parts.session, checkpoints=folder and folder / "fewer-images" / name)
        used = (tested | np.isin(content, kept))[trials.image]
        yield replace(parts, trials=_presentations(trials, used), session=session)


def _presentations(trials: Trials, used: np.ndarray) -> Trials:
    """Only the presentations that are `used`; all images stay known."""
    named = None if trials.named is None else trials.named[used]
    return replace(trials, response=trials.response[used], image=trials.image[used], named=named)


def learning_curve(
    made: Reconstruction, learnings: dict[str, Learning], ceiling: np.ndarray, seed: int
) -> dict[str, Any]:
    """Scores at each share with their intervals, rises from one to the next, and leads over ridge.

    Parameters
    ----------
    made : Reconstruction
        What was tested.
    learnings : dict of str to Learning
        By decoder: the one in question first, ridge last.
    ceiling : ndarray, shape (images, y, x)
        The images as the features show them.
    seed : int
        Of the wrong images.

    Returns
    -------
    dict
        Fields of `LearningCurve`.
    """
    content, apart = content_groups(made), made.tested_apart
    wrong = np.random.default_rng([seed, 9])
    other = np.array([wrong.choice(np.flatnonzero(content != own), _WRONG) for own in content])
    shown, scale = np.asarray(made.picture, float), float(np.ptp(made.picture))

    def against(true: np.ndarray) -> np.ndarray:
        """(decoder, score, share, image)."""
        rows = [[_scores(true, each, scale) for each in found.made] for found in learnings.values()]
        return np.swapaxes(rows, 1, 2)

    value = against(shown)
    chance = np.mean([against(shown[each]) for each in other.T], axis=0)

    def intervals(values: np.ndarray) -> np.ndarray:
        rows = values.reshape(-1, values.shape[-1])
        ends = [mean_score(row, None, content, apart=apart).interval for row in rows]
        return np.reshape(ends, (*values.shape[:-1], 2))

    # More training makes pictures sharper or smoother, which moves scores with any image.
    rise, lead = np.diff(value - chance, axis=2), value[0] - value[-1]
    return {
        "decoder": np.array(list(learnings)),
        "score": np.array(SCORES),
        "share": np.array(SHARES),
        "training_images": next(iter(learnings.values())).training_images,
        "image_name": made.image_name,
        "value": value,
        "value_mean": value.mean(axis=-1),
        "learning_ci95": intervals(value),
        "chance": chance.mean(axis=-1),
        "ceiling": np.mean(_scores(shown, ceiling, scale), axis=-1),
        "doubling": rise.mean(axis=-1),
        "doubling_ci95": intervals(rise),
        "lead": lead.mean(axis=-1),
        "lead_ci95": intervals(lead),
    }


def as_features_show(made: Reconstruction, space: LinearFeatures) -> np.ndarray:
    """The tested images as a perfect decoder would make them, shape (images, y, x).

    Features hold what an image has beyond the mean training image of its fold, and so does a
    decoder: filters that know no luminance would lose it otherwise.
    """
    mean = made.mean_picture[made.fold].astype(float)
    back: np.ndarray = mean + space.decode(space.encode(made.picture - mean))
    return back


def _scores(shown: np.ndarray, made: np.ndarray, scale: float) -> list[np.ndarray]:
    """PixCorr and SSIM of each picture (images, y, x), the mean image left in."""
    rows = (each.reshape(len(each), -1) for each in (shown, made))
    return [correlation(*rows), similarity(shown, made, scale)]


def _require_images(trials: Trials) -> None:
    images = len(trials.pixels)
    if images < FEWEST_IMAGES:
        raise AnalysisError(
            f"scores after fewer training images need {FEWEST_IMAGES} different images or more; "
            f"this session has {images}."
        )


def _require_time(first: float, folds: int, most_hours: float) -> None:
    needed = first * folds
    if needed > most_hours * S_IN_H:
        raise AnalysisError(
            f"fits to fewer images would take about {duration(needed)}. Allow it by most_hours in "
            f"[deep], now {most_hours:g}."
        )
