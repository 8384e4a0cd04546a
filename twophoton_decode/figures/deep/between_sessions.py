"""Populations of several sessions with each other: those of one name, and of other names."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import interval, number, signed
from twophoton_decode.records.deep.between_sessions import PopulationsBetweenSessions
from twophoton_decode.records.table import Table

_MOST_LABELS = 24
_NO_NAMES = (
    "Names are not compared: that needs a name in two sessions, and another name in one of them."
)


def populations_between_sessions(found: PopulationsBetweenSessions) -> Drawing:
    """Agreement of all populations, and of each name with itself and with others elsewhere."""
    with style.applied():
        figure = style.figure(3.4)
        if len(found.name):
            matrix, names = figure.subplots(1, 2, width_ratios=(1.2, 1))
            style.letter_panels(matrix, names)
            _draw_names(names, found)
        else:
            matrix = figure.subplots()
        _draw_matrix(matrix, found)
    caption = (
        f"Agreement of {found.measure} dissimilarities of {len(found.picture_name)} pictures "
        f"(Spearman's ρ) between populations of {len(found.session)} sessions. White lines: names. "
        f"{' '.join(between_sentences(found))}"
    )
    more = {"names": names_table(found)}
    return Drawing("populations_between_sessions", figure, caption, pairs_table(found), more)


def _draw_matrix(axes: Axes, found: PopulationsBetweenSessions) -> None:
    apart = found.session_of[:, None] != found.session_of
    if not apart.any():
        style.say_unavailable(axes, "all reliable populations are of one session", 24)
        return
    shown = np.where(apart, found.agreement, np.nan)
    image = axes.imshow(shown, cmap="viridis", vmin=min(0.0, np.nanmin(shown)))
    axes.set_facecolor(style.FAINT)
    places = np.arange(len(found.population))
    for edge in np.flatnonzero(found.population[1:] != found.population[:-1]):
        axes.axhline(edge + 0.5, color="white", lw=1)
        axes.axvline(edge + 0.5, color="white", lw=1)
    if len(places) <= _MOST_LABELS:
        labels = _labels(found)
        axes.set_xticks(places, labels, rotation=90)
        axes.set_yticks(places, labels)
    axes.set_title("Populations (grey: of one session)")
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.colorbar(image, ax=axes, shrink=0.8, label="ρ")


def _draw_names(axes: Axes, found: PopulationsBetweenSessions) -> None:
    axes.set_title("Same name and other names")
    y = np.arange(len(found.name))
    axes.plot(found.other, y, "o", ms=4, mfc="none", color=style.RANDOM_COLOUR, label="other names")
    low, high = found.other + found.difference_ci95.T
    axes.hlines(y, low, high, color=style.INK, lw=1, label="other + difference, 95 %")
    axes.plot(found.same, y, "o", ms=4, color=style.INK, label="same name")
    axes.set_yticks(y, found.name)
    axes.set_ylim(len(y) - 0.5, -0.5)
    axes.axvline(0, color=style.FAINT, lw=0.6, zorder=0)
    axes.set_xlabel("Agreement with other sessions (ρ)")
    style.legend_below(axes)


def between_sentences(found: PopulationsBetweenSessions) -> list[str]:
    """Of each name, what is shown and what is not."""
    if not len(found.name):
        return [*_of_pair(found), _NO_NAMES]
    return [_of_name(found, place) for place in range(len(found.name))]


def is_one_pair(found: PopulationsBetweenSessions) -> bool:
    """Whether there are two populations only, of two sessions: one number, and no figure."""
    return len(found.population) == 2 and bool(found.session_of[0] != found.session_of[1])


def _of_pair(found: PopulationsBetweenSessions) -> list[str]:
    if not is_one_pair(found):
        return []
    first, second = _labels(found)
    agreement = number(found.agreement[0, 1])
    return [f"{first} and {second} agree at {agreement} (one pair of sessions: no interval)."]


def _of_name(found: PopulationsBetweenSessions, place: int) -> str:
    name = found.name[place]
    low, high = found.difference_ci95[place]
    told = interval((low, high)) if np.isfinite(low) else "unknown"
    shown = "" if low > 0 or high < 0 else "; that the name matters is not shown"
    return (
        f"{name} agrees with {name} of other sessions at {number(found.same[place])}, with other "
        f"populations there at {number(found.other[place])} (difference "
        f"{signed(found.difference[place], 2)}, 95 % interval {told}, "
        f"{found.sessions_with[place]} sessions{shown})."
    )


def _labels(found: PopulationsBetweenSessions) -> list[str]:
    sessions = found.session[found.session_of].tolist()
    return [
        f"{session}: {name}"
        for session, name in zip(sessions, found.population.tolist(), strict=True)
    ]


def pairs_table(found: PopulationsBetweenSessions) -> Table:
    """One row for each population, with its agreement with every other."""
    labels = _labels(found)
    columns = zip(labels, found.agreement.T.tolist(), strict=True)
    return {"population": labels, "reliability": found.reliability.tolist(), **dict(columns)}


def names_table(found: PopulationsBetweenSessions) -> Table:
    """One row for each name."""
    return {
        "population": found.name.tolist(),
        "sessions": found.sessions_with.tolist(),
        "same": found.same.tolist(),
        "other": found.other.tolist(),
        "difference": found.difference.tolist(),
        "difference_low": found.difference_ci95[:, 0].tolist(),
        "difference_high": found.difference_ci95[:, 1].tolist(),
    }
