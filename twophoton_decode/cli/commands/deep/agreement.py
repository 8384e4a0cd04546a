"""``tpdecode deep agreement``: units decoded alike in different animals."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.deep.options import network_option
from twophoton_decode.cli.console import Console
from twophoton_decode.cli.options import folder_option, sessions_argument, verbosity_options


@click.command()
@sessions_argument
@folder_option("the database, figures and the page")
@network_option
@verbosity_options
def agreement(
    sessions: tuple[Path, ...],
    output: Path,
    networks: tuple[str, ...],
    verbose: bool,
    quiet: bool,
) -> None:
    """Ask whether units that one animal decodes well are those that others do.

    Accuracies are compared on pictures that no two sessions share, beside random weights,
    pixels, ceilings, and mice that share contrast alone. Sessions are only read, but for their
    caches of features. Accuracies of all units go to unit_accuracy.csv.

    \b
    Example:
      tpdecode deep agreement mouse1/day1 mouse2/day1 -o units
    """
    from twophoton_decode.figures.deep.unit_agreement import agreement_sentence
    from twophoton_decode.pipeline.deep.agreement import PAGE, agree

    with Console(verbose - quiet) as console:
        for found in agree(sessions, output, networks, console.progress):
            for note in found.notes:
                console.say(f"note: {note}")
            console.say(agreement_sentence(found))
        console.say(f"page: {output / PAGE}")
