"""Makes the README's picture from a session: ``python docs/make_picture.py SESSION [DECODER]``.

Two figures of the report, one above the other, small enough for a page.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

FIGURES = ("cells_gallery", "cell_count")
WIDTH_PX = 1100
GAP_PX = 24
GREYS = 36
COLOURS = 64
TARGET = Path(__file__).resolve().parent / "images" / "demo.png"


def picture(session: Path, decoder: str) -> Image.Image:
    """The figures on white, at equal width."""
    parts = [_figure(session / "figures" / f"{name}_{decoder}.png") for name in FIGURES]
    height = sum(part.height for part in parts) + GAP_PX * (len(parts) - 1)
    page = Image.new("RGB", (WIDTH_PX, height), "white")
    top = 0
    for part in parts:
        page.paste(part, (0, top))
        top += part.height + GAP_PX
    return page.quantize(palette=_palette(page), dither=Image.Dither.NONE)


def _palette(page: Image.Image) -> Image.Image:
    """Pure greys for the pictures, and the page's main colours for the marks."""
    found = page.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE).getpalette() or []
    greys = [level * 255 // (GREYS - 1) for level in range(GREYS) for _ in range(3)]
    coloured = [found[i : i + 3] for i in range(0, len(found), 3)]
    marks = [value for rgb in coloured if max(rgb) - min(rgb) > 40 for value in rgb]
    palette = Image.new("P", (1, 1))
    palette.putpalette(greys + marks)
    return palette


def _figure(path: Path) -> Image.Image:
    figure = Image.open(path).convert("RGBA")
    opaque = Image.alpha_composite(Image.new("RGBA", figure.size, "white"), figure)
    height = round(opaque.height * WIDTH_PX / opaque.width)
    return opaque.convert("RGB").resize((WIDTH_PX, height), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    decoder = sys.argv[2] if len(sys.argv) > 2 else "ridge"
    picture(Path(sys.argv[1]), decoder).save(TARGET, optimize=True)
