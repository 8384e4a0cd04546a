"""Which words about a picture can be told from the responses to it?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from twophoton_decode.errors import SettingsError
from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records import Responses
from twophoton_decode.records.deep.tag_decoding import TagDecoding

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "deep/tags.nc"
PERMUTATIONS = 500
"""At most: each fits everything again."""


def run(work: StageInput) -> StageOutput:
    """Each word by ridge on mean responses, beside chance and the pictures' Gabor energies."""
    from twophoton_decode.decoding.permuted_images import shown_in_blocks
    from twophoton_decode.deep.comparison.decoding.network_decoding import decoding_folds
    from twophoton_decode.deep.comparison.tags import TaggedImages, decode_tags
    from twophoton_decode.stimulus.tags import read_tags

    responses = work.read(Responses, "responses.nc")
    settings = work.settings.decoding
    tag, has = read_tags(_file(work), responses.image_name)
    folds, about_folds = decoding_folds(responses.picture, responses.image_group, settings)
    block, about_blocks = shown_in_blocks(responses.image, folds.content)
    images = TaggedImages(has, folds.fold, folds.content, block)
    permutations = min(settings.permutations, PERMUTATIONS)
    fields, left_out = decode_tags(
        responses.averages(), responses.picture, tag, images, permutations, settings.seed,
        work.progress,
    )  # fmt: skip
    notes = [*folds.warnings, *about_folds, *about_blocks, *_untagged(has), *left_out]
    found = TagDecoding(
        **fields,
        image_name=responses.image_name,
        fold=folds.fold,
        permutations=permutations,
        notes=notes,
    )
    summary = {
        "mean_auc": found.mean_auc,
        "mean_tag_p": found.mean_tag_p,
        "tags": len(found.tag),
        "told": found.tag[found.tag_p_holm < 0.05].tolist(),
    }
    return StageOutput(record=found, summary=summary, notes=notes)


def draw(work: StageInput) -> list[Drawing]:
    """Words beside chance and Gabor energies."""
    from twophoton_decode.figures.deep.tags import decoded_tags

    return [decoded_tags(work.read(TagDecoding, FILE))]


def _file(work: StageInput) -> Path:
    from twophoton_decode.pipeline.inputs.sources import source_paths

    paths = source_paths(work.folder, work.settings.source, "tags")
    if not paths:
        raise SettingsError(
            "there are no words about the pictures: name a table of them by --tags FILE, a "
            "picture's name and its words in each row."
        )
    return paths[0]


def _untagged(has: np.ndarray) -> list[str]:
    without = int(np.count_nonzero(~has.any(axis=1)))
    if not without:
        return []
    return [f"{without} of {len(has)} pictures have no word: they count as lacking every one."]


def _told(numbers: Numbers) -> str:
    told = ", ".join(numbers["told"]) or "none for sure"
    return (
        f"two-way {numbers['mean_auc']:.2f} on average over {numbers['tags']} words, p "
        f"{numbers['mean_tag_p']:.2g}; told: {told}"
    )


DEEP_TAGS = Stage(
    name="deep-tags",
    command="deep tags",
    title="words about the pictures told from responses",
    section="Words about the pictures",
    page_place=82,
    run=run,
    draw=draw,
    file=FILE,
    record=TagDecoding,
    summary_key="deep.tags",
    numbers=(
        Number("mean_auc", "share of pairs told apart, mean over words"),
        Number("mean_tag_p", "p of that mean", ".3f"),
    ),
    needs_pictures=True,
    reads=("respond",),
    sources=("tags",),
    depends_on=(
        "source.tags", "decoding.folds", "decoding.near_duplicate_correlation",
        "decoding.permutations", "decoding.seed",
    ),
    on_request=True,
    told=_told,
)  # fmt: skip
