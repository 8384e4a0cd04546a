"""From a log and a recorded trace to a log with the trace's onsets, and its picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.errors import AlignmentError, UsageError
from twophoton_decode.files.atomic import write_bytes
from twophoton_decode.pipeline.inputs.sources import split_key
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.movie.clock_alignment import ClockAlignment, TraceExcerpt
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.clock.aligning import align_flips, counted_from, excerpt, tolerance
from twophoton_decode.stimulus.clock.flips import (
    EDGES,
    Crossings,
    Edges,
    choose_flips,
    find_crossings,
)
from twophoton_decode.stimulus.clock.frame_pulses import FramePulses, find_frames
from twophoton_decode.stimulus.clock.levels import Levels, find_levels
from twophoton_decode.stimulus.clock.log_rows import LogOnsets, read_onsets, write_aligned
from twophoton_decode.stimulus.clock.trace import Trace
from twophoton_decode.stimulus.clock.trace_files import TraceChoice, opened_trace


@dataclass(frozen=True)
class LaidOver:
    """A log laid over a trace, with all that is told of it."""

    log: LogOnsets
    trace: Trace
    levels: Levels
    edges: Edges
    alignment: ClockAlignment
    excerpt: TraceExcerpt
    frames: FramePulses | None
    zero: str
    notes: tuple[str, ...]


def lay_over(
    log_file: Path,
    output: Path | None,
    figure: Path | None,
    given: Mapping[str, Any],
    progress: Progress = silent,
) -> LaidOver:
    """Match a log with a trace; `given` are the options of ``tpdecode align`` by their names.

    Raises
    ------
    TpDecodeError
        The log, the trace or an option cannot be used.
    """
    trace_file, key = split_key(given["trace"])
    _refuse_inputs_as_outputs(log_file, Path(trace_file), output, figure)
    settings = LogSettings(
        onset_column=given["onset_column"],
        onset_unit=given["onset_unit"],
        image_column=given["image_column"],
    )
    log = read_onsets(log_file, settings)
    choice = TraceChoice(
        Path(trace_file), key, given["column"], given["trace_rate_hz"] or 0.0,
        given["dtype"] or "", given["columns"],
    )  # fmt: skip
    tolerance_ms = given["tolerance_ms"]
    within = tolerance(log.onset_s) if tolerance_ms is None else tolerance_ms / 1e3
    edges: Edges = given["edges"]
    with opened_trace(choice) as trace:
        frames = _frames(choice, trace, given, progress)
        levels = find_levels(trace, given["threshold"], progress)
        crossings = find_crossings(trace, levels, progress)
        debounce = given["debounce_ms"] / 1e3
        made = align_flips(
            log.onset_s, choose_flips(crossings, edges, debounce), within_s=within,
            step_s=1 / trace.rate_hz, least_share=given["min_matched"],
            offset_near_s=given["offset_near_s"], progress=progress,
        )  # fmt: skip
        shown = excerpt(trace, levels, made)
    notes = [*made.notes, *_missing(levels), *_polarity(log, made, crossings, edges, debounce)]
    zero = "the start of the trace's clock; --frames counts from the movie's first frame"
    if frames is not None:
        notes += _about_frames(frames, made)
        made = counted_from(made, frames.first_s)
        shown = TraceExcerpt(shown.time_s - frames.first_s, shown.value, shown.threshold)
        zero = "the first frame"
    return LaidOver(log, trace, levels, edges, made, shown, frames, zero, tuple(notes))


def refuse(made: LaidOver) -> None:
    """An error that says why the match is not to be trusted, if it is not.

    Raises
    ------
    AlignmentError
        With all reasons.
    """
    found = made.alignment
    if found.refused:
        raise AlignmentError(
            f"{made.log.table.path} does not fit {made.trace.name} well enough to be written: "
            f"{'; '.join(found.refused)}."
        )


def write_log(made: LaidOver, output: Path) -> list[str]:
    """Write the log with its new onsets; what became of its columns."""
    return write_aligned(made.log, made.alignment, output)


def save_figure(made: LaidOver, path: Path) -> None:
    """Draw the match as .png, .pdf or .svg."""
    from twophoton_decode.figures.canvas.drawing import render
    from twophoton_decode.figures.quality.log_alignment import log_alignment

    write_bytes(path, render(log_alignment(made.alignment, made.excerpt))[path.suffix[1:].lower()])


def _refuse_inputs_as_outputs(
    log: Path, trace: Path, output: Path | None, figure: Path | None
) -> None:
    if figure is not None and figure.suffix.lower() not in (".png", ".pdf", ".svg"):
        raise UsageError(f"--figure {figure}: expected a name ending in .png, .pdf or .svg.")
    for made in (output, figure):
        if made is not None and made.resolve() in (log.resolve(), trace.resolve()):
            raise UsageError(f"{made} is read: write to another file.")


def _frames(
    choice: TraceChoice, trace: Trace, given: Mapping[str, Any], progress: Progress
) -> FramePulses | None:
    if not given["frames"]:
        return None
    file, key = split_key(given["frames"])
    same = Path(file).suffix == choice.path.suffix
    frames = TraceChoice(
        Path(file), key, given["frames_column"], choice.rate_hz or 0.0,
        choice.dtype if same else "", choice.columns,
    )  # fmt: skip
    if frames == choice:
        raise UsageError("--frames is the trace itself: choose another file, key or column.")
    with opened_trace(frames) as clock:
        if abs(clock.duration_s - trace.duration_s) > 0.01 * trace.duration_s:
            raise AlignmentError(
                f"{clock.name} lasts {clock.duration_s:.3f} s, {trace.name} {trace.duration_s:.3f} "
                "s: expected two traces that were recorded together."
            )
        return find_frames(clock, progress)


def _missing(levels: Levels) -> list[str]:
    if not levels.missing:
        return []
    return [f"{levels.missing} samples of the trace are no numbers; the level before them counts"]


def _about_frames(frames: FramePulses, made: ClockAlignment) -> list[str]:
    notes = [f"for these onsets frame_rate_hz has to be {frames.rate_hz:.7g} per plane and frame"]
    if frames.pauses_s.size:
        first = frames.pauses_s[0] - frames.first_s
        notes.append(
            f"the frame clock pauses {frames.pauses_s.size} times, first {first:.3f} s after the "
            "first frame: onsets after that fit the movie only if its frame times are known"
        )
    before = int((made.onset_s < frames.first_s).sum())
    if before:
        notes.append(f"{before} onsets come before the first frame (beyond_movie under [log])")
    return notes


def _polarity(
    log: LogOnsets, made: ClockAlignment, crossings: Crossings, edges: Edges, debounce_s: float
) -> list[str]:
    """That the other flank may be the onset, where the log's durations say so."""
    if edges == "both" or made.refused or log.columns.duration is None:
        return []
    other = EDGES[1 - EDGES.index(edges)]
    others = choose_flips(crossings, other, debounce_s)
    return _by_durations(log, made, others, other)


def _by_durations(
    log: LogOnsets, made: ClockAlignment, others: np.ndarray, other: Edges
) -> list[str]:
    from twophoton_decode.stimulus.presentations.times import FrameClock, LogTimes

    times = LogTimes(log.table, log.columns, LogSettings(), FrameClock(0.0))
    duration = float(np.nanmedian(times.durations_said(log.row)))
    onset = made.flip_s[made.matched_flip]
    place = np.searchsorted(others, onset)
    inside = (place > 0) & (place < others.size)
    if not inside.any() or not duration > 0:
        return []
    since = float(np.median(onset[inside] - others[place[inside] - 1]))
    until = float(np.median(others[place[inside]] - onset[inside]))
    if abs(since - duration) < min(0.1 * duration, abs(until - duration)):
        return [
            f"the trace flips the other way {since:.3g} s before these flips, as long as the log's "
            f"durations: these may be the ends of the stimuli. If so, use --edges {other}"
        ]
    return []
