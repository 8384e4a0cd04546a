"""Motion is corrected while a movie is read, and a run that stopped goes on where it was."""

import numpy as np
import pytest

from twophoton_decode.extraction.motion import correct as registration
from twophoton_decode.extraction.motion.align import Alignment
from twophoton_decode.extraction.motion.checkpoint import read_checkpoint
from twophoton_decode.extraction.motion.correct import copy_movie, correct_motion, usable
from twophoton_decode.extraction.motion.phase_correlation import largest_shift
from twophoton_decode.extraction.motion.reference import reference_image

SIDE, COUNT = 64, 90
KEY = {"movie": "abc", "plane": 0}


class Invented:
    """A movie in memory; `stop_at` is the frame at which reading it fails."""

    def __init__(self, structural=False, stop_at=None):
        rng = np.random.default_rng(3)
        picture = 2000 + 3000 * np.kron(rng.random((16, 16)), np.ones((4, 4)))
        self.shifts = rng.integers(-3, 4, (COUNT, 2))
        moved = np.stack([np.roll(picture, s, (0, 1)) for s in self.shifts])
        self.functional = (moved + rng.normal(0, 100, moved.shape)).astype(np.int16)
        self.structural = (moved[:, ::-1] * 2).astype(np.int16) if structural else None
        self.stop_at = stop_at
        self.first_asked = None

    @property
    def shape(self):
        return self.functional.shape

    def sample(self, frames):
        return self.functional[frames]

    def chunks(self, start, size):
        self.first_asked = start
        for at in range(start, COUNT, 10):
            if self.stop_at is not None and at >= self.stop_at:
                raise KeyboardInterrupt
            part = slice(at, at + 10)
            other = None if self.structural is None else self.structural[part]
            yield self.functional[part], other


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(registration, "CHECKPOINT_BYTES", 20 * 2 * SIDE * SIDE)


def movie_in(folder):
    return np.fromfile(folder / "data.bin", np.int16).reshape(COUNT, SIDE, SIDE)


def motion_in(folder):
    with np.load(folder / "motion.npz", allow_pickle=False) as found:
        return dict(found)


def test_what_is_written_is_the_movie_moved_back_and_what_was_found(tmp_path):
    movie = Invented()
    correct_motion(movie, tmp_path, (32, 32), KEY)
    alignment = Alignment(reference_image(movie.functional), (32, 32))
    shifts = alignment.shifts(movie.functional)
    aligned = alignment.moved_back(movie.functional, shifts)
    found = motion_in(tmp_path)
    assert np.array_equal(movie_in(tmp_path), aligned)
    assert np.array_equal(found["dy"], shifts.dy)
    assert np.array_equal(found["block_dx"], shifts.block_dx)
    assert np.allclose(found["mean_image"], aligned.mean(axis=0), atol=1e-2)
    means = np.load(tmp_path / "frame_mean.npy")
    assert np.allclose(means, movie.functional.mean(axis=(1, 2)))
    assert np.ptp(found["dy"] - movie.shifts[:, 0]) == 0
    assert "structural_image" not in found
    assert not (tmp_path / "checkpoint.npz").exists()


def test_a_stopped_run_goes_on_and_ends_with_the_same(tmp_path):
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    whole.mkdir(), halves.mkdir()
    correct_motion(Invented(structural=True), whole, (32, 32), KEY)
    with pytest.raises(KeyboardInterrupt):
        correct_motion(Invented(structural=True, stop_at=50), halves, (32, 32), KEY)
    assert read_checkpoint(halves, KEY).frames == 40
    second = Invented(structural=True)
    correct_motion(second, halves, (32, 32), KEY)
    assert second.first_asked == 40
    assert np.array_equal(movie_in(halves), movie_in(whole))
    found, expected = motion_in(halves), motion_in(whole)
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        assert np.array_equal(found[name], values), name


@pytest.mark.parametrize("spoil", ["key", "movie", "checkpoint"])
def test_what_does_not_belong_is_not_taken_up(tmp_path, spoil):
    with pytest.raises(KeyboardInterrupt):
        correct_motion(Invented(stop_at=50), tmp_path, None, KEY)
    key = KEY
    if spoil == "key":
        key = KEY | {"movie": "another"}
    elif spoil == "movie":
        (tmp_path / "data.bin").write_bytes(b"short")
    else:
        (tmp_path / "checkpoint.npz").write_bytes(b"PK no archive")
    second = Invented()
    correct_motion(second, tmp_path, None, key)
    assert second.first_asked == 0
    assert len(movie_in(tmp_path)) == COUNT


def test_the_second_channel_moves_with_the_first(tmp_path):
    movie = Invented(structural=True)
    correct_motion(movie, tmp_path, None, KEY)
    found = motion_in(tmp_path)
    moved = [
        np.roll(frame, (-dy, -dx), (0, 1))
        for frame, dy, dx in zip(movie.structural, found["dy"], found["dx"], strict=True)
    ]
    assert np.allclose(found["structural_image"], np.mean(moved, axis=0), atol=1e-2)


def test_a_given_reference_is_what_frames_are_aligned_to(tmp_path):
    movie = Invented()
    reference = np.roll(movie.functional[0], (2, 0), (0, 1))
    correct_motion(movie, tmp_path, None, KEY, reference=reference)
    assert motion_in(tmp_path)["dy"][0] == -2


def test_a_copy_is_the_movie_as_it_was(tmp_path):
    movie = Invented(structural=True)
    copy_movie(movie, tmp_path)
    other = np.fromfile(tmp_path / "data_chan2.bin", np.int16)
    assert np.array_equal(movie_in(tmp_path), movie.functional)
    assert np.array_equal(other, movie.structural.ravel())
    copy_movie(Invented(), tmp_path)
    assert not (tmp_path / "data_chan2.bin").exists()


def test_a_frame_that_jumps_is_bad_and_the_others_decide_what_is_whole():
    dy, dx = np.zeros(300, int), np.zeros(300, int)
    dy[::7], dx[::5] = 1, -2
    dy[120] = largest_shift((SIDE, SIDE))
    bad, rows, columns = usable(dy, dx, np.ones(300), (SIDE, SIDE))
    assert np.flatnonzero(bad).tolist() == [120]
    assert (rows, columns) == ((1, SIDE - 1), (2, SIDE - 2))


def test_a_movie_that_never_moves_has_no_bad_frames():
    still = np.zeros(200, int)
    bad, rows, columns = usable(still, still, np.full(200, 0.1), (SIDE, SIDE))
    assert not bad.any()
    assert (rows, columns) == ((0, SIDE), (0, SIDE))
