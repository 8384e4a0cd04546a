"""``tpdecode deep components``: what codes, contents and a denoiser stand for in single cells."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.deep.options import denoiser_options, denoiser_settings
from twophoton_decode.cli.options import session_argument, verbosity_options, working_on


@click.command()
@session_argument
@denoiser_options
@verbosity_options
def components(
    session: Path,
    denoiser: str | None,
    weights: str | None,
    device: str | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Predict each cell from the parts of a latent diffusion model.

    From the code z, from what the picture is about (c), from noised codes and from the stages of
    the denoiser, step by step, beside pixels and denoisers with random weights. Without a
    denoiser: z, c and pixels.

    \b
    Example:
      tpdecode deep components S
      tpdecode deep components S --denoiser denoiser.npz
    """
    given = denoiser_settings(denoiser, weights, device, session)
    with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
        work.run_deep("deep-components")
