"""Which decoder reconstructs best, and by how much?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.errors import AnalysisError
from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records import CellCountCurves, Reconstruction

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing


def run(work: StageInput) -> StageOutput:
    """Differences from the best decoder, and p-values corrected over all of them."""
    from twophoton_decode.statistics.defined import mean
    from twophoton_decode.statistics.paired import holm

    made = reconstructions(work)
    corrected = holm(np.array([each.p_value for each in made.values()]))
    by_decoder: dict[str, dict[str, Any]] = {
        name: {"ssim": mean(each.ssim), "r_low": mean(each.r_low), "p_holm": float(p)}
        for (name, each), p in zip(made.items(), corrected, strict=True)
    }
    for found in (_differences(work, made), _against_ridge(work, made)):
        for name, numbers in found.items():
            by_decoder[name] |= numbers
    for name, scores in _by_category(work, made).items():
        by_decoder[name]["by_category"] = scores
    return StageOutput(summary=by_decoder)


def draw(work: StageInput) -> list[Drawing]:
    """Pictures of all decoders, their scores beside each other, identification, few cells."""
    from twophoton_decode.analyses.sessions.decoders import best_decoder, images_by_score
    from twophoton_decode.figures.reconstruction.identification import identification_curves
    from twophoton_decode.figures.reconstruction.reconstructions import (
        decoder_comparison,
        picture_gallery,
    )
    from twophoton_decode.figures.reconstruction.score_variants import score_variants

    made = reconstructions(work)
    score = work.settings.decoding.primary_score
    best = best_decoder(made, score)
    return [
        picture_gallery(made, *images_by_score(made), best_decoder(made)),
        decoder_comparison(made, best, score, _against_ridge(work, made)),
        score_variants(made),
        identification_curves(made, best),
        *_few_cells(work),
        *_categories_drawn(work),
    ]


def _by_category(
    work: StageInput, made: dict[str, Reconstruction]
) -> dict[str, dict[str, dict[str, float]]]:
    """Means of the scores over the images of each category, by decoder; nothing without any."""
    from twophoton_decode.pipeline.inputs.categories import categories_of
    from twophoton_decode.records import Responses

    responses = work.read(Responses, "responses.nc")
    known = categories_of(work, responses)
    if known is None:
        return {}
    category = dict(zip(responses.image_name.tolist(), known.tolist(), strict=True))
    return {name: _means(each, category) for name, each in made.items()}


def _means(made: Reconstruction, category: dict[str, str]) -> dict[str, dict[str, float]]:
    own = np.array([category[name] for name in made.image_name.tolist()])
    return {
        name: {
            "images": int(np.count_nonzero(own == name)),
            **{
                score: float(getattr(made, score)[own == name].mean())
                for score in ("r_average", "r_single", "ssim", "two_way_average")
            },
        }
        for name in np.unique(own[own != ""]).tolist()
    }


def _categories_drawn(work: StageInput) -> list[Drawing]:
    """Scores by category, where pictures have one."""
    from twophoton_decode.figures.reconstruction.categories import scores_by_category

    entry = work.ledger.get("compare-decoders")
    scores = {
        name: each["by_category"]
        for name, each in (entry.summary if entry else {}).items()
        if each.get("by_category")
    }
    return [scores_by_category(scores)] if scores else []


def _few_cells(work: StageInput) -> list[Drawing]:
    """How many strong cells suffice, where that is known of two decoders or more."""
    from twophoton_decode.figures.cell_count.decoders import few_cells_by_decoder

    entries = work.current("sparsity-report")
    names = [key.partition(":")[2] for key, entry in entries.items() if not entry.unavailable]
    found = {
        name: replace(work, decoder=name).read(CellCountCurves, "cell_count/{decoder}.nc")
        for name in names
    }
    counted = {name: each for name, each in found.items() if each.strong_count is not None}
    return [few_cells_by_decoder(counted)] if len(counted) > 1 else []


def reconstructions(work: StageInput) -> dict[str, Reconstruction]:
    """Those that are up to date, whatever decoders the settings name now.

    Raises
    ------
    AnalysisError
        There is none.
    """
    entries = work.current("reconstruct")
    decoders = [key.partition(":")[2] for key, entry in entries.items() if not entry.unavailable]
    if not decoders:
        raise AnalysisError("no decoder has reconstructed images that are up to date.")
    return {
        name: replace(work, decoder=name).read(Reconstruction, "reconstruction/{decoder}.nc")
        for name in decoders
    }


def _differences(work: StageInput, made: dict[str, Reconstruction]) -> dict[str, dict[str, Any]]:
    """How far each decoder lies behind the best one, by its name."""
    from twophoton_decode.analyses.sessions.decoders import best_decoder, decoder_differences

    score = work.settings.decoding.primary_score
    found = decoder_differences(made, best_decoder(made, score), score)
    return {
        name: {
            "difference": lag.mean,
            "difference_ci95": list(lag.interval),
            "difference_p": lag.p_holm,
        }
        for name, lag in found.items()
    }


def _against_ridge(work: StageInput, made: dict[str, Reconstruction]) -> dict[str, dict[str, Any]]:
    """How far each decoder lies before ridge in the primary score, by its name."""
    from twophoton_decode.analyses.sessions.against_ridge import decoders_against_ridge

    score = work.settings.decoding.primary_score
    return {
        name: {
            "over_ridge": each.mean,
            "over_ridge_ci95": list(each.interval),
            "over_ridge_verdict": each.verdict,
            "over_ridge_score": score,
        }
        for name, each in decoders_against_ridge(made, score).items()
    }


def told(numbers: Numbers) -> str:
    """Whether any decoder is better than ridge, where there are others."""
    from twophoton_decode.figures.reconstruction.against_ridge import against_ridge_in_words

    return against_ridge_in_words(numbers)


COMPARE_DECODERS = Stage(
    name="compare-decoders",
    command="report",
    title="decoders beside each other, and their differences from the best",
    section="Reconstructed images",
    page_place=30,
    run=run,
    draw=draw,
    summary_key="decoders",
    numbers=(
        Number("difference", "difference from the best decoder in the primary score", ".3f"),
        Number("over_ridge", "lead over ridge in the primary score", ".3f"),
        Number("p_holm", "p against chance, corrected over the decoders", ".3f"),
        Number("ssim", "structural similarity, mean image left in"),
    ),
    reads=("respond",),
    uses=("reconstruct", "sparsity-report"),
    revision=2,
    figure_revision=3,
    told=told,
    sources=("log", "categories"),
    depends_on=("decoding.primary_score", "source.categories", "log"),
)
