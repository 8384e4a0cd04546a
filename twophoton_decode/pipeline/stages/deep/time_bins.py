"""The evoked responses bin by bin, for time courses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twophoton_decode.pipeline.stage import Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records import Responses, Traces
from twophoton_decode.records.timed_responses import TimedResponses

if TYPE_CHECKING:
    from twophoton_decode.responses.timed import Expected

FILE = "responses_in_bins.nc"


def run(work: StageInput) -> StageOutput:
    """The signal behind the responses, averaged over each bin; blanks and omissions too."""
    from twophoton_decode.extraction.signals.delta_f import signal_of
    from twophoton_decode.extraction.signals.rows import above_dark_level
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

    expected, left_out = _expected(work, responses, opened)
    found = timed_responses(responses, traces, work.settings, signal, work.progress, expected)
    bins = len(found.edge_s) - 1
    summary = {"bins": bins, "from_s": float(found.edge_s[0]), "to_s": float(found.edge_s[-1])}
    if expected is not None:
        summary["expected"] = len(expected.image)
    return StageOutput(record=found, summary=summary, notes=[*found.notes, *left_out])


def _expected(
    work: StageInput, responses: Responses, traces: Traces
) -> tuple[Expected | None, list[str]]:
    """Pictures that the log expects without showing them, and how many cannot be used."""
    from twophoton_decode.pipeline.plan.log import presentations_of
    from twophoton_decode.pipeline.stages.respond import pictures_of
    from twophoton_decode.responses.timed import Expected
    from twophoton_decode.responses.windows.blanks import usable_expectations

    if not work.settings.log.condition_column:
        return None, []
    log = presentations_of(work.folder, work.settings, pictures_of(work).name, traces)
    onset, image, condition = log.expected_onset_s, log.expected_image, log.expected_condition
    if onset is None or image is None or condition is None or not len(onset):
        return None, []
    kept = usable_expectations(log, traces, work.settings.responses)
    place = {name: index for index, name in enumerate(responses.image_name.tolist())}
    names = log.image_name[image[kept]].tolist()
    number = np.array([place.get(name, -1) for name in names], dtype=np.int64)
    seen = number >= 0
    found = Expected(onset[kept][seen], number[seen], condition[kept][seen])
    return found, _left_out(len(onset), len(kept), int(np.count_nonzero(seen)))


def _left_out(logged: int, usable: int, seen: int) -> list[str]:
    why = {
        "their windows cannot be used, as those of presentations": logged - usable,
        "their picture was never shown": usable - seen,
    }
    return [
        f"{count} of {logged} pictures that were expected, but not shown, are left out: {reason}."
        for reason, count in why.items()
        if count
    ]


def _told(numbers: Numbers) -> str:
    from twophoton_decode.words import true_minus

    span = true_minus(f"{numbers['from_s']:g} to {numbers['to_s']:g} s")
    return f"{numbers['bins']} bins from {span} after the onset"


TIME_BINS = Stage(
    name="time-bins",
    command="deep decode --bins",
    title="responses in time bins",
    section="Responses",
    page_place=61,
    run=run,
    file=FILE,
    record=TimedResponses,
    summary_key="time_bins",
    reads=("extract", "respond"),
    sources=("log", "images"),
    depends_on=(
        "responses.time_bins_s", "responses.baseline_window_s", "traces", "recording.first_index",
        "recording.frame_times", "recording.dark_level", "recording.onset_clock",
        "extraction.indicator_decay_s", "log", "responses",
    ),
    told=_told,
)  # fmt: skip
