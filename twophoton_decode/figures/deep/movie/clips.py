"""Clips beside what was decoded of them, as an animation to show around."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.animation import AbstractMovieWriter, FFMpegWriter, PillowWriter
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.deep.movie.contact_sheet import levels, some_clips, strip
from twophoton_decode.records.deep.movie_decoding import MovieDecoding

CLIPS: Final = 6
_DPI: Final = 90
GIF, MP4 = "deep/movie.gif", "deep/movie.mp4"


def animation(found: MovieDecoding) -> tuple[dict[str, bytes], list[str]]:
    """``deep/movie.gif``, ``deep/movie.mp4`` where ffmpeg is there, and a note where it is not."""
    rate = max(1, round(found.clip_rate_hz))
    files = {GIF: _written(found, PillowWriter(fps=rate), ".gif")}
    program = _ffmpeg()
    if program is None:
        return files, [
            "the animation is a GIF alone: for an MP4 too, install ffmpeg or the package "
            "imageio-ffmpeg."
        ]
    with mpl.rc_context({"animation.ffmpeg_path": program}):
        files[MP4] = _written(found, FFMpegWriter(fps=rate, codec="libx264"), ".mp4")
    return files, []


def _ffmpeg() -> str | None:
    """The program, of the package imageio-ffmpeg or of the system."""
    try:
        program: str = importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe()
    except (ImportError, RuntimeError):
        return mpl.rcParams["animation.ffmpeg_path"] if FFMpegWriter.isAvailable() else None
    return program


def _written(found: MovieDecoding, writer: AbstractMovieWriter, suffix: str) -> bytes:
    with style.applied(), tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"movie{suffix}"
        figure, show, length = _figure(found)
        with writer.saving(figure, str(file), _DPI):
            for frame in range(length):
                show(frame)
                writer.grab_frame()
        return file.read_bytes()


def _figure(found: MovieDecoding) -> tuple[Figure, Callable[[int], None], int]:
    """Some clips side by side, shown above decoded; and what draws one frame of all."""
    clips = some_clips(found, CLIPS)
    decoded = np.asarray(found.decoded)[-1]
    rows = [
        [np.asarray(whole[clip])[: int(found.clip_frames[clip])] for clip in clips]
        for whole in (found.picture, decoded)
    ]
    grey = [[levels(each) for each in row] for row in rows]

    def mosaic(frame: int) -> np.ndarray:
        """Both rows of the frame; clips that have ended stay at their last one."""
        strips = [
            np.hstack(
                [
                    strip([each[min(frame, len(each) - 1)]], *ends)
                    for each, ends in zip(row, of_row, strict=True)
                ]
            )
            for row, of_row in zip(rows, grey, strict=True)
        ]
        return np.vstack([strips[0], np.ones((1, strips[0].shape[1])), strips[1]])

    figure = Figure(figsize=(0.9 * len(clips) + 0.5, 2.0))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.08, 0.02, 0.91, 0.96))
    axes.set_axis_off()
    image = axes.imshow(mosaic(0), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    for label, height in (("shown", 0.75), ("decoded", 0.25)):
        figure.text(0.07, height, label, ha="right", va="center", fontsize=6, rotation=90)
    return (
        figure,
        lambda frame: image.set_data(mosaic(frame)),
        max(int(found.clip_frames[clip]) for clip in clips),
    )
