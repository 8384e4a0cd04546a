"""Sessions of clips from log and traces to decoded clips, and what is said of bad ones."""

import numpy as np
import pytest
from click.testing import CliRunner
from planted_clips import clip_session, log_rows, planted
from test_movie_latents import Plain

from twophoton_decode.cli.main import tpdecode
from twophoton_decode.errors import AlignmentError, SessionError
from twophoton_decode.pipeline.clips import decode_clips
from twophoton_decode.pipeline.run import Session
from twophoton_decode.records import FrameResponses, MovieDecoding
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record


def opened(path, said=None):
    return Session(SessionFolder.open(path), say=([] if said is None else said).append)


@pytest.fixture(scope="module")
def decoded(tmp_path_factory):
    """A session decoded by the command, and what it printed."""
    path = clip_session(tmp_path_factory.mktemp("clips"))
    told = CliRunner().invoke(tpdecode, ["reconstruct", str(path), "--decoder", "movie"])
    assert told.exit_code == 0, told.output
    return path, told.output


def record(path):
    return read_record(path / "deep" / "movie.nc", MovieDecoding)


def test_responses_are_the_traces_at_the_frames(decoded):
    path, _ = decoded
    found = read_record(path / "frame_responses.nc", FrameResponses)
    session = planted()
    assert found.shown.all()
    np.testing.assert_array_equal(found.clip, session.clip)
    np.testing.assert_allclose(found.picture, session.picture, rtol=1e-6)
    # Frames of clips begin with frames of the recording: middles coincide.
    spikes = session.at_frames(session.spikes.astype(np.float32))
    np.testing.assert_allclose(found.deconvolved, spikes, atol=1e-3)
    response, truth = np.asarray(found.response), session.at_frames(session.dff)
    r = [np.corrcoef(response[..., c].ravel(), truth[..., c].ravel())[0, 1] for c in range(40)]
    assert np.median(r) > 0.95


def test_clips_are_decoded_above_their_nulls_and_a_still_picture_has_no_motion(decoded):
    found = record(decoded[0])
    best = found.value_mean[found.of("deconvolved, smoothed", "video_r")]
    assert best > 0.4
    assert found.value_mean[found.of("static", "motion_r")] == 0
    place, score = found.of("temporal", "motion_r")
    assert found.null_mean[0, place, score] < 0
    assert abs(found.null_mean[1, place, 0]) < 0.2
    assert found.value_mean[place, score] > 0.25
    assert found.deconvolved_by == "suite2p"
    assert found.last == "temporal"


def test_the_gain_is_the_mean_of_paired_differences(decoded):
    found = record(decoded[0])
    paired = found.value[-1] - found.value
    np.testing.assert_allclose(found.gain, np.nanmean(paired, axis=2), atol=1e-12)
    held = (found.gain_ci95[..., 0] <= found.gain) & (found.gain <= found.gain_ci95[..., 1])
    assert held.all()


def test_where_time_does_not_help_the_best_frame_wise_decoder_stays_to_the_last_digit(decoded):
    """With 14 clips filters over time lose: training clips say so, fold by fold."""
    path, output = decoded
    found = record(path)
    temporal, names = found.rung.tolist().index("temporal"), found.rung.tolist()
    assert np.count_nonzero(found.temporal_by != "temporal") >= 3
    for fold, name in enumerate(found.temporal_by):
        same = names.index("filtered over time" if name == "temporal" else name)
        tested = found.fold == fold
        np.testing.assert_array_equal(
            found.value[temporal, :, tested], found.value[same, :, tested]
        )
    used = int(np.count_nonzero(found.temporal_by == "temporal"))
    assert f"decoding over time is used in {used} of 5 folds" in " ".join(found.notes)
    assert f"{used} of 5 folds" in output or "In none of 5 folds" in output
    assert sum(found.headline["temporal_by"].values()) == 5


def test_what_is_found_is_told_drawn_and_on_the_page(decoded):
    path, output = decoded
    assert "clips are decoded by fits to other clips" in output
    for name in (
        "deep_movie.png",
        "deep_movie.csv",
        "deep_movie.clips.csv",
        "deep_movie_frames.png",
    ):
        assert (path / "figures" / name).stat().st_size > 0
    assert (path / "deep" / "movie.gif").read_bytes()[:6] == b"GIF89a"
    opened(path).run_page()
    html = (path / "report.html").read_text(encoding="utf-8")
    assert 'id="movie-player"' in html
    assert "clips are decoded by fits to other clips" in html


def test_nothing_is_done_twice(decoded):
    path, _ = decoded
    said = []
    decode_clips(opened(path, said))
    assert any("deep-movie: unchanged" in line for line in said)


def test_decoders_of_pictures_are_refused_and_so_is_movie_for_pictures(decoded, tmp_path):
    told = CliRunner().invoke(tpdecode, ["reconstruct", str(decoded[0]), "--decoder", "ridge"])
    assert told.exit_code != 0
    assert "ridge decodes single pictures" in str(told.exception)
    (tmp_path / "movie.tif").write_bytes(b"never read")
    from twophoton_decode.settings import Settings

    SessionFolder.create(
        tmp_path / "S", Settings.model_validate({"source": {"movie": ["../movie.tif"]}})
    )
    with pytest.raises(SessionError, match="shows no clips"):
        decode_clips(opened(tmp_path / "S"))


def quick(path, said=None):
    """Frame responses and decoded clips, without figures and animation."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twophoton_decode.pipeline.run.draw_figures", lambda *given: [])
        patch.setattr("twophoton_decode.figures.deep.movie.clips.animation", lambda found: ({}, []))
        decode_clips(opened(path, said))


def test_without_deconvolved_traces_a_difference_stands_for_them_and_is_said(tmp_path):
    said = []
    path = clip_session(tmp_path, spikes=False)
    quick(path, said)
    found = record(path)
    assert found.deconvolved_by == "difference"
    assert any("what each frame adds to an indicator" in line for line in said)
    assert "deconvolved, smoothed" in found.rung.tolist()


def test_a_deconvolved_signal_needs_no_second_one(tmp_path):
    path = clip_session(tmp_path, settings={"traces": {"signal": "deconvolved"}})
    quick(path)
    found = record(path)
    assert found.deconvolved_by == ""
    assert "deconvolved, smoothed" not in found.rung.tolist()
    assert found.best_framewise == "best lag, smoothed"


def test_frames_go_through_the_codes_of_an_autoencoder_where_asked_for(tmp_path, monkeypatch):
    opened = []

    def plain(name, weights, device):
        opened.append((name, weights, device))
        return Plain(), None

    monkeypatch.setattr("twophoton_decode.deep.latent.opened.opened_codes", plain)
    path = clip_session(tmp_path, settings={"deep": {"movie_latents": True, "input_px": 32}})
    quick(path)
    found = record(path)
    assert opened == [("taef2", None, "cpu")]
    assert found.rung.tolist()[5:7] == ["latent", "latent, after the frame before"]
    assert found.pictured.tolist()[1] == "latent, after the frame before"
    assert found.last == "temporal"
    assert found.latent_kept.shape == (5,)
    assert np.isfinite(found.value_mean[5:7, :4]).all()


def test_sources_in_the_log_share_a_fold(tmp_path):
    def rows(session, names):
        made = log_rows(session, names)
        for row in made:
            row["source"] = f"film {int(row['clip'][5:7]) // 2}"
        return made

    path = clip_session(tmp_path, rows=rows, settings={"log": {"group_column": "source"}})
    quick(path)
    found = record(path)
    assert len(np.unique(found.content)) == 7
    for clip in range(0, 14, 2):
        assert found.fold[clip] == found.fold[clip + 1]


def test_onsets_outside_the_recording_are_refused_or_counted(tmp_path):
    def late(session, names):
        made = log_rows(session, names)
        made[-1]["onset_s"] = f"{float(made[-1]['onset_s']) + 3:.3f}"
        return made

    (tmp_path / "a").mkdir()
    said = []
    path = clip_session(tmp_path / "a", rows=late)
    session = opened(path, said)
    session.run_only("frame-responses")
    found = read_record(path / "frame_responses.nc", FrameResponses)
    assert found.shown[-1].sum() < 40
    assert any("frames shown before, after or between recordings" in line for line in said)

    def never(session, names):
        made = log_rows(session, names)
        for row in made:
            row["onset_s"] = f"{float(row['onset_s']) + 1e4:.3f}"
        return made

    (tmp_path / "b").mkdir()
    with pytest.raises(AlignmentError, match="no frame of any clip"):
        opened(clip_session(tmp_path / "b", rows=never)).run_only("frame-responses")


def test_gabor_targets_are_what_ridge_on_gabor_features_decodes(decoded):
    """One strength for all targets: passing pixels through the bank equals fitting to it."""
    from twophoton_decode.deep.movies.decode import movies_of
    from twophoton_decode.deep.movies.moments import Ridge, moments_of
    from twophoton_decode.deep.movies.showings import Clips
    from twophoton_decode.registry import FEATURE_SPACES
    from twophoton_decode.settings import DecodingSettings

    found = read_record(decoded[0] / "frame_responses.nc", FrameResponses)
    space = FEATURE_SPACES.load("gabor")((12, 12))
    movies = movies_of(found, space, DecodingSettings(features="gabor", folds=5))
    clips, training = movies.clips, movies.showings.of(movies.clips.part != 0)
    lags, mean = (1, 2), movies.mean_frames
    tested = movies.showings.of(clips.part == 0)
    made = np.full((len(found.clip), *clips.pixels.shape[1:]), np.nan, np.float32)
    ridge = Ridge(moments_of(movies.raw, clips, training, lags)).fit(1.0)
    for showing in range(len(found.clip)):
        made[showing] = ridge(movies.raw.lagged(showing, lags))
    through = movies.through_features(made, mean)[tested]
    shape = (*clips.pixels.shape[:2], -1)
    features = space.encode(clips.pixels.reshape(-1, 32, 32)).reshape(shape).astype(np.float32)
    of_features = Clips(
        features, clips.frames, clips.shape, clips.content, clips.part, clips.folds, 10.0
    )
    direct = Ridge(moments_of(movies.raw, of_features, training, lags)).fit(1.0)
    rows = np.concatenate([direct(movies.raw.lagged(int(s), lags)) for s in tested])
    base = space.encode(mean[:1].reshape(1, 32, 32))
    wanted = space.decode(rows - base).reshape(len(tested), 40, -1) + mean[0]
    np.testing.assert_allclose(through, wanted, atol=5e-3)


def test_settings_name_clips_or_pictures():
    from pydantic import ValidationError

    from twophoton_decode.settings import Settings

    with pytest.raises(ValidationError, match="images and clips cannot both be given"):
        Settings.model_validate({"source": {"images": "a", "clips": "b"}})


def test_few_clips_and_chance_are_said():
    from twophoton_decode.figures.deep.movie.sentences import movie_sentence

    nulls = {"video_r": 0.0, "motion_r": -0.2}
    numbers = {
        "clips": 3, "video_r": 0.37, "motion_r": 0.28, "video_r_ci95": [-0.45, 1.0],
        "nulls": {"shifted in time": nulls, "other clips": nulls}, "last": "temporal",
        "temporal_by": {"smoothed": 2}, "gain": {"video_r": 0.0, "motion_r": 0.0},
        "gain_ci95": {"video_r": [0.0, 0.0], "motion_r": [0.0, 0.0]},
    }  # fmt: skip
    said = movie_sentence(numbers)
    assert "(95 % interval −0.45 to 1.00, not shown to be above 0)" in said
    assert "3 clips are too few for more than a first look." in said
    said = movie_sentence({**numbers, "clips": 30, "video_r_ci95": [0.2, 0.5]})
    assert "not shown to be above 0" not in said
    assert "too few" not in said
