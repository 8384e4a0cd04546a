"""``tpdecode deep features``: pictures to the layers of a network."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.deep.options import deep_settings, network_options
from twophoton_decode.cli.options import session_argument, verbosity_options, working_on


@click.command()
@session_argument
@network_options
@verbosity_options
def features(
    session: Path,
    networks: tuple[str, ...],
    weights: str | None,
    device: str | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Compute what each layer of a network makes of the pictures.

    Layers with more than 1000 units are cut to 1000 that are the same in every session.
    Interrupted, it goes on where it was.

    \b
    Example:
      tpdecode deep features S
      tpdecode deep features S --network efficientnet-lite0@random:0 --network alexnet
    """
    given = deep_settings(weights, device, session)
    with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
        work.run_deep("deep-features", networks)
