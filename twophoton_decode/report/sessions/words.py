"""What several sessions say together, in a title and a line."""

from __future__ import annotations

from dataclasses import dataclass

from twophoton_decode.figures.canvas.numbers import counted, interval, number
from twophoton_decode.records.sessions import HierarchicalMean, PopulationView
from twophoton_decode.words import counted_units

_LEVEL = 0.05


@dataclass(frozen=True)
class Together:
    """Title and first line of the page."""

    title: str
    lead: str


def together(view: PopulationView, decoder: str, decoders: int) -> Together:
    """In how many sessions pictures were reconstructed, and how well.

    A session counts where its interval lies above chance, or above zero where no permutations
    were run, and p of its permutations is 0.05 at most. Where the interval over mice holds zero
    all the same, the title says that too: many pictures tell of their mouse, not of other mice.
    """
    sessions = view.of(decoder, "r_average")
    tested = {each.session: each.mean for each in view.of(decoder, "p_value")}
    chance = {each.session: each.mean for each in view.of(decoder, "chance_r")}
    beyond = [
        each
        for each in sessions
        if each.interval[0] > chance.get(each.session, 0.0)
        and tested.get(each.session, 0.0) <= _LEVEL
    ]
    mean = view.means[decoder, "r_average", ""]
    how = f"bootstrap over {counted_units(mean.units, mean.level)}"
    if mean.level == "images":
        how = f"over {counted_units(mean.units, mean.level)}"
    parts = [
        f"{counted(len(view.sessions), 'session')} of {counted_units(len(view.mice), 'mice')}",
        f"mean R of trial averages {number(mean.mean)} (95 % interval "
        f"{interval((mean.low, mean.high))}, {how}) by {decoder}"
        + (f", which leads {decoders} decoders by the primary score" if decoders > 1 else ""),
    ]
    title = _title(len(beyond), len(sessions), len(tested)) + (_not_beyond(mean) if beyond else "")
    return Together(title, "; ".join(parts))


def _not_beyond(mean: HierarchicalMean) -> str:
    """What is added where units that were drawn leave open whether their mean is above zero."""
    if mean.level == "images" or not mean.low <= 0.0 <= mean.high:
        return ""
    return f"; the interval over {counted_units(mean.units, mean.level)} includes 0"


def _title(beyond: int, sessions: int, tested: int) -> str:
    against = "above chance" if tested == sessions else "above chance or zero"
    if not beyond:
        none = {1: "the only session pictures are not", 2: "neither session are pictures"}
        words = none.get(sessions, f"none of {sessions} sessions are pictures")
        return f"In {words} reconstructed {against}"
    if beyond == sessions:
        every = {1: "the only session", 2: "both sessions"}.get(
            sessions, f"all {sessions} sessions"
        )
        return f"Pictures are reconstructed {against} in {every}"
    return f"Pictures are reconstructed {against} in {beyond} of {sessions} sessions"
