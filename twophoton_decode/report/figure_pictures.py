"""Figures as a page shows them: smaller than the files for print, and of fewer bytes."""

from __future__ import annotations

import base64
import io
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

from twophoton_decode.figures.canvas.drawing import Shown

WIDTH: Final = 1120
_QUALITY: Final = 70


@dataclass(frozen=True)
class PageFigure:
    """One figure in the page.

    `decoder` is empty where the figure is of no single one; `saved` says whether the page holds
    its numbers as CSV.
    """

    name: str
    caption: str
    kinds: Sequence[str]
    decoder: str
    source: str
    width: int
    height: int
    saved: bool


@dataclass(frozen=True)
class FigureGroup:
    """Figures that stand side by side; with decoders, those of one are shown at a time."""

    figures: list[PageFigure]
    decoders: list[str] = field(default_factory=list)


def page_figure(shown: Shown, decoders: Sequence[str], saved: Container[str]) -> PageFigure:
    """A figure with its picture as WebP at screen size; the files for print lie in ``figures/``.

    A file that the user edited need not be a picture any more: then the caption says so.
    """
    caption = shown.caption
    try:
        with Image.open(io.BytesIO(shown.files["png"])) as opened:
            picture = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        picture = Image.new("RGB", (1, 1), "white")
        caption += f" [figures/{shown.name}.png cannot be opened as a picture.]"
    if picture.width > WIDTH:
        height = round(picture.height * WIDTH / picture.width)
        picture = picture.resize((WIDTH, height), Image.Resampling.BOX, reducing_gap=1.5)
    stream = io.BytesIO()
    picture.save(stream, "WEBP", quality=_QUALITY, method=2)
    source = f"data:image/webp;base64,{base64.b64encode(stream.getvalue()).decode()}"
    decoder = decoder_of(shown.name, decoders)
    return PageFigure(
        shown.name,
        caption,
        sorted((*shown.files, *shown.beside)),
        decoder,
        source,
        picture.width,
        picture.height,
        shown.name in saved,
    )


def decoder_of(name: str, decoders: Sequence[str]) -> str:
    """The decoder whose figure this is, by the end of its name; empty if of none."""
    fitting = [each for each in decoders if name.endswith(f"_{each}")]
    return max(fitting, key=len, default="")


def grouped(figures: Sequence[PageFigure], decoders: Sequence[str]) -> list[FigureGroup]:
    """Figures of single decoders together, after the others, the decoders in their order."""
    alone = [each for each in figures if not each.decoder]
    of_one = [each for each in figures if each.decoder]
    groups = [FigureGroup(alone)] if alone else []
    named = [name for name in decoders if any(each.decoder == name for each in of_one)]
    if len(named) == 1:
        groups.append(FigureGroup(of_one))
    elif named:
        of_one.sort(key=lambda each: named.index(each.decoder))
        groups.append(FigureGroup(of_one, named))
    return groups


def saved_tables(shown: Sequence[Shown], most: int) -> Mapping[str, bytes]:
    """The CSV of each figure, the small ones first, `most` bytes together at most."""
    found: dict[str, bytes] = {}
    for each in sorted(shown, key=lambda one: len(one.files.get("csv", b""))):
        table = each.files.get("csv", b"")
        most -= len(table)
        if table and most >= 0:
            found[each.name] = table
    return found
