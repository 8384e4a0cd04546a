"""The evoked responses bin by bin, for time courses."""

from __future__ import annotations

import numpy as np

from twophoton_decode.pipeline.stage import Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records import Responses, Traces
from twophoton_decode.records.timed_responses import TimedResponses

FILE = "responses_in_bins.nc"


def run(work: StageInput) -> StageOutput:
    """The signal behind the responses, averaged over each bin."""
    from twophoton_decode.extraction.signals.delta_f import signal_of
    from twophoton_decode.extraction.suite2p.signal_rows import above_dark_level
    from twophoton_decode.pipeline.inputs.timed import timed
    from twophoton_decode.responses.timed import timed_responses

    recording = work.settings.recording
    opened = timed(work.read(Traces, "traces.nc"), recording)
    traces, responses = (
        above_dark_level(opened, recording.dark_level),
        work.read(Responses, "responses.nc"),
    )

    def signal(cells: np.ndarray) -> np.ndarray:
        known = responses.neuropil_coefficient
        coefficient = None if known is None else known[cells]
        return signal_of(traces, responses.roi[cells], work.settings.traces, coefficient)[0]

    found = timed_responses(responses, traces, work.settings, signal, work.progress)
    bins = len(found.edge_s) - 1
    summary = {"bins": bins, "from_s": float(found.edge_s[0]), "to_s": float(found.edge_s[-1])}
    return StageOutput(record=found, summary=summary, notes=found.notes)


def _told(numbers: Numbers) -> str:
    from twophoton_decode.words import true_minus

    span = true_minus(f"{numbers['from_s']:g} to {numbers['to_s']:g} s")
    return f"{numbers['bins']} bins from {span} after the onset"


TIME_BINS = Stage(
    name="time-bins",
    title="responses in time bins",
    section="Responses",
    page_place=61,
    run=run,
    file=FILE,
    record=TimedResponses,
    summary_key="time_bins",
    reads=("extract", "respond"),
    depends_on=(
        "responses.time_bins_s", "responses.baseline_window_s", "traces", "recording.first_index",
        "recording.frame_times", "recording.dark_level", "extraction.indicator_decay_s",
    ),
    told=_told,
)  # fmt: skip
