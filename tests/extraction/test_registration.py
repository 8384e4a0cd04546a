"""Motion correction: known shifts come back, and suite2p's own gives the same."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, map_coordinates

from twophoton_decode.extraction.motion.align import Alignment
from twophoton_decode.extraction.motion.block_shifts import FrameBlocks
from twophoton_decode.extraction.motion.frame_shifts import WholeFrames
from twophoton_decode.extraction.motion.phase_correlation import border_taper
from twophoton_decode.extraction.motion.reference import reference_image

SIDE = 96


def texture(seed=0, side=SIDE):
    rng = np.random.default_rng(seed)
    fine = gaussian_filter(rng.standard_normal((side, side)), 1.5, mode="wrap")
    return 3000 + 8000 * (fine - fine.min())


def noisy(images, seed=1):
    return (images + np.random.default_rng(seed).normal(0, 300, images.shape)).astype(np.int16)


@pytest.fixture(scope="module")
def shaken():
    """Whole frames moved by known pixels."""
    rng = np.random.default_rng(2)
    shifts = rng.integers(-5, 6, (80, 2))
    picture = texture()
    frames = noisy(np.stack([np.roll(picture, shift, (0, 1)) for shift in shifts]))
    return picture, shifts, frames


def bent(picture, amplitude=1.5):
    """The picture with its left half moved down and its right half moved up, smoothly."""
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(float)
    down = amplitude * np.cos(np.pi * columns / picture.shape[1])
    return map_coordinates(picture, [rows - down, columns], order=1, mode="nearest"), down


def test_whole_shifts_are_found_to_the_pixel(shaken):
    picture, shifts, frames = shaken
    dy, dx, correlation = WholeFrames(picture).shifts(frames)
    assert np.array_equal(np.stack([dy, dx], axis=1), shifts)
    assert (correlation > 0.02).all()


def test_aligned_frames_are_the_frames_without_their_shifts(shaken):
    picture, shifts, frames = shaken
    alignment = Alignment(picture.astype(np.int16), None)
    found = alignment.shifts(frames)
    expected = np.stack([np.roll(f, -s, (0, 1)) for f, s in zip(frames, shifts, strict=True)])
    assert np.array_equal(alignment.moved_back(frames, found), expected)
    assert found.block_dy is None


def test_the_reference_is_sharp_and_leaves_its_frames_alone(shaken):
    picture, _, frames = shaken
    before = frames.copy()
    image = reference_image(frames)
    assert np.array_equal(frames, before)
    (dy,), (dx,), _ = WholeFrames(picture).shifts(image[None])
    upright = np.roll(image, (-dy, -dx), (0, 1))
    assert np.corrcoef(upright.ravel(), picture.ravel())[0, 1] > 0.99
    assert np.corrcoef(frames.mean(axis=0).ravel(), picture.ravel())[0, 1] < 0.8


def test_a_reference_of_the_whole_range_of_16_bits_does_not_wrap():
    picture = np.full((SIDE, SIDE), -32000.0)
    picture[20:24, 30:40] = 32000
    frames = np.stack([picture] * 30)
    image = reference_image((frames + np.arange(30)[:, None, None]).astype(np.int16))
    assert image.min() < -31000
    assert image.max() > 31000


def test_bent_frames_are_straightened():
    picture = texture()
    moved, down = bent(picture)
    movie = noisy(np.stack([moved] * 20))
    crooked = np.corrcoef(movie[0].ravel(), picture.ravel())[0, 1]
    alignment = Alignment(picture.astype(np.int16), (32, 32))
    found = alignment.shifts(movie)
    blocks = FrameBlocks(picture, (32, 32), 0, 20000)
    rows, columns = blocks.grid
    middle = np.minimum(blocks.starts[1] + 16, SIDE - 1)
    measured = found.dy.mean() + found.block_dy.mean(axis=0).reshape(rows, columns)[1:-1]
    assert np.abs(measured - down[0, middle]).max() < 0.35
    inside = np.s_[8:-8, 8:-8]
    straightened = alignment.moved_back(movie, found).mean(axis=0)
    straight = np.corrcoef(straightened[inside].ravel(), picture[inside].ravel())[0, 1]
    assert straight > 0.98 > crooked


@pytest.mark.parametrize("shape", [(33, 70), (61, 47)])
def test_frames_of_any_shape_are_aligned_with_blocks_larger_than_a_side(shape):
    picture = texture()[: shape[0], : shape[1]]
    frames = noisy(np.stack([np.roll(picture, shift, (0, 1)) for shift in ((0, 0), (2, -3))] * 5))
    alignment = Alignment(picture.astype(np.int16), (40, 40))
    shifts = alignment.shifts(frames[:9])
    aligned = alignment.moved_back(frames[:9], shifts)
    assert shifts.dy.tolist() == [0, 2] * 4 + [0]
    assert shifts.dx.tolist() == [0, -3] * 4 + [0]
    inside = np.s_[8:-8, 8:-8]
    straight = np.corrcoef(aligned.mean(axis=0)[inside].ravel(), picture[inside].ravel())
    assert straight[0, 1] > 0.98


def test_the_border_taper_is_flat_inside_and_symmetric():
    weight = border_taper(3.45, (SIDE, 2 * SIDE))
    assert weight[SIDE // 2, SIDE] == pytest.approx(1.0, abs=1e-3)
    assert weight[0, 0] < 0.02
    assert np.allclose(weight, weight[::-1, ::-1])


SUITE2P = """
import json, sys
import numpy as np, torch, suite2p
from suite2p.registration import register
frames, block = np.load(sys.argv[1]), int(sys.argv[3])
settings = suite2p.default_settings()["registration"]
reference = register.compute_reference(frames.copy(), settings=settings, device=torch.device("cpu"))
moved = np.empty_like(frames)
found = register.register_frames(
    frames.copy(), reference, moved, block_size=(block, block), device=torch.device("cpu")
)
low, high, mean_image, (dy, dx, correlation, block_dy, block_dx, *_) = found[:4]
np.savez(sys.argv[2], reference=reference, moved=moved, low=low, high=high, mean_image=mean_image,
         dy=dy, dx=dx, correlation=correlation, block_dy=block_dy, block_dx=block_dx)
"""


@pytest.mark.slow
def test_suite2p_finds_the_same(tmp_path):
    picture = texture(5)
    rng = np.random.default_rng(6)
    shifts = rng.integers(-4, 5, (120, 2))
    amplitudes = rng.uniform(-1.5, 1.5, 120)
    frames = noisy(
        np.stack(
            [
                np.roll(bent(picture, amplitude)[0], shift, (0, 1))
                for amplitude, shift in zip(amplitudes, shifts, strict=True)
            ]
        )
    )
    np.save(tmp_path / "frames.npy", frames)
    files = [str(tmp_path / name) for name in ("frames.npy", "found.npz")]
    home = {"HOME": str(tmp_path), "PATH": "", "CELLPOSE_LOCAL_MODELS_PATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", SUITE2P, *files, "32"], check=True, env=home)
    with np.load(files[1]) as theirs:
        alignment = Alignment(reference_image(frames), (32, 32))
        ours = alignment.shifts(frames)
        assert np.array_equal(alignment.reference, theirs["reference"])
        assert alignment.levels == (theirs["low"], theirs["high"])
        assert np.array_equal(ours.dy, theirs["dy"])
        assert np.array_equal(ours.dx, theirs["dx"])
        assert np.allclose(ours.correlation, theirs["correlation"], atol=1e-5)
        for name in ("block_dy", "block_dx"):
            assert np.quantile(abs(getattr(ours, name) - theirs[name]), 0.99) < 0.05
        moved = alignment.moved_back(frames, ours)
        assert np.quantile(abs(moved - theirs["moved"].astype(float)), 0.999) <= 1
        # Where two places tie, a block may lie a tenth of a pixel off; elsewhere nothing may.
        tied = np.zeros(len(frames), bool)
        for name in ("block_dy", "block_dx"):
            tied |= ~np.isclose(getattr(ours, name), theirs[name], atol=1e-4).all(axis=1)
        assert tied.mean() < 0.02
        assert abs(moved - theirs["moved"].astype(float))[~tied].max() <= 1
        means = [each[~tied].mean(axis=0) for each in (moved, theirs["moved"])]
        assert abs(means[0] - means[1]).max() < 1
        # What lies a tenth of a pixel off in one frame is not seen in the mean of all.
        apart = abs(moved.mean(axis=0) - theirs["mean_image"])
        assert np.quantile(apart, 0.99) < 1
        assert apart.max() < 3
