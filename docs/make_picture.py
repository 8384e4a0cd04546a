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
COLOURS = 160
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
    # Maximum coverage keeps the few coloured marks among the many greys.
    return page.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


def _figure(path: Path) -> Image.Image:
    figure = Image.open(path).convert("RGBA")
    opaque = Image.alpha_composite(Image.new("RGBA", figure.size, "white"), figure)
    height = round(opaque.height * WIDTH_PX / opaque.width)
    return opaque.convert("RGB").resize((WIDTH_PX, height), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    decoder = sys.argv[2] if len(sys.argv) > 2 else "ridge"
    picture(Path(sys.argv[1]), decoder).save(TARGET, optimize=True)
