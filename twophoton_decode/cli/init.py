"""``tpdecode init``: a new session from a movie, a stimulus log and images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twophoton_decode.cli.options import as_stored, save_settings

if TYPE_CHECKING:
    from twophoton_decode.session.folder import SessionFolder
    from twophoton_decode.settings import Source


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="SESSION")
@click.option(
    "--movie",
    multiple=True,
    required=True,
    metavar="RAW",
    help="Movie files, a folder, or a quoted glob; may be repeated.",
)
@click.option(
    "--log",
    default="",
    metavar="CSV",
    help="Stimulus log: columns image and onset_s or onset_frame.",
)
@click.option("--images", default="", metavar="FOLDER|STACK", help="The images shown.")
@click.option(
    "--frame-rate-hz",
    type=click.FloatRange(min=0, min_open=True),
    help="Frames per second and plane; without it, as the movie's files say.",
)
def init(
    paths: tuple[str, ...],
    movie: tuple[str, ...],
    log: str,
    images: str,
    frame_rate_hz: float | None,
) -> None:
    """Make a session folder with a commented session.toml.

    The movie stays where it is. Without --log the session is for extraction alone.

    \b
    Example:
      tpdecode init S --movie "raw/*.tif" --log shown.csv --images pictures/ --frame-rate-hz 8
    """
    from twophoton_decode.session.folder import SessionFolder

    session, spilled = _session_among(paths)
    create_session(session, (*movie, *spilled), log, images, frame_rate_hz)
    # A session that was there already has the rate it was made with.
    save_settings(SessionFolder(session), {"recording.frame_rate_hz": frame_rate_hz})
    click.echo(f"{session / 'session.toml'} is written. Look it over, then: tpdecode run {session}")


def create_session(
    session: Path, movie: tuple[str, ...], log: str, images: str, frame_rate_hz: float | None
) -> None:
    """Check that what the user names exists, and write the session."""
    from twophoton_decode.errors import UsageError
    from twophoton_decode.pipeline.sources import source_paths
    from twophoton_decode.session.folder import SessionFolder
    from twophoton_decode.settings import RecordingSettings, Settings, Source

    if bool(log) != bool(images):
        raise UsageError("--log and --images belong together: give both, or neither.")
    source = Source(
        movie=[as_stored(path, session) for path in movie],
        log=as_stored(log, session) if log else "",
        images=as_stored(images, session) if images else "",
    )
    for name in ("movie", "log", "images"):
        source_paths(SessionFolder(session), source, name)
    new = not (session / "session.toml").exists()
    rate = frame_rate_hz or (_rate_in_files(SessionFolder(session), source) if new else 0.0)
    recording = RecordingSettings(frame_rate_hz=rate)
    SessionFolder.create(session, Settings(source=source, recording=recording))


def _rate_in_files(folder: SessionFolder, source: Source) -> float:
    """Frames per second and plane as the movie's files say, announced; 0 where they do not."""
    from twophoton_decode.pipeline.sources import source_paths
    from twophoton_decode.recording.movie import open_recording

    recording = open_recording(source_paths(folder, source, "movie"))
    rate = float(f"{recording.frame_rate_hz:.6g}")
    if rate:
        by = recording.source.get("frame_rate_hz", "the files")
        click.echo(f"frame_rate_hz = {rate:g} is taken from the movie ({by}).")
    return rate


def _session_among(paths: tuple[str, ...]) -> tuple[Path, tuple[str, ...]]:
    """The session, and movies that an unquoted glob spilled among the arguments."""
    from twophoton_decode.errors import UsageError
    from twophoton_decode.recording.movie_paths import SUFFIXES, split_dataset

    movies = tuple(path for path in paths if split_dataset(path).file.suffix.lower() in SUFFIXES)
    others = [path for path in paths if path not in movies]
    if len(others) != 1:
        raise UsageError(
            f"expected one session folder, found {len(others)} ({', '.join(others) or 'none'}). "
            "Give every movie after --movie, a glob in quotes."
        )
    return Path(others[0]), movies
