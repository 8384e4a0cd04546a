"""Onsets that lie outside the movie: what they may mean, or left out and counted by option."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from twophoton_decode.records.movie.recording import Presentations

_DAY_S = 86400.0
# Unix times of the years 2001 to 2100.
_UNIX_S = (978_307_200.0, 4_102_444_800.0)
_UNITS = {"ms": 1e3, "us": 1e6, "ns": 1e9}
# Onsets in another unit would span at least this share of the movie.
_SPANNED = 0.1


def advice_on_outside(onset_s: np.ndarray, movie_s: float) -> str:
    """What would bring the onsets into a movie of `movie_s` seconds, in words.

    Parameters
    ----------
    onset_s : ndarray, shape (presentation,)
        All onsets of the log, some of them outside the movie.
    """
    first, last = float(onset_s.min()), float(onset_s.max())
    # Where most onsets fit, a few that do not say nothing about the unit of all.
    most_outside = float((onset_s >= movie_s).mean()) > 0.5
    return (
        (_other_unit(first, last, movie_s) if most_outside else "")
        or _other_clock(first, last, movie_s)
        or _longer_log(first, last, movie_s)
    )


def _other_unit(first: float, last: float, movie_s: float) -> str:
    for unit, per_s in _UNITS.items():
        low, high = first / per_s, last / per_s
        if low >= 0 and high < movie_s and high - low > _SPANNED * movie_s:
            return (
                f"Read as {unit}, the onsets span {low:.1f}–{high:.1f} s of the movie's "
                f'{movie_s:.1f} s: set onset_unit = "{unit}" under [log] in session.toml if they '
                "are."
            )
    return ""


def _other_clock(first: float, last: float, movie_s: float) -> str:
    """Onsets that would all fit into the movie if it began at another time."""
    if last - first >= movie_s or (0 <= first < movie_s / 2):
        return ""
    said = (
        f"The onsets, {first:.1f}–{last:.1f} s, span {last - first:.1f} s, which would fit into "
        "the movie: the log's clock did not start with it."
    )
    if _UNIX_S[0] < first < _UNIX_S[1]:
        moment = datetime.fromtimestamp(first, UTC)
        said += f" As Unix time the first is {moment:%Y-%m-%d %H:%M:%S} UTC."
    elif first < _DAY_S and first > movie_s:
        clock = f"{first // 3600:02.0f}:{first % 3600 // 60:02.0f}:{first % 60:04.1f}"
        said += (
            f" As seconds since midnight the first is {clock}; movie_start under [log] in "
            "session.toml then names the time of day at which the movie began."
        )
    return (
        f"{said} Set onset_offset_s under [log] in session.toml: minus what the log's clock read "
        "at the movie's first frame."
    )


def _longer_log(first: float, last: float, movie_s: float) -> str:
    if first < 0:
        return (
            "Onsets count from the movie's first frame: shift them by onset_offset_s under [log] "
            'in session.toml, or leave out what lies outside by beyond_movie = "trim".'
        )
    return (
        "Check frame_rate_hz in session.toml. If the log goes on after the movie, set "
        'beyond_movie = "trim" under [log].'
    )


def trim_to_movie(presentations: Presentations, movie_s: float) -> Presentations:
    """The presentations with their onset in the movie; the others are left out, with a note.

    If none is inside, nothing is left out, so that `align` says what is wrong.
    """
    onset = presentations.onset_s
    outside = (onset < 0) | (onset >= movie_s)
    if outside.all() or not outside.any():
        return presentations
    reason = np.where(onset[outside] < 0, "before the movie", "after the movie's end")
    counts = ", ".join(f"{count} {why}" for why, count in Counter(reason.tolist()).items())
    note = f"{outside.sum()} of {outside.size} presentations are outside the movie: {counts}."
    if outside.mean() > 0.5:
        note += f" {advice_on_outside(onset, movie_s)}"
    return replace(
        _only(presentations, ~outside),
        left_out_line=_joined(presentations.left_out_line, presentations.log_line[outside]),
        left_out_reason=_joined(presentations.left_out_reason, reason),
        left_out_onset_s=_joined(_or_unknown(presentations, "onset_s"), onset[outside]),
        left_out_duration_s=_joined(
            _or_unknown(presentations, "duration_s"), presentations.duration_s[outside]
        ),
        notes=(*presentations.notes, note),
    )


def _only(presentations: Presentations, chosen: np.ndarray) -> Presentations:
    """Some of the presentations."""
    fields = {
        name: getattr(presentations, name)[chosen]
        for name, spec in Presentations.arrays()
        if spec.axes == ("presentation",) and getattr(presentations, name) is not None
    }
    columns = {
        name: [values[row] for row in np.flatnonzero(chosen)]
        for name, values in presentations.columns.items()
    }
    return replace(presentations, columns=columns, **fields)


def _joined(before: np.ndarray | None, more: np.ndarray) -> np.ndarray:
    return more if before is None else np.concatenate([before, more])


def _or_unknown(presentations: Presentations, name: str) -> np.ndarray | None:
    """The onset or duration of what was left out before; NaN where the record lacks it."""
    known: np.ndarray | None = getattr(presentations, f"left_out_{name}")
    line = presentations.left_out_line
    return np.full(line.size, np.nan) if known is None and line is not None else known
