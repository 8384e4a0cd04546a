"""``tpdecode extract``: raw movies to fluorescence traces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from twophoton_decode.cli.options import (
    as_stored,
    cells_given,
    cells_option,
    discard_curation_option,
    registration_option,
    verbosity_options,
    working_on,
)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="SESSION | RAW…")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="SESSION",
    help="Session to make, if a movie is given.",
)
@click.option(
    "--frame-rate-hz",
    type=click.FloatRange(min=0, min_open=True),
    help="Frames per second and plane. Saved to session.toml.",
)
@click.option(
    "--suite2p-settings",
    metavar="FILE",
    help="Your own ops.npy, or settings.npy of suite2p 1: what of it is taken over, passed to "
    "suite2p, or has no effect is listed. Saved to session.toml.",
)
@cells_option
@registration_option
@click.option(
    "--add-rois",
    is_flag=True,
    help="Look for dim cells that suite2p leaves out (`tpdecode detect`), and add those that "
    "count to its ROIs; a backup is made first.",
)
@discard_curation_option
@verbosity_options
def extract(
    paths: tuple[str, ...],
    output: Path | None,
    frame_rate_hz: float | None,
    suite2p_settings: str | None,
    registration: str | None,
    cells_file: str | None,
    add_rois: bool,
    discard_curation: bool,
    verbose: bool,
    quiet: bool,
) -> None:
    """Correct motion, find cells, extract their fluorescence (suite2p).

    The same as `tpdecode register`, then `tpdecode detect`.

    \b
    Example:
      tpdecode extract S
      tpdecode extract S --add-rois
      tpdecode extract raw_1.tif raw_2.tif -o S --frame-rate-hz 30
      tpdecode extract movie.h5::/data -o S --frame-rate-hz 30
    """
    from twophoton_decode.session.unfinished import taken_back_on_failure

    session = _session(paths, output)
    given = {"recording.frame_rate_hz": frame_rate_hz, "extraction.registration": registration}
    given |= cells_given(cells_file, session)
    given |= _users_settings(suite2p_settings, session)
    with taken_back_on_failure(session):
        if output is not None:
            _make_session(output, paths, frame_rate_hz)
        with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
            work.understand(log_needed=False)
            work.run_only("extract", discard_curation=discard_curation)
            if add_rois:
                from twophoton_decode.pipeline.inputs.added_rois import look_and_add

                look_and_add(work)
            work.run_only("quality")


def _users_settings(file: str | None, session: Path) -> dict[str, Any]:
    """Settings that a file of suite2p's settings comes to; what becomes of each is said."""
    if file is None:
        return {}
    from twophoton_decode.cli.console import echo
    from twophoton_decode.errors import UsageError
    from twophoton_decode.extraction.suite2p.users_settings import read_users_settings

    if not Path(file).is_file():
        raise UsageError(f"--suite2p-settings {file}: there is no such file.")
    found = read_users_settings(Path(file))
    passed = ", ".join(_named(found.passed))
    without = ", ".join(f"{name} = {value}" for name, value in found.overridden.items())
    taken = ", ".join(
        f"[{name.replace('.', '] ')} = {value}" for name, value in found.taken.items()
    )
    for what, named in (
        ("taken over as settings of this session", taken),
        ("passed to suite2p", passed),
        ("without effect, as tpdecode decides them", without),
    ):
        echo(f"{Path(file).name}: {what}: {named or 'none'}")
    return found.taken | {"extraction.suite2p_settings": as_stored(file, session)}


def _named(values: dict[str, Any], within: str = "") -> list[str]:
    """``detection.highpass_time = 50`` for each value of nested settings."""
    named: list[str] = []
    for name, value in values.items():
        nested = isinstance(value, dict)
        place = f"{within}{name}"
        named += _named(value, f"{place}.") if nested else [f"{place} = {value}"]
    return named


def _session(paths: tuple[str, ...], output: Path | None) -> Path:
    """The session given, or the one to make for the movies given."""
    from twophoton_decode.errors import UsageError

    first = Path(paths[0])
    if len(paths) == 1 and (first / "session.toml").is_file():
        if output is not None:
            raise UsageError(f"{first} is a session; use -o with movies only.")
        return first
    if output is None and not _names_something(paths[0]):
        raise UsageError(f"there is no file or folder {first}.")
    if output is None:
        raise UsageError(
            f"{first} is not a session. For movies, name the session to make: "
            f"tpdecode extract {first} … -o SESSION"
        )
    return output


def _names_something(path: str) -> bool:
    """Whether a file, a folder, or a glob that finds some, stands there."""
    from glob import glob

    from twophoton_decode.recording.series.paths import split_dataset

    return split_dataset(path).file.exists() or bool(glob(path))


def _make_session(session: Path, movie: tuple[str, ...], frame_rate_hz: float | None) -> None:
    """A session of the movie alone, unless a session of this movie is there."""
    from twophoton_decode.cli.commands.session.init import (
        create_session,
        require_same_data,
        source_given,
    )
    from twophoton_decode.session.folder import SessionFolder

    source = source_given(movie, session)
    if (session / "session.toml").exists():
        require_same_data(SessionFolder(session), source)
    else:
        create_session(
            session, source, {"recording.frame_rate_hz": frame_rate_hz} if frame_rate_hz else {}
        )
