"""Which image was shown when: the stimulus computer's log, as people write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from twophoton_decode.errors import StimulusLogError
from twophoton_decode.records.movie.recording import Presentations
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.presentations.agreement import compare_onsets
from twophoton_decode.stimulus.presentations.blanks import RowKinds, kinds_of_rows
from twophoton_decode.stimulus.presentations.exclusion import excluded
from twophoton_decode.stimulus.presentations.groups import groups_in_log
from twophoton_decode.stimulus.presentations.order import overlap_note, refuse_equal_onsets
from twophoton_decode.stimulus.presentations.picture_numbers import PictureNumbers
from twophoton_decode.stimulus.presentations.pictures import (
    PictureNames,
    numbers_of,
    picture_indices,
)
from twophoton_decode.stimulus.presentations.timeline import Timeline, lay_out
from twophoton_decode.stimulus.presentations.times import FrameClock, LogTimes
from twophoton_decode.stimulus.tables.columns import Columns, choose_columns, what_was_understood
from twophoton_decode.stimulus.tables.reading import read_table
from twophoton_decode.stimulus.tables.table import LogTable


def read_log(
    path: Path,
    image_names: Sequence[str] | np.ndarray,
    *,
    first_index: int = 0,
    frame_rate_hz: float,
    frame_time_s: np.ndarray | None = None,
    settings: LogSettings | None = None,
    exclude: Mapping[str, Sequence[str]] | None = None,
) -> Presentations:
    """Presentations in the order of their onsets.

    What is read without being asked, and what is refused: ``docs/formats.md``. What was
    taken for what stands in the ``notes`` of the result. Rows without a picture are left
    out as blanks and keep their onsets; rows that `exclude` names are left out before their
    pictures are looked up.

    Parameters
    ----------
    path : Path
        Text with columns, an .xlsx workbook or a .mat file.
    image_names : sequence of str
        Names of the pictures, in the order to which indices refer.
    first_index : int
        0, or 1 where images and frames are counted from 1.
    frame_rate_hz : float
        Frames per second and plane, needed for onsets in frames only.
    frame_time_s : ndarray, shape (frame,), optional
        When each frame begins, in s since the movie began, where frames are not evenly spaced.
    settings : LogSettings, optional
        Columns, units, clocks and blocks, where the log does not say them itself.
    exclude : mapping, optional
        Values, by column, of the rows to leave out.

    Raises
    ------
    StimulusLogError
        Missing or repeated columns, an unknown image, an onset that is no number, onsets
        that go back in time or contradict each other, no presentations.
    AlignmentError
        Onsets in frames without a frame rate.
    SettingsError
        The settings or `exclude` name what the log does not have.
    """
    settings = settings or LogSettings()
    table = read_table(path, settings)
    columns = choose_columns(table, settings)
    frames = FrameClock(frame_rate_hz, first_index, frame_time_s)
    times = LogTimes(table, columns, settings, frames)
    reasons, unmatched = excluded(table, exclude or {})
    pictures = PictureNames.of(image_names)
    numbers = numbers_of(pictures, settings.picture_numbers, first_index)
    kinds = kinds_of_rows(table, columns, reasons, pictures, settings)
    _refuse_nothing_shown(table, kinds)
    named, about_pictures = _pictures_of_rows(table, columns, kinds, pictures, numbers)
    image = np.where(kinds.empty, -1, named)
    timeline, about_blocks = lay_out(times, kinds, image)
    about_times = compare_onsets(times, timeline, kinds.shown)
    log = _presentations(times, kinds, timeline, named)
    refuse_equal_onsets(table, log.log_line, log.onset_s)
    about = [*table.notes, *kinds.notes, *unmatched, *about_pictures, *about_blocks, *about_times]
    overlaps = overlap_note(table, log.log_line, log.onset_s, log.duration_s)
    notes = (what_was_understood(columns, settings), *about, *overlaps)
    names = np.asarray(image_names, dtype=str)
    group = _groups(table, kinds, image, len(names), settings)
    return replace(log, image_name=names, image_group=group, notes=notes)


def _groups(
    table: LogTable, kinds: RowKinds, image: np.ndarray, images: int, settings: LogSettings
) -> np.ndarray | None:
    if not settings.group_column:
        return None
    rows = np.flatnonzero(kinds.shown).tolist()
    return groups_in_log(table, settings.group_column, rows, image, images)


def _refuse_nothing_shown(table: LogTable, kinds: RowKinds) -> None:
    if not kinds.shown.any():
        excluded_rows = int((kinds.excluded != "").sum())
        said = [*kinds.notes, f"exclude leaves out {excluded_rows} rows." * bool(excluded_rows)]
        raise StimulusLogError(
            f"{table.path}: none of the {len(table.rows)} rows shows a picture at an onset. "
            f"{' '.join(said)}".rstrip()
        )


def _pictures_of_rows(
    table: LogTable,
    columns: Columns,
    kinds: RowKinds,
    pictures: PictureNames,
    numbers: PictureNumbers,
) -> tuple[np.ndarray, list[str]]:
    """The picture that each row names, -1 where none is known, and notes.

    Only rows that count have to name a picture. An excluded row's picture is known where
    one of them names it alike.
    """
    rows = np.flatnonzero(kinds.shown | (kinds.expected != ""))
    texts = table.column(columns.image)
    references = [texts[row] for row in rows.tolist()]
    where = [table.where(row) for row in rows.tolist()]
    found, notes = picture_indices(references, pictures, numbers, where)
    known = dict(zip(references, found.tolist(), strict=True))
    return np.array([known.get(text, -1) for text in texts], dtype=np.int64), notes


def _presentations(
    times: LogTimes, kinds: RowKinds, timeline: Timeline, named: np.ndarray
) -> Presentations:
    table, columns = times.table, times.columns
    shown, blank = timeline.places(kinds.shown), timeline.places(kinds.blank)
    rows, lines = timeline.row[shown], np.array(table.lines)
    expected = timeline.places(kinds.expected != "")
    without = timeline.row[expected]
    left_out = kinds.left_out
    gone = np.flatnonzero(left_out != "")
    used = (columns.image, columns.onset.name, columns.duration and columns.duration.name)
    return Presentations(
        image=timeline.image[shown],
        repeat=timeline.repeat[shown],
        previous=timeline.previous[shown],
        onset_s=timeline.onset_s[shown],
        duration_s=times.durations(rows),
        log_line=lines[rows],
        image_name=np.array([], dtype=str),
        columns={
            name: [table.rows[row][place] for row in rows.tolist()]
            for place, name in enumerate(table.header)
            if name not in used
        },
        sorted_rows=timeline.out_of_order,
        blank_onset_s=timeline.onset_s[blank],
        blank_line=lines[timeline.row[blank]],
        expected_onset_s=timeline.onset_s[expected],
        expected_image=named[without],
        expected_condition=kinds.expected[without].astype(str),
        onsets_in_frames=columns.onset.unit == "frame",
        left_out_line=lines[gone],
        left_out_reason=left_out[gone].astype(str),
        left_out_onset_s=_onsets_of_pictures(timeline, kinds)[gone],
        left_out_duration_s=times.durations_said(gone),
    )


def _onsets_of_pictures(timeline: Timeline, kinds: RowKinds) -> np.ndarray:
    """Onset of each row of the table, NaN where it is not known or no picture is shown."""
    onset = np.full(kinds.empty.size, np.nan)
    onset[timeline.row] = timeline.onset_s
    return np.where(kinds.empty, np.nan, onset)
