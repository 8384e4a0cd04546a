"""Onsets in the order of the log: never back in time, blocks with clocks of their own."""

from __future__ import annotations

import numpy as np

from twophoton_decode.errors import SettingsError, StimulusLogError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.tables.table import LogTable

# Screens are late by a frame or two; only longer overlaps are a doubt about the log.
_OVERLAP_S = 0.05


def in_one_clock(
    table: LogTable, rows: np.ndarray, onset_s: np.ndarray, settings: LogSettings
) -> tuple[np.ndarray, list[str]]:
    """Shift to add to the onset of each row of the table, shape (row of the table,), and notes.

    Parameters
    ----------
    rows : ndarray of int, shape (n,)
        Rows whose order counts, as they follow each other in the log.
    onset_s : ndarray, shape (n,)
        Their onsets; in each block's own clock where ``order = "blocks"``.

    Raises
    ------
    StimulusLogError
        Onsets go back in time, and no setting says why.
    SettingsError
        ``block_starts_s`` does not name one start for each block.
    """
    back = np.flatnonzero(np.diff(onset_s) < 0) + 1
    if settings.order == "blocks":
        return _block_shifts(table, rows, back, settings)
    if settings.block_column or settings.block_starts_s:
        raise SettingsError(
            'block_column and block_starts_s under [log] in session.toml need order = "blocks".'
        )
    if back.size and settings.order == "error":
        raise StimulusLogError(_goes_back(table, rows, onset_s, back))
    return np.zeros(len(table.rows)), []


def _goes_back(table: LogTable, rows: np.ndarray, onset_s: np.ndarray, back: np.ndarray) -> str:
    here = back[0]
    more = f" ({back.size} such places)" if back.size > 1 else ""
    return (
        f"{table.where(rows[here])}: the log goes back in time, from {onset_s[here - 1]:g} s in "
        f"{table.line_word} {table.lines[rows[here - 1]]} to {onset_s[here]:g} s{more}. If the "
        'clock restarted or several logs were joined, set order = "blocks" and block_starts_s, '
        "the movie time at which each block's clock read 0, under [log] in session.toml. If rows "
        'are only out of order, set order = "sort".'
    )


def _block_shifts(
    table: LogTable, rows: np.ndarray, back: np.ndarray, settings: LogSettings
) -> tuple[np.ndarray, list[str]]:
    begins = np.zeros(len(table.rows), dtype=bool)
    if settings.block_column:
        values = table.column(table.named(settings.block_column, "[log] block_column"))
        begins[1:] = [a != b for a, b in zip(values[1:], values[:-1], strict=True)]
    else:
        begins[rows[back]] = True
    block = np.cumsum(begins)
    starts = settings.block_starts_s
    blocks = _described(table, block)
    if len(starts) != len(blocks):
        raise SettingsError(
            f"{table.path.name} has {len(blocks)} blocks ({'; '.join(blocks)}), but block_starts_s "
            f"under [log] in session.toml names {len(starts)} starts. Name the movie time, in s, "
            "at which each block's clock read 0."
        )
    placed = [f"{text} from {start:g} s" for text, start in zip(blocks, starts, strict=True)]
    return np.asarray(starts)[block], [f"The log has {len(blocks)} blocks: {'; '.join(placed)}."]


def _described(table: LogTable, block: np.ndarray) -> list[str]:
    """First and last line of each block."""
    edges = [np.flatnonzero(block == number)[[0, -1]] for number in range(block[-1] + 1)]
    word = table.line_word
    return [f"{word}s {table.lines[first]}–{table.lines[last]}" for first, last in edges]


def refuse_equal_onsets(table: LogTable, line: np.ndarray, onset_s: np.ndarray) -> None:
    """Two presentations at one moment mean that rows were doubled; all sorted by onset."""
    same = np.flatnonzero(np.diff(onset_s) == 0)
    if same.size:
        first, second = sorted(line[same[0] : same[0] + 2])
        raise StimulusLogError(
            f"{table.path.name}, {table.line_word}s {first} and {second}: two presentations begin "
            f"at {onset_s[same[0]]:g} s ({same.size} such pairs). Remove the duplicate rows."
        )


def overlap_note(
    table: LogTable, line: np.ndarray, onset_s: np.ndarray, duration_s: np.ndarray
) -> list[str]:
    """How many presentations begin before the one before them ends; all sorted by onset."""
    early = onset_s[:-1] + duration_s[:-1] - onset_s[1:]
    found = np.flatnonzero(early > _OVERLAP_S)
    if not found.size:
        return []
    first, second = line[found[0] : found[0] + 2]
    return [
        f"{found.size} presentations begin before the previous one ends, by its duration, the "
        f"first in {table.line_word}s {first} and {second}, by {early[found[0]]:.3g} s: do two "
        "logs overlap, or is the duration in another unit?"
    ]
