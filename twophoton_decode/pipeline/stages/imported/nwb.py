"""Traces in an NWB file to the traces of the session."""

from __future__ import annotations

from twophoton_decode.pipeline.stage import StageInput, StageOutput
from twophoton_decode.pipeline.stages.imported.traces import imported_stage, output_of

_CHOICES = ("source.series", "source.neuropil_series", "source.deconvolved_series")


def run(work: StageInput) -> StageOutput:
    """Read the series that ``[source]`` names, or the only one."""
    from twophoton_decode.formats.nwb.traces import read_nwb
    from twophoton_decode.pipeline.inputs.sources import source_paths

    source = work.settings.source
    traces = read_nwb(
        source_paths(work.folder, source, "traces")[0],
        source.series,
        source.neuropil_series,
        source.deconvolved_series,
        work.settings.recording.frame_rate_hz,
    )
    return output_of(traces)


TRACES_OF_NWB = imported_stage("fluorescence of every ROI, from NWB", run, _CHOICES)
