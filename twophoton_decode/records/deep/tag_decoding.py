"""Words about pictures that were told from the responses to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class TagDecoding(Record):
    """How well each word that people gave to pictures is told from mean responses.

    Every picture is scored by a fit to others. Chance exchanges pictures over the responses and
    fits everything again (docs/methods/tags.md).
    """

    image_name: np.ndarray = array("image", dtype=str, doc="file name or index of each picture")
    fold: np.ndarray = array("image", dtype=np.int64, doc="the fold in which it is tested")
    tag: np.ndarray = array("tag", dtype=str, doc="the words, sorted")
    has: np.ndarray = array("image tag", dtype=bool, doc="whether the picture has the word")
    score: np.ndarray = array(
        "image tag", doc="what ridge on responses makes of it: 1 has it, 0 has it not"
    )
    auc: np.ndarray = array(
        "tag", doc="share of pairs of a picture with the word and one without that are told apart"
    )
    gabor_auc: np.ndarray = array(
        "tag", doc="the same from Gabor energies of the pictures, without cells"
    )
    chance: np.ndarray = array(
        "tag end", doc="where 95 % of `auc` lie with pictures exchanged over the responses"
    )
    tag_p: np.ndarray = array("tag", doc="one-sided, by these exchanges")
    tag_p_holm: np.ndarray = array("tag", doc="corrected over the words, Holm")
    mean_auc: float = scalar(doc="mean over words")
    mean_tag_p: float = scalar(doc="one-sided p of that mean, by the same exchanges")
    permutations: int = scalar(doc="exchanges of pictures")
    notes: list[str] = scalar(doc="which words and pictures were left out")
