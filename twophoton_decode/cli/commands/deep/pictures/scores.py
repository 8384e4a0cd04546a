"""``tpdecode deep scores``: reconstructions scored in pixels and in a network's layers."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.deep.options import deep_settings, network_options
from twophoton_decode.cli.options import session_argument, verbosity_options, working_on


@click.command()
@session_argument
@network_options
@verbosity_options
def scores(
    session: Path,
    networks: tuple[str, ...],
    weights: str | None,
    device: str | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Score the reconstructions of all decoders as other work on pictures from brains does.

    SSIM, PixCorr, two-way identification and identification among 100: in pixels, in an early, a
    middle and the last layer of a network, and in the same layers with random weights.

    \b
    Example:
      tpdecode reconstruct S --decoder ridge --decoder end-to-end
      tpdecode deep scores S
    """
    given = deep_settings(weights, device, session)
    with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
        work.run_deep("deep-scores", networks)
