"""Clips beside what was decoded of them, as an animation to show around."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.animation import AbstractMovieWriter, FFMpegWriter, PillowWriter
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.deep.movie.contact_sheet import levels, some_clips
from twophoton_decode.records.deep.movie_decoding import MovieDecoding

CLIPS: Final = 6
_DPI: Final = 90
GIF, MP4 = "deep/movie.gif", "deep/movie.mp4"


def animation(found: MovieDecoding) -> tuple[dict[str, bytes], list[str]]:
    """``deep/movie.gif``, ``deep/movie.mp4`` where ffmpeg is there, and a note where it is not."""
    rate = float(found.clip_rate_hz)
    files = {GIF: _written(found, PillowWriter(fps=max(1, round(rate))), ".gif")}
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
    figure = Figure(figsize=(0.9 * len(clips) + 0.5, 2.2))
    FigureCanvasAgg(figure)
    panels = figure.subplots(
        2, len(clips), squeeze=False,
        gridspec_kw={"left": 0.1, "right": 0.99, "top": 0.9, "bottom": 0.02, "wspace": 0.05},
    )  # fmt: skip
    decoded = np.asarray(found.decoded)[-1]
    images: list[tuple[Any, np.ndarray]] = []
    for column, clip in enumerate(clips):
        length = int(found.clip_frames[clip])
        for row, frames in enumerate((found.picture[clip], decoded[clip])):
            axes, kept = panels[row, column], np.asarray(frames[:length])
            low, high = levels(kept)
            images.append((axes.imshow(kept[0], cmap="gray", vmin=low, vmax=high), kept))
            axes.set_xticks([])
            axes.set_yticks([])
        panels[0, column].set_title(str(found.clip_name[clip])[:14], fontsize=5, pad=2)
    for row, label in enumerate(("shown", "decoded")):
        panels[row, 0].set_ylabel(label, fontsize=6)

    def show(frame: int) -> None:
        for image, kept in images:
            image.set_data(kept[min(frame, len(kept) - 1)])

    return figure, show, max(int(found.clip_frames[clip]) for clip in clips)
