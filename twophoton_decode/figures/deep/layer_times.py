"""When each layer of a network is decoded."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import interval, number, signed
from twophoton_decode.records.declaration import given
from twophoton_decode.records.deep.feature_decoding import FeatureDecoding
from twophoton_decode.records.table import Column, Table


def layer_times(found: FeatureDecoding) -> Drawing:
    """Curves over time bins of every layer, and their onsets and peaks."""
    bin_s, course, ends = (given(each) for each in (found.bin_s, found.course, found.course_ci95))
    onset, peak = given(found.onset_s), given(found.peak_s)
    colours = colormaps["viridis"](np.linspace(0, 0.9, len(found.layer)))
    with style.applied():
        figure = style.figure(3.0)
        curves, times = figure.subplots(1, 2, width_ratios=(1.5, 1))
        style.letter_panels(curves, times)
        for line, layer in enumerate(found.layer.tolist()):
            curves.plot(bin_s, course[line], "o-", ms=2.5, color=colours[line], label=layer)
            curves.fill_between(bin_s, *ends[line].T, color=colours[line], alpha=0.12, lw=0)
            for values, interval_s, mark, fill in (
                (onset, given(found.onset_ci95), "o", colours[line]),
                (peak, given(found.peak_ci95), "D", "white"),
            ):
                times.plot(values[line], line, mark, ms=4, mfc=fill, color=colours[line])
                times.hlines(line, *interval_s[line], color=colours[line], lw=1)
        for axes in (curves, times):
            axes.axvline(0, color=style.FAINT, lw=0.8, zorder=0)
        curves.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
        curves.set_xlabel("Time from onset (s)")
        curves.set_ylabel("Pattern r, beyond other pictures")
        curves.set_title("Decoding bin by bin (shaded: 95 % interval)")
        times.set_yticks(range(len(found.layer)), found.layer.tolist())
        times.set_xlabel("Time from onset (s)")
        times.set_title("Onset (dots) and peak (diamonds)")
        figure.legend(*curves.get_legend_handles_labels(), loc="outside lower center", ncols=7)
    name = f"deep_times_{found.network.replace('@random:', '-random-')}"
    return Drawing(name, figure, _caption(found), _table(found))


def _caption(found: FeatureDecoding) -> str:
    onset, ends = given(found.onset_s), given(found.onset_ci95)
    told, without = [], []
    for line, layer in enumerate(found.layer.tolist()):
        if np.isfinite(onset[line]):
            told.append(f"{layer} {number(onset[line])} s ({interval(ends[line])})")
        else:
            without.append(layer)
    sentence = f"Half of the peak is passed at {'; '.join(told)}." if told else ""
    if without:
        sentence += f" Not above zero in any bin, corrected over bins: {', '.join(without)}."
    width = given(found.bin_s)
    step = number(width[1] - width[0]) if len(width) > 1 else number(None)
    return (
        f"{sentence.strip()} {_order(found)} Bins are {step} s apart and the indicator decays over "
        f"{number(found.indicator_decay_s)} s: differences below its rise and below a bin are not "
        "times of the cells' spikes."
    )


def _order(found: FeatureDecoding) -> str:
    """Which layers come later or earlier than the first one, beyond their interval."""
    later, ends = given(found.onset_after_first_s), given(found.onset_after_first_ci95)
    layers = found.layer.tolist()
    apart = [
        f"{layers[line]} by {signed(later[line])} s ({interval(ends[line])})"
        for line in range(1, len(layers))
        if ends[line, 0] > 0 or ends[line, 1] < 0
    ]
    if not apart:
        return f"No layer's onset can be told from that of {layers[0]}."
    return f"Onsets that differ from that of {layers[0]}: {', '.join(apart)}."


def _table(found: FeatureDecoding) -> Table:
    table: dict[str, Column] = {"layer": found.layer}
    for name in ("onset", "peak", "onset_after_first"):
        ends = given(getattr(found, f"{name}_ci95"))
        value = given(getattr(found, f"{name}_s"))
        table |= {f"{name}_s": value, f"{name}_low_s": ends[:, 0], f"{name}_high_s": ends[:, 1]}
    table["peak_p"] = given(found.course_p)
    for place, middle in enumerate(given(found.bin_s).tolist()):
        table[f"r_at_{middle:g}_s"] = given(found.course)[:, place]
    return table
