"""``tpdecode init``: a new session from a movie, a stimulus log and images."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twophoton_decode.cli.console import echo
from twophoton_decode.cli.data_options import (
    changes_option,
    images_option,
    log_option,
    settings_given,
)
from twophoton_decode.cli.options import as_stored, mouse_option, save_settings

if TYPE_CHECKING:
    from twophoton_decode.errors import TpDecodeError
    from twophoton_decode.pipeline.plan.understanding import Understanding
    from twophoton_decode.session.folder import SessionFolder
    from twophoton_decode.settings import Settings, Source

_NAMES_A_SETTING = re.compile(r"session\.toml|\[(log|recording|responses|images)\]")
_SETS = re.compile(r"([a-z_]+) = \"?([\w.:-]+)\"? (?:under|in) \[([a-z_]+)\]")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="SESSION")
@click.option(
    "--movie",
    multiple=True,
    required=True,
    metavar="RAW",
    help="Movie files, a folder, or a quoted glob; may be repeated.",
)
@log_option
@images_option
@click.option(
    "--clips",
    default="",
    metavar="FOLDER|STACK",
    help="The clips shown, in place of images: .npy, .tif or .gif files, or one array.",
)
@click.option(
    "--image-shape", default="", metavar="HxW", help="Shape of flattened images, such as 31x31."
)
@click.option(
    "--frame-rate-hz",
    type=click.FloatRange(min=0, min_open=True),
    help="Frames per second and plane; by default, from the movie's files.",
)
@mouse_option
@changes_option
def init(
    paths: tuple[str, ...],
    movie: tuple[str, ...],
    log: str,
    images: str,
    clips: str,
    image_shape: str,
    frame_rate_hz: float | None,
    mouse: str | None,
    changes: tuple[str, ...],
) -> None:
    """Make a session folder with a commented session.toml.

    Reads the log, the images and the movie's header and summarises them. If they do not
    fit together, no session is made. The movie stays where it is. Without --log, the session
    is for extraction only; run `init` again with --log and --images to add them.

    \b
    Example:
      tpdecode init S --movie "raw/*.tif" --log shown.csv --images pictures/ --frame-rate-hz 8
    """
    session, spilled = _session_among(paths)
    source = source_given((*movie, *spilled), session, log, images, image_shape, clips)
    named = {"recording.frame_rate_hz": frame_rate_hz, "subject.mouse": mouse}
    given = settings_given(changes) | {key: value for key, value in named.items() if value}
    new = not (session / "session.toml").exists()
    found = create_session(session, source, given)
    for line in (found.line, *found.notes):
        echo(line)
    what = "is written" if new else "exists, and the session keeps its results"
    echo(f"{session / 'session.toml'} {what}. Check it, then: tpdecode run {session}")


def source_given(
    movie: tuple[str, ...],
    session: Path,
    log: str = "",
    images: str = "",
    image_shape: str = "",
    clips: str = "",
) -> Source:
    """The ``[source]`` that options name; what they do not name is not set."""
    from twophoton_decode.errors import UsageError
    from twophoton_decode.session.settings.file import source_of

    if images and clips:
        raise UsageError("give --images or --clips: a session shows pictures or clips.")
    if bool(log) != bool(images or clips):
        raise UsageError("--log and --images (or --clips) belong together: give both, or neither.")
    named: dict[str, Any] = {
        "movie": [as_stored(path, session) for path in movie],
        "log": log and as_stored(log, session),
        "images": images and as_stored(images, session),
        "clips": clips and as_stored(clips, session),
        "image_shape": image_shape,
    }
    return source_of("tpdecode init", **{key: value for key, value in named.items() if value})


def create_session(
    session: Path,
    source: Source,
    given: Mapping[str, Any],
    say: Callable[[str], None] = echo,
) -> Understanding:
    """Check that log, images and movie fit together, and only then write the session.

    `given` maps ``section.key`` to values. A session that is there keeps its settings but
    for these, and gains the log it lacks.
    """
    from twophoton_decode.errors import TpDecodeError
    from twophoton_decode.session.folder import SessionFolder
    from twophoton_decode.session.settings.file import with_changes
    from twophoton_decode.session.unfinished import taken_back_on_failure
    from twophoton_decode.settings import Settings

    folder = SessionFolder(session)
    if (session / "session.toml").exists():
        return _extend_session(folder, source, given, say)
    settings = with_changes(Settings(source=source), given, "the command line")
    try:
        settings, found = _planned(folder, settings, say)
    except TpDecodeError as error:
        raise _told_for_no_session(error) from error
    settings = _with_truth(session, settings, say)
    with taken_back_on_failure(session):
        SessionFolder.create(session, settings)
    return found


def _planned(
    folder: SessionFolder, settings: Settings, say: Callable[[str], None]
) -> tuple[Settings, Understanding]:
    """The settings of a new session, with the rate of the movie's files, and what they come to."""
    from twophoton_decode.pipeline.plan.movie import read_header
    from twophoton_decode.pipeline.plan.understanding import understand
    from twophoton_decode.session.settings.file import with_changes

    recording = read_header(folder, settings)
    rate = float(f"{recording.frame_rate_hz:.6g}")
    if rate and not settings.recording.frame_rate_hz:
        by = recording.source.get("frame_rate_hz", "the files")
        say(f"frame_rate_hz = {rate:g} is taken from the movie ({by}).")
        settings = with_changes(settings, {"recording.frame_rate_hz": rate}, "the movie")
    return settings, understand(folder, settings, recording)


def _with_truth(session: Path, settings: Settings, say: Callable[[str], None]) -> Settings:
    """`settings` that name the truth of a simulated movie, where it lies beside the movie."""
    from twophoton_decode.session.settings.file import with_changes
    from twophoton_decode.simulation.truth import truth_beside

    truth = truth_beside([session / path for path in settings.source.movie])
    if truth is None or settings.source.truth:
        return settings
    say(
        f"This movie is simulated. Results will be compared with its truth, {truth} "
        "([source] truth)."
    )
    return with_changes(settings, {"source.truth": as_stored(str(truth), session)}, "the movie")


def _extend_session(
    folder: SessionFolder, source: Source, given: Mapping[str, Any], say: Callable[[str], None]
) -> Understanding:
    """The session that is there, with the log it lacks, and the settings given."""
    from twophoton_decode.pipeline.plan.understanding import understand
    from twophoton_decode.session.folder import SessionFolder
    from twophoton_decode.session.lock import locked
    from twophoton_decode.session.settings.file import with_changes

    before = folder.settings()
    source = require_same_data(folder, source)
    added = {f"source.{key}": getattr(source, key) for key in source.model_fields_set}
    after = with_changes(before, {**added, **given}, "the command line")
    found = understand(folder, after)
    with locked(folder.private):
        SessionFolder.create(folder.path, after)
        save_settings(folder, given, say)
    for key in sorted(source.model_fields_set):
        if getattr(source, key) != getattr(before.source, key):
            say(f"saved to {folder.settings_file}: [source] {key} = {getattr(source, key)}")
    return found


def require_same_data(folder: SessionFolder, given: Source) -> Source:
    """`given` in the words of the session that is there; `UsageError` if its data are others."""
    given = _in_the_sessions_words(folder, folder.settings().source, given)
    folder.refuse_other_data(given)
    return given


def _in_the_sessions_words(folder: SessionFolder, there: Source, given: Source) -> Source:
    """`given`, its movie written as in the session where both name the same files.

    A folder, a glob and a list of files may all be the same movie.
    """
    from twophoton_decode.errors import TpDecodeError
    from twophoton_decode.pipeline.inputs.sources import source_paths
    from twophoton_decode.recording.series.paths import movie_files

    try:
        one, other = (
            movie_files(source_paths(folder, each, "movie")).files for each in (there, given)
        )
    except TpDecodeError:
        return given
    return given.model_copy(update={"movie": there.movie}) if one == other else given


def _told_for_no_session(error: TpDecodeError) -> TpDecodeError:
    """`error`, with how to change a setting while there is no ``session.toml`` to edit."""
    from twophoton_decode.errors import UsageError

    if type(error) is not UsageError and _NAMES_A_SETTING.search(str(error)):
        rate = ["--frame-rate-hz 30"] if "frame_rate_hz" in str(error) else []
        named = [f"--set {section}.{key}={value}" for key, value, section in
                 _SETS.findall(str(error))[:1]]  # fmt: skip
        options = " or ".join([*rate, *named] or ["--set SECTION.KEY=VALUE"])
        error.args = (
            f"{error} There is no session yet: give the setting to `tpdecode init` as {options}.",
        )
    return error


def _session_among(paths: tuple[str, ...]) -> tuple[Path, tuple[str, ...]]:
    """The session, and movies that an unquoted glob spilled among the arguments."""
    from twophoton_decode.errors import UsageError
    from twophoton_decode.recording.series.paths import SUFFIXES, split_dataset

    movies = tuple(path for path in paths if split_dataset(path).file.suffix.lower() in SUFFIXES)
    others = [path for path in paths if path not in movies]
    if len(others) != 1:
        raise UsageError(
            f"expected one session folder, found {len(others)} ({', '.join(others) or 'none'}). "
            "Give every movie after --movie, a glob in quotes."
        )
    return Path(others[0]), movies
