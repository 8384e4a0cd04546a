"""Pictures that generators make of own and of wrong responses, and how little the latter need."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.gallery import Row, gallery, score_note, short
from twophoton_decode.figures.canvas.numbers import number, percent
from twophoton_decode.records.deep.pictures.driven_pictures import DrivenPictures

SHOWN: Final = 6
"""Images in the gallery, spread over the order of the last decoder's R."""
OWN: Final = "own responses"


def generated_pictures(found: DrivenPictures) -> list[Drawing]:
    """The gallery of every decoder, and all scores beside each other."""
    names = list(dict.fromkeys(found.decoder.tolist()))
    return [_scores(found), *(_gallery(found, name) for name in names)]


def _gallery(found: DrivenPictures, name: str) -> Drawing:
    ways = np.flatnonzero(found.decoder == name)
    order = np.argsort(-found.r[ways[0]], kind="stable")
    picked = order[np.linspace(0, len(order) - 1, min(SHOWN, len(order))).astype(np.int64)]
    colour = style.decoder_colour(name)
    rows = [Row("Shown", found.picture[picked])]
    for way in ways:
        notes = [score_note(value) for value in found.r[way, picked]]
        own = found.driven_by[way] == OWN
        label = str(found.driven_by[way]).capitalize()
        rows.append(Row(label, found.made[way, picked], notes, colour if own else "none"))
    nearest = found.nearest[ways[0], picked]
    notes = [score_note(value) for value in found.nearest_r[ways[0], picked]]
    rows.append(Row("Nearest training picture", found.picture[nearest], notes))
    with style.applied():
        figure = gallery(rows, [short(str(each)) for each in found.image_name[picked]], name)
    return Drawing(f"generated_{name}", figure, _told(found, name, ways), {
        "image": found.image_name[picked],
        "nearest_training_picture": found.image_name[nearest],
        "r": found.r[ways[0], picked],
        "nearest_r": found.nearest_r[ways[0], picked],
    })  # fmt: skip


def _told(found: DrivenPictures, name: str, ways: np.ndarray) -> str:
    own = ways[0]
    return (
        f"{name}, each image by a fit without it, from trial averages, from best to worst R. "
        f"Generator: {found.autoencoder}, {found.knowledge}. The dimension of its pictures is "
        f"{number(found.dimension[own], 1)}, that of what was shown "
        f"{number(found.dimension_shown, 1)}. {percent(found.nearer_to_training[own])} of the "
        "pictures are nearer to a training picture than to the one that was shown."
    )


def _scores(found: DrivenPictures) -> Drawing:
    """Two-way identification and SSIM of every way."""
    ways = len(found.decoder)
    with style.applied():
        figure = style.figure(0.9 + 0.22 * ways)
        left, right = figure.subplots(1, 2, sharey=True)
        _points(
            left, found, (found.two_way, found.two_way_mean), "Two-way identification (.5: chance)"
        )
        left.axvline(0.5, color=style.INK, lw=0.6, ls=":", zorder=0)
        _points(right, found, (found.ssim, found.ssim_mean), "SSIM")
        labels = [f"{a}, {b}" for a, b in zip(found.decoder, found.driven_by, strict=True)]
        left.set_yticks(np.arange(ways), labels)
        left.set_ylim(ways - 0.5, -0.5)
    return Drawing("generated_scores", figure, _caption(found), {
        "decoder": found.decoder,
        "driven_by": found.driven_by,
        "two_way": found.two_way_mean,
        "two_way_left": found.two_way_left,
        "two_way_left_ci95_low": found.two_way_left_low,
        "two_way_left_ci95_high": found.two_way_left_high,
        "ssim": found.ssim_mean,
        "ssim_left": found.ssim_left,
        "ssim_left_ci95_low": found.ssim_left_low,
        "ssim_left_ci95_high": found.ssim_left_high,
        "r": found.r_mean,
        "named": found.named_share,
        "dimension": found.dimension,
        "nearer_to_training": found.nearer_to_training,
    })  # fmt: skip


def _points(
    axes: Axes, found: DrivenPictures, values: tuple[np.ndarray, np.ndarray], label: str
) -> None:
    """Values of every image (way, image), and their means (way,)."""
    for way, (row, mean) in enumerate(zip(*values, strict=True)):
        colour = style.decoder_colour(str(found.decoder[way]))
        fill = colour if found.driven_by[way] == OWN else "white"
        axes.plot(row, np.full(row.size, way), "|", ms=4, color=style.FAINT, zorder=0)
        axes.plot(mean, way, "o", ms=6, mfc=fill, color=colour)
    axes.set_xlabel(label)


def _ends(found: DrivenPictures, way: Any) -> str:
    """The interval of the share that is left, where there is one."""
    low, high = found.ssim_left_low[way], found.ssim_left_high[way]
    if not np.isfinite([low, high]).all():
        return ""
    return f" (95 % interval {percent(low)} to {percent(high)})"


def _caption(found: DrivenPictures) -> str:
    own = np.flatnonzero(found.driven_by == OWN)
    mean = np.flatnonzero(found.driven_by == "the mean response")
    told = "; ".join(
        f"{found.decoder[a]}: two-way {number(found.two_way_mean[a])} with own responses and "
        f"{number(found.two_way_mean[b])} with the mean response, which keeps "
        f"{percent(found.ssim_left[b])} of SSIM{_ends(found, b)}"
        for a, b in zip(own, mean, strict=True)
    )
    return (
        "The same generators driven by own responses (filled) and by wrong ones (open): means over "
        f"{len(found.image_name)} images (strokes), each held out. What a wrong response scores is "
        f"the generator's, not the brain's. {told}."
    )
