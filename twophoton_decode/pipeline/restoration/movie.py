"""The movie that is to be restored: one plane and channel of files, or of a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.pipeline.plan.movie import read_header
from twophoton_decode.recording.file import volume_in_words
from twophoton_decode.recording.frames import select
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.recording.planes.used import interleaved
from twophoton_decode.records import Recording
from twophoton_decode.session.folder import SessionFolder


@dataclass(frozen=True)
class Wanted:
    """Which images of the files are restored; planes and channels count from 1.

    Attributes
    ----------
    plane, channel : int or None
        None: the only one.
    planes, channels : int
        Of files that do not say; 0: as they say.
    frame_rate_hz : float or None
        None: as the files, or the session, say.
    """

    plane: int | None = None
    channel: int | None = None
    planes: int = 0
    channels: int = 0
    frame_rate_hz: float | None = None


@dataclass(frozen=True)
class Movie:
    """A recording of one plane and channel, and its rate; 0 where nobody says one."""

    recording: Recording
    rate_hz: float


def open_movie(paths: Sequence[Path], wanted: Wanted) -> Movie:
    """The movie in files, or that of a session.

    Raises
    ------
    UsageError
        A session beside other paths.
    MovieError
        Several planes or channels and none is chosen; otherwise as `open_recording`.
    """
    sessions = [path for path in paths if (path / "session.toml").is_file()]
    if sessions and len(paths) > 1:
        raise UsageError(
            f"{sessions[0]} is a session: restore one session at a time, or the files of a movie."
        )
    rate = wanted.frame_rate_hz
    channel = wanted.channel
    if sessions:
        folder = SessionFolder.open(sessions[0])
        settings = folder.settings()
        recording = read_header(folder, settings)
        rate = rate or settings.recording.frame_rate_hz
        channel = channel or settings.recording.functional_channel
    else:
        recording = interleaved(open_recording(paths), wanted.planes, wanted.channels)
    one = _one(recording, wanted.plane, channel)
    return Movie(one, rate or one.frame_rate_hz)


def _one(recording: Recording, plane: int | None, channel: int | None) -> Recording:
    """One plane and channel of the recording."""
    unclear = [
        option
        for option, given, count in (
            ("--plane", plane, recording.planes),
            ("--channel", channel, recording.channels),
        )
        if given is None and count > 1
    ]
    if unclear:
        raise MovieError(
            f"the movie has {volume_in_words(recording.planes, recording.channels)}, and planes "
            f"are restored one at a time: choose with {' and '.join(unclear)}, counted from 1."
        )
    return select(recording, (plane or 1) - 1, (channel or 1) - 1)
