"""``tpdecode deep decode``: a network's layers decoded from responses."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.deep.options import deep_settings, network_options
from twophoton_decode.cli.options import session_argument, verbosity_options, working_on

BIN_S = 0.25
AFTER_RESPONSE_S = 1.0


@click.command()
@session_argument
@network_options
@click.option(
    "--bins",
    is_flag=True,
    help="Also decode bin by bin, to see when each layer is there. Bins are those of time_bins_s "
    "in [responses]; without them bins of 0.25 s are chosen and saved to session.toml.",
)
@verbosity_options
def decode(
    session: Path,
    networks: tuple[str, ...],
    weights: str | None,
    device: str | None,
    bins: bool,
    verbose: bool,
    quiet: bool,
) -> None:
    """Decode the layers of a network from responses, and identify pictures by them.

    Every layer stands beside the same layer with random weights, pixels, Gabor energies and
    wrong pictures. A column `category` of the log has categories identified too.

    \b
    Example:
      tpdecode deep decode S
      tpdecode deep decode S --network efficientnet-lite0 --bins
    """
    if bins:
        edges = {"responses.time_bins_s": _bins_of(session)}
        with working_on(session, verbose=verbose, quiet=quiet, given=edges) as work:
            work.run_only("time-bins")
    given = deep_settings(weights, device, session)
    with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
        work.run_deep("deep-decode", networks)


def _bins_of(session: Path) -> list[float]:
    """Edges of the time bins: those of the settings, or from the baseline to a second after."""
    from twophoton_decode.errors import UsageError
    from twophoton_decode.session.folder import SessionFolder

    settings = SessionFolder.open(session).settings()
    if settings.source.kind == "arrays" or not settings.source.log:
        raise UsageError(
            f"{session} has no movie with a log, so its responses have no time bins. Leave out "
            "--bins."
        )
    if settings.responses.time_bins_s:
        return settings.responses.time_bins_s
    start = settings.responses.baseline_window_s[0]
    stop = settings.responses.response_window_s[1] + AFTER_RESPONSE_S
    return [round(start + BIN_S * place, 6) for place in range(int((stop - start) / BIN_S) + 1)]
