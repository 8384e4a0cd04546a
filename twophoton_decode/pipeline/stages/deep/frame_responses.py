"""The signal at every frame of the clips that were shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twophoton_decode.pipeline.stage import Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records.frame_responses import FrameResponses
from twophoton_decode.records.traces import Traces

if TYPE_CHECKING:
    from twophoton_decode.stimulus.clip_showings import ClipShowings

FILE = "frame_responses.nc"


def run(work: StageInput) -> StageOutput:
    """Lay log and clips on the recording, and take each cell's signal at each frame."""
    from twophoton_decode.pipeline.inputs.chosen_rois import choice_note, chosen_rois
    from twophoton_decode.pipeline.inputs.session_traces import session_traces
    from twophoton_decode.pipeline.plan.clips import clips_shown
    from twophoton_decode.responses.frame_by_frame import recorded
    from twophoton_decode.responses.respond import classified_cells

    traces, settings = session_traces(work), work.settings
    chosen = chosen_rois(work, traces)
    rois = classified_cells(traces) if chosen is None else chosen
    clips, log, found = clips_shown(work.folder, settings, traces)
    held = recorded(found.frame_s, traces, without_bad_motion=settings.responses.exclude_bad_motion)
    shown, about = _used(found, held, clips.name)
    kept = np.flatnonzero(shown.any(axis=1))
    signals, used, more = _signals(work, traces, rois, found, shown)
    notes = [*clips.notes, *log.notes, *found.notes, *about, *more, *choice_note(chosen, traces)]
    record = FrameResponses(
        **{name: each[kept] for name, each in signals.items()},
        shown=shown[kept],
        frame_s=found.frame_s[kept],
        clip=found.clip[kept],
        repeat=found.repeat[kept],
        picture=clips.picture,
        clip_frames=clips.frames,
        clip_name=clips.name,
        clip_group=_groups(log.image_group, len(clips.name)),
        roi=rois[used],
        clip_rate_hz=found.rate_hz,
        response_unit=_unit(work),
        signal=settings.traces.signal,
        indicator_decay_s=settings.extraction.indicator_decay_s,
        notes=notes,
    )
    return StageOutput(record=record, summary=summary_of(record), notes=notes)


def _used(found: ClipShowings, held: np.ndarray, names: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Frames that were shown while all planes were recorded, and what is missing, by clip."""
    from twophoton_decode.errors import AlignmentError

    shown = found.shown & held
    if not shown.any():
        raise AlignmentError(
            "no frame of any clip was shown while cells were recorded. Are the log's times those "
            "of this movie? onset_offset_s and onset_unit under [log] correct them."
        )
    lost = (found.shown & ~held).sum(axis=1)
    places = np.flatnonzero(lost)
    if not places.size:
        return shown, []
    named = ", ".join(f"{lost[p]} of {names[found.clip[p]]}" for p in places[:5])
    more = f" and {places.size - 5} more showings" if places.size > 5 else ""
    return shown, [
        f"frames shown before, after or between recordings, or beside bad motion, count nowhere: "
        f"{named}{more}."
    ]


def _signals(
    work: StageInput,
    traces: Traces,
    rois: np.ndarray,
    found: ClipShowings,
    shown: np.ndarray,
) -> tuple[dict[str, np.ndarray], np.ndarray, list[str]]:
    """The session's signal and suite2p's deconvolved one at each frame, cells used, and notes."""
    from twophoton_decode.errors import ResponseError
    from twophoton_decode.extraction.signals.delta_f import neuropil_coefficients, signal_of
    from twophoton_decode.responses.frame_by_frame import at_frames

    settings = work.settings.traces
    neuropil = neuropil_coefficients(traces, rois, settings, work.progress)
    usable = np.ones(len(rois), bool)

    def signal(cells: np.ndarray) -> np.ndarray:
        values, good = signal_of(traces, rois[cells], settings, neuropil.value[cells])
        usable[cells] = good
        return values

    deconvolved_rows = traces.deconvolved

    def spikes(cells: np.ndarray) -> np.ndarray:
        assert deconvolved_rows is not None
        return np.asarray(deconvolved_rows[rois[cells]])

    plane, rate = traces.plane[rois], found.rate_hz
    given = plane, found.frame_s, shown, rate, traces, work.progress
    made = {"response": at_frames(signal, *given)}
    if settings.signal != "deconvolved" and deconvolved_rows is not None:
        deconvolved = at_frames(spikes, *given)
        if np.nanmax(np.abs(deconvolved), initial=0.0) > 0:
            made["deconvolved"] = deconvolved
    used = np.flatnonzero(usable)
    if not used.size:
        raise ResponseError("none of the cells has a baseline that is safely above zero.")
    dropped = len(rois) - used.size
    said = [f"{dropped} of {len(rois)} cells have no baseline safely above zero: left out."]
    kept = {name: each[:, :, used] for name, each in made.items()}
    return kept, used, [*neuropil.notes, *said * bool(dropped)]


def _groups(group: np.ndarray | None, clips: int) -> np.ndarray:
    return np.full(clips, -1) if group is None else group


def _unit(work: StageInput) -> str:
    from twophoton_decode.extraction.signals.delta_f import signal_unit

    return signal_unit(work.settings.traces)


def summary_of(record: FrameResponses) -> dict[str, float]:
    """How many clips, showings, cells and frames there are."""
    return {
        "clips": record.clips,
        "showings": record.showings,
        "cells": record.cells,
        "frames": int(np.asarray(record.shown).sum()),
        "clip_rate_hz": record.clip_rate_hz,
    }


def _told(numbers: Numbers) -> str:
    return (
        f"{numbers['clips']} clips shown {numbers['showings']} times at {numbers['clip_rate_hz']:g}"
        f" frames per second, {numbers['frames']} frames, {numbers['cells']} cells"
    )


FRAME_RESPONSES = Stage(
    name="frame-responses",
    command="deep movie",
    title="the signal at every frame of every clip",
    section="Responses",
    page_place=62,
    run=run,
    file=FILE,
    record=FrameResponses,
    summary_key="frame_responses",
    reads=("extract",),
    sources=("log", "clips", "responses.cells_file"),
    depends_on=(
        "recording.first_index", "recording.frame_times", "recording.onset_clock",
        "recording.dark_level", "log", "traces", "images", "source.clips",
        "extraction.indicator_decay_s", "responses.exclude_bad_motion", "responses.exclude",
    ),
    told=_told,
)  # fmt: skip
