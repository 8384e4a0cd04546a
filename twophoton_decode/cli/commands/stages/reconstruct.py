"""``tpdecode reconstruct``: responses to images."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from twophoton_decode.cli.options import (
    as_stored,
    decoder_option,
    session_argument,
    verbosity_options,
    working_on,
)

MOVIE = "movie"


@click.command()
@session_argument
@partial(
    decoder_option,
    more=(MOVIE,),
    about=f" {MOVIE}, alone, for sessions of clips: as `tpdecode deep movie`.",
)
@click.option(
    "--features",
    metavar="NAME",
    help="Feature space: gabor, pixels or prior-components. Saved to session.toml.",
)
@click.option(
    "--folds",
    type=click.IntRange(min=2),
    help="Folds over images; as many as images to leave one out. Saved to session.toml.",
)
@click.option(
    "--permutations",
    type=click.IntRange(min=0),
    help="Permutations for decoders that are not affine, each of which trains them anew; saved.",
)
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda", "mps"]),
    help="Device on which decoders with a network train. Saved to session.toml.",
)
@click.option(
    "--weights",
    type=click.Path(exists=True),
    metavar="FILE|FOLDER",
    help="Look for weights of networks here first. Saved to session.toml.",
)
@click.option(
    "--denoiser",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Denoiser of `latent-diffusion`, made by `tpdecode deep train-denoiser`; saved.",
)
@click.option(
    "--driven-by",
    type=click.Choice(["both", "z", "c"]),
    help="What drives `latent-diffusion`: the decoded code z, what the picture is about, c, or "
    "both. Saved to session.toml.",
)
@verbosity_options
def reconstruct(
    session: Path,
    decoders: tuple[str, ...],
    features: str | None,
    folds: int | None,
    permutations: int | None,
    device: str | None,
    weights: str | None,
    denoiser: str | None,
    driven_by: str | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Reconstruct every image with decoders that never saw it, and score them.

    The figures show pictures beside their reconstructions, and the scores of every decoder that
    was run.

    \b
    Example:
      tpdecode reconstruct S
      tpdecode reconstruct S --decoder ridge --features pixels --folds 50
      tpdecode reconstruct S --decoder latent-diffusion --denoiser denoiser.npz
    """
    from twophoton_decode.pipeline.clips import decode_clips
    from twophoton_decode.registry import FEATURE_SPACES

    if features is not None:
        FEATURE_SPACES.require(features)
    given = {
        "decoding.features": features,
        "decoding.folds": folds,
        "deep.device": device,
        "deep.weights": weights and as_stored(weights, session),
        "deep.denoiser": denoiser and as_stored(denoiser, session),
        "deep.driven_by": driven_by,
        "decoding.non_affine_permutations": permutations,
    }
    with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
        if MOVIE in decoders or work.settings.source.clips:
            decode_clips(work, tuple(name for name in decoders if name != MOVIE))
        else:
            work.run_reconstruct(decoders)
