"""``tpdecode deep rating``: reconstructions judged by people who do not know which is which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twophoton_decode.cli.commands.deep.options import page_options, refuse_both
from twophoton_decode.cli.console import Console
from twophoton_decode.cli.options import session_argument, verbosity_options

if TYPE_CHECKING:
    from twophoton_decode.report.rating.answers import Judged
    from twophoton_decode.statistics.permutation import SignTest

_AGAINST = {
    "generator": "with the generator, rather than without it",
    "responses": "from the image's responses, rather than from those to another image",
}


@click.command()
@session_argument
@page_options(
    "Write the page on which people choose, one HTML file, and its key into the session.", "answers"
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True,
              help="Of the order and the sides on the page.")  # fmt: skip
@verbosity_options
def rating(
    session: Path, page: Path | None, answers: tuple[Path, ...], seed: int, verbose: bool,
    quiet: bool,
) -> None:  # fmt: skip
    """Have people judge reconstructions, without knowing which is which.

    With -o: a page that shows an original and two candidates, by keyboard, and saves a CSV.
    With --read: an exact sign test over people, and one over images. `tpdecode deep inversion`
    makes the pictures.

    \b
    Example:
      tpdecode deep rating S -o rating.html
      tpdecode deep rating S --read anna.csv --read ben.csv
    """
    refuse_both(page, answers)
    with Console(verbose - quiet) as console:
        if page is not None:
            from twophoton_decode.pipeline.deep.rating import make_rating

            count = make_rating(session, page, seed)
            console.say(f"page: {page}, {count} choices. Its key stays in the session.")
            return
        from twophoton_decode.pipeline.deep.rating import read_rating

        for each in read_rating(session, answers):
            console.say(_told(each))


def _told(found: Judged) -> str:
    from twophoton_decode.figures.canvas.numbers import percent

    return (
        f"{percent(found.share)} of {found.choices} choices are for the picture "
        f"{_AGAINST[found.question]}; over raters {_test(found.raters)}, over images "
        f"{_test(found.images)}."
    )


def _test(found: SignTest) -> str:
    from twophoton_decode.figures.canvas.numbers import p_value

    if not found.units:
        return "none prefers either"
    return f"{found.prefer} of {found.units} prefer it ({p_value(found.p)})"
