"""An NWB file as traces: signals, ROIs, images, motion and times."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.errors import ExtractionError, UsageError
from twophoton_decode.formats.nwb.contents import Contents, opened_nwb
from twophoton_decode.formats.nwb.images import bad_frames, field_images, motion
from twophoton_decode.formats.nwb.rois import MOST_PX, Rois, read_rois
from twophoton_decode.formats.nwb.series import (
    Series,
    SeriesRows,
    all_series,
    check_sizes,
    choose,
    choose_traces,
    partners,
)
from twophoton_decode.recording.times.series import times_of_series
from twophoton_decode.records import Traces
from twophoton_decode.records.movie.frame_times import FrameTimes
from twophoton_decode.words import counted

_SUBTRACTED = ("correct", "subtract")


def read_nwb(
    path: Path,
    series: Sequence[str] = (),
    neuropil: Sequence[str] = (),
    deconvolved: Sequence[str] = (),
    frame_rate_hz: float = 0.0,
) -> Traces:
    """The traces in an NWB file; signals stay on disk and are read where they are indexed.

    Parameters
    ----------
    path : Path
    series, neuropil, deconvolved : sequence of str
        Names of RoiResponseSeries, one for each plane; the end of a path suffices. Without
        `series`, the only one of fluorescence or ΔF/F.
    frame_rate_hz : float
        Frames per second and plane; 0: as the file says.

    Raises
    ------
    UsageError
        No such file; a choice between several is missing; the rate is not known.
    ExtractionError
        The file is damaged, or has no traces of ROIs.
    """
    with opened_nwb(path) as contents:
        there = all_series(contents)
        chosen = choose_traces(there, series, path)
        signals = {
            "neuropil": _beside(chosen, there, neuropil, "neuropil", "--neuropil"),
            "deconvolved": _beside(chosen, there, deconvolved, "deconvolved", "--deconvolved"),
        }
        for each in (*chosen, *signals["neuropil"], *signals["deconvolved"]):
            # Before anything is as long as a header announces.
            contents.data(f"{each.path}/data")
        notes = [*_notes(contents, chosen, there, signals)]
        return _traces(path, contents, chosen, signals, frame_rate_hz, notes)


def _beside(
    chosen: list[Series], there: list[Series], names: Sequence[str], kind: str, option: str
) -> list[Series]:
    found = choose(there, names, option) if names else partners(chosen, there, kind)
    check_sizes(chosen, found, option)
    return found


def _traces(
    path: Path,
    contents: Contents,
    chosen: list[Series],
    signals: dict[str, list[Series]],
    frame_rate_hz: float,
    notes: list[str],
) -> Traces:
    frames = min(each.frames for each in chosen)
    if any(each.frames != frames for each in chosen):
        notes.append(f"Planes differ in their number of frames; the first {frames} are used.")
    rate, times, delays = _times(path, chosen, frames, frame_rate_hz, notes)
    rois = [read_rois(contents, each) for each in chosen]
    notes += dict.fromkeys(note for each in rois for note in each.notes)
    began = np.arange(frames) / rate if times.began_s is None else times.began_s
    images = field_images(contents, len(chosen), _extent(rois), notes)
    rows = {"fluorescence": chosen} | {name: each for name, each in signals.items() if each}
    return Traces(
        **_joined(rois),
        **{name: _rows(path, each, frames) for name, each in rows.items()},
        **images,
        **motion(contents, len(chosen), frames, notes),
        bad_frame=bad_frames(contents, chosen[0], began + (times.first_stamp_s or 0.0), notes),
        plane_delay_s=delays,
        frame_rate_hz=rate,
        frame_time_s=times.began_s,
        first_stamp_s=times.first_stamp_s,
        unknown_pause=times.unknown_pause if times.unknown_pause.size else None,
        intensity_offset=0.0,
        intensity_scale=1.0,
        imported_from="NWB",
        is_dff=chosen[0].kind == "dff",
        notes=tuple(notes),
    )


def _times(
    path: Path, chosen: list[Series], frames: int, given: float, notes: list[str]
) -> tuple[float, FrameTimes, np.ndarray]:
    """Rate, times of the first plane's frames, and how much later the others are."""
    found = times_of_series([chosen[0].times])
    notes += [f"{each}." for each in found.warnings]
    rate = given or found.rate_hz
    if not rate:
        raise UsageError(
            f"{path}: {chosen[0].label} states neither a rate nor timestamps. Give the frames per "
            "second with --frame-rate-hz."
        )
    times = found.frames
    began = None if times.began_s is None else times.began_s[:frames]
    starts = [_start(each) for each in chosen]
    delays = np.array(starts) - starts[0]
    if not np.isfinite(delays).all() or np.abs(delays).max() > 1 / rate:
        raise ExtractionError(
            f"{path}: planes begin at {', '.join(f'{start:g}' for start in starts)} s, more than a "
            "frame apart, or without saying when. Import them as sessions of their own."
        )
    cut = times.unknown_pause[times.unknown_pause < frames]
    return rate, FrameTimes(began, times.first_stamp_s, cut, times.by), delays


def _start(series: Series) -> float:
    stamps = series.times.stamps
    if stamps is not None and stamps.size:
        return float(stamps[0])
    return series.times.start_s if np.isfinite(series.times.start_s) else 0.0


def _rows(path: Path, series: list[Series], frames: int) -> Any:
    from twophoton_decode.extraction.signals.rows import JoinedRows

    parts: list[Any] = [SeriesRows(path, each, frames) for each in series]
    return parts[0] if len(parts) == 1 else JoinedRows(parts)


def _joined(rois: list[Rois]) -> dict[str, Any]:
    """Fields of the ROIs of all planes, one plane after the other."""
    fields = [each.fields for each in rois]
    found: dict[str, Any] = {}
    for name in fields[0]:
        parts = [each[name] for each in fields]
        found[name] = None if any(each is None for each in parts) else np.concatenate(parts)
    counts = [len(each["pixels"]) for each in fields]
    edges = np.cumsum([0, *found.pop("pixels")])
    return found | {"plane": np.repeat(np.arange(len(fields)), counts), "pixel_offset": edges}


def _extent(rois: list[Rois]) -> tuple[int, int]:
    """Rows and columns that the ROIs reach."""
    sides = [
        max((int(each.fields[name].max(initial=-1)) + 1 for each in rois), default=0)
        for name in ("pixel_y", "pixel_x")
    ]
    assert max(sides) <= MOST_PX + 1
    return sides[0], sides[1]


def _notes(
    contents: Contents, chosen: list[Series], there: list[Series], signals: dict[str, list[Series]]
) -> list[str]:
    """What was taken, what else there is, and what lies in other files."""
    taken = ", ".join(each.words for each in chosen)
    notes = [f"Traces are {taken}."]
    kinds = {each.kind for each in chosen}
    if kinds == {"dff"}:
        notes.append("They are ΔF/F already: no neuropil is subtracted, and no baseline taken.")
    elif not signals["neuropil"]:
        others = [each.label for each in there if each.kind == "neuropil"]
        corrected = any(word in each.path.lower() for each in chosen for word in _SUBTRACTED)
        hint = f" The file has {others[0]}: add --neuropil {others[0]}." if others else ""
        done = " Their name says that it was before." if corrected else hint
        notes.append(f"No neuropil is subtracted.{done}")
    if contents.elsewhere:
        notes.append(
            f"{counted(len(contents.elsewhere), 'part')} of the file lie in other files, which are "
            f"not followed: {contents.elsewhere[0]}."
        )
    return notes
