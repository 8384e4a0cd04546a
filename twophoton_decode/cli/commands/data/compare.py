"""``tpdecode compare``: the population over sessions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twophoton_decode.cli.columns import aligned
from twophoton_decode.cli.console import Console
from twophoton_decode.cli.options import (
    decoder_option,
    folder_option,
    publication_options,
    sessions_argument,
    style_given,
    verbosity_options,
)
from twophoton_decode.words import true_minus

if TYPE_CHECKING:
    from twophoton_decode.pipeline.population.compare import Comparison


@click.command()
@sessions_argument
@folder_option("figures, tables and the page")
@decoder_option
@publication_options
@verbosity_options
def compare(
    sessions: tuple[Path, ...],
    output: Path,
    decoders: tuple[str, ...],
    publication: bool,
    style_file: Path | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Compare decoders, cell counts and stability over several sessions.

    Sessions are only read. Without --decoder, it compares the decoders that every session
    has. Name the animal with --mouse in `tpdecode init` or under [subject] mouse in
    session.toml, so that sessions of one mouse do not count as several mice.

    With --publication, the folder also gets publication/: medians of sessions as paired lines,
    and means with intervals over mice, for each decoder.

    \b
    Example:
      tpdecode compare mouse1/day1 mouse1/day2 mouse2/day1 -o population
      tpdecode compare S1 S2 S3 -o population --decoder ridge
    """
    from twophoton_decode.pipeline.population.compare import PAGE
    from twophoton_decode.pipeline.population.compare import compare as compare_sessions

    own = style_given(style_file, publication=publication)
    with Console(verbose - quiet) as console:
        made = compare_sessions(
            sessions, output, decoders, console.progress, own if publication else None
        )
        for note in made.population.notes:
            console.say(f"note: {note}")
        for line in _lines(made):
            console.say(line)
        console.say(f"page: {output / PAGE}")


def _lines(made: Comparison) -> list[str]:
    """The tests, one a line."""
    rows = [
        (each.decoder, each.comparison, true_minus(f"{each.difference:+.3f}"),
         f"{each.higher}/{each.sessions}", _p(each.p_holm))
        for each in made.compared
    ]  # fmt: skip
    reasons = dict.fromkeys(each.note for each in made.compared if each.p != each.p and each.note)
    header = ("decoder", "comparison of session medians", "median", "higher", "p (Holm)")
    return [*aligned([header, *rows]), *reasons]


def _p(value: float) -> str:
    return "not tested" if value != value else f"{value:.2g}"
