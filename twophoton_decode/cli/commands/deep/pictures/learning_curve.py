"""``tpdecode deep learning-curve``: scores after training on fewer images."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from twophoton_decode.cli.options import (
    decoder_option,
    session_argument,
    verbosity_options,
    working_on,
)


@click.command("learning-curve")
@session_argument
@partial(decoder_option, does="Only for this decoder, which is reconstructed first if need be")
@click.option(
    "--most-hours",
    type=click.FloatRange(min=0, max=10_000),
    help="Leave out decoders that would take longer, h. Saved to session.toml.",
)
@verbosity_options
def learning_curve(
    session: Path,
    decoders: tuple[str, ...],
    most_hours: float | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Ask whether more pictures would help.

    The same images are reconstructed after training on a quarter, half and all of the others:
    PixCorr and SSIM, what each doubling adds, and ridge beside every other decoder.

    \b
    Example:
      tpdecode deep learning-curve S
      tpdecode deep learning-curve S --decoder end-to-end --most-hours 8
    """
    given = {"deep.most_hours": most_hours}
    with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
        work.run_deep("deep-learning-curve", decoders=decoders)
