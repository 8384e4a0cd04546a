"""The traces of a session as its settings say they are to be taken."""

from __future__ import annotations

from twophoton_decode.extraction.signals.rows import above_dark_level
from twophoton_decode.pipeline.inputs.timed import timed
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.records import Traces
from twophoton_decode.settings import RecordingSettings


def session_traces(work: StageInput) -> Traces:
    """The record of `extract`, `as_set` in ``[recording]``."""
    return as_set(work.read(Traces, "traces.nc"), work.settings.recording)


def as_set(traces: Traces, settings: RecordingSettings) -> Traces:
    """Timed as the settings want it, F and neuropil counted from the level without light."""
    return above_dark_level(timed(traces, settings), settings.dark_level)
