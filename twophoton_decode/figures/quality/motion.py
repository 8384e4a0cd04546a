"""How the field of view moved: whole frames, blocks, and how well frames fit the reference."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import counted, number, percent, signed
from twophoton_decode.figures.canvas.timeline import (
    POINTS,
    extremes,
    in_time_unit,
    time_label,
)
from twophoton_decode.records import Quality, Traces

_PLANE_COLOURS = ("#0072B2", "#009E73", "#CC79A7")
_Y_COLOUR, _X_COLOUR, _BAD_COLOUR = "#0072B2", "#E69F00", "#D55E00"


def motion(traces: Traces, quality: Quality) -> Drawing:
    """Rigid shifts by plane, non-rigid motion and correlation over time, bad frames marked.

    Of more than three planes, those that move most are drawn.
    """
    planes = quality.drawn_plane
    measures = {
        "Non-rigid motion\n(rms, px)": (traces.block_motion, quality.stretch_block_motion),
        "Phase correlation\nwith the reference": (
            traces.motion_correlation,
            quality.stretch_correlation,
        ),
    }
    with style.applied():
        figure = style.figure(0.5 + 1.0 * (len(planes) + len(measures)))
        panels = figure.subplots(len(planes) + len(measures), 1, sharex=True)
        style.letter_panels(*panels)
        panels[0].set_xlim(*_times(traces, 0)[[0, -1]])
        for axes, place in zip(panels, range(len(planes)), strict=False):
            _draw_rigid(axes, traces, quality, place)
        for axes, (label, lines) in zip(panels[len(planes) :], measures.items(), strict=True):
            _draw_measure(axes, traces, quality, label, *lines)
        for axes in panels:
            _mark_bad(axes, traces)
        panels[-1].set_xlabel(time_label(traces.duration_s))
        panels[0].legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, borderaxespad=0.1)
    return Drawing("quality_motion", figure, _caption(traces, quality), _table(traces, planes))


def _times(traces: Traces, plane: int) -> np.ndarray:
    seconds = traces.frame_time(plane, np.arange(traces.bad_frame.size))
    return in_time_unit(seconds, traces.duration_s)


def _line(
    axes: Axes, time: np.ndarray, values: np.ndarray, course: np.ndarray, quality: Quality,
    colour: str, label: str,
) -> None:  # fmt: skip
    """A line; of many frames the extremes faint, and the means of stretches, `course`."""
    drawn = extremes(values)
    if drawn.size == values.size:
        axes.plot(time, values, color=colour, lw=0.6, label=label)
        return
    axes.plot(time[drawn], values[drawn], color=colour, lw=0.4, alpha=0.3)
    axes.plot(time[quality.stretch_frame], course, color=colour, lw=1, label=label, zorder=3)


def _draw_rigid(axes: Axes, traces: Traces, quality: Quality, place: int) -> None:
    plane = int(quality.drawn_plane[place])
    time = _times(traces, plane)
    courses = quality.stretch_motion_y[place], quality.stretch_motion_x[place]
    _line(axes, time, traces.motion_y[plane], courses[0], quality, _Y_COLOUR, "along y")
    _line(axes, time, traces.motion_x[plane], courses[1], quality, _X_COLOUR, "along x")
    axes.set_ylabel("Rigid shift\n(px)")
    if len(traces.motion_y) > 1:
        axes.set_title(f"Plane {traces.number_of(plane)}")


def _draw_measure(
    axes: Axes,
    traces: Traces,
    quality: Quality,
    label: str,
    values: np.ndarray | None,
    courses: np.ndarray,
) -> None:
    planes = quality.drawn_plane
    if values is None or not np.isfinite(values[planes]).any():
        what = " ".join(label.split()).partition(" (")[0].lower()
        style.say_unavailable(axes, f"this session has no {what}", letters=90)
        return
    for place, (plane, colour) in enumerate(zip(planes, _PLANE_COLOURS, strict=False)):
        colour = colour if len(planes) > 1 else style.INK
        time, name = _times(traces, plane), f"plane {traces.number_of(plane)}"
        _line(axes, time, values[plane], courses[place], quality, colour, name)
    axes.set_ylabel(label)
    if len(planes) > 1:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 0.95), ncols=3, borderaxespad=0.1)


def _mark_bad(axes: Axes, traces: Traces) -> None:
    """A strip along the top; a single frame is widened until it can be seen."""
    if not traces.bad_frame.any() or not axes.axison:
        return
    time = _times(traces, 0)
    edges = np.flatnonzero(np.diff(np.pad(traces.bad_frame.astype(int), 1)))
    first, past = edges[::2], edges[1::2]
    width = np.maximum(time[past - 1] - time[first], (time[-1] - time[0]) / 800)
    axes.broken_barh(
        list(zip(time[first], width, strict=True)),
        (0.93, 0.07),
        transform=axes.get_xaxis_transform(),
        color=_BAD_COLOUR,
        lw=0,
        label="bad frames",
    )


def _caption(traces: Traces, quality: Quality) -> str:
    frames, planes = traces.bad_frame.size, len(traces.motion_y)
    text = (
        f"{quality.bad_frames} of {counted(frames, 'frame')} "
        f"({percent(quality.bad_frames / frames, 1)}) are flagged for bad motion. The largest "
        f"rigid displacement {'outside them ' if quality.bad_frames else ''}is "
        f"{number(quality.largest_motion, 1)} px, the median step between frames "
        f"{number(quality.motion_step, 1)} px; from the first to the last tenth the field of "
        f"view moves by {number(quality.drift, 1)} px."
    )
    if np.isfinite(quality.block_motion_median):
        text += (
            f" Within the frame, blocks move {number(quality.block_motion_median, 2)} px more "
            f"(median over frames; 99th percentile {number(quality.block_motion_high, 2)} px)."
        )
    if traces.motion_correlation is not None:
        text += (
            f" The phase correlation with the reference image changes by "
            f"{signed(quality.correlation_change, 0)} % over the recording."
        )
    text += " Movement in depth cannot be measured in a plane; a falling correlation is a hint."
    if frames > POINTS:
        text += f" Lines are means of {quality.stretch_frame.size} stretches, faint their extremes."
    drawn = quality.drawn_plane.size
    if planes > drawn:
        text += f" Drawn are the {drawn} of {planes} planes that move most."
    return text


def _table(traces: Traces, planes: np.ndarray) -> dict[str, np.ndarray]:
    """The frames that are drawn in any of the lines."""
    lines = {
        f"plane_{traces.number_of(plane)}_{name}": values[plane]
        for plane in planes
        for name, values in (
            ("motion_y_px", traces.motion_y),
            ("motion_x_px", traces.motion_x),
            ("block_motion_px", traces.block_motion),
            ("correlation", traces.motion_correlation),
        )
        if values is not None
    }
    drawn = np.unique(np.concatenate([extremes(values) for values in lines.values()]))
    return {
        "frame": drawn,
        "time_s": traces.frame_time(0, drawn),
        "bad_frame": traces.bad_frame[drawn],
    } | {name: values[drawn] for name, values in lines.items()}
