"""A restored movie beside the raw one and a moving average, and what restoration invents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.limits import colour_limits
from twophoton_decode.figures.canvas.numbers import number, p_value, percent
from twophoton_decode.records.deep.restoration import Restoration
from twophoton_decode.records.table import Table

COLOURS: Final = (style.INK, style.FAINT, "#0072B2", "#D55E00")
SERIES: Final = ("clean", "raw", "moving average", "restored")
_Z: Final = 4.0
ONLY_FOR_LOOKING: Final = (
    "Restored movies are for looking and for finding cells. Responses come from raw pixels."
)


def drawings(found: Restoration) -> list[tuple[str, Drawing]]:
    """Headings of the page with their figures."""
    return [
        ("Before and after", restored_frames(found)),
        ("Where the truth is known", simulated_frames(found)),
        ("What traces keep", restored_trace(found)),
    ]


def restored_frames(found: Restoration) -> Drawing:
    """Frames of the movie: raw, moving average, restored, and raw less restored."""
    columns = (*found.method.tolist(), "raw − restored", "its mean")
    height, width = found.mean_residual.shape
    rows = len(found.shown_frame)
    with style.applied():
        figure = style.figure(0.4 + rows * style.WIDTH_IN / len(columns) * height / width)
        grid = figure.subplots(rows, len(columns), squeeze=False)
        limits = colour_limits(found.shown[-1], 1, 99.8)
        for row, axes in enumerate(grid):
            for way in range(len(found.method)):
                _picture(axes[way], found.shown[way, row], limits)
            _difference(axes[-2], found.residual[row])
            if row == 0:
                _difference(axes[-1], found.mean_residual)
            else:
                axes[-1].axis("off")
            axes[0].set_ylabel(f"Frame {found.shown_frame[row]}")
        for axes, title in zip(grid[0], columns, strict=True):
            axes.set_title(title)
    return Drawing("restored_frames", figure, _frames_caption(found), _held_out(found))


def simulated_frames(found: Restoration) -> Drawing:
    """A simulated frame with cells and one without, clean and by every way."""
    with style.applied():
        figure = style.figure(0.3 + 2 * style.WIDTH_IN / len(SERIES))
        grid = figure.subplots(2, len(SERIES))
        for axes, pictures, label in zip(
            grid, (found.simulated, found.empty), ("with cells", "without cells"), strict=True
        ):
            limits = colour_limits(pictures[0], 0.5, 99.9)
            for each, picture in zip(axes, pictures, strict=True):
                _picture(each, picture, limits)
            axes[0].set_ylabel(label)
        for axes, title in zip(grid[0], SERIES, strict=True):
            axes.set_title(title)
    return Drawing("simulated_frames", figure, _simulated_caption(found), controls_table(found))


def restored_trace(found: Restoration) -> Drawing:
    """The trace of a simulated cell, clean and by every way."""
    with style.applied():
        figure = style.figure(2.2)
        axes = figure.subplots()
        for trace, colour, label in zip(found.trace[1:], COLOURS[1:], SERIES[1:], strict=True):
            axes.plot(trace, color=colour, lw=1, label=label)
        axes.plot(found.trace[0], color=COLOURS[0], lw=0.8, ls="--", label=SERIES[0])
        axes.set_xlabel("Frame")
        axes.set_ylabel("Photons per pixel")
        style.legend_below(axes, 4)
    table = {"frame": np.arange(found.trace.shape[1])}
    table |= dict(zip(SERIES, found.trace, strict=True))
    return Drawing("restored_trace", figure, _trace_caption(found), table)


def restoration_sentences(found: Restoration) -> list[str]:
    """What was found, and what restored movies are for."""
    raw, average, own = range(3)
    return [
        ONLY_FOR_LOOKING,
        f"On {found.scenes} simulated scenes as bright as this movie, frames reach SSIM "
        f"{number(found.ssim[own], 3)}; a moving average of {found.average_window} frames "
        f"{number(found.ssim[average], 3)}, raw frames {number(found.ssim[raw], 3)}.",
        f"Invented particles a frame: {number(found.invented_empty[own])} in "
        f"{found.empty_scenes} scenes without cells (moving average "
        f"{number(found.invented_empty[average])}), {number(found.invented[own])} in scenes with "
        f"cells ({number(found.invented[average])}), {number(found.invented_noise[own])} in noise "
        f"alone ({number(found.invented_noise[average])}). {percent(found.recall[own])} of the "
        "real particles are kept.",
        f"Amplitudes of {found.events} true events come out with slope {number(found.slope[own])} "
        f"(moving average {number(found.slope[average])}); {percent(found.missed[own])} of the "
        f"events lose more than half. Traces correlate with the true ones at "
        f"{number(found.trace_r[own], 3)}; raw ones at {number(found.trace_r[raw], 3)}.",
    ]


def counted_sentence(
    mean: Mapping[str, float],
    crops: int,
    raters: tuple[int, int, float],
    places: tuple[int, int, float],
) -> str:
    """What people counted: means, and sign tests as (more in restored, either, p)."""
    average, own = mean["moving average"], mean["restored"]
    tests = ", ".join(
        f"{more} of {units} {what} counted more in restored crops ({p_value(p)})"
        if units
        else f"no {what} counted more in either"
        for what, (more, units, p) in (("raters", raters), ("places", places))
    )
    return (
        f"Things that the mean of the movie lacks: {number(own)} a restored crop, "
        f"{number(average)} a crop of the moving average, over {crops} pairs of crops; {tests}."
    )


def controls_table(found: Restoration) -> Table:
    """Every number of the controls, a row a method."""
    return {
        "method": found.method,
        "ssim": found.ssim,
        "recall": found.recall,
        "invented": found.invented,
        "invented_empty": found.invented_empty,
        "invented_noise": found.invented_noise,
        "event_slope": found.slope,
        "event_area_slope": found.area_slope,
        "events_missed": found.missed,
        "trace_r": found.trace_r,
        "flicker": found.flicker,
        "baseline_drift": found.baseline,
    }


def _picture(axes: Axes, picture: np.ndarray, limits: Sequence[float]) -> None:
    axes.imshow(picture, cmap="gray", vmin=limits[0], vmax=limits[1], interpolation="nearest")
    axes.set(xticks=[], yticks=[])


def _difference(axes: Axes, z: np.ndarray) -> None:
    axes.imshow(z, cmap="RdBu_r", vmin=-_Z, vmax=_Z, interpolation="nearest")
    axes.set(xticks=[], yticks=[])


def _held_out(found: Restoration) -> Table:
    return {"check": np.arange(len(found.held_out_loss)), "held_out_loss": found.held_out_loss}


def _frames_caption(found: Restoration) -> str:
    return (
        f"Frames of the movie, about {number(found.photons, 1)} photons a pixel, one grey scale "
        f"for all. Raw less restored in SD of the noise that is expected, −{_Z:g} (blue) to "
        f"{_Z:g} (red), and its mean over {found.residual_frames} frames in standard errors: "
        "structure there is what restoration took from the movie, or put into it."
    )


def _simulated_caption(found: Restoration) -> str:
    raw, average, own = range(3)
    return (
        "Simulated frames that no network learned from, with the noise of the user's detector. "
        f"Scenes without cells hold {number(found.invented_empty[own])} invented particles a "
        f"frame (moving average {number(found.invented_empty[average])}, raw "
        f"{number(found.invented_empty[raw])}). A particle rises by half as much as a typical "
        "resting cell, and is invented where the clean frame has not half of that."
    )


def _trace_caption(found: Restoration) -> str:
    own = 2
    return (
        "The simulated cell with the most events: mean over its pixels. False changes of whole "
        f"frames: {percent(found.flicker[own], 2)} of the mean; baselines drift falsely by "
        f"{percent(found.baseline[own], 1)} over quarters of the movie."
    )
