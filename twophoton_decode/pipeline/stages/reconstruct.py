"""Responses to reconstructed images, by one decoder."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.pipeline.inputs.decoder_context import needs_of, session_context
from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.words import duration

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "reconstruction/{decoder}.nc"
PERMUTATIONS = 20
"""As many are offered where none were run; p can then reach 1/21."""
LARGE_POPULATION = 10**6
"""Responses (presentations x cells) from which several threads pay."""


def run(work: StageInput) -> StageOutput:
    """Fit, reconstruct and score; every image by a fit that never saw it."""
    from threadpoolctl import threadpool_limits

    from twophoton_decode.decoding.reconstruction import reconstruct

    responses = work.read(Responses, "responses.nc")
    distractors, notes = distractors_of(work, responses.picture.shape[1:])
    begun = time.monotonic()
    with threadpool_limits(blas_threads(responses), user_api="blas"):
        found = reconstruct(
            responses,
            work.decoder,
            work.settings.decoding,
            work.progress,
            distractors,
            session_context(work, responses),
        )
    return StageOutput(
        record=found,
        summary=_summary(found) | {"primary_score": work.settings.decoding.primary_score},
        notes=[
            *notes, *found.warnings, *_constant_note(found),
            *_chance_note(found, time.monotonic() - begun), *_doubt(work, responses, found),
        ],
    )  # fmt: skip


def draw(work: StageInput) -> list[Drawing]:
    """What is uncertain, where the decoder says so; `compare-decoders` draws all others."""
    from twophoton_decode.figures.reconstruction.posterior import posterior_panels

    found = work.read(Reconstruction, FILE)
    return [] if found.posterior_sd is None else [posterior_panels(found)]


def _chance_note(found: Reconstruction, seconds: float) -> list[str]:
    """Why there is no p for a decoder that is not affine, and what one would take."""
    from twophoton_decode.figures.canvas.numbers import number

    if found.wrong_r_average is None or found.reverse_filter is not None:
        return []
    return [
        f"no permutations were run, and p is unknown: {found.no_chance}. {PERMUTATIONS} would take "
        f"about {duration(PERMUTATIONS * seconds)}; `tpdecode reconstruct --permutations "
        f"{PERMUTATIONS}` runs them. R with other images than the one shown is "
        f"{number(float(np.mean(found.wrong_r_average)))}, which is no test."
    ]


def _doubt(work: StageInput, responses: Responses, found: Reconstruction) -> list[str]:
    """The last of the decoders asked for speaks for all: one at chance alone means little."""
    from twophoton_decode.decoding.chance_doubt import doubt_about_alignment

    names = work.asked or tuple(work.settings.run.decoders)
    others = {
        name: float(entry.summary["p_value"])
        for key, entry in work.ledger.items()
        for stage, _, name in [key.partition(":")]
        if stage == "reconstruct" and key not in work.stale and name != work.decoder
        and entry.summary.get("p_value") is not None
    }  # fmt: skip
    following = names[names.index(work.decoder) + 1 :] if work.decoder in names else []
    if not set(following) <= others.keys():
        return []
    return doubt_about_alignment(responses, found, others)


def distractors_of(work: StageInput, shape: tuple[int, int]) -> tuple[np.ndarray | None, list[str]]:
    """The pictures of ``[source] distractors`` at the size of the session's, and notes."""
    from twophoton_decode.pipeline.inputs.sources import source_paths, split_key
    from twophoton_decode.stimulus.pictures import read_pictures

    source = work.settings.source
    paths = source_paths(work.folder, source, "distractors")
    if not paths:
        return None, []
    # Only a square session can have its distractors cropped; others must have its shape.
    found = read_pictures(
        paths[0],
        max(shape),
        key=split_key(source.distractors)[1],
        axes=source.image_axes,
        shape=source.picture_shape,
    )
    if found.exponent:
        raise StimulusImageError(
            f"{paths[0]}: the distractors' values are too large or too small to be compared with "
            "the pictures that were shown. Divide both by one number, so that they are near 1."
        )
    if found.picture.shape[1:] != shape:
        raise StimulusImageError(
            f"{paths[0]}: the distractors are {found.picture.shape[1]} × {found.picture.shape[2]} "
            f"pixels, but the session's pictures are {shape[0]} × {shape[1]}. Give larger square "
            "ones, which are averaged to that size, or ones of just that size."
        )
    return found.picture, [f"distractors: {note}" for note in found.notes]


def blas_threads(responses: Responses) -> int | None:
    """One thread for small populations, None (as many as there are) for large ones.

    On small matrices the threads of a linear-algebra library mostly wait for each other:
    with another process on the machine, two took ten times as long as one.
    """
    return 1 if responses.response.size < LARGE_POPULATION else None


def _summary(found: Reconstruction) -> dict[str, Any]:
    posterior = {} if found.posterior_sd is None else {"coverage_90": found.coverage_90}
    return {
        **posterior,
        "features": found.features,
        "r_single": float(np.mean(found.r_single)),
        "r_single_ci95": list(found.r_single_ci95),
        "cd_single": float(np.mean(found.cd_single)),
        "r_average": float(np.mean(found.r_average)),
        "r_average_ci95": list(found.r_average_ci95),
        "cd_average": float(np.mean(found.cd_average)),
        "two_way_identification": float(np.mean(found.two_way_average)),
        "top1": _top1(found),
        "chance_r": _mean(found.chance_r),
        "chance_r_single": _mean(found.chance_r_single),
        "p_value": found.p_value,
        "permutations": len(found.chance_r),
        **_wrong_images(found),
        "r_infinite_trials": found.r_infinite_trials,
        "noise_ceiling_r": found.noise_ceiling_r,
        "feature_ceiling_r": float(np.mean(found.feature_ceiling_r)),
    }


def _wrong_images(found: Reconstruction) -> dict[str, float]:
    """R with other images, where it stands in for chance."""
    if found.wrong_r_average is None or found.wrong_r_single is None:
        return {}
    return {
        "wrong_image_r": float(found.wrong_r_average.mean()),
        "wrong_image_r_single": float(found.wrong_r_single.mean()),
    }


def _top1(found: Reconstruction) -> dict[str, Any]:
    """Share of images found among all candidates of each pool; chance is one of them."""
    whole = found.candidates == found.pool_size[:, None]
    return {
        str(pool): {
            "candidates": int(found.pool_size[place]),
            "average": float(found.top1_average[place][:, whole[place]].mean()),
            "single": float(found.top1_single[place][:, whole[place]].mean()),
        }
        for place, pool in enumerate(found.pool_name)
    }


def _constant_note(found: Reconstruction) -> list[str]:
    if not found.constant_reconstructions:
        return []
    return [
        f"{found.constant_reconstructions} of {len(found.image)} single-trial reconstructions are "
        "constant and have no R; it counts as 0."
    ]


def _mean(chance: np.ndarray) -> float:
    """Mean over permutations; NaN without any."""
    return float(chance.mean()) if chance.size else float("nan")


def score_line(numbers: Numbers) -> str:
    """A decoder's score as a phrase: trial-averaged R, its 95 % interval, chance and p."""
    from twophoton_decode.figures.canvas.numbers import DASH, interval, number, tested_p

    if numbers.get("unavailable"):
        return f"unavailable. {numbers['unavailable']}"
    ends = interval(numbers.get("r_average_ci95") or (None, None))
    chance = number(numbers.get("chance_r"))
    p = tested_p(numbers)
    told = f"R {number(numbers.get('r_average'))} ({ends})"
    if DASH not in p:
        return f"{told}, chance {chance}, {p}"
    wrong = numbers.get("wrong_image_r")
    beside = "" if wrong is None else f", {number(wrong)} with other images"
    return f"{told}{beside}, no test against chance"


RECONSTRUCT = Stage(
    name="reconstruct",
    title="reconstructed images and their scores",
    section="Reconstructed images",
    page_place=31,
    run=run,
    draw=draw,
    file=FILE,
    record=Reconstruction,
    numbers=(
        Number("r_average", "R from trial-averaged responses", column="R average"),
        Number("r_single", "R from single trials", column="R single"),
        Number("chance_r", "R by chance: images permuted over responses", column="chance R"),
        Number("feature_ceiling_r", "R that the features allow", column="feature ceiling"),
        Number(
            "two_way_identification", "two-way identification, trial averages", column="two-way"
        ),
    ),
    needs_pictures=True,
    reads=("respond",),
    sources=("distractors",),
    depends_on=("decoding", "source.distractors", "source.image_axes"),
    own=needs_of,
    revision=7,
    figure_revision=2,
    per="decoder",
    told=score_line,
)
