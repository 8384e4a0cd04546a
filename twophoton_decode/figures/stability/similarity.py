"""Reconstructions stay alike over repeats although the responses differ."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import (
    bounded_interval,
    counted,
    interval,
    number,
    p_value,
    signed,
)
from twophoton_decode.records import Stability

SIGNIFICANT = 0.05


def similarity_scatter(stability: Stability) -> Drawing:
    """Similarity and variability of reconstructions and responses, and the surrogates.

    Each measure in its versions: with the other repeats [ours], with the average of all
    repeats [paper], split-half, and with other images.
    """
    name = f"stability_{stability.decoder}"
    if not np.isfinite(stability.reconstruction_similarity).any():
        return unavailable(name, "Stability", without_repeats(stability))
    with style.applied():
        figure = style.figure(6.3)
        grid = figure.subplots(2, 2, height_ratios=(1.35, 1))
        style.letter_panels(*grid.ravel())
        draw_similarity(grid[0, 0], stability)
        draw_variability(grid[0, 1], stability)
        draw_versions(grid[1, 0], stability)
        draw_surrogates(grid[1, 1], stability)
    more = {"surrogates": surrogates_table(stability)}
    return Drawing(name, figure, stability_in_words(stability), _table(stability), more)


def without_repeats(stability: Stability) -> str:
    """Why no image has repeats to compare."""
    told = "; ".join(note.rstrip(".") for note in stability.notes)
    return told or "no image has two repeats that can be compared"


def unavailable(name: str, what: str, reason: str) -> Drawing:
    """What stands in place of a figure, with its reason."""
    with style.applied():
        figure = style.figure(1.2)
        style.say_unavailable(figure.subplots(), reason, letters=90)
    return Drawing(name, figure, f"{what} is unavailable: {reason}.")


def draw_similarity(axes: Axes, stability: Stability) -> None:
    """Similarity of reconstructions against that of responses, a dot an image."""
    axes.axline((0, 0), slope=1, color=style.FAINT, lw=0.8, zorder=0)
    _points(
        axes,
        stability,
        "similarity_other",
        style.CONDITION_COLOUR["wrong image"],
        "other images",
    )
    _points(
        axes,
        stability,
        "similarity",
        style.RECONSTRUCTION_COLOUR,
        "other repeats",
    )
    low = min(0.0, axes.dataLim.x0, axes.dataLim.y0)
    axes.set(xlim=(low - 0.05, 1), ylim=(low - 0.05, 1), aspect="equal")
    axes.set_xlabel("Similarity of responses (r)")
    axes.set_ylabel("Similarity of reconstructions (r)")
    axes.set_title(f"{stability.decoder}: similarity (dot: image, cross: mean)")
    # Narrow, since what reaches beyond equal axes makes them smaller.
    style.legend_below(axes, ncols=2, handlelength=0.6, handletextpad=0.4, columnspacing=1)


def draw_variability(axes: Axes, stability: Stability) -> None:
    """The same of variability, on logarithmic axes."""
    x, y = stability.response_variability, stability.reconstruction_variability
    _points(axes, stability, "variability", style.RECONSTRUCTION_COLOUR, "")
    drawn = np.concatenate([x, y])
    drawn = drawn[np.isfinite(drawn) & (drawn > 0)]
    if drawn.size:
        ends = drawn.min() / 1.3, drawn.max() * 1.3
        axes.plot(ends, ends, color=style.FAINT, lw=0.8, zorder=0)
        axes.set(xscale="log", yscale="log", xlim=ends, ylim=ends, aspect="equal")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("Variability of responses")
    axes.set_ylabel("Variability of reconstructions")
    axes.set_title("Variability (squared difference, relative)")


VERSIONS = {
    "similarity": "other\nrepeats",
    "similarity_including": "all repeats\n(paper)",
    "split_half": "split-half",
    "similarity_other": "other\nimages",
}


def draw_versions(axes: Axes, stability: Stability) -> None:
    """Each version of similarity, every image a dot, the mean a line."""
    kinds = (
        ("response", style.RESPONSE_COLOUR, -0.17),
        ("reconstruction", style.RECONSTRUCTION_COLOUR, 0.17),
    )
    axes.axhline(0, color=style.FAINT, lw=0.8, zorder=0)
    for what, colour, shift in kinds:
        for place, version in enumerate(VERSIONS):
            name = f"{what}_{version}"
            values = getattr(stability, name)
            # Dots of one column side by side, in the order of the images.
            x = place + shift + np.linspace(-0.1, 0.1, values.size)
            axes.plot(x, values, "o", ms=2, color=colour, alpha=0.5, mec="none")
            ends = [place + shift - 0.13, place + shift + 0.13]
            label = f"{what}s" if place == 0 else None
            axes.plot(ends, [stability.mean_of(name)] * 2, color=colour, lw=2, label=label)
    axes.set_xticks(range(len(VERSIONS)), list(VERSIONS.values()))
    axes.set(ylabel="Similarity (r)", ylim=(None, 1.0))
    axes.set_title("Similarity with what? (line: mean)")
    style.legend_below(axes, ncols=2)


def draw_surrogates(axes: Axes, stability: Stability) -> None:
    """Similarity as recorded, beside what permuted weights and shuffled trials give."""
    kinds = (
        (stability.permuted_weights, style.CONDITION_COLOUR["wrong image"], "weights permuted"),
        (stability.shuffled_trials, style.CONDITION_COLOUR["Resp."], "as responses allow"),
    )
    for values, colour, label in kinds:
        axes.hist(values, 20, color=colour, alpha=0.8, label=label)
    observed = stability.similarity_perturbed
    label = f"as recorded, {number(observed)}"
    axes.axvline(observed, color=style.RECONSTRUCTION_COLOUR, lw=2, label=label)
    axes.set(xlabel="Mean similarity of reconstructions (r)", ylabel="Surrogates")
    style.whole_numbers(axes.yaxis)
    axes.set_title("As alike as the responses allow?")
    style.legend_below(axes)


def _points(axes: Axes, stability: Stability, measure: str, colour: str, label: str) -> None:
    """An image a dot, responses along x and reconstructions along y; a cross at the means."""
    names = f"response_{measure}", f"reconstruction_{measure}"
    x, y = (getattr(stability, name) for name in names)
    axes.plot(x, y, "o", ms=3.5, color=colour, alpha=0.7, mec="none", label=label)
    axes.plot(*([stability.mean_of(name)] for name in names), "+", ms=9, mew=1.5, color=style.INK)


def _table(stability: Stability) -> dict[str, np.ndarray]:
    """A row an image."""
    names = [
        f"{what}_{kind}"
        for kind in (*VERSIONS, "variability", "variability_including")
        for what in ("response", "reconstruction")
    ]
    table = {"image": np.arange(len(stability.repeats))}
    return table | {
        name: getattr(stability, name) for name in ("repeats", "responsive_cells", *names)
    }


def surrogates_table(stability: Stability) -> dict[str, np.ndarray]:
    """A row a surrogate: of what kind, and its mean similarity."""
    kinds = ("permuted_weights", "shuffled_trials")
    values = [getattr(stability, kind) for kind in kinds]
    return {
        "surrogate": np.repeat(kinds, [len(each) for each in values]),
        "similarity": np.concatenate(values),
    }


def stability_in_words(stability: Stability) -> str:
    """Similarities and what they are compared with."""
    return (
        f"{_similarity_sentence(stability)} {_allowed_sentence(stability)} "
        f"{_weights_sentence(stability)} {_gain_sentence(stability)}"
    )


def _similarity_sentence(stability: Stability) -> str:
    return (
        "Over repeats, reconstructions correlate at "
        f"{number(stability.mean_of('reconstruction_similarity'))} (95 % interval "
        f"{_limits(stability.reconstruction_similarity_ci95)}) with the average of the other "
        f"trials, and at R = {number(stability.r_single)} "
        f"({_limits(stability.r_single_ci95)}) with the picture shown: reconstructions that are "
        f"alike need not be right. They correlate at "
        f"{number(stability.mean_of('reconstruction_similarity_other'))} with those of other "
        "images "
        f"({p_value(stability.p_reconstruction_over_other)}; a small p says that responses tell "
        f"images apart, not that reconstructions are stable or right). "
        f"{_responses_sentence(stability)}"
    )


def _responses_sentence(stability: Stability) -> str:
    if not stability.counts.get("compared"):
        return "Responses are not compared: no image has enough responsive cells."
    above = stability.counts["reconstruction_more_similar"]
    return (
        "Responses of responsive cells correlate at "
        f"{number(stability.mean_of('response_similarity'))} "
        f"({_limits(stability.response_similarity_ci95)}; "
        f"{number(stability.mean_of('response_similarity_other'))} with other images). The "
        f"reconstruction is the more similar of the two in {above} of "
        f"{counted(stability.counts['compared'], 'image')}, which any smooth read-out brings about."
    )


def _limits(ends: tuple[float, float]) -> str:
    """The interval of a mean correlation."""
    return bounded_interval(ends, -1, 1)


def _allowed_sentence(stability: Stability) -> str:
    """The one test of stability: against responses as reliable, their noise all their own."""
    return (
        f"With each cell as reliable as it is, and noise of its own that is new in every trial, "
        f"the responses allow a similarity of {number(stability.similarity_allowed)} (each cell's "
        f"trials shuffled); it is {number(stability.similarity_perturbed)}, a difference of "
        f"{signed(stability.similarity_beyond_allowed, 3)} (95 % interval "
        f"{interval(stability.similarity_beyond_allowed_ci95, 3)}, "
        f"{p_value(stability.shuffled_trials_p)}): {_shared_noise(stability)}."
    )


def _shared_noise(stability: Stability) -> str:
    """What noise does to stability that is not each cell's own, as far as the test can tell."""
    what = "noise that cells share, or that lasts over presentations"
    if np.isfinite(stability.noise_autocorrelation):
        what += f" (it correlates at {number(stability.noise_autocorrelation)} with the next)"
    if not stability.shuffled_trials_p < SIGNIFICANT:
        return f"{what}, makes no difference that can be told"
    higher = stability.similarity_perturbed > stability.similarity_allowed
    return f"{what}, makes reconstructions {'more' if higher else 'less'} alike"


def _weights_sentence(stability: Stability) -> str:
    return (
        "With weights permuted over cells it would be "
        f"{number(stability.mean_of('permuted_weights'))} "
        f"({p_value(stability.permuted_weights_p)}; a small p says that the weights belong to "
        "these cells, which information brings about without any stability)."
    )


def _gain_sentence(stability: Stability) -> str:
    return (
        "Trials in which the whole population responds more strongly have similarities that "
        f"correlate with this gain at {number(stability.gain_correlation)} "
        f"({p_value(stability.gain_p)})."
    )
