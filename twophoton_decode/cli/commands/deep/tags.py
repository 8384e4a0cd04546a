"""``tpdecode deep tags``: words about the pictures."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.options import (
    as_stored,
    session_argument,
    verbosity_options,
    working_on,
)


@click.command()
@session_argument
@click.option(
    "--tags",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="CSV: in each row a picture's name, then its words, in further cells or between "
    "semicolons. Saved to session.toml.",
)
@verbosity_options
def tags(session: Path, tags: str | None, verbose: bool, quiet: bool) -> None:
    """Tell words about the pictures from the responses.

    Every word is beside chance and beside what the pictures' contours (Gabor energies) tell of
    it without any cells.

    \b
    Example:
      tpdecode deep tags S --tags words.csv
    """
    given = {} if tags is None else {"source.tags": as_stored(tags, session)}
    with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
        work.run_deep("deep-tags")
