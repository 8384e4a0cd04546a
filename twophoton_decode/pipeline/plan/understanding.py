"""Log, pictures and the movie's header read together, and what they come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.errors import AlignmentError, TpDecodeError
from twophoton_decode.pipeline.inputs.sources import source_paths, split_key
from twophoton_decode.pipeline.inputs.timed import timed
from twophoton_decode.pipeline.plan.clips import clips_shown
from twophoton_decode.pipeline.plan.doubts import (
    about_the_end,
    end_of_last,
    rate_that_fits,
)
from twophoton_decode.pipeline.plan.log import presentations_of, refuse_swapped
from twophoton_decode.pipeline.plan.movie import (
    PlannedMovie,
    movie_facts,
    plan_movie,
    read_header,
)
from twophoton_decode.pipeline.plan.pictures import PlannedPictures, plan_pictures
from twophoton_decode.pipeline.plan.sentence import never_shown, stimulus_words
from twophoton_decode.records import Presentations, Recording, Traces
from twophoton_decode.report.headline import understood
from twophoton_decode.responses.respond import with_left_out
from twophoton_decode.responses.windows.alignment import Alignment, align
from twophoton_decode.responses.windows.reach import said_of_reach
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import ResponseSettings, Settings


@dataclass(frozen=True)
class Shown:
    """The log laid on the movie, before there are traces."""

    presentations: Presentations
    alignment: Alignment
    pictures: PlannedPictures


@dataclass(frozen=True)
class Understanding:
    """What a session's files say together; `shown` is None where it has no log."""

    movie: PlannedMovie
    shown: Shown | None
    settings: ResponseSettings
    about_clips: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """All of it in one line."""
        facts: dict[str, Any] = {"extract": movie_facts(self.movie)}
        if self.shown:
            presentations = self.shown.presentations
            facts["respond"] = {"stimulus": stimulus_words(presentations, self.movie.duration_s)}
        return understood(facts)

    @property
    def notes(self) -> list[str]:
        """What is odd, was left out, or will be."""
        said = [f"warning: {doubt}." for doubt in self.movie.doubts]
        if self.shown is None:
            return [*said, *(f"note: {note}" for note in self.about_clips)]
        presentations = self.shown.presentations
        return [
            *said,
            *(f"note: {note}" for note in self.shown.pictures.notes),
            *(f"note: {note}" for note in presentations.notes),
            *never_shown(presentations),
            *_left_out(self.shown.alignment),
            *(f"warning: {each}" for each in self._reach),
            *about_the_end(self.movie, end_of_last(presentations, self.settings)),
        ]

    @property
    def _reach(self) -> list[str]:
        assert self.shown is not None
        return said_of_reach(self.shown.presentations, self.shown.alignment.kept, self.settings)


def understand(
    folder: SessionFolder, settings: Settings, recording: Recording | None = None
) -> Understanding:
    """Read the session's log, its pictures and the header of its movie.

    `folder` need not exist yet. `recording` saves reading the header again; see `read_header`.

    Raises
    ------
    UsageError, SettingsError, MovieError, StimulusImageError, StimulusLogError, AlignmentError
        Whatever would stop a stage after extraction, as far as it can be known now.
    """
    if recording is None:
        recording = read_header(folder, settings)
    movie = plan_movie(folder, settings, recording)
    if settings.source.log and settings.source.clips:
        return Understanding(movie, None, settings.responses, _clips(folder, settings, movie))
    shown = _shown(folder, settings, movie) if settings.source.log else None
    return Understanding(movie, shown, settings.responses)


def say_understood(
    folder: SessionFolder,
    settings: Settings,
    say: Callable[[str], None],
    *,
    log_needed: bool = True,
) -> None:
    """Say in a line what `understand` finds, and then what is odd.

    Where the log is not needed, what is wrong with it or the pictures is only said.
    """
    try:
        found = understand(folder, settings)
    except TpDecodeError as error:
        if log_needed or not settings.source.log:
            raise
        alone = settings.source.model_copy(update={"log": ""})
        found = understand(folder, settings.model_copy(update={"source": alone}))
        say(f"warning: {error} Extraction does without; mend it before `tpdecode respond`.")
    for line in (found.line, *found.notes):
        say(line)


def _shown(folder: SessionFolder, settings: Settings, movie: PlannedMovie) -> Shown:
    source = settings.source
    refuse_swapped(folder, source)
    pictures = plan_pictures(
        source_paths(folder, source, "images")[0],
        settings.images.size_px,
        key=split_key(source.images)[1],
        axes=source.image_axes,
        shape=source.picture_shape,
    )
    frames = timed(_frames_alone(movie), settings.recording)
    presentations = presentations_of(folder, settings, pictures.name, frames)
    log = source_paths(folder, source, "log")[0]
    try:
        alignment = with_left_out(
            align(presentations, frames, settings.responses, log_name=log.name), presentations
        )
    except AlignmentError as error:
        hint = rate_that_fits(movie, end_of_last(presentations, settings.responses))
        raise AlignmentError(f"{error} {hint}".rstrip()) from error
    return Shown(presentations, alignment, pictures)


def _clips(folder: SessionFolder, settings: Settings, movie: PlannedMovie) -> tuple[str, ...]:
    """What is odd about clips and their log; what would stop a stage is raised."""
    frames = timed(_frames_alone(movie), settings.recording)
    clips, log, found = clips_shown(folder, settings, frames)
    return (*clips.notes, *log.notes, *found.notes)


def _frames_alone(movie: PlannedMovie) -> Traces:
    """The movie's frames and their times as traces of no ROI at all, for `align`."""
    recording = movie.recording
    nothing = np.zeros((0, recording.frames), dtype=np.float32)
    no_roi = np.zeros(0)
    still = np.zeros((recording.planes, recording.frames))
    return Traces(
        fluorescence=nothing,
        neuropil=nothing,
        deconvolved=nothing,
        is_cell=no_roi,
        cell_probability=no_roi,
        plane=no_roi,
        center_y=no_roi,
        center_x=no_roi,
        pixel_offset=np.zeros(1),
        pixel_y=no_roi,
        pixel_x=no_roi,
        pixel_weight=no_roi,
        mean_image=np.zeros((recording.planes, 1, 1)),
        motion_y=still,
        motion_x=still,
        bad_frame=np.zeros(recording.frames),
        plane_delay_s=np.asarray(recording.plane_delay_s),
        frame_rate_hz=movie.frame_rate_hz,
        frame_time_s=recording.frame_time_s,
        first_stamp_s=recording.first_stamp_s,
        unknown_pause=recording.unknown_pause,
        intensity_offset=0.0,
        intensity_scale=1.0,
    )


def _left_out(alignment: Alignment) -> list[str]:
    """How many presentations will be left out, by reason."""
    if not alignment.excluded_line.size:
        return []
    reasons = Counter(alignment.excluded_reason.tolist()).most_common()
    total = alignment.kept.size + alignment.excluded_line.size
    counts = ", ".join(f"{count} × {why}" for why, count in reasons)
    return [
        f"note: {alignment.excluded_line.size} of {total} presentations will be left out: {counts}."
    ]
