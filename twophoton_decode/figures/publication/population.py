"""The paper's figure 4 over several sessions: paired medians, intervals over mice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import SubFigure

from twophoton_decode.figures.publication.panels import Composed, Panel
from twophoton_decode.figures.sessions.conditions import (
    CONDITIONS,
    COUNTS,
    STABILITIES,
    conditions_in_words,
    draw_cells,
    draw_conditions,
    draw_stability,
)
from twophoton_decode.figures.sessions.decoders import (
    DECODER_PANELS,
    decoders_in_words,
    decoders_table,
    draw_decoders,
)
from twophoton_decode.records.sessions import Key, PopulationView
from twophoton_decode.records.table import Table


def population_figure(view: PopulationView, decoders: Sequence[str], decoder: str) -> Composed:
    """Conditions, cell counts and stability of one decoder, beside R of all."""
    panels = [_decoders(view, decoders)]
    drawn: list[tuple[str, str, list[Key], Callable[[Axes], None]]] = [
        ("conditions", "Conditions", [(decoder, "r", each) for each in CONDITIONS],
         lambda axes: draw_conditions(axes, view, decoder)),
        ("cells", "How many cells", [(decoder, "cells", each) for each in COUNTS],
         lambda axes: draw_cells(axes, view, decoder)),
    ]  # fmt: skip
    for what in STABILITIES:
        keys = [(decoder, f"{kind}_{what}", "") for kind in ("response", "reconstruction")]
        drawn.append((what, what.capitalize(), keys, _stability(view, decoder, what)))
    for name, heading, keys, draw in drawn:
        known = [key for key in keys if key in view.medians]
        if known and (name == "cells" or len(known) == len(keys)):
            wide = 60 if name == "cells" else 44
            table = _sessions_table(view, known)
            panels.append(Panel(name, heading, _of_one(draw), table, wide, 58))
    caption = f"{decoders_in_words(view, decoders)} {conditions_in_words(view, decoder)}"
    return Composed(f"4_population_{decoder}", panels, caption)


def _of_one(draw: Callable[[Axes], None]) -> Callable[[SubFigure], None]:
    return lambda part: draw(part.subplots())


def _stability(view: PopulationView, decoder: str, what: str) -> Callable[[Axes], None]:
    return lambda axes: draw_stability(axes, view, decoder, what)


def _decoders(view: PopulationView, decoders: Sequence[str]) -> Panel:
    def draw(part: SubFigure) -> None:
        axes = part.subplots()
        draw_decoders(axes, view, decoders, "r_average")
        axes.set_xlabel(DECODER_PANELS["r_average"])

    table = decoders_table(view, decoders, ["r_average"])
    return Panel("decoders", "Trial-averaged responses", draw, table, 89, 18 + 7 * len(decoders))


def _sessions_table(view: PopulationView, keys: Sequence[Key]) -> Table:
    """A row a measure, condition and session: median over images, and how many of them."""
    found = [each for key in keys for each in view.of(*key)]
    return {
        "measure": [each.measure for each in found],
        "condition": [each.condition for each in found],
        "session": [each.session for each in found],
        "mouse": [each.mouse for each in found],
        "median": [each.median for each in found],
        "values": [each.defined.size for each in found],
    }
