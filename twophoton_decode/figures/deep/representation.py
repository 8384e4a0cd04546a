"""Which layers represent the pictures as each population does, beside their controls."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import number
from twophoton_decode.figures.deep.representation_words import sentences, twin_of
from twophoton_decode.records import Representation

_COLUMNS = 3
_MOST = 6
_PIXELS = "pixels"
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def layers_and_populations(found: Representation) -> Drawing:
    """A panel for each population, most reliable first, then populations with each other.

    That last panel needs two populations, and repeats to compare them. Without models, one
    panel has the reliability of every population in place of layers.
    """
    if not len(found.network):
        return _populations_alone(found)
    order = _order(found)
    with style.applied():
        several = len(found.population) > 1 and np.isfinite(found.between).any()
        panels = len(order) + int(several)
        columns = min(panels, _COLUMNS)
        rows = -(-panels // columns)
        figure = style.figure(0.5 + 2.5 * rows)
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        style.letter_panels(*axes[:panels])
        for place, each in zip(order, axes, strict=False):
            _draw_layers(each, found, place)
        axes[0].set_ylabel("Agreement of dissimilarities (ρ)")
        style.legend_below(axes[0], label_lines=3)
        if several:
            _draw_between(axes[len(order)], found)
        for empty in axes[panels:]:
            empty.set_axis_off()
    more = {"populations": _population_table(found)}
    return Drawing("deep_rsa", figure, _caption(found), _table(found), more)


def _populations_alone(found: Representation) -> Drawing:
    """Reliability and agreement of populations, where conditions have no pictures."""
    with style.applied():
        figure = style.figure(3.0)
        several = len(found.population) > 1 and np.isfinite(found.between).any()
        panels = figure.subplots(1, 1 + int(several), squeeze=False).ravel()
        style.letter_panels(*panels)
        reliable = panels[0]
        places = np.arange(len(found.population))
        colour = np.where(found.ranked, style.INK, style.FAINT).tolist()
        reliable.hlines(places, found.ceiling_low, found.ceiling_high, color=style.FAINT, lw=5,
                        label="noise ceiling")  # fmt: skip
        reliable.scatter(found.reliability, places, s=14, c=colour, zorder=3, label="reliability")
        reliable.set_yticks(places, found.population)
        reliable.set_ylim(len(places) - 0.5, -0.5)
        reliable.set_ylabel("Population")
        reliable.axvline(0, color=style.FAINT, lw=0.6, zorder=0)
        reliable.set_xlabel("Agreement of dissimilarities (ρ)")
        reliable.set_title("Reliability (grey: too low)")
        style.legend_below(reliable, label_lines=2)
        if several:
            _draw_between(panels[1], found)
    beside = ", and agreement of populations" if several else ""
    caption = (
        f"Reliability of the {found.measure} dissimilarities of {len(found.picture_name)} "
        f"conditions without pictures{beside}. {' '.join(sentences(found))}"
    )
    return Drawing("deep_rsa", figure, caption, _population_table(found))


def _order(found: Representation) -> list[int]:
    """Populations that are drawn, the most reliable first."""
    known = np.where(np.isfinite(found.reliability), found.reliability, -np.inf)
    return np.argsort(-known, kind="stable")[:_MOST].tolist()


def _draw_layers(axes: Axes, found: Representation, place: int) -> None:
    ranked = bool(found.ranked[place])
    low, high = found.ceiling_low[place], found.ceiling_high[place]
    if np.isfinite(low):
        axes.axhspan(low, high, color=style.FAINT, alpha=0.35, lw=0, label="noise ceiling")
    for row, name in enumerate(found.compared):
        colour = _COLOURS[row % len(_COLOURS)] if ranked else style.FAINT
        _draw_network(axes, found, name, place, colour)
        twin = twin_of(str(name))
        if twin != name and (found.network == twin).any():
            _draw_line(axes, found, twin, place, style.RANDOM_COLOUR, "--")
    pixels = np.flatnonzero(found.network == _PIXELS)
    for each in pixels:
        axes.axhline(found.agreement[each, place], color=style.INK, lw=0.8, ls=":", label=_PIXELS)
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    _label_layers(axes, found)
    said = f"reliability {number(found.reliability[place])}"
    axes.set_title(f"{found.population[place]} ({said}{'' if ranked else ': not ranked'})")


def _draw_network(axes: Axes, found: Representation, name: str, place: int, colour: str) -> None:
    models = found.models_of(name)
    # No agreement lies beyond −1 and 1, though intervals of few sessions do.
    low, high = (
        np.clip(ends[models, place], -1, 1) for ends in (found.agreement_low, found.agreement_high)
    )
    axes.fill_between(found.depth[models], low, high, color=colour, alpha=0.2, lw=0)
    _draw_line(axes, found, name, place, colour, "-")


def _draw_line(
    axes: Axes, found: Representation, name: str, place: int, colour: str, dashes: str
) -> None:
    models = found.models_of(name)
    axes.plot(found.depth[models], found.agreement[models, place], dashes, color=colour, marker="o",
              ms=2.5, label=name)  # fmt: skip


def _label_layers(axes: Axes, found: Representation) -> None:
    """Names of layers where one network is shown, else their place."""
    if len(found.compared) != 1:
        axes.set_xlabel("Layer (early to late)")
        return
    models = found.models_of(found.compared[0])
    axes.set_xticks(found.depth[models], found.layer[models], rotation=90)


def _draw_between(axes: Axes, found: Representation) -> None:
    image = axes.imshow(found.between, cmap="viridis", vmin=min(0.0, np.nanmin(found.between)))
    places = np.arange(len(found.population))
    axes.set_xticks(places, found.population, rotation=90)
    axes.set_yticks(places, found.population)
    axes.set_title("Between populations")
    figure = axes.get_figure(root=True)
    assert figure is not None
    pairs = "sessions" if (found.sets > 1).any() else "repeats"
    label = f"ρ, different {pairs}" if found.halves_measure else "ρ"
    figure.colorbar(image, ax=axes, shrink=0.8, label=label)


def _table(found: Representation) -> dict[str, list[object]]:
    """One row for each model and population."""
    models, populations = found.agreement.shape
    table: dict[str, list[object]] = {
        "population": [name for _ in range(models) for name in found.population.tolist()],
        "network": [name for name in found.network.tolist() for _ in range(populations)],
        "layer": [name for name in found.layer.tolist() for _ in range(populations)],
    }
    fields = ("agreement", "agreement_low", "agreement_high", "whitened", "over_random",
              "over_random_low", "over_random_high", "over_pixels", "over_pixels_low",
              "over_pixels_high")  # fmt: skip
    return table | {name: getattr(found, name).ravel().tolist() for name in fields}


def _population_table(found: Representation) -> dict[str, list[object]]:
    """One row for each population, with its agreement with every other."""
    fields = ("population", "population_cells", "reliability", "ceiling_low", "ceiling_high")
    table: dict[str, list[object]] = {name: getattr(found, name).tolist() for name in fields}
    columns = zip(found.population.tolist(), found.between.T.tolist(), strict=True)
    return table | {f"between_{name}": column for name, column in columns}


def _for_new(found: Representation) -> str:
    """Of what intervals are, and where there are none."""
    if (found.sets == 1).all():
        return " for new pictures"
    few = (found.sets > 1) & np.isnan(found.agreement_low).all(axis=0)
    none = "; none where only two or three are averaged" if few.any() else ""
    return f" for new pictures, and new sessions or subjects{none}"


def _caption(found: Representation) -> str:
    drawn, every = len(_order(found)), len(found.population)
    left = f" The {drawn} most reliable of {every} populations are drawn." if drawn < every else ""
    return (
        f"Agreement of {found.measure} dissimilarities of {len(found.picture_name)} pictures with "
        f"those of each layer (Spearman's ρ; bands: 95 % interval{_for_new(found)}), of the "
        "network with one draw of random weights (dashed) and of the pixels (dotted). "
        f"{' '.join(sentences(found))}{left}"
    )
