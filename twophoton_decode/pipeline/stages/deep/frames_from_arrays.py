"""Other people's responses at the frames of clips."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from twophoton_decode.pipeline.stage import Stage, StageInput, StageOutput
from twophoton_decode.pipeline.stages.deep.frame_responses import FRAME_RESPONSES, summary_of
from twophoton_decode.records.frame_responses import FrameResponses

if TYPE_CHECKING:
    from twophoton_decode.stimulus.movies import StimulusClips


def run(work: StageInput) -> StageOutput:
    """Read clips, responses (showing, frame, cell) and the clip of each showing."""
    from twophoton_decode.formats.matrices.label_file import read_labels
    from twophoton_decode.pipeline.inputs.sources import source_paths
    from twophoton_decode.stimulus.movies import read_clips

    settings, source = work.settings, work.settings.source
    clips = read_clips(source_paths(work.folder, source, "clips")[0], settings.images.size_px)
    label = read_labels(source_paths(work.folder, source, "labels")[0]).astype(np.int64)
    path = source_paths(work.folder, source, "responses")[0]
    response = _responses(path, label, clips)
    kept = np.flatnonzero(label >= 0)
    clip = label[kept]
    response = response[kept]
    shown = np.arange(response.shape[1]) < clips.frames[clip][:, None]
    shown &= np.isfinite(response).all(axis=2)
    notes = [*clips.notes, *_left_out(label), *_short(shown, clips.frames[clip])]
    record = FrameResponses(
        response=response,
        shown=shown,
        frame_s=np.full(shown.shape, np.nan),
        clip=clip,
        repeat=_repeats(clip),
        picture=clips.picture,
        clip_frames=clips.frames,
        clip_name=clips.name,
        clip_group=np.full(len(clips.name), -1),
        clip_fold=_folds(work, len(clips.name)),
        roi=np.full(response.shape[2], -1),
        clip_rate_hz=settings.log.clip_rate_hz,
        response_unit="a.u.",
        signal="deconvolved",
        indicator_decay_s=float("nan"),
        notes=notes,
    )
    return StageOutput(record=record, summary=summary_of(record), notes=notes)


def _responses(path: Path, label: np.ndarray, clips: StimulusClips) -> np.ndarray:
    """The array, not yet read, as long as there are labels and the longest clip has frames."""
    from twophoton_decode.errors import ResponseError

    found = np.load(path, mmap_mode="r", allow_pickle=False)
    expected = (label.size, int(clips.frames.max()))
    if found.ndim != 3 or found.shape[:2] != expected:
        raise ResponseError(
            f"{path}: expected responses (showing, frame, cell) of {expected[0]} showings and "
            f"{expected[1]} frames, found the shape {found.shape}."
        )
    return np.asarray(found)


def _folds(work: StageInput, clips: int) -> np.ndarray | None:
    from twophoton_decode.decoding.folds.given import fold_numbers
    from twophoton_decode.errors import ResponseError
    from twophoton_decode.pipeline.plan.given_folds import folds_in_table

    value = folds_in_table(work)
    if value is not None and len(value) != clips:
        raise ResponseError(f"expected a fold for each of {clips} clips, found {len(value)}.")
    return None if value is None else fold_numbers(value)


def _repeats(clip: np.ndarray) -> np.ndarray:
    """How many times each showing's clip came before it."""
    return np.array([int((clip[:place] == each).sum()) for place, each in enumerate(clip)])


def _left_out(label: np.ndarray) -> list[str]:
    out = int((label < 0).sum())
    return [f"{out} of {label.size} showings have no clip or no responses: left out."] * bool(out)


def _short(shown: np.ndarray, frames: np.ndarray) -> list[str]:
    lacking = int((shown.sum(axis=1) < frames).sum())
    return [
        f"{lacking} of {len(shown)} showings lack responses at some frames, which count nowhere."
    ] * bool(lacking)


FRAMES_FROM_ARRAYS = Stage(
    name=FRAME_RESPONSES.name,
    command=FRAME_RESPONSES.command,
    title=FRAME_RESPONSES.title,
    section=FRAME_RESPONSES.section,
    page_place=FRAME_RESPONSES.page_place,
    run=run,
    file=FRAME_RESPONSES.file,
    record=FrameResponses,
    summary_key=FRAME_RESPONSES.summary_key,
    sources=("responses", "clips", "labels", "picture_table"),
    depends_on=(
        "images", "source.responses", "source.clips", "source.labels", "log.clip_rate_hz",
        "decoding.folds_from",
    ),
    told=FRAME_RESPONSES.told,
)  # fmt: skip
