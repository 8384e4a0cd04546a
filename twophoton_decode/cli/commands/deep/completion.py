"""``tpdecode deep completion``: degraded pictures, and what was seen of their originals."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.deep.options import deep_settings, network_options
from twophoton_decode.cli.options import session_argument, verbosity_options, working_on


@click.command()
@session_argument
@click.option(
    "--degraded",
    metavar="COLUMN",
    help="Column of the log that names the original of each degraded picture; empty for "
    "originals. Saved to session.toml.",
)
@click.option(
    "--familiar",
    metavar="COLUMN",
    help="Column that says whether the animal had seen the original: familiar or unfamiliar. "
    "Saved to session.toml.",
)
@click.option(
    "--before-after",
    metavar="COLUMN",
    help="Column that says whether a presentation was before or after the animal saw the "
    "original. Saved to session.toml.",
)
@click.option(
    "--degradation",
    metavar="COLUMN",
    help="Column that says how a picture was degraded: blur, occlusion, noise or any other word. "
    "Saved to session.toml.",
)
@network_options
@verbosity_options
def completion(
    session: Path,
    degraded: str | None,
    familiar: str | None,
    before_after: str | None,
    degradation: str | None,
    networks: tuple[str, ...],
    weights: str | None,
    device: str | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Ask whether degraded pictures evoke their originals once these are familiar.

    Decoders are trained on originals, never on that of a tested picture. Only the design
    tests anything: familiar against unfamiliar originals, or before against after.

    \b
    Example:
      tpdecode deep completion S --degraded original --familiar familiar
      tpdecode deep completion S --degraded original --before-after phase --degradation kind
    """
    given = deep_settings(weights, device, session) | {
        "deep.degraded_column": degraded,
        "deep.familiar_column": familiar,
        "deep.phase_column": before_after,
        "deep.degradation_column": degradation,
    }
    with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
        work.run_deep("deep-degraded", networks)
