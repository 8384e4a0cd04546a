"""``tpdecode deep generated``: generators driven by right and by wrong responses."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.deep.options import denoiser_options, denoiser_settings
from twophoton_decode.cli.options import session_argument, verbosity_options, working_on


@click.command()
@session_argument
@denoiser_options
@verbosity_options
def generated(
    session: Path,
    denoiser: str | None,
    weights: str | None,
    device: str | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Ask what `latent` and `latent-diffusion` make without the brain.

    The same generators are driven by own responses, by those to a wrong image, by the mean
    response and by responses whose cells are exchanged; the nearest training picture and the
    dimension of what is made stand beside.

    \b
    Example:
      tpdecode deep generated S
      tpdecode deep generated S --denoiser denoiser.npz
    """
    given = denoiser_settings(denoiser, weights, device, session)
    with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
        work.run_deep("deep-generated")
