"""The movie of a session plane by plane, as extraction takes it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from twophoton_decode.extraction.suite2p.extract import Plane
from twophoton_decode.pipeline.fingerprints import Fingerprints
from twophoton_decode.pipeline.inputs.intensities import intensities
from twophoton_decode.pipeline.inputs.sources import source_paths
from twophoton_decode.pipeline.plan.movie import PlannedMovie, plan_movie, read_header
from twophoton_decode.pipeline.restoration.recognised import note_on_restored
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.recording.frames import select
from twophoton_decode.recording.levels.calibration import calibration_note
from twophoton_decode.recording.levels.plane_movie import PlaneMovie
from twophoton_decode.recording.planes.used import structural_channel
from twophoton_decode.records import IntensityMapping, Recording
from twophoton_decode.settings import ExtractionSettings, RecordingSettings


@dataclass(frozen=True)
class MoviePlanes:
    """The movie, its planes with what each depends on, and what is to be noted of it."""

    movie: PlannedMovie
    planes: list[Plane]
    mapping: IntensityMapping
    notes: list[str]


def movie_planes(work: StageInput) -> MoviePlanes:
    """Look at all of the movie, and lay it out in planes.

    Raises
    ------
    UsageError, MovieError, SettingsError
        As `plan_movie`; the movie was restored, and the settings do not say so.
    """
    described = work.settings.recording
    paths = source_paths(work.folder, work.settings.source, "movie")
    header = read_header(work.folder, work.settings)
    planned = plan_movie(work.folder, work.settings, header)
    recording = planned.recording
    restored = note_on_restored(recording, work.settings)
    known = Fingerprints(work.folder.private / "fingerprints.json", progress=work.progress)
    movie = known.of(paths, movie=True)
    seen = intensities(work, recording, movie)
    return MoviePlanes(
        movie=planned,
        planes=_planes(recording, described, seen.mapping, movie),
        mapping=seen.mapping,
        notes=[
            *([restored] if restored else []),
            *recording.warnings,
            calibration_note(recording),
            recording.doubt_about_rate(described.frame_rate_hz),
            *seen.notes(described.line_offset_px),
        ],
    )


def extraction_settings(work: StageInput) -> ExtractionSettings:
    """The settings with paths of files, which are relative to the session, complete."""
    settings = work.settings.extraction
    named = {name: getattr(settings, name) for name in ("classifier", "suite2p_settings")}
    whole = {
        name: str((work.folder.path / path).absolute()) for name, path in named.items() if path
    }
    return settings.model_copy(update=whole)


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
