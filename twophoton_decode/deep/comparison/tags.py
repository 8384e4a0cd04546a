"""Which words about a picture can be told from the responses to it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.decoding.permuted_images import exchanged
from twophoton_decode.deep.attention.shared_ridge import SharedRidge, chosen_strength
from twophoton_decode.deep.comparison.decoding.spaces import gabor_energies
from twophoton_decode.errors import AnalysisError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.statistics.paired import holm
from twophoton_decode.statistics.permutation import p_above

FEWEST_WITH = 10
"""Different pictures that have a word, and that have it not, for it to be decoded."""


@dataclass(frozen=True, eq=False)
class TaggedImages:
    """Pictures, their words, and how they are split.

    Attributes
    ----------
    has : ndarray of bool, shape (images, tags)
    fold, content : ndarray of int, shape (images,)
        Images of equal content show nearly the same and share a fold.
    block : ndarray of int, shape (images,)
        Images are exchanged within these only.
    """

    has: np.ndarray
    fold: np.ndarray
    content: np.ndarray
    block: np.ndarray

    def folds(self, features: np.ndarray) -> list[_FoldOfImages]:
        """What all fits to these features share."""
        return [_FoldOfImages.of(features, self.fold != n) for n in np.unique(self.fold)]

    def auc(self, folds: Sequence[_FoldOfImages], has: np.ndarray) -> np.ndarray:
        """How well each word is told, (tags,), by `two_way_share`."""
        return two_way_share(self.predicted(folds, has), has, self.fold)

    def predicted(self, folds: Sequence[_FoldOfImages], has: np.ndarray) -> np.ndarray:
        """What ridge makes of each word of `has`, (images, tags), images by fits to others."""
        made = np.empty(has.shape)
        for each in folds:
            target = has[each.training].astype(float)
            strength, _ = chosen_strength(each.ridge, target, self.content[each.training])
            readout = each.ridge.readout(each.tested, strength)
            made[~each.training] = readout.predict(target) + target.mean(axis=0)
        return made


@dataclass(frozen=True, eq=False)
class _FoldOfImages:
    """`training` (images,) says which images are trained on, `tested` has features of others."""

    training: np.ndarray
    ridge: SharedRidge
    tested: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray, training: np.ndarray) -> _FoldOfImages:
        return cls(training, SharedRidge.of(features[training]), features[~training])


def two_way_share(score: np.ndarray, has: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Share of pairs, one image with a word and one without, in which the former scores higher.

    The area under the ROC curve, from pairs of one fold: images of different folds are scored
    by different fits. Ties count one half; NaN where no fold has a pair.

    Parameters
    ----------
    score : ndarray, shape (images, tags)
    has : ndarray of bool, shape (images, tags)
    fold : ndarray of int, shape (images,)
    """
    won, pairs = np.zeros(has.shape[1]), np.zeros(has.shape[1])
    for number in np.unique(fold):
        own = fold == number
        higher = np.sign(score[own][:, None] - score[own][None]) / 2 + 0.5
        pair = has[own][:, None] & ~has[own][None]
        won += (higher * pair).sum(axis=(0, 1))
        pairs += pair.sum(axis=(0, 1))
    return np.divide(won, pairs, out=np.full(len(won), np.nan), where=pairs > 0)


def decode_tags(
    average: np.ndarray,
    picture: np.ndarray,
    tag: Sequence[str],
    images: TaggedImages,
    permutations: int,
    seed: int,
    progress: Progress = silent,
) -> tuple[dict[str, Any], list[str]]:
    """Fields of `TagDecoding`, and which words were left out.

    Chance exchanges pictures, with their words, over the responses and fits everything again.

    Parameters
    ----------
    average : ndarray, shape (images, cells)
        Mean responses.
    picture : ndarray, shape (images, y, x)
    tag : sequence of str
    images : TaggedImages

    Raises
    ------
    AnalysisError
        No word has ten different pictures with it and ten without.
    """
    kept, left_out = _common(images, tag)
    has = images.has[:, kept]
    names = [tag[each] for each in kept.tolist()]
    cells, gabor = images.folds(average), images.folds(gabor_energies(picture))
    score = images.predicted(cells, has)
    auc = two_way_share(score, has, images.fold)
    rng = np.random.default_rng([seed, 0x7A6])
    null = np.empty((permutations, len(kept)))
    for number in range(permutations):
        null[number] = images.auc(cells, has[exchanged(images.content, images.block, rng)])
        progress(number + 1, permutations, "words with pictures exchanged")
    p = np.array([p_above(one, chance) for one, chance in zip(auc, null.T, strict=True)])
    fields = {
        "tag": np.array(names),
        "has": has,
        "score": score,
        "auc": auc,
        "gabor_auc": images.auc(gabor, has),
        "chance": _middle(null),
        "tag_p": p,
        "tag_p_holm": holm(p),
        "mean_auc": float(auc.mean()),
        "mean_tag_p": p_above(float(auc.mean()), null.mean(axis=1)),
    }
    return fields, left_out


def _middle(null: np.ndarray) -> np.ndarray:
    """Where 95 % of each column (draws, tags) lie, (tags, 2); NaN without draws."""
    if not len(null):
        return np.full((null.shape[1], 2), np.nan)
    return np.asarray(np.quantile(null, [0.025, 0.975], axis=0).T)


def _common(images: TaggedImages, tag: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Words that enough different pictures have and lack, and what is said of the others."""
    different = [np.unique(images.content[own]).size for own in images.has.T]
    without = [np.unique(images.content[~own]).size for own in images.has.T]
    enough = np.minimum(different, without) >= FEWEST_WITH
    if not enough.any():
        raise AnalysisError(
            f"none of {len(tag)} words is decoded: each needs {FEWEST_WITH} different pictures "
            f"that have it and {FEWEST_WITH} that do not; the most common, "
            f"{tag[int(np.argmax(different))]!r}, has {max(different)}."
        )
    rare = [tag[each] for each in np.flatnonzero(~enough).tolist()]
    if not rare:
        return np.flatnonzero(enough), []
    return np.flatnonzero(enough), [
        f"{len(rare)} of {len(tag)} words are left out, {', '.join(rare[:5])}"
        f"{' …' if len(rare) > 5 else ''}: fewer than {FEWEST_WITH} different pictures have or "
        "lack them."
    ]
