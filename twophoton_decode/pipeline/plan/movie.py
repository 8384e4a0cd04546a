"""The movie of a session by its header: size, channels, and how many frames a second."""

from __future__ import annotations

import re
from dataclasses import dataclass

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.pipeline.inputs.sources import source_paths
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.recording.planes.used import interleaved, used
from twophoton_decode.recording.series.file_gaps import file_gaps
from twophoton_decode.records import Recording
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import Settings
from twophoton_decode.words import counted


@dataclass(frozen=True)
class PlannedMovie:
    """A recording as the settings want it, and what its frames are taken for.

    Attributes
    ----------
    recording : Recording
        Of the planes that are used, each with its delay.
    frame_rate_hz : float
        Frames per second of one plane, as the settings say.
    planes : int
        Planes of a volume, used or not.
    evenly : bool
        Frames are timed by the rate alone.
    """

    recording: Recording
    frame_rate_hz: float
    planes: int
    evenly: bool = False

    @property
    def duration_s(self) -> float:
        """From the first frame's beginning to the last frame's end, pauses included."""
        return self.recording.times.end_s(self.recording.frames, self.frame_rate_hz)

    @property
    def doubts(self) -> list[str]:
        """What is odd about the files, and a rate that is not theirs."""
        recording, rate = self.recording, self.frame_rate_hz
        doubt = recording.doubt_about_rate(rate, evenly=self.evenly)
        if doubt and self.planes > 1 and _agree(rate, recording.frame_rate_hz * self.planes):
            doubt += (
                f"; {rate:g} Hz is the rate of the images of {counted(self.planes, 'plane')}, and "
                "frame_rate_hz counts those of one"
            )
        files = file_gaps(recording.file.tolist())
        return [*recording.warnings, *files, *([doubt] if doubt else [])]


def plan_movie(folder: SessionFolder, settings: Settings, recording: Recording) -> PlannedMovie:
    """The recording, as `read_header` gives it, with the settings' rate and planes.

    Raises
    ------
    UsageError
        The settings give no frame rate.
    MovieError, SettingsError
        As `used`, or the movie has no frame.
    """
    if not recording.frames:
        raise MovieError(
            f"{recording.file[0]} holds no whole frame of all planes and channels: expected a "
            f"movie of {counted(recording.planes, 'plane')} and "
            f"{counted(recording.channels, 'channel')}."
        )
    rate = settings.recording.frame_rate_hz
    if not rate:
        raise UsageError(_no_rate(folder, recording))
    evenly = settings.recording.frame_times == "even"
    return PlannedMovie(used(recording, settings.recording), rate, recording.planes, evenly)


def read_header(folder: SessionFolder, settings: Settings) -> Recording:
    """The movie that ``[source]`` names, its images told apart as the settings say.

    Raises
    ------
    UsageError
        Files that are not there, or a session in which no movie lies.
    MovieError
        As `open_recording` and `interleaved`.
    """
    paths = source_paths(folder, settings.source, "movie")
    try:
        recording = open_recording(paths)
    except MovieError as error:
        session = next((path for path in paths if (path / "session.toml").is_file()), None)
        if session is None:
            raise
        raise UsageError(
            f"{session} is a session, and no movie can be read in it: name the movie's own files "
            f"or folder. ({error})"
        ) from error
    return interleaved(recording, settings.recording.planes, settings.recording.channels)


def movie_facts(movie: PlannedMovie) -> dict[str, str]:
    """The words on the movie, as the summary of extraction has them."""
    return {"movie": _size(movie), "microscope": _microscope(movie)}


def _size(movie: PlannedMovie) -> str:
    """``2960 frames of 512 × 512 px, 370.0 s``."""
    recording = movie.recording
    return (
        f"{recording.frames} frames of {recording.height} × {recording.width} px, "
        f"{movie.duration_s:.1f} s"
    )


def _microscope(movie: PlannedMovie) -> str:
    """``3 planes; 2 channels; 8 Hz from ScanImage's header``."""
    recording, rate = movie.recording, movie.frame_rate_hz
    by = recording.source.get("frame_rate_hz", "")
    known = by and not recording.doubt_about_rate(rate)
    parts = [counted(recording.planes, "plane")] if recording.planes > 1 else []
    parts.append(counted(recording.channels, "channel"))
    parts.append(f"{rate:.6g} Hz {f'from {_possessive(by)}' if known else 'as given'}")
    return "; ".join(parts)


def _possessive(by: str) -> str:
    """``ScanImage header`` as ``ScanImage's header``."""
    return re.sub(r"^(ScanImage|Scanbox) ", r"\1's ", by)


def _agree(one: float, other: float) -> bool:
    return bool(other) and abs(one / other - 1) < 0.02


def _no_rate(folder: SessionFolder, recording: Recording) -> str:
    """What to do where no frame rate is set."""
    if folder.settings_file.exists():
        where = f"set frame_rate_hz in [recording] of {folder.settings_file}"
    else:
        where = "give it with --frame-rate-hz"
    if recording.frame_rate_hz:
        by = recording.source.get("frame_rate_hz", "the files")
        return (
            f"frame_rate_hz is 0, but {recording.frame_rate_hz:.6g} Hz according to {by}. To take "
            f"that, {where}."
        )
    return (
        "the movie's files do not say how many frames were taken per second (frame_rate_hz, of "
        f"one plane): {where}."
    )
