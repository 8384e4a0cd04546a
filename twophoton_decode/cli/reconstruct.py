"""``tpdecode reconstruct``: responses to images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from twophoton_decode.cli.options import (
    decoder_option,
    session_argument,
    verbosity_options,
    working_on,
)


@click.command()
@session_argument
@decoder_option
@click.option(
    "--features", metavar="NAME", help="Feature space, gabor or pixels; saved to session.toml."
)
@click.option(
    "--folds",
    type=click.IntRange(min=2),
    help="Folds over images, the number of images to leave one out; saved to session.toml.",
)
@verbosity_options
def reconstruct(
    session: Path,
    decoders: tuple[str, ...],
    features: str | None,
    folds: int | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Reconstruct every image by decoders that never saw it, and score them.

    \b
    Example:
      tpdecode reconstruct S
      tpdecode reconstruct S --decoder ridge --features pixels --folds 50
    """
    _save_settings(session, {"features": features, "folds": folds})
    with working_on(session, verbose=verbose, quiet=quiet) as work:
        work.run_only("reconstruct", decoders)


def _save_settings(session: Path, given: dict[str, Any]) -> None:
    """Options that change a setting are kept, so that the next `run` agrees with them."""
    from twophoton_decode.errors import UnknownNameError
    from twophoton_decode.registry import FEATURE_SPACES
    from twophoton_decode.session.folder import SessionFolder
    from twophoton_decode.session.settings_file import change_setting

    folder = SessionFolder.open(session)
    known = FEATURE_SPACES.names()
    if given["features"] is not None and given["features"] not in known:
        raise UnknownNameError("feature space", given["features"], known)
    for key, value in given.items():
        if value is not None and getattr(folder.settings().decoding, key) != value:
            change_setting(folder.settings_file, "decoding", key, value)
            click.echo(f"saved to {folder.settings_file}: [decoding] {key} = {value}")
