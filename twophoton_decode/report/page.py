"""The report: one HTML file that needs nothing else, and asks for nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from twophoton_decode.report.data.gather import LARGEST_PAGE, PageData
from twophoton_decode.report.data.layouts import PageLayout
from twophoton_decode.report.data.movie_player import GROUP, PageMovie
from twophoton_decode.report.headline import best_of, headline, understood
from twophoton_decode.report.least_p import least_p
from twophoton_decode.report.parts import Section, Setting, page_parts
from twophoton_decode.report.sheet import rendered
from twophoton_decode.report.words.answers import opening
from twophoton_decode.report.words.checks import checks
from twophoton_decode.report.words.decoder_table import decoder_rows
from twophoton_decode.report.words.methods import methods_paragraph
from twophoton_decode.report.words.sections import SectionWords

# Script, styles, captions, notes, settings and provenance.
_WORDS: Final = 350_000

INTERVALS_OF_A_SESSION = (
    "of means over images: Student's t, the standard error widened because images train each "
    "other's decoders. Of medians over cells and of the paper's 95 % count: bootstrap over images. "
    "Of means over pairs of images or cells: from leaving out one member at a time."
)


def report_page(
    *,
    title: str,
    version: str,
    summary: Mapping[str, Any],
    drawings: Sequence[Section],
    settings: Sequence[Setting],
    provenance: Sequence[Mapping[str, Any]],
    notes: Sequence[str],
    words: Mapping[str, SectionWords] | None = None,
    explorer: Callable[[int], PageData] | None = None,
    layouts: Sequence[PageLayout] = (),
    movie: PageMovie | None = None,
    served: str = "",
) -> str:
    """A self-contained page: what was found, an explorer, figures, what was left out, settings.

    Parameters
    ----------
    title : str
        Name of the session.
    version : str
        Version of the program.
    summary : mapping
        As in ``summary.json``; missing stages and NaN or None values are shown as such.
    drawings : sequence of (section title, sequence of Shown)
        The page embeds a picture of each, made from its PNG.
    settings : sequence of (section, key, value, comment)
        In the order of ``session.toml``; ``primary_score`` decides which decoder leads.
    provenance : sequence of mapping
        One per stage and decoder; the keys of the first appear as columns.
    notes : sequence of str
        What was assumed, found, dropped, clipped or filled, or did not converge.
    words : mapping of section title to SectionWords, optional
        What each section found, and how it was computed.
    explorer : callable, optional
        Makes what the explorer computes with, given the bytes that are left for it; without it
        there is none.
    layouts : sequence of PageLayout
        Layouts of cells in three dimensions, which can be turned.
    movie : PageMovie, optional
        Clips as shown and as decoded, for the player.
    served : str
        What the results are called from which a server made this page; empty for a page that
        stands alone. A served page fetches from its server what it does not hold.
    """
    primary_score = next((row[2] for row in settings if row[1] == "primary_score"), "r_average")
    best = best_of(summary.get("reconstruct", {}), primary_score)
    names = _decoder_names(summary, best)
    parts, texts = page_parts(
        drawings=drawings,
        settings=settings,
        provenance=provenance,
        notes=notes,
        intervals=INTERVALS_OF_A_SESSION,
        decoders=names,
        words=words,
    )
    texts |= {each.group: each.text for each in layouts}
    texts |= {GROUP: movie.text} if movie else {}
    sections = parts["sections"]
    data = PageData({"decoders": []}, {})
    if explorer is not None:
        data = explorer(LARGEST_PAGE - _size(sections, texts) - _WORDS)
    return rendered(
        "page.html.j2",
        {
            **data.facts,
            "layouts": [each.facts for each in layouts],
            "movie": movie and movie.facts,
            "served": served,
        },
        data.texts | texts,
        **parts,
        title=title,
        version=version,
        opening=opening(summary, best, title),
        checks=checks(summary, notes),
        anchors={each["words"].stage: each["id"] for each in sections if each["words"]},
        understood=understood(summary),
        headline=headline(summary, primary_score),
        decoders=names,
        decoder_rows=decoder_rows(summary, names, primary_score),
        primary_score=primary_score,
        best=best,
        least_p=least_p(summary.get("reconstruct", {})),
        layouts=layouts,
        movie=movie,
        open_sections=not data.facts["decoders"],
        methods=methods_paragraph(summary, settings, best, version),
    )


def _decoder_names(summary: Mapping[str, Any], best: str | None) -> list[str]:
    """Decoders of any stage, the leading one first."""
    stages = ("reconstruct", "sparsity", "stability", "complementarity")
    names = dict.fromkeys(name for stage in stages for name in summary.get(stage, {}))
    return sorted(names, key=lambda name: name != best)


def _size(sections: Sequence[Mapping[str, Any]], texts: Mapping[str, str]) -> int:
    """Bytes that figures and their numbers take."""
    groups = [group for section in sections for group in section["groups"]]
    pictures = sum(len(figure.source) for group in groups for figure in group.figures)
    return pictures + sum(map(len, texts.values()))
