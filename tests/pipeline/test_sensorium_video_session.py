"""From a simulated mouse that saw videos, in SENSORIUM's layout of 2023, to decoded clips."""

from dataclasses import replace

import numpy as np
import pytest

from twophoton_decode.records import FrameResponses, MovieDecoding
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.simulation.clips.sensorium import video_parameters, write_video_mouse

VIDEOS, TESTED, REPEATS, FRAMES = 12, 2, 2, 24


@pytest.fixture(scope="module")
def mouse(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mice") / "dynamic7-1-1"
    write_video_mouse(video_parameters(25, VIDEOS, REPEATS, FRAMES / 30, seed=1), folder)
    return folder


def test_the_folder_is_laid_out_as_the_competition_has_it(mouse):
    trials = VIDEOS - TESTED + TESTED * REPEATS
    tiers = np.load(mouse / "meta/trials/tiers.npy")
    assert sorted(tiers.tolist()) == ["oracle"] * TESTED * REPEATS + ["train"] * (VIDEOS - TESTED)
    for trial in range(trials):
        video, response, behaviour = (
            np.load(mouse / f"data/{kind}/{trial}.npy")
            for kind in ("videos", "responses", "behavior")
        )
        assert video.shape[:2] == (36, 64)
        assert response.shape[0] == 25
        assert behaviour.shape[0] == 2
        for each in (video, response, behaviour):
            known = np.isfinite(each)
            assert known[..., :FRAMES].all()
            assert not known[..., FRAMES:].any()
            assert each.shape[-1] > FRAMES


def test_equal_seeds_give_equal_folders_and_others_do_not(mouse, tpdecode, tmp_path):
    for name, seed in (("a", 1), ("b", 2)):
        code, out, err = tpdecode(
            "simulate", tmp_path / name, "--layout", "sensorium-2023", "--cells", 25, "--images",
            VIDEOS, "--repeats", REPEATS, "--shown-s", FRAMES / 30, "--seed", seed,
        )  # fmt: skip
        assert code == 0, err
        assert "tpdecode deep movie SESSION" in out
    one, same, other = (
        np.load(f / "data/videos/3.npy") for f in (mouse, *map(tmp_path.joinpath, "ab"))
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other, equal_nan=True)


def test_an_imported_mouse_is_decoded_by_deep_movie(tpdecode, tmp_path, monkeypatch):
    monkeypatch.setattr("twophoton_decode.pipeline.run.draw_figures", lambda *given: [])
    monkeypatch.setattr(
        "twophoton_decode.figures.deep.movie.clips.animation", lambda found: ({}, [])
    )
    given = video_parameters(100, 20, REPEATS, FRAMES / 30, seed=2)
    write_video_mouse(replace(given, noise=0.1, mean_hz=10.0, decay_s=0.3), tmp_path / "mouse")
    for command in (
        ("import", "sensorium", tmp_path / "mouse", "-o", tmp_path / "S", "--picture-px", 16),
        ("deep", "movie", tmp_path / "S"),
    ):
        code, _, err = tpdecode(*command)
        assert code == 0, err
    frames = read_record(tmp_path / "S/frame_responses.nc", FrameResponses)
    assert frames.clip_frames.tolist() == [FRAMES] * 20
    assert np.asarray(frames.shown).all()
    found = read_record(tmp_path / "S/deep/movie.nc", MovieDecoding)
    assert np.count_nonzero(found.fold >= 0) == 4
    assert len(found.temporal_by) == 1
    assert found.value_mean[found.of("best lag, smoothed", "video_r")] > 0.1
    assert np.isnan(found.value[:, 0, found.fold < 0]).all()


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--picture-px", "40"), "pictures of --layout sensorium-2023 have 36 x 64 px"),
        (("--informative-cells", "4"), "every cell of --layout sensorium-2023 sees the videos"),
        (("--period-s", "4"), "--period-s: --layout sensorium-2023 makes no movie"),
    ],
)
def test_sizes_that_videos_do_not_have_are_refused(tpdecode, tmp_path, option, said):
    code, _, err = tpdecode("simulate", tmp_path / "m", "--layout", "sensorium-2023", *option)
    assert code != 0
    assert said in " ".join(err.split())
    assert not (tmp_path / "m").exists()
