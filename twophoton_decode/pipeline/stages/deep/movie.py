"""Clips decoded from responses frame by frame, beside plainer decoders and nulls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records.deep.movie_decoding import MovieDecoding
from twophoton_decode.records.frame_responses import FrameResponses

if TYPE_CHECKING:
    from twophoton_decode.deep.movies.decode import Movies
    from twophoton_decode.deep.movies.latents import FrameLatents
    from twophoton_decode.deep.movies.temporal.correction import Corrector
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "deep/movie.nc"
RESPONSES = "frame_responses.nc"


def run(work: StageInput) -> StageOutput:
    """Decode every clip by fits that never saw it, by each decoder of the ladder."""
    from threadpoolctl import threadpool_limits

    from twophoton_decode.deep.movies.decode import movie_fields, movies_of
    from twophoton_decode.figures.deep.movie.clips import animation
    from twophoton_decode.registry import FEATURE_SPACES

    responses, settings = work.read(FrameResponses, RESPONSES), work.settings
    space = FEATURE_SPACES.load(settings.decoding.features)(responses.picture.shape[2:])
    movies = movies_of(responses, space, settings.decoding)
    corrector = _corrector(work, movies)
    with threadpool_limits(None, user_api="blas"):
        fields = movie_fields(
            movies, settings.decoding, settings.deep.movie_lags_s,
            corrector.tested if corrector else None, work.progress, _latents(work, movies),
        )  # fmt: skip
    fields["notes"] += corrector.notes if corrector else []
    found = MovieDecoding(
        **fields,
        corrected=corrector.used if corrector else None,
        clip_name=responses.clip_name,
        features=settings.decoding.features,
        signal=responses.signal,
        indicator_decay_s=responses.indicator_decay_s,
    )
    files, said = animation(found)
    notes = [*found.notes, *said]
    return StageOutput(record=found, summary=found.headline, notes=notes, files=files)


def _corrector(work: StageInput, movies: Movies) -> Corrector | None:
    """What corrects decoded clips, where the settings ask for it."""
    if not work.settings.deep.movie_correction:
        return None
    from twophoton_decode.decoding.contract import TrainingRun
    from twophoton_decode.deep.movies.temporal.correction import Corrector

    file = work.folder.private / "training" / "movie" / "network"
    settings = work.settings
    run = TrainingRun(file, work.progress, settings.decoding.seed, settings.deep.device)
    return Corrector(movies.clips, movies.showings, movies.mean_frames, run)


def _latents(work: StageInput, movies: Movies) -> FrameLatents | None:
    """The codes through which decoded frames go too, where the settings ask for it."""
    from twophoton_decode.deep.latent.opened import opened_codes
    from twophoton_decode.deep.movies.latents import FrameLatents
    from twophoton_decode.pipeline.inputs.sources import input_paths

    settings = work.settings
    if not settings.deep.movie_latents:
        return None
    weights = input_paths(work.folder, settings, "deep.weights")
    generator = opened_codes(
        settings.deep.generator, weights[0] if weights else None, settings.deep.device
    )[0]
    return FrameLatents(
        movies.clips, generator, max(settings.deep.input_px, *movies.clips.shape),
        settings.decoding.seed, work.progress,
    )  # fmt: skip


def draw(work: StageInput) -> list[Drawing]:
    """The ladder beside its nulls, and frames of clips as shown and as decoded."""
    from twophoton_decode.figures.deep.movie.contact_sheet import contact_sheet
    from twophoton_decode.figures.deep.movie.ladder import ladder_figure

    found = work.read(MovieDecoding, FILE)
    return [ladder_figure(found), contact_sheet(found)]


def _told(numbers: Numbers) -> str:
    from twophoton_decode.figures.deep.movie.sentences import movie_sentence

    return movie_sentence(numbers)


DEEP_MOVIE = Stage(
    name="deep-movie",
    command="deep movie",
    title="clips decoded frame by frame and over time",
    section="Movies",
    page_place=79,
    revision=2,
    run=run,
    draw=draw,
    file=FILE,
    record=MovieDecoding,
    summary_key="deep.movie",
    numbers=(
        Number("video_r", "r of decoded clips over pixels and frames"),
        Number("motion_r", "the same of their motion alone"),
    ),
    reads=("frame-responses",),
    depends_on=(
        "decoding.features", "decoding.folds", "decoding.seed",
        "decoding.near_duplicate_correlation", "deep.movie_lags_s", "deep.movie_correction",
        "deep.movie_latents", "deep.generator", "deep.weights", "deep.input_px", "deep.device",
    ),
    begins_with=("frame-responses",),
    told=_told,
    brief=_told,
)  # fmt: skip
