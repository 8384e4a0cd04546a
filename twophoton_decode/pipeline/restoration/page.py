"""The page of a restored movie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twophoton_decode import __version__
from twophoton_decode.figures.canvas.numbers import number, percent
from twophoton_decode.figures.canvas.rendering import render_all
from twophoton_decode.figures.deep.restoration import drawings, restoration_sentences
from twophoton_decode.records.deep.restoration import Restoration
from twophoton_decode.report.sessions.comparison import comparison_page
from twophoton_decode.report.sessions.tests_table import PageTable

_ROWS = (
    ("SSIM with clean frames", "ssim", 3),
    ("real particles kept", "recall", 3),
    ("invented a frame, scenes with cells", "invented", 2),
    ("invented a frame, scenes without cells", "invented_empty", 2),
    ("invented a frame, noise alone", "invented_noise", 2),
    ("event amplitude, slope on the true one", "slope", 2),
    ("event area, slope on the true one", "area_slope", 2),
    ("events that lose more than half", "missed", 3),
    ("correlation of traces with the true ones", "trace_r", 3),
    ("flicker of whole frames, share of the mean", "flicker", 4),
    ("false drift of baselines, share", "baseline", 3),
)
_INTERVALS = "none: numbers are means over simulated scenes that are the same for every movie."


def restoration_page(found: Restoration, name: str, provenance: Sequence[Mapping[str, Any]]) -> str:
    """A self-contained page: what restoration did, and what it invents."""
    headings, drawn = zip(*drawings(found), strict=True)
    shown = render_all(list(drawn))
    return comparison_page(
        title=name,
        version=__version__,
        question="What did restoration do to this movie?",
        found=restoration_sentences(found),
        tables=[_controls(found), _noise(found)],
        drawings=[(head, [each]) for head, each in zip(headings, shown, strict=True)],
        settings=[],
        provenance=provenance,
        notes=found.notes,
        intervals=_INTERVALS,
    )


def _controls(found: Restoration) -> PageTable:
    rows = [
        (label, *(number(value, digits) for value in getattr(found, field)))
        for label, field, digits in _ROWS
    ]
    note = (
        f"{found.scenes} scenes with cells and {found.events} true events, {found.empty_scenes} "
        f"without cells, {found.noise_frames} frames of noise; all simulated with the movie's "
        "noise, none learned from."
    )
    return PageTable("Counted where the truth is known", ("", *found.method.tolist()), rows, note)


def _noise(found: Restoration) -> PageTable:
    facts = [
        ("grey levels a photon adds", number(found.gain, 2)),
        ("grey level without light", number(found.dark, 1)),
        ("photons a pixel and frame, mean", number(found.photons, 2)),
        ("noise without light, photons", number(found.read_noise, 2)),
        ("correlation of neighbouring pixels' noise", number(found.noise_correlation, 2)),
        ("loss of training", found.loss),
        ("trained on", found.trained_on),
        ("frames that the network sees", str(found.window)),
        ("steps of training, and the one used", f"{found.steps}, {found.best_step}"),
        ("restored pixels cut at 16 bits", percent(0) if not found.cut_pixels
         else str(found.cut_pixels)),
    ]  # fmt: skip
    return PageTable("Noise and network", ("", "value"), facts)
