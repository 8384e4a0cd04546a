"""What of a font goes into a PDF: the glyphs of its text, without tables nobody reads there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from fontTools import subset

# Ligatures, kerning and glyph classes serve who sets type. In a PDF every glyph has its place
# already, and to cut these tables down took half of the time of writing one.
_FOR_TYPESETTING: Final = ("GSUB", "GPOS", "GDEF")


class _GlyphsAlone(subset.Options):  # type: ignore[misc]  # Its types are not declared.
    """Matplotlib's choice of tables, less those for typesetting."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.drop_tables += _FOR_TYPESETTING


@contextmanager
def glyphs_alone() -> Iterator[None]:
    """Within this context matplotlib embeds fonts without their tables for typesetting.

    Matplotlib has no setting for it, so the options that it asks fontTools for are replaced;
    a version that asks otherwise embeds what it would have embedded without this.
    """
    usual = subset.Options
    subset.Options = _GlyphsAlone
    try:
        yield
    finally:
        subset.Options = usual
