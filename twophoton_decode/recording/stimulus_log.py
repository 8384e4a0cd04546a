"""Which image was shown when: the stimulus computer's log, as CSV or TSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.errors import AlignmentError, StimulusLogError, UsageError
from twophoton_decode.recording.image_reference import image_indices
from twophoton_decode.recording.times.frame_onsets import seconds_of_frames
from twophoton_decode.records.recording import Presentations


@dataclass(frozen=True)
class _Table:
    """The log as text: one entry of `rows` and `lines` per presentation."""

    path: Path
    header: list[str]
    rows: list[list[str]]
    lines: list[int]

    def column(self, name: str) -> list[str]:
        """The values of one column, without the blanks around them."""
        position = self.header.index(name)
        return [row[position].strip() for row in self.rows]

    def numbers(self, name: str, *, empty_allowed: bool = False) -> np.ndarray:
        """The values of one column as finite numbers; NaN for an empty one if allowed."""
        pairs = zip(self.column(name), self.lines, strict=True)
        return np.array([self._number(text, name, line, empty_allowed) for text, line in pairs])

    def _number(self, text: str, name: str, line: int, empty_allowed: bool) -> float:
        if empty_allowed and text in ("", "NaN", "nan", "NA"):
            return math.nan
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise StimulusLogError(
                f"{self.path.name}, line {line}: expected a number in column {name}, "
                f"found {text!r}."
            )
        return value


def read_log(
    path: Path,
    image_names: Sequence[str] | np.ndarray,
    *,
    first_index: int = 0,
    frame_rate_hz: float,
    frame_time_s: np.ndarray | None = None,
) -> Presentations:
    """Presentations in the order of their onsets.

    The log has a header and the columns ``image`` (a file name, with or without its
    ending, or an index) and ``onset_s`` or ``onset_frame``; ``duration_s`` is optional and
    every other column is carried along. Where both onsets are there, ``onset_s`` counts.
    A frame's onset is the time at which it begins, `frame_time_s` or frame / `frame_rate_hz`.
    Rows out of order are sorted and counted in ``sorted_rows``.

    Parameters
    ----------
    path : Path
        Comma-, semicolon- or tab-separated text.
    image_names : sequence of str
        Names of the pictures, in the order to which indices refer.
    first_index : int
        0, or 1 where images and frames are counted from 1.
    frame_rate_hz : float
        Frames per second and plane, needed for ``onset_frame`` only.
    frame_time_s : array (frame,), optional
        When each frame began, where they are not evenly spaced.

    Raises
    ------
    StimulusLogError
        Missing or repeated columns, an unknown image, an onset that is no number, no rows.
    AlignmentError
        ``onset_frame`` without a frame rate.
    """
    table = _read_table(path)
    _refuse_missing_columns(table)
    where = [f"{path.name}, line {line}" for line in table.lines]
    image = image_indices(table.column("image"), image_names, first_index, where)
    onset, used = _onsets(table, first_index, frame_rate_hz, frame_time_s)
    duration = _durations(table)
    order = np.argsort(onset, kind="stable")
    _refuse_equal_onsets(table, onset, order)
    carried = [name for name in table.header if name not in ("image", "duration_s", used)]
    columns = {name: [table.column(name)[row] for row in order] for name in carried}
    return Presentations(
        image=image[order],
        repeat=_repeats(image[order]),
        onset_s=onset[order],
        duration_s=duration[order],
        log_line=np.array(table.lines)[order],
        image_name=np.asarray(image_names, dtype=str),
        columns=columns,
        sorted_rows=int((onset < np.maximum.accumulate(onset)).sum()),
    )


def _read_table(path: Path) -> _Table:
    """Header and rows; blank lines are passed over."""
    if not path.is_file():
        raise UsageError(f"{path}: there is no such stimulus log.")
    try:
        text = path.read_text(encoding="utf-8-sig")
        first = next((line for line in text.splitlines() if line.strip()), "")
        reader = csv.reader(io.StringIO(text), delimiter=max("\t,;", key=first.count))
        numbered = [(row, reader.line_num) for row in reader if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as failure:
        raise StimulusLogError(
            f"{path} cannot be read as comma- or tab-separated text in UTF-8: {failure}"
        ) from failure
    if len(numbered) < 2:
        found = "a header but no rows" if numbered else "an empty file"
        raise StimulusLogError(
            f"{path}: expected a header and one row per presentation, found {found}."
        )
    header = [cell.strip() for cell in numbered[0][0]]
    for row, line in numbered[1:]:
        if len(row) != len(header):
            raise StimulusLogError(
                f"{path.name}, line {line}: expected {len(header)} values like the header, "
                f"found {len(row)}."
            )
    return _Table(path, header, [r for r, _ in numbered[1:]], [n for _, n in numbered[1:]])


def _refuse_missing_columns(table: _Table) -> None:
    repeated = sorted({name for name in table.header if table.header.count(name) > 1})
    if repeated:
        raise StimulusLogError(
            f"{table.path}: the column name {', '.join(repeated)} stands more than once in the "
            "header; rename one."
        )
    found = f"found {', '.join(table.header)}"
    if "image" not in table.header:
        raise StimulusLogError(f"{table.path}: expected a column called image, {found}.")
    if not {"onset_s", "onset_frame"} & set(table.header):
        raise StimulusLogError(
            f"{table.path}: expected a column called onset_s or onset_frame, {found}."
        )


def _onsets(
    table: _Table, first_index: int, frame_rate_hz: float, frame_time_s: np.ndarray | None
) -> tuple[np.ndarray, str]:
    """Onsets in seconds, and the column they come from."""
    if "onset_s" in table.header:
        return table.numbers("onset_s"), "onset_s"
    if frame_rate_hz <= 0:
        raise AlignmentError(
            f"{table.path}: onset_frame cannot be turned into seconds without a frame rate. "
            "Set frame_rate_hz in session.toml."
        )
    frame = table.numbers("onset_frame") - first_index
    return seconds_of_frames(frame, frame_rate_hz, frame_time_s), "onset_frame"


def _durations(table: _Table) -> np.ndarray:
    if "duration_s" not in table.header:
        return np.full(len(table.rows), np.nan)
    return table.numbers("duration_s", empty_allowed=True)


def _refuse_equal_onsets(table: _Table, onset: np.ndarray, order: np.ndarray) -> None:
    """Two presentations at one moment mean that rows were doubled."""
    same = np.flatnonzero(np.diff(onset[order]) == 0)
    if same.size:
        first, second = sorted(table.lines[order[same[0] + step]] for step in (0, 1))
        raise StimulusLogError(
            f"{table.path.name}, lines {first} and {second}: two presentations begin at "
            f"{onset[order[same[0]]]:g} s ({same.size} such pairs). Remove the doubled rows."
        )


def _repeats(image: np.ndarray) -> np.ndarray:
    """How many times each presentation's image was shown before it."""
    order = np.argsort(image, kind="stable")
    starts = np.searchsorted(image[order], image[order])
    repeat = np.empty_like(image)
    repeat[order] = np.arange(len(image)) - starts
    return repeat
