import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from suite2p.registration import bidiphase

from twophoton_decode.recording.levels.line_offset import LineOffset, shift_lines

HEIGHT, WIDTH, MARGIN = 64, 96, 20


def tissue(kind, rng):
    """Photons per pixel of a field wider than what is seen."""
    size = (HEIGHT, WIDTH + 2 * MARGIN)
    if kind == "dense":
        texture = gaussian_filter(rng.normal(size=size), 2.0)
        return 20 * (texture - texture.min()) / np.ptp(texture)
    if kind == "aslant":
        y, x = np.indices(size)
        return 8 * (1 + np.sin((x - 1.7 * y) / 6))
    if kind == "nothing":
        return np.full(size, 3.0)
    cells = np.zeros(size)
    cells[rng.integers(5, HEIGHT - 5, 8), rng.integers(MARGIN, WIDTH + MARGIN, 8)] = 1
    blurred = gaussian_filter(cells, 3.0)
    return 15 * blurred / blurred.max()


def movie(kind, offset, seed, frames=60):
    """Odd lines have to move right by `offset` px; frames wander and have shot noise."""
    rng = np.random.default_rng(seed)
    field, seen = tissue(kind, rng), np.empty((HEIGHT, WIDTH))
    whole, part = int(np.floor(offset)), offset - np.floor(offset)
    made = []
    for _ in range(frames):
        moved = np.roll(field, rng.integers(-3, 4, 2), axis=(0, 1))
        seen[::2] = moved[::2, MARGIN : MARGIN + WIDTH]
        left, right = (moved[1::2, MARGIN + whole + s :][:, :WIDTH] for s in (0, 1))
        seen[1::2] = (1 - part) * left + part * right
        made.append(rng.poisson(seen + 0.5) * 30 + rng.normal(0, 10, seen.shape))
    return np.array(made).astype(np.int16)


def found(frames):
    seen = LineOffset()
    for start in range(0, len(frames), 7):
        seen.see(frames[start : start + 7])
    return seen.offset_px


@pytest.mark.parametrize("kind", ["dense", "sparse", "aslant"])
@pytest.mark.parametrize("offset", [0, 1, -2, 5, -9])
@pytest.mark.parametrize("seed", [1, 2])
def test_known_offsets_come_back(kind, offset, seed):
    assert found(movie(kind, offset, seed)) == offset


@pytest.mark.parametrize(("offset", "near"), [(0.3, 0), (-0.3, 0), (2.3, 2), (-3.7, -4)])
def test_parts_of_a_pixel_are_rounded(offset, near):
    assert found(movie("dense", offset, 3)) == near


@pytest.mark.parametrize("seed", range(10))
def test_noise_has_no_offset(seed):
    assert found(movie("nothing", 0, seed)) == 0


def test_too_few_or_too_small_frames_have_none():
    frames = movie("dense", 5, 0, frames=40)
    assert found(frames) == 5
    assert found(frames[:39]) == 0
    assert found(frames[:, :, :40]) == 0
    assert found(frames[:, :2]) == 0


def test_frames_that_are_no_numbers_are_left_out():
    frames = movie("dense", 5, 0, frames=50).astype(np.float32)
    frames[::5, 3, 4] = np.nan
    assert found(frames) == 5


def test_where_suite2p_is_sure_both_agree():
    frames = movie("dense", -4, 5)
    assert found(frames) == bidiphase.compute(frames.astype(np.float32)) == -4


@pytest.mark.parametrize("offset", [-3, 0, 4])
def test_lines_are_shifted_as_suite2p_does(offset):
    frames = np.random.default_rng(0).integers(0, 999, (3, 9, 12)).astype(np.int16)
    before = frames.copy()
    assert np.array_equal(shift_lines(frames, offset), bidiphase.shift(frames.copy(), offset))
    assert np.array_equal(frames, before)


def test_shifted_back_nothing_is_left_to_shift():
    frames = movie("dense", 3, 8)
    assert found(shift_lines(frames, 3)) == 0
