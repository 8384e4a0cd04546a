"""The rows of a log that have an onset, laid out in time: pictures, blanks and excluded rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.stimulus.presentations.blanks import RowKinds
from twophoton_decode.stimulus.presentations.order import in_one_clock
from twophoton_decode.stimulus.presentations.times import LogTimes, same_kind


@dataclass(frozen=True)
class Timeline:
    """Rows with an onset in the order of their onsets; all arrays have shape (n,).

    Attributes
    ----------
    row : ndarray of int
        Row of the table.
    onset_s : ndarray
        Onset since the movie began, s.
    image : ndarray of int
        Index of the picture; -1 where none is shown, or none that is known.
    out_of_order : int
        Presentations that stood in the log after one that is later.
    """

    row: np.ndarray
    onset_s: np.ndarray
    image: np.ndarray
    out_of_order: int = 0

    def places(self, mask: np.ndarray) -> np.ndarray:
        """Places in time of the rows that a mask over the table's rows chooses."""
        return np.flatnonzero(mask[self.row])

    @property
    def repeat(self) -> np.ndarray:
        """How many times each image was shown before."""
        order = np.argsort(self.image, kind="stable")
        starts = np.searchsorted(self.image[order], self.image[order])
        repeat = np.empty_like(self.image)
        repeat[order] = np.arange(self.image.size) - starts
        return repeat

    @property
    def previous(self) -> np.ndarray:
        """The image shown before each one; -1 where it is not known."""
        return np.concatenate([[-1], self.image[:-1]])


def lay_out(times: LogTimes, kinds: RowKinds, image: np.ndarray) -> tuple[Timeline, list[str]]:
    """The rows in time, and notes; `image` is the picture of each row of the table, or -1.

    Rows that are excluded count where their onset can be read: they say which picture came
    before the next one. Whether onsets go back in time is judged without them.
    """
    counts = kinds.shown | kinds.blank | (kinds.expected != "")
    judged = np.flatnonzero(counts & (kinds.excluded == ""))
    table, column = times.table, times.columns.onset
    texts = table.column(column.name)
    others = [
        row
        for row in np.flatnonzero(kinds.excluded != "")
        if same_kind(texts[row], texts[judged[0]])
    ]
    rows = np.union1d(judged, np.array(others, dtype=np.int64))
    onset = np.full(len(table.rows), np.nan)
    onset[rows] = times.onsets(column, rows)
    shift, notes = in_one_clock(table, judged, onset[judged], times.settings)
    onset += shift
    in_log = onset[kinds.shown]
    late = int((in_log < np.maximum.accumulate(in_log)).sum())
    order = rows[np.argsort(onset[rows], kind="stable")]
    return Timeline(order, onset[order], image[order], late), notes
