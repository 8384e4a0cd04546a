"""When every frame of every clip was shown, by the stimulus log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twophoton_decode.errors import SettingsError, StimulusLogError
from twophoton_decode.records.movie.recording import Presentations
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.movies import StimulusClips
from twophoton_decode.stimulus.tables.table import LogTable

CLIP_COLUMNS = ("clip", "movie", "video")
SAME_RATE = 0.05
"""Rates that differ by less, as a share, are one: logs round."""
_MOST_NAMED = 5


@dataclass(frozen=True, eq=False)
class ClipShowings:
    """Each showing of a clip, in the order of time.

    Attributes
    ----------
    clip, repeat : ndarray of int, shape (showing,)
    frame_s : ndarray, shape (showing, frame)
        Middle of each frame since the recording began, s; NaN beyond a clip's end.
    shown : ndarray of bool, shape (showing, frame)
        Whether the log says that the frame was shown.
    rate_hz : float
    notes : list of str
    """

    clip: np.ndarray
    repeat: np.ndarray
    frame_s: np.ndarray
    shown: np.ndarray
    rate_hz: float
    notes: list[str]


def as_picture_log(settings: LogSettings, table: LogTable) -> LogSettings:
    """Settings by which `read_log` takes the column of clips for that of pictures.

    Raises
    ------
    SettingsError
        ``clip_column`` names a column that is not there.
    StimulusLogError
        No column of clips.
    """
    if settings.clip_column:
        name = table.named(settings.clip_column, "[log] clip_column")
        return settings.model_copy(update={"image_column": name})
    found = [name for name in table.header if name.strip().casefold() in CLIP_COLUMNS]
    if len(found) != 1:
        raise StimulusLogError(
            f"{table.path}: expected one column called clip, found {', '.join(table.header)}. Name "
            "the column of the clips by clip_column under [log] in session.toml."
        )
    return settings.model_copy(update={"image_column": found[0]})


def clip_showings(
    log: Presentations, clips: StimulusClips, settings: LogSettings, first_index: int = 0
) -> ClipShowings:
    """When each frame was shown: from one row for a showing, or one for a frame.

    With a row for each showing, frame f is at the onset plus (f + 1/2) / rate, as long as the log
    says that the clip lasted, and the next one has not begun. With ``frame_column``, rows of one
    clip whose frames rise are one showing; a frame without a row has the time that its neighbours
    give it, and does not count as shown.

    Parameters
    ----------
    log : Presentations
        As `read_log` reads it with `as_picture_log`.
    first_index : int
        Number of a clip's first frame in ``frame_column``.

    Raises
    ------
    StimulusLogError
        Frames that a clip does not have, or the rate of clips is not known, or contradicts the
        log.
    SettingsError
        ``frame_column`` names a column that is not there.
    """
    rows = _rows(log, clips, settings, first_index)
    rate, said = _rate(rows, log, clips, settings)
    length = clips.picture.shape[1]
    frame_s = np.full((len(rows), length), np.nan)
    shown = np.zeros((len(rows), length), bool)
    ends = np.append(log.onset_s[[row.row[0] for row in rows[1:]]], np.inf)
    faults: list[str] = []
    for place, (row, end) in enumerate(zip(rows, ends, strict=True)):
        frames = int(clips.frames[row.clip])
        frame_s[place, :frames] = row.begins(frames, rate) + 0.5 / rate
        if settings.frame_column:
            shown[place, row.frame] = True
        else:
            shown[place, :frames] = True
        over = frame_s[place] > min(end, row.end_s + 0.25 / rate)
        cut = int(np.count_nonzero(over & shown[place]))
        shown[place, over] = False
        if missing := frames - int(shown[place].sum()):
            faults.append(_fault(row, clips, log, frames, missing, cut))
    clip = np.array([row.clip for row in rows], dtype=np.int64)
    more = f" and {len(faults) - _MOST_NAMED} more" if len(faults) > _MOST_NAMED else ""
    notes = [
        *said,
        *[
            f"{len(faults)} of {len(rows)} showings lack frames, which count nowhere: "
            f"{'; '.join(faults[:_MOST_NAMED])}{more}."
        ]
        * bool(faults),
    ]
    return ClipShowings(clip, _repeats(clip), frame_s, shown, rate, notes)


@dataclass(frozen=True, eq=False)
class _Row:
    """One showing in the log: its rows, frames with a row, and their onsets.

    `end_s` is when the log says that it ended, infinite where it does not.
    """

    clip: int
    row: np.ndarray
    frame: np.ndarray
    onset_s: np.ndarray
    end_s: float

    def begins(self, frames: int, rate_hz: float) -> np.ndarray:
        """When each frame began; between and beyond those with a row, evenly."""
        every = np.arange(frames)
        inside = np.interp(every, self.frame, self.onset_s)
        before, after = every < self.frame[0], every > self.frame[-1]
        inside[before] += (every[before] - self.frame[0]) / rate_hz
        inside[after] += (every[after] - self.frame[-1]) / rate_hz
        return inside


def _rows(
    log: Presentations, clips: StimulusClips, settings: LogSettings, first_index: int
) -> list[_Row]:
    if not settings.frame_column:
        ends = log.onset_s + np.where(np.isfinite(log.duration_s), log.duration_s, np.inf)
        return [
            _Row(int(clip), np.array([place]), np.zeros(1), log.onset_s[[place]], float(end))
            for place, (clip, end) in enumerate(zip(log.image, ends, strict=True))
        ]
    frame = _frame_numbers(log, clips, settings.frame_column, first_index)
    new = (np.diff(log.image) != 0) | (np.diff(frame) <= 0)
    parts = np.split(np.arange(len(frame)), np.flatnonzero(new) + 1)
    return [
        _Row(int(log.image[part[0]]), part, frame[part], log.onset_s[part], np.inf)
        for part in parts
    ]


def _frame_numbers(
    log: Presentations, clips: StimulusClips, column: str, first_index: int
) -> np.ndarray:
    if column not in log.columns:
        raise SettingsError(
            f"[log] frame_column names the column {column!r}, but the other columns of the log are "
            f"{', '.join(log.columns)}."
        )
    texts = log.columns[column]
    numbers = np.array([_whole_number(text) for text in texts]) - first_index
    wrong = np.flatnonzero((numbers < 0) | (numbers >= clips.frames[log.image]))
    if wrong.size:
        row = int(wrong[0])
        clip = log.image[row]
        raise StimulusLogError(
            f"line {log.log_line[row]} of the log names frame {texts[row]!r} of "
            f"{clips.name[clip]}, which has {clips.frames[clip]} frames, counted from "
            f"{first_index} (first_index under [recording])."
        )
    return numbers.astype(np.int64)


def _whole_number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return -np.inf
    return value if np.isfinite(value) and value == round(value) else -np.inf


def _rate(
    rows: Sequence[_Row], log: Presentations, clips: StimulusClips, settings: LogSettings
) -> tuple[float, list[str]]:
    """Frames of clips per second, and where that is from; what contradicts it is refused."""
    by_clip = _rates_by_clip(rows, log, clips, settings)
    known = np.isfinite(by_clip)
    if settings.clip_rate_hz:
        rate, said = settings.clip_rate_hz, []
    elif known.any():
        rate = float(np.median(by_clip[known]))
        source = "the rows of frames" if settings.frame_column else "the log or the files"
        said = [f"clips ran at {rate:.4g} frames per second, by {source}."]
    else:
        raise StimulusLogError(
            "how fast the clips ran is not known: neither the log nor the files say it. Set "
            "clip_rate_hz under [log] in session.toml."
        )
    _refuse_other_rates(by_clip, rate, clips)
    return rate, said


def _rates_by_clip(
    rows: Sequence[_Row], log: Presentations, clips: StimulusClips, settings: LogSettings
) -> np.ndarray:
    """What frames with a row, else the log's durations, else the files say of each clip, Hz."""
    found = np.array(clips.rate_hz, float)
    for clip in np.unique(log.image):
        own = [row for row in rows if row.clip == clip]
        if settings.frame_column:
            steps = [np.diff(row.frame) / np.diff(row.onset_s) for row in own]
            rates = np.concatenate(steps)
        else:
            lasting = np.array([row.end_s - row.onset_s[0] for row in own])
            # A showing that was stopped early says nothing of the rate.
            rates = clips.frames[clip] / np.array([lasting.max()])
            rates = rates[np.isfinite(lasting.max()) & (lasting.max() > 0)]
        if rates.size:
            found[clip] = float(np.median(rates))
    return found


def _refuse_other_rates(by_clip: np.ndarray, rate: float, clips: StimulusClips) -> None:
    """Clips that ran slower or faster; one that was never shown whole seems faster, and may."""
    usual = np.isclose(by_clip, rate, rtol=SAME_RATE) | ~np.isfinite(by_clip)
    other = np.flatnonzero(~usual & (by_clip < rate))
    if np.isfinite(by_clip).any() and not usual[np.isfinite(by_clip)].any():
        other = np.flatnonzero(~usual)
    if other.size:
        named = ", ".join(f"{clips.name[c]} at {by_clip[c]:.4g} Hz" for c in other[:_MOST_NAMED])
        more = f" and {len(other) - _MOST_NAMED} more" if len(other) > _MOST_NAMED else ""
        raise StimulusLogError(
            f"{len(other)} of {len(by_clip)} clips did not run at {rate:.4g} frames per second: "
            f"{named}{more}. Correct clip_rate_hz under [log] if they all ran so; else leave "
            "these clips out by exclude under [responses], or resample them to one rate."
        )


def _fault(
    row: _Row,
    clips: StimulusClips,
    log: Presentations,
    frames: int,
    missing: int,
    cut: int,
) -> str:
    """A showing without all its frames, by the clip's name and the line of the log."""
    where = f"{clips.name[row.clip]}, line {log.log_line[row.row[0]]} of the log"
    why = "stopped early" if cut == missing else "no row for them"
    return f"{missing} of {frames} frames of {where} ({why})"


def _repeats(clip: np.ndarray) -> np.ndarray:
    """How often each clip had been shown before."""
    seen: dict[int, int] = {}
    found = np.zeros(len(clip), dtype=np.int64)
    for place, number in enumerate(clip.tolist()):
        found[place] = seen.get(number, 0)
        seen[number] = int(found[place]) + 1
    return found
