"""``tpdecode deep inversion``: feature inversion beside its controls."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.deep.options import deep_settings, network_options
from twophoton_decode.cli.options import session_argument, verbosity_options, working_on


@click.command()
@session_argument
@click.option(
    "--images",
    type=click.IntRange(2),
    metavar="N",
    help="How many images, drawn at random; each takes as long as two dozen reconstructions. "
    "Saved to session.toml.",
)
@click.option(
    "--generator",
    metavar="taef2|pixels",
    help="What pictures are made with: an autoencoder, or pixels alone. Saved to session.toml.",
)
@network_options
@verbosity_options
def inversion(
    session: Path,
    images: int | None,
    generator: str | None,
    networks: tuple[str, ...],
    weights: str | None,
    device: str | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Reconstruct some images with feature inversion, its controls, and layer by layer.

    Controls are the true features, another image's responses, the decoded code without
    optimisation, the generator alone, and pixels without a generator.

    \b
    Example:
      tpdecode deep inversion S
      tpdecode deep inversion S --images 20 --generator pixels
    """
    given = deep_settings(weights, device, session) | {
        "deep.inversion_images": images,
        "deep.generator": generator,
        "deep.networks": list(networks) or None,
    }
    with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
        work.run_deep("deep-inversion")
