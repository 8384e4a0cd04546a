"""A folder of one mouse of SENSORIUM 2023: videos, and responses at their frames."""

import numpy as np
import pytest

from twophoton_decode.errors import ResponseError, StimulusImageError
from twophoton_decode.formats.sensorium.clips import write_clip_arrays
from twophoton_decode.formats.sensorium.layout import Layout
from twophoton_decode.records import FrameResponses
from twophoton_decode.session.netcdf import read_record

CELLS, LONGEST = 6, 8
CLIPS = [0, 1, 2, 1, 3, 4, 5, 6, 7]
TIERS = ["train", "oracle", "train", "oracle", "train", "live_test_main", "train", "train", "train"]
FRAMES = [8, 8, 5, 8, 8, 8, 8, 8, 8]


@pytest.fixture
def mouse(tmp_path):
    """Nine trials of eight clips, clip 1 twice; the third clip is shorter."""
    rng = np.random.default_rng(0)
    shown = {each: rng.integers(0, 256, (9, 12, LONGEST)) for each in set(CLIPS)}
    folder = tmp_path / "dynamic5-1-1-Video"
    for name in ("data/videos", "data/responses", "meta/trials", "meta/neurons"):
        (folder / name).mkdir(parents=True)
    for trial, clip in enumerate(CLIPS):
        video = shown[clip].astype(np.float32)
        response = rng.gamma(1.0, 1.0, (CELLS, LONGEST)).astype(np.float32)
        video[..., FRAMES[trial] :], response[:, FRAMES[trial] :] = np.nan, np.nan
        np.save(folder / f"data/videos/{trial}.npy", video)
        np.save(folder / f"data/responses/{trial}.npy", response)
    np.save(folder / "meta/trials/tiers.npy", np.array(TIERS))
    return folder


def written(mouse, folder):
    folder.mkdir()
    return write_clip_arrays(Layout.of(mouse), folder)


def test_videos_end_where_they_are_filled_up_and_equal_ones_are_one_clip(mouse, tmp_path):
    found = written(mouse, tmp_path / "a")
    names = sorted((tmp_path / "a" / "clips").glob("*.npy"))
    assert len(names) == 8
    assert [len(np.load(name)) for name in names] == [8, 8, 5, 8, 8, 8, 8, 8]
    assert np.load(tmp_path / "a" / "labels.npy").tolist() == [0, 1, 2, 1, 3, 4, 5, 6, 7]
    response = np.load(tmp_path / "a" / "responses.npy")
    assert response.shape == (9, LONGEST, CELLS)
    for trial in range(9):
        np.testing.assert_array_equal(
            response[trial], np.load(mouse / f"data/responses/{trial}.npy").T
        )
        np.testing.assert_array_equal(
            np.load(names[[0, 1, 2, 1, 3, 4, 5, 6, 7][trial]]),
            np.moveaxis(np.load(mouse / f"data/videos/{trial}.npy"), -1, 0)[: FRAMES[trial]],
        )
    assert found.settings == {
        "images.size_px": 12, "decoding.features": "pixels", "log.clip_rate_hz": 30.0,
        "decoding.folds_from": "tier",
    }  # fmt: skip
    table = (tmp_path / "a" / "pictures.csv").read_text().split()
    assert table[:3] == ["clip,trial,tier", "00000.npy,0,train", "00001.npy,1,oracle"]


def test_a_session_holds_responses_at_every_frame(mouse, tmp_path, tpdecode):
    np.save(mouse / "data/responses/5.npy", np.zeros((CELLS, LONGEST)))
    code, out, err = tpdecode("import", "sensorium", mouse, "-o", tmp_path / "S")
    assert code == 0, err
    assert "1 trial without any response: left out (5.npy)" in out
    found = read_record(tmp_path / "S/frame_responses.nc", FrameResponses)
    assert found.clip.tolist() == [0, 1, 2, 1, 3, 5, 6, 7]
    assert found.repeat.tolist() == [0, 0, 0, 1, 0, 0, 0, 0]
    assert found.clip_frames.tolist() == [8, 8, 5, 8, 8, 8, 8, 8]
    assert np.asarray(found.shown).sum(axis=1).tolist() == [8, 8, 5, 8, 8, 8, 8, 8]
    assert found.clip_fold.tolist() == [-1, 0, -1, -1, 0, -1, -1, -1]
    assert (found.clip_rate_hz, found.signal) == (30.0, "deconvolved")
    np.testing.assert_array_equal(
        np.asarray(found.response[3]), np.load(mouse / "data/responses/3.npy").T
    )
    video = np.load(mouse / "data/videos/0.npy")
    np.testing.assert_allclose(found.frames_of(0), np.moveaxis(video, -1, 0) / 255, atol=1e-6)


@pytest.mark.parametrize(
    ("file", "values", "error", "said"),
    [
        ("videos/2.npy", np.ones((9, 12)), StimulusImageError, "expected a video"),
        ("videos/2.npy", np.full((9, 12, 8), np.nan), StimulusImageError, "NaN or infinite"),
        ("responses/2.npy", np.ones((5, 8)), ResponseError, "2.npy: expected responses of 6 cells"),
        ("responses/0.npy", np.ones(6), ResponseError, "expected responses"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(mouse, tmp_path, file, values, error, said):
    np.save(mouse / "data" / file, values)
    with pytest.raises(error, match=said):
        written(mouse, tmp_path / "a")


def test_a_gap_within_a_video_is_refused(mouse, tmp_path):
    video = np.load(mouse / "data/videos/4.npy")
    video[0, 0, 3] = np.nan
    np.save(mouse / "data/videos/4.npy", video)
    with pytest.raises(StimulusImageError, match=r"4.npy: pixels are NaN or infinite in frame 3"):
        written(mouse, tmp_path / "a")
