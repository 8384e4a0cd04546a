"""Makes the pictures of the README and the method pages: ``python docs/make_pictures.py SESSION``.

Figures of the report of a session in which `ridge` and `bayes` were run (``tpdecode demo``, then
``tpdecode run SESSION --decoder all``), one above the other, small enough for a page.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

PICTURES = {
    "demo": ("cells_gallery_ridge", "cell_count_ridge"),
    "extraction": ("field_of_view",),
    "quality": ("quality_motion", "quality_traces", "quality_noise", "quality_bleaching"),
    "responses": ("responsiveness", "correlations"),
    "encoding": ("receptive_fields", "encoding_prediction"),
    "decoders": ("reconstructions", "decoders"),
    "bayes": ("posterior_bayes",),
    "scores": ("score_variants", "identification"),
    "cell_count": ("cell_count_ridge", "cell_controls_ridge", "cell_refits_ridge"),
    "stability": ("stability_ridge", "drop_out_ridge"),
    "complementarity": ("complementarity_ridge",),
}
WIDTH_PX = 1000
GAP_PX = 24
GREYS = 36
COLOURS = 64
FOLDER = Path(__file__).resolve().parent / "images"


def picture(figures: Path, names: tuple[str, ...]) -> Image.Image:
    """The figures on white, at equal width."""
    parts = [_figure(figures / f"{name}.png") for name in names]
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
    FOLDER.mkdir(exist_ok=True)
    for page, names in PICTURES.items():
        picture(Path(sys.argv[1]) / "figures", names).save(FOLDER / f"{page}.png", optimize=True)
