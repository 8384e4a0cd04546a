"""Words about pictures, told from cells that know none: how often is one said to be told?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from measures import REJECTION, Quantity, rejected
from study import Outcome, Study

from twophoton_decode.deep.comparison.tags import TaggedImages, decode_tags

WORDS, CELLS, PERMUTATIONS, FOLDS = 6, 40, 99, 5
ONE = Quantity(("tag_p",), "a word is told though cells know none", REJECTION)
ANY = Quantity(
    ("tag_p_holm",), "any of six words is told, corrected, though cells know none", REJECTION
)
MEAN = Quantity(("mean_tag_p",), "words are told on average though cells know none", REJECTION)


@dataclass(frozen=True)
class Kind:
    """So many pictures, of which so many show the same, and the share that has a word."""

    images: int
    alike: int = 1
    share: float = 0.4


def _run(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    content = np.arange(kind.images) // kind.alike
    groups = content[-1] + 1
    # Words that occur together, as they do in pictures.
    common = rng.standard_normal((groups, 1)) + rng.standard_normal((groups, WORDS))
    has = (common > np.quantile(common, 1 - kind.share))[content]
    average = rng.standard_normal((groups, CELLS))[content]
    average += 0.3 * rng.standard_normal(average.shape)
    images = TaggedImages(has, content % FOLDS, content, np.zeros(kind.images, dtype=np.int64))
    names = [str(word) for word in range(WORDS)]
    pictures = rng.random((kind.images, 8, 8))
    found, _ = decode_tags(average, pictures, names, images, PERMUTATIONS, int(rng.integers(2**31)))
    yield ONE, "", rejected(found["tag_p"][0])
    yield ANY, "", rejected(found["tag_p_holm"].min())
    yield MEAN, "", rejected(found["mean_tag_p"])


def studies() -> Iterator[Study]:
    kinds = {
        "50 pictures": Kind(50),
        "120 pictures": Kind(120),
        "80 pictures in pairs that show the same": Kind(80, alike=2),
        "120 pictures, words of one in eight": Kind(120, share=0.125),
    }
    for words, kind in kinds.items():
        every = 5 if kind.alike > 1 else 1
        run = partial(_run, kind)
        yield Study("deep-tags", f"nothing seen, {words}", (ONE, ANY, MEAN), run, every)
