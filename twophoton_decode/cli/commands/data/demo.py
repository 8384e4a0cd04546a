"""``tpdecode demo``: a simulated recording through the whole chain."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.data.simulate import seed_option, write_simulation
from twophoton_decode.cli.console import Console
from twophoton_decode.cli.headline import headline
from twophoton_decode.cli.options import verbosity_options, working_on


@click.command()
@click.argument(
    "folder", type=click.Path(path_type=Path), default=Path("tpdecode-demo"), metavar="[DIR]"
)
@seed_option
@verbosity_options
def demo(folder: Path, seed: int, verbose: bool, quiet: bool) -> None:
    """Simulate a recording and take it from raw TIFFs to the report, in minutes.

    DIR is the folder for the recording and a session. Run the command again to resume
    where it stopped.

    \b
    Example:
      tpdecode demo
    """
    session = folder / "session"
    if not (session / "session.toml").is_file():
        _prepare(folder, session, seed, verbose=verbose, quiet=quiet)
    with working_on(session, verbose=verbose, quiet=quiet) as work:
        work.run()
        for line in headline(work.folder):
            work.say(line)


def _prepare(folder: Path, session: Path, seed: int, *, verbose: bool, quiet: bool) -> None:
    """Write the recording, then the session; a recording that is there is whole, and kept."""
    import shutil

    from twophoton_decode.cli.commands.session.init import create_session, source_given
    from twophoton_decode.simulation.parameters import demo_parameters

    recording, unfinished = folder / "recording", folder / ".unfinished-recording"
    with Console(verbose - quiet) as console:
        if not (recording / "truth.npz").is_file():
            console.say(f"making a simulated recording with known truth in {recording}:")
            shutil.rmtree(unfinished, ignore_errors=True)
            write_simulation(unfinished, demo_parameters(seed), console)
            unfinished.rename(recording)
    rate = _frame_rate(recording)
    log, images = str(recording / "shown.csv"), str(recording / "pictures")
    source = source_given((str(recording / "raw"),), session, log, images)
    create_session(session, source, {"recording.frame_rate_hz": rate})


def _frame_rate(recording: Path) -> float:
    import numpy as np

    with np.load(recording / "truth.npz", allow_pickle=False) as truth:
        return float(truth["frame_rate_hz"])
