"""Traces with their frames timed as the settings want it."""

from __future__ import annotations

from twophoton_decode.records import Traces
from twophoton_decode.settings import RecordingSettings


def timed(traces: Traces, settings: RecordingSettings) -> Traces:
    """Timed by the files' stamps where there are any, or evenly."""
    return traces.evenly_timed() if settings.frame_times == "even" else traces
