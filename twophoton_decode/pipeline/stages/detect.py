"""ROIs and their traces from the raw movie."""

from __future__ import annotations

from dataclasses import asdict

# Not for what it does here: the stage draws with it at its end, and it is imported while
# suite2p imports itself.
import twophoton_decode.figures.quality.field_of_view  # noqa: F401
from twophoton_decode.extraction.suite2p.extract import Plane, extract
from twophoton_decode.extraction.suite2p.process import Suite2pProcess
from twophoton_decode.extraction.suite2p.stored_times import write_frame_times
from twophoton_decode.pipeline.fingerprints import Fingerprints
from twophoton_decode.pipeline.inputs.intensities import intensities
from twophoton_decode.pipeline.inputs.sources import source_paths
from twophoton_decode.pipeline.plan.movie import movie_facts, plan_movie, read_header
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.recording.frames import select
from twophoton_decode.recording.levels.calibration import calibration_note
from twophoton_decode.recording.levels.plane_movie import PlaneMovie
from twophoton_decode.recording.planes.used import structural_channel
from twophoton_decode.records import IntensityMapping, Recording
from twophoton_decode.settings import ExtractionSettings, RecordingSettings


def detect(
    work: StageInput, rate: float, settings: ExtractionSettings, suite2p: Suite2pProcess
) -> dict[str, str]:
    """Correct motion, detect ROIs and extract their traces, `rate` frames per second.

    Returns the words on the movie for the stage's summary.
    """
    described = work.settings.recording
    paths = source_paths(work.folder, work.settings.source, "movie")
    header = read_header(work.folder, work.settings)
    planned = plan_movie(work.folder, work.settings, header)
    recording = planned.recording
    known = Fingerprints(work.folder.private / "fingerprints.json", progress=work.progress)
    movie = known.of(paths, movie=True)
    seen = intensities(work, recording, movie)
    extract(
        _planes(recording, described, seen.mapping, movie),
        seen.mapping,
        frame_rate_hz=rate,
        settings=settings,
        folder=work.folder.suite2p,
        suite2p=suite2p,
        times=recording.times,
        notes=[
            *recording.warnings,
            calibration_note(recording),
            recording.doubt_about_rate(rate),
            *seen.notes(described.line_offset_px),
        ],
        progress=work.progress,
    )
    return movie_facts(planned)


def add_frame_times(work: StageInput) -> None:
    """Time the frames of ROIs that an earlier version detected and the user has edited since."""
    recording = plan_movie(
        work.folder, work.settings, read_header(work.folder, work.settings)
    ).recording
    write_frame_times(work.folder.suite2p, recording.times)


def _planes(
    recording: Recording, settings: RecordingSettings, mapping: IntensityMapping, movie: str
) -> list[Plane]:
    """Each plane's movie, with what it depends on."""
    functional = settings.functional_channel - 1
    structural = structural_channel(recording, settings.functional_channel)
    assert recording.plane_number is not None
    assert recording.plane_delay_s is not None
    return [
        Plane(
            number=int(recording.plane_number[index]) - 1,
            movie=PlaneMovie(
                select(recording, index, functional),
                None if structural is None else select(recording, index, structural),
                mapping,
                settings.line_offset_px,
            ),
            delay_s=float(recording.plane_delay_s[index]),
            origin={
                "files": movie,
                # What files that do not say it were taken for.
                "interleaved": [settings.planes, settings.channels],
                "plane": int(recording.plane_number[index]),
                "channel": functional,
                "line_offset_px": settings.line_offset_px,
                "intensity": asdict(mapping),
            },
        )
        for index in range(recording.planes)
    ]
