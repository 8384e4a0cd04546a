"""`tpdecode restore`: files out, killed in the middle, and calls that are refused."""

import functools

import numpy as np
import pytest
import tifffile

from twophoton_decode.deep.microscope.restoration import fitting, streaming
from twophoton_decode.deep.microscope.restoration.light import measure_light
from twophoton_decode.deep.microscope.restoration.own_movie import OwnMovie
from twophoton_decode.errors import SettingsError
from twophoton_decode.pipeline.restoration import controls, output, restore, scenes
from twophoton_decode.pipeline.restoration.good_movie import Degradation, degraded_movies
from twophoton_decode.pipeline.restoration.recognised import note_on_restored
from twophoton_decode.pipeline.restoration.restore import Choice, Outputs
from twophoton_decode.recording.frames import read_frames
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.records.deep.restoration import Restoration
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.settings import Settings

RATE = 8.0
SIMULATED = functools.lru_cache(maxsize=None)(scenes.simulate)
"""Each simulation once: the user's light enters after it."""
SMALL = Choice(steps=2)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Few and small scenes, and chunks of a few frames."""
    monkeypatch.setattr(scenes, "simulate", SIMULATED)
    monkeypatch.setattr(fitting, "_HELD_OUT", 2)
    monkeypatch.setattr(scenes, "TRAINING", 2)
    monkeypatch.setattr(scenes, "HELD_OUT", 1)
    monkeypatch.setattr(scenes, "FRAMES", 40)
    monkeypatch.setattr(controls, "FRAMES", 40)
    monkeypatch.setattr(scenes, "FIELD_PX", 40)
    monkeypatch.setattr(controls, "SCENES", 1)
    monkeypatch.setattr(controls, "EMPTY_SCENES", 2)
    monkeypatch.setattr(controls, "NOISE_FRAMES", 8)
    monkeypatch.setattr(streaming, "_CHUNK_BYTES", 5 * 4 * 32 * 40)


def write_raw(path, frames=23, shape=(32, 40), **options):
    rng = np.random.default_rng(0)
    field = 4 + 20 * rng.random(shape)
    grey = 100 + 20 * rng.poisson(np.broadcast_to(field, (frames, *shape)))
    tifffile.imwrite(path, grey.astype(np.uint16), **options)
    return path


@pytest.fixture
def raw(tmp_path):
    return write_raw(
        tmp_path / "raw.tif", imagej=True, resolution=(2.5, 2.5),
        metadata={"axes": "TYX", "fps": RATE, "finterval": 1 / RATE, "Info": "objective = 16x"},
    )  # fmt: skip


def test_a_movie_is_restored_with_its_metadata_and_a_page(raw, tmp_path, tpdecode):
    file = tmp_path / "restored.tif"
    code, out, err = tpdecode("restore", raw, "-o", file, "--steps", 2)
    assert code == 0, err
    assert "Responses come from raw pixels" in out
    found = open_recording([file])
    assert (found.frames, found.height, found.width, found.dtype) == (23, 32, 40, "uint16")
    assert found.frame_rate_hz == pytest.approx(RATE)
    with tifffile.TiffFile(file) as tiff:
        assert tiff.pages.first.tags.valueof("XResolution") == (5, 2)
        info = tiff.imagej_metadata["Info"]
    assert info.startswith(output.MARK)
    assert "fps=8.0" in info
    grey = read_frames(found, 0, 23)
    before = read_frames(open_recording([raw]), 0, 23)
    # Two steps from a moving average: the same brightness with less noise.
    assert grey.mean() == pytest.approx(before.mean(), rel=0.02)
    assert grey.std(axis=0).mean() < 0.7 * before.std(axis=0).mean()
    outputs = Outputs.of(file)
    page = outputs.page.read_text()
    assert "for looking and for finding cells" in page
    assert "<script src" not in page
    record = read_record(outputs.record, Restoration)
    assert record.method.tolist() == ["raw", "moving average", "restored"]
    assert record.slope[0] == pytest.approx(1, abs=0.3)
    assert not output.unfinished_folder(file).exists()


def killed_at(frames):
    def progress(done, total, what):
        if what == "frames restored" and done >= frames:
            raise KeyboardInterrupt

    return progress


def counting(done):
    def progress(n, total, what):
        if what == "frames restored":
            done.append(n)

    return progress


def test_a_killed_call_goes_on_and_ends_the_same(raw, tmp_path):
    whole, file = tmp_path / "whole.tif", tmp_path / "r.tif"
    restore.restore([raw], whole, SMALL)
    with pytest.raises(KeyboardInterrupt):
        restore.restore([raw], file, SMALL, killed_at(10))
    assert not file.exists()
    assert not Outputs.of(file).page.exists()
    done = []
    restore.restore([raw], file, SMALL, counting(done))
    assert done[0] == 15
    assert file.read_bytes() == whole.read_bytes()


def test_other_settings_do_not_go_on_with_old_frames(raw, tmp_path):
    file = tmp_path / "r.tif"
    with pytest.raises(KeyboardInterrupt):
        restore.restore([raw], file, SMALL, killed_at(10))
    done = []
    restore.restore([raw], file, Choice(steps=2, seed=1), counting(done))
    assert done[0] == 5


def test_a_full_disk_keeps_what_was_made(raw, tmp_path, tpdecode, monkeypatch):
    file = tmp_path / "r.tif"

    def full(descriptor):
        raise OSError(28, "No space left on device", str(file))

    with monkeypatch.context() as patch:
        patch.setattr(streaming.os, "fsync", full)
        code, _, err = tpdecode("restore", raw, "-o", file, "--steps", 2)
    assert code == 1
    assert "disk is full" in err
    assert "Traceback" not in err
    assert not file.exists()
    assert tpdecode("restore", raw, "-o", file, "--steps", 2)[0] == 0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: write_raw(p, frames=5), "5 frames, but the network sees 7"),
        (lambda p: tifffile.imwrite(p, np.full((20, 16, 16), 9, np.uint16)), "all the same"),
    ],
)
def test_movies_that_cannot_be_restored(make, words, tmp_path, tpdecode):
    make(tmp_path / "m.tif")
    code, _, err = tpdecode("restore", tmp_path / "m.tif", "-o", tmp_path / "r.tif")
    assert code == 1
    assert words in err
    assert [each.name for each in tmp_path.iterdir()] == ["m.tif"]


def test_planes_are_chosen_not_guessed(tmp_path, tpdecode):
    raw = write_raw(tmp_path / "m.tif", frames=24)
    call = ("restore", raw, "-o", tmp_path / "r.tif", "--planes", 2)
    code, _, err = tpdecode(*call)
    assert code == 1
    assert "2 planes" in err
    assert "choose with --plane, counted from 1" in err
    code, _, err = tpdecode(*call, "--plane", 3)
    assert code == 1
    assert "no plane" in err


def test_outputs_that_would_overwrite_are_refused(raw, tmp_path, tpdecode):
    for name, words in (
        (raw, "never changed"),
        (tmp_path / "r.npy", "expected a name that ends in .tif"),
        (tmp_path / "none" / "r.tif", "there is no folder"),
    ):
        code, _, err = tpdecode("restore", raw, "-o", name)
        assert (code, words in err) == (2, True), err
    (tmp_path / "r.html").write_text("mine")
    code, _, err = tpdecode("restore", raw, "-o", tmp_path / "r.tif")
    assert code == 2
    assert "r.html is there already" in err
    assert (tmp_path / "r.html").read_text() == "mine"


def test_saturation_dimness_and_a_missing_rate_are_said(tmp_path):
    field = np.random.default_rng(0).poisson(30, (23, 32, 40)) * 1600
    tifffile.imwrite(tmp_path / "s.tif", np.clip(field, 0, 65535).astype(np.uint16))
    notes = " ".join(restore.restore([tmp_path / "s.tif"], tmp_path / "r.tif", SMALL).notes)
    assert "saturated" in notes
    assert "do not state the frame rate" in notes
    dim = np.random.default_rng(0).poisson(3, (23, 32, 40)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "d.tif", dim)
    notes = " ".join(restore.restore([tmp_path / "d.tif"], tmp_path / "q.tif", SMALL).notes)
    assert "x stored, as its ImageJ calibration says" in notes
    found = open_recording([tmp_path / "q.tif"])
    assert found.grey_scale < 0.01
    grey = read_frames(found, 0, 23)
    assert grey.mean() == pytest.approx(3, rel=0.05)


def test_responses_come_from_restored_pixels_only_where_it_is_said(raw, tmp_path, tpdecode):
    file = tmp_path / "restored.tif"
    restore.restore([raw], file, SMALL)
    for movie, said, words in ((file, "raw", "name the raw movie"), (raw, "restored", "no file")):
        settings = Settings(traces={"movie": said})
        with pytest.raises(SettingsError, match=words):
            note_on_restored(open_recording([movie]), settings)
    asked = Settings(traces={"movie": "restored"})
    assert "not from raw ones" in note_on_restored(open_recording([file]), asked)
    assert note_on_restored(open_recording([raw]), Settings()) == ""
    session = tmp_path / "S"
    assert tpdecode("init", session, "--movie", file)[0] == 0
    code, _, err = tpdecode("register", session)
    assert code == 2
    assert "was restored by tpdecode" in err


def test_a_movie_restores_itself_with_squared_error_alone(tmp_path, tpdecode):
    raw = write_raw(tmp_path / "m.tif", frames=72)
    call = ("restore", raw, "-o", tmp_path / "r.tif", "--train-on", "self", "--steps", 2)
    code, _, err = tpdecode(*call, "--method", "ssim")
    assert code == 2
    assert "Give --method mse, or none" in err
    code, _, err = tpdecode(*call)
    assert code == 0, err
    record = read_record(tmp_path / "r.nc", Restoration)
    assert (record.loss, record.trained_on) == ("mse", "self")
    short = write_raw(tmp_path / "short.tif", frames=23)
    code, _, err = tpdecode("restore", short, "-o", tmp_path / "q.tif", "--train-on", "self")
    assert code == 1
    assert "expected at least 70" in err


def test_a_good_recording_is_made_as_bad_as_the_movie(tmp_path, tpdecode):
    rng = np.random.default_rng(3)
    dim = write_raw(tmp_path / "m.tif")
    field = np.kron(4 + 20 * rng.random((36, 36)), np.ones((2, 2)))
    bright = rng.poisson(np.broadcast_to(field * 20, (72, 72, 72)))
    tifffile.imwrite(tmp_path / "good.tif", bright.astype(np.uint16))
    call = ("restore", dim, "-o", tmp_path / "r.tif", "--steps", 2, "--train-on")
    how = Degradation(pixel_ratio=2, blur_px=1)
    light = measure_light(open_recording([dim]))
    known, held_out = degraded_movies(tmp_path / "good.tif", light, how, 7)
    assert known.wanted[0].shape[1:] == (36, 36)
    assert np.mean(known.wanted) == pytest.approx(light.photons, rel=0.1)
    assert np.std(known.seen[0]) < 0.8 * np.std(known.wanted[0])
    assert len(known.seen) + len(held_out.seen) == 10
    code, _, err = tpdecode(*call, tmp_path / "good.tif", "--pixel-ratio", 2)
    assert code == 0, err
    assert read_record(tmp_path / "r.nc", Restoration).trained_on == "good.tif"
    (tmp_path / "again").mkdir()
    again = ("restore", dim, "-o", tmp_path / "again" / "r.tif", "--train-on")
    code, _, err = tpdecode(*again, dim)
    assert code == 2
    assert "times as many" in err
    code, _, err = tpdecode(*again, tmp_path / "none.tif")
    assert code == 2
    assert "there is no such file" in err


def test_hidden_pixels_take_values_of_others():
    frames = np.arange(7 * 48 * 48, dtype=np.float32).reshape(7, 48, 48)
    pairs = OwnMovie([frames], 7).draw(1, np.random.default_rng(0))
    hidden = pairs.judged[0] > 0
    assert hidden.mean() == pytest.approx(0.06, abs=0.02)
    before, after = pairs.clean[0], pairs.noisy[0, 3]
    assert np.array_equal(before[~hidden], after[~hidden])
    assert (before[hidden] != after[hidden]).all()
    step = np.abs(before[hidden] - after[hidden])
    assert (np.minimum(step % 48, 48 - step % 48) <= 2).all()
    assert (step <= 2 * 48 + 2).all()
