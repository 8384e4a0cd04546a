"""Results of suite2p to the traces of the session, edits in its GUI included."""

from __future__ import annotations

from twophoton_decode.pipeline.stage import StageInput, StageOutput
from twophoton_decode.pipeline.stages.imported.traces import imported_stage, output_of


def run(work: StageInput) -> StageOutput:
    """Read the planes in the folder that ``[source] traces`` names."""
    from twophoton_decode.formats.suite2p.traces import read_suite2p

    folder = work.folder.path / work.settings.source.traces
    return output_of(read_suite2p(folder, work.settings.recording.frame_rate_hz))


TRACES_OF_SUITE2P = imported_stage("fluorescence of every ROI, by suite2p", run)
