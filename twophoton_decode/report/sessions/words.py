"""What several sessions say together, in a title and a line."""

from __future__ import annotations

from dataclasses import dataclass

from twophoton_decode.figures.canvas.numbers import counted, interval, number
from twophoton_decode.records.sessions import PopulationView
from twophoton_decode.words import counted_units

_LEVEL = 0.05


@dataclass(frozen=True)
class Together:
    """Title and first line of the page."""

    title: str
    lead: str


def together(view: PopulationView, decoder: str, decoders: int) -> Together:
    """In how many sessions pictures were reconstructed, and how well.

    A session counts where R is beyond chance: p of its permutations is 0.05 at most, or, where
    none were run, its interval lies above zero.
    """
    sessions = view.of(decoder, "r_average")
    tested = {each.session: each.mean for each in view.of(decoder, "p_value")}
    beyond = [
        each
        for each in sessions
        if (tested[each.session] <= _LEVEL if each.session in tested else each.interval[0] > 0.0)
    ]
    mean = view.means[decoder, "r_average", ""]
    how = f"bootstrap over {counted_units(mean.units, mean.level)}"
    if mean.level == "images":
        how = f"over {counted_units(mean.units, mean.level)}"
    parts = [
        f"{counted(len(view.sessions), 'session')} of {counted_units(len(view.mice), 'mice')}",
        f"mean R of trial averages {number(mean.mean)} (95 % interval "
        f"{interval((mean.low, mean.high))}, {how}) by {decoder}"
        + (f", the best of {decoders} decoders over the sessions" if decoders > 1 else ""),
    ]
    return Together(_title(len(beyond), len(sessions), len(tested)), "; ".join(parts))


def _title(beyond: int, sessions: int, tested: int) -> str:
    against = "above chance" if tested == sessions else "above chance or zero"
    if not beyond:
        return f"In none of {sessions} sessions are pictures reconstructed {against}"
    if beyond == sessions:
        return f"Pictures are reconstructed {against} in all {sessions} sessions"
    return f"Pictures are reconstructed {against} in {beyond} of {sessions} sessions"
