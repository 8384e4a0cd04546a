"""Frames of some clips as they were shown, and as they were decoded."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import number
from twophoton_decode.records.deep.movie_decoding import MovieDecoding

CLIPS: Final = 4
_FRAMES: Final = 8


def some_clips(found: MovieDecoding, count: int) -> list[int]:
    """Clips evenly spread from the best decoded to the worst, by r over pixels and frames."""
    score = found.value[-1, found.score.tolist().index("video_r")]
    known = np.flatnonzero(np.isfinite(score))
    order = known[np.argsort(-score[known], kind="stable")]
    places = np.linspace(0, len(order) - 1, min(count, len(order)))
    return [int(order[round(float(place))]) for place in places]


def levels(frames: np.ndarray) -> tuple[float, float]:
    """Black and white of one clip; the whole range where nothing differs."""
    known = frames[np.isfinite(frames)]
    if not known.size or known.min() == known.max():
        return 0.0, 1.0
    return float(known.min()), float(known.max())


def strip(frames: list[np.ndarray], low: float, high: float) -> np.ndarray:
    """Frames side by side from black (0) to white (1), a white line between them."""
    gap = np.ones((frames[0].shape[0], 1))
    scaled = [np.clip((frame - low) / (high - low), 0, 1) for frame in frames]
    return np.hstack([part for frame in scaled for part in (frame, gap)][:-1])


def contact_sheet(found: MovieDecoding) -> Drawing:
    """Eight frames of four clips: shown, decoded frame by frame, and decoded over time."""
    clips = some_clips(found, CLIPS)
    rows = ["shown", *found.pictured.tolist()]
    with style.applied():
        figure = style.figure(0.5 * len(clips) * len(rows) + 0.3)
        panels = figure.subplots(
            len(clips) * len(rows), 1, squeeze=False, gridspec_kw={"hspace": 0.05}
        )[:, 0]
        for place, clip in enumerate(clips):
            whole = [found.picture[clip], *(each[clip] for each in np.asarray(found.decoded))]
            for row, (label, frames) in enumerate(zip(rows, whole, strict=True)):
                _draw_row(panels[place * len(rows) + row], frames, clip, label, found)
    scores = found.value[-1, found.score.tolist().index("video_r")]
    told = ", ".join(f"{found.clip_name[clip]} {number(scores[clip])}" for clip in clips)
    caption = (
        f"{len(clips)} clips from the best decoded to the worst (r over pixels and frames: "
        f"{told}), at frames evenly spread over each: as shown, then as decoded by fits to other "
        "clips. Grey levels span each row's own range. The mean training frame, which r does not "
        "count, is left in: frames alike in all clips are that mean."
    )
    return Drawing("deep_movie_frames", figure, caption)


def _draw_row(axes: Axes, frames: np.ndarray, clip: int, label: str, found: MovieDecoding) -> None:
    length = int(found.clip_frames[clip])
    chosen = np.linspace(0, length - 1, min(_FRAMES, length)).round().astype(int)
    row = strip([frames[frame] for frame in chosen], *levels(frames[:length]))
    axes.imshow(row, cmap="gray", vmin=0, vmax=1)
    width = frames.shape[2] + 1
    axes.set_yticks([])
    axes.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=6)
    shown = label == "shown"
    told = [f"{frame / found.clip_rate_hz:.1f} s" for frame in chosen] if shown else []
    axes.set_xticks(width * np.arange(len(told)) + width / 2, told, fontsize=6)
    axes.tick_params(length=0, top=False, labeltop=shown, labelbottom=False, pad=1)
    for spine in axes.spines.values():
        spine.set_visible(False)
