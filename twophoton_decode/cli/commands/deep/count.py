"""``tpdecode deep count``: inventions in restored frames, counted by people who are blind."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.deep.options import page_options, refuse_both
from twophoton_decode.cli.console import Console
from twophoton_decode.cli.options import verbosity_options


@click.command()
@click.argument("record", type=click.Path(path_type=Path), metavar="RESTORED.nc")
@page_options("Write the page on which people count, one HTML file.", "counts")
@verbosity_options
def count(
    record: Path, page: Path | None, answers: tuple[Path, ...], verbose: bool, quiet: bool
) -> None:
    """Have people count what restoration invented in a movie's own frames.

    With -o: a page that shows the mean of the movie beside a crop of one frame, restored or
    averaged, in random order, and saves a CSV. With --read: counts of both, and exact sign tests
    over people and over places. `tpdecode restore` makes RESTORED.nc.

    \b
    Example:
      tpdecode deep count restored.nc -o count.html
      tpdecode deep count restored.nc --read anna.csv --read ben.csv
    """
    refuse_both(page, answers)
    with Console(verbose - quiet) as console:
        if page is not None:
            from twophoton_decode.pipeline.restoration.counting import make_page

            console.say(f"page: {page}, {make_page(record, page)} crops.")
            return
        from twophoton_decode.figures.deep.restoration import counted_sentence
        from twophoton_decode.pipeline.restoration.counting import read_answers

        found = read_answers(record, answers)
        console.say(counted_sentence(found.mean, found.crops, found.raters, found.places))
