"""The clips of a session, and when the log says that each frame was shown."""

from __future__ import annotations

from twophoton_decode.pipeline.inputs.sources import source_paths, split_key
from twophoton_decode.pipeline.plan.log import presentations_of
from twophoton_decode.records import Traces
from twophoton_decode.records.movie.recording import Presentations
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import Settings
from twophoton_decode.stimulus.clip_showings import ClipShowings, as_picture_log, clip_showings
from twophoton_decode.stimulus.movies import StimulusClips, read_clips
from twophoton_decode.stimulus.tables.reading import read_table


def clips_shown(
    folder: SessionFolder, settings: Settings, traces: Traces
) -> tuple[StimulusClips, Presentations, ClipShowings]:
    """The clips, the log's rows, and the showings; of `traces` only frames and times are read.

    Raises
    ------
    UsageError, StimulusImageError
        As `read_clips`.
    StimulusLogError, SettingsError, AlignmentError
        As `read_log` and `clip_showings`.
    """
    source = settings.source
    clips = read_clips(
        source_paths(folder, source, "clips")[0],
        settings.images.size_px,
        key=split_key(source.clips)[1],
    )
    table = read_table(source_paths(folder, source, "log")[0], settings.log)
    as_pictures = settings.model_copy(update={"log": as_picture_log(settings.log, table)})
    log = presentations_of(folder, as_pictures, clips.name, traces)
    first = settings.recording.first_index
    return clips, log, clip_showings(log, clips, settings.log, first)
