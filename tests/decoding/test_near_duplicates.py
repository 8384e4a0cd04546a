import io
import itertools
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from twophoton_decode.decoding.folds import near_duplicates
from twophoton_decode.decoding.folds.content import groups_of
from twophoton_decode.decoding.folds.near_duplicates import alike, alike_among
from twophoton_decode.simulation.pictures import natural_pictures

PHOTOGRAPHS = (
    Path(os.environ.get("TPDECODE_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
    / "pictures"
    / "pictures1000_128_jpeg.npz"
)


@pytest.fixture(scope="module")
def photographs():
    return natural_pictures(40, 36, np.random.default_rng(0))


COPIES = {
    "shifted by one pixel": lambda p, rng: p[:, 3:35, 2:34],
    "shifted by two pixels up and one to the left": lambda p, rng: p[:, 1:33, 4:36],
    "shifted by half a pixel": lambda p, rng: (p[:, 3:35, 2:34] + p[:, 3:35, 3:35]) / 2,
    "at contrast 0.8": lambda p, rng: 0.8 * p[:, 3:35, 3:35] + 0.1,
    "darker, at contrast 0.2": lambda p, rng: 0.2 * p[:, 3:35, 3:35] - 5.0,
    "noisy": lambda p, rng: p[:, 3:35, 3:35] + 0.08 * rng.standard_normal((len(p), 32, 32)),
}


@pytest.mark.parametrize("kind", COPIES)
def test_copies_are_found_and_nothing_else(photographs, kind):
    """Noise of 0.08 is 40 % of the pictures' SD, 0.2."""
    copies = COPIES[kind](photographs, np.random.default_rng(1))
    pairs = alike_among(np.concatenate([photographs[:, 3:35, 3:35], copies]), 0.95)
    np.testing.assert_array_equal(pairs, np.stack([np.arange(40), np.arange(40) + 40], axis=1))


def test_large_pictures_are_compared_at_a_smaller_side(photographs):
    large = np.repeat(np.repeat(photographs, 3, axis=1), 3, axis=2)
    moved = np.roll(large, 2, axis=2)
    assert len(alike_among(np.concatenate([large, moved]), 0.95)) == 40


def test_an_aperture_makes_nothing_alike(photographs):
    """Whatever the pictures show, a bright surround dominates their correlation."""
    y, x = np.mgrid[-1:1:36j, -1:1:36j]
    seen = np.where(y**2 + x**2 < 0.6, photographs, 4.0)
    raw = np.corrcoef(seen.reshape(40, -1))
    assert raw.min() > 0.95
    assert len(alike_among(seen, 0.95)) == 0
    both = np.concatenate([seen, np.where(y**2 + x**2 < 0.6, 0.8 * photographs, 4.0)])
    assert len(alike_among(both, 0.95)) >= 38


def test_uniform_pictures_are_like_no_other(photographs):
    levels = np.ones((3, 36, 36)) * np.array([0.0, 0.5, 1.0])[:, None, None]
    assert len(alike_among(np.concatenate([photographs, levels]), 0.95)) == 0
    assert len(alike_among(levels, 0.95)) == 0


def test_blocks_of_pictures_give_the_same_pairs(photographs, monkeypatch):
    both = np.concatenate([photographs, np.roll(photographs, 1, axis=1)])[::-1]
    expected = alike_among(both, 0.9)
    monkeypatch.setattr(near_duplicates, "PICTURES_AT_ONCE", 7)
    np.testing.assert_array_equal(alike_among(both, 0.9), expected)
    a, b = alike(both[:40], both[40:], 0.95).T
    np.testing.assert_array_equal(a, b)
    assert len(a) == 40


def test_one_keeps_all_apart(photographs):
    both = np.concatenate([photographs, photographs])
    assert len(alike_among(both, 1.0)) == len(alike(both, both, 1.0)) == 0


def test_being_alike_is_passed_on():
    pairs = np.array([[5, 2], [2, 0], [3, 4]])
    np.testing.assert_array_equal(groups_of(pairs, 7), [0, 1, 0, 2, 2, 0, 3])


def test_different_photographs_stay_apart():
    """Of 124 750 pairs of 500 photographs, at two sizes."""
    if not PHOTOGRAPHS.exists():
        pytest.skip(f"{PHOTOGRAPHS} is not there")
    with np.load(PHOTOGRAPHS, allow_pickle=False) as stored:
        data, offset = stored["jpeg"], stored["offset"]
    ends = itertools.pairwise(offset[:501])
    grey = [Image.open(io.BytesIO(data[a:b].tobytes())).convert("L") for a, b in ends]
    large = np.array([np.asarray(picture, float) for picture in grey])
    for side in (32, 16):
        factor = 128 // side
        small = large.reshape(500, side, factor, side, factor).mean(axis=(2, 4))
        assert len(alike_among(small, 0.95)) <= 1
