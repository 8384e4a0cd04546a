"""``tpdecode deep hierarchy``: layers of networks in the order of areas."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.deep.options import network_option
from twophoton_decode.cli.console import Console
from twophoton_decode.cli.options import folder_option, sessions_argument, verbosity_options


@click.command()
@sessions_argument
@folder_option("tables, the figure and the page")
@network_option
@click.option(
    "--order",
    metavar="A,B,…",
    default="",
    help="Populations, early to late, such as V1,LM,PM. Without it: imaging planes in turn.",
)
@click.option(
    "--kamitani-t",
    "stored_t",
    is_flag=True,
    help="Test units by the t of the code published with Nonaka et al. 2021, which multiplies "
    "where it should divide, to reproduce its numbers.",
)
@verbosity_options
def hierarchy(
    sessions: tuple[Path, ...],
    output: Path,
    networks: tuple[str, ...],
    order: str,
    stored_t: bool,
    verbose: bool,
    quiet: bool,
) -> None:
    """Score how far the order of a network's layers is that of populations of cells.

    Each score, with as many cells of each population, stands beside random weights and every
    other order of the populations. Sessions are only read, but for their caches of features.

    \b
    Example:
      tpdecode deep hierarchy S -o scores --order V1,LM,PM
      tpdecode deep hierarchy S1 S2 -o scores --network alexnet --network resnet18
    """
    from twophoton_decode.figures.deep.hierarchy import hierarchy_sentence
    from twophoton_decode.pipeline.deep.hierarchy import PAGE, score_hierarchies

    names = tuple(dict.fromkeys(filter(None, map(str.strip, order.split(",")))))
    with Console(verbose - quiet) as console:
        found = score_hierarchies(
            sessions, output, networks, names, stored_t=stored_t, progress=console.progress
        )
        for note in found.notes:
            console.say(f"note: {note}")
        console.say(hierarchy_sentence(found))
        console.say(f"page: {output / PAGE}")
