"""``tpdecode deep movie``: the clips that were shown, from responses."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.options import session_argument, verbosity_options, working_on


@click.command()
@session_argument
@click.option(
    "--features",
    metavar="NAME",
    help="Feature space that is decoded: gabor, pixels or prior-components. Saved to session.toml.",
)
@click.option(
    "--correction/--no-correction",
    default=None,
    help="Train a network that corrects decoded clips, and use it where held-out training clips "
    "show that it helps; saved.",
)
@click.option(
    "--latents/--no-latents",
    default=None,
    help="Pass decoded frames through the codes of an autoencoder too (generator under [deep]), "
    "each by itself and each after the one before; saved.",
)
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda", "mps"]),
    help="Device on which networks compute. Saved to session.toml.",
)
@verbosity_options
def movie(
    session: Path,
    features: str | None,
    correction: bool | None,
    latents: bool | None,
    device: str | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Decode clips frame by frame and over time, beside plainer decoders and nulls.

    For sessions whose stimuli are clips (clips under [source]). `tpdecode reconstruct S --decoder
    movie` does the same.

    \b
    Example:
      tpdecode deep movie S
      tpdecode deep movie S --features pixels --correction
    """
    from twophoton_decode.pipeline.clips import decode_clips
    from twophoton_decode.registry import FEATURE_SPACES

    if features is not None:
        FEATURE_SPACES.require(features)
    if device is not None:
        from twophoton_decode.deep.device import device_of

        device_of(device)
    given = {
        "decoding.features": features,
        "deep.movie_correction": correction,
        "deep.movie_latents": latents,
        "deep.device": device,
    }
    with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
        decode_clips(work)
