"""Clips read from folders and stacks, and what is refused."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from twophoton_decode.errors import StimulusImageError, UsageError
from twophoton_decode.stimulus.movies import read_clips

CLIPS = np.random.default_rng(0).integers(0, 256, (3, 5, 8, 8), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "clips").mkdir()
    return tmp_path / "clips"


def test_a_stack_is_clips_of_frames(tmp_path):
    np.save(tmp_path / "all.npy", CLIPS)
    found = read_clips(tmp_path / "all.npy", 8)
    np.testing.assert_allclose(found.picture, CLIPS / 255, rtol=1e-6)
    assert found.name.tolist() == ["0", "1", "2"]
    assert found.frames.tolist() == [5, 5, 5]
    assert np.isnan(found.rate_hz).all()


def test_a_tiff_holds_a_stack_too(tmp_path):
    tifffile.imwrite(tmp_path / "all.tif", CLIPS, imagej=False, photometric="minisblack")
    np.testing.assert_allclose(read_clips(tmp_path / "all.tif", 8).picture, CLIPS / 255, rtol=1e-6)


def test_files_of_a_folder_are_clips_in_natural_order(folder):
    for number, clip in zip((10, 2, 1), CLIPS, strict=True):
        np.save(folder / f"clip{number}.npy", clip)
    found = read_clips(folder, 8)
    assert found.name.tolist() == ["clip1.npy", "clip2.npy", "clip10.npy"]
    np.testing.assert_allclose(found.picture, CLIPS[::-1] / 255, rtol=1e-6)


def test_tiffs_and_gifs_are_read_and_gifs_say_their_rate(folder):
    tifffile.imwrite(folder / "a.tif", CLIPS[0], photometric="minisblack")
    frames = [Image.fromarray(frame) for frame in CLIPS[1]]
    frames[0].save(folder / "b.gif", save_all=True, append_images=frames[1:], duration=100)
    found = read_clips(folder, 8)
    np.testing.assert_allclose(found.picture, CLIPS[:2] / 255, atol=1.5 / 255)
    assert np.isnan(found.rate_hz[0])
    assert found.rate_hz[1] == pytest.approx(10)


def test_other_lengths_are_said_by_name_and_filled_up(folder):
    for name, clip in (("a", CLIPS[0]), ("b", CLIPS[1]), ("short", CLIPS[2][:3])):
        np.save(folder / f"{name}.npy", clip)
    found = read_clips(folder, 8)
    assert found.frames.tolist() == [5, 5, 3]
    assert not found.picture[2, 3:].any()
    assert any("short.npy 3" in note for note in found.notes)


def test_frames_are_cropped_and_averaged_and_colour_becomes_luma(folder):
    colour = np.zeros((2, 8, 12, 3), np.uint8)
    colour[..., 1] = 255
    np.save(folder / "a.npy", colour)
    found = read_clips(folder, 4)
    assert found.picture.shape == (1, 2, 4, 4)
    np.testing.assert_allclose(found.picture, 0.7152, rtol=1e-6)
    assert any("central square" in note for note in found.notes)


def test_what_is_no_clip_is_left_out_by_name(folder):
    np.save(folder / "a.npy", CLIPS[0])
    (folder / "notes.txt").write_text("shown in June")
    assert any("notes.txt" in note for note in read_clips(folder, 8).notes)


@pytest.mark.parametrize(
    ("clips", "said"),
    [
        ({"a.npy": CLIPS}, r"a\.npy: expected a clip with the axes \(frame, y, x\)"),
        ({"a.npy": CLIPS[0, 0]}, r"found an array of shape \(8, 8\)"),
        ({"a.npy": CLIPS[0], "b.npy": CLIPS[1, :, :4, :4]}, r"b\.npy: expected frames of 8 × 8"),
        ({"a.npy": np.full((2, 8, 8), np.nan)}, r"a\.npy, frame 0.*64 pixels are NaN"),
        ({"a.npy": CLIPS[0, :0]}, r"a\.npy has no frames"),
    ],
    ids=["several", "picture", "sizes", "nan", "empty"],
)
def test_bad_clips_are_refused_by_name(folder, clips, said):
    for name, clip in clips.items():
        np.save(folder / name, clip)
    with pytest.raises(StimulusImageError, match=said):
        read_clips(folder, 8)


def test_a_gif_cut_short_is_refused(folder):
    frames = [Image.fromarray(frame) for frame in CLIPS[1]]
    frames[0].save(folder / "b.gif", save_all=True, append_images=frames[1:], duration=100)
    whole = (folder / "b.gif").read_bytes()
    (folder / "b.gif").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StimulusImageError, match=r"b\.gif"):
        read_clips(folder, 8)


def test_a_stack_of_other_axes_is_refused(tmp_path):
    np.save(tmp_path / "all.npy", CLIPS[0])
    with pytest.raises(StimulusImageError, match=r"expected clips with the axes \(clip, frame"):
        read_clips(tmp_path / "all.npy", 8)


def test_nothing_there_is_told(tmp_path, folder):
    with pytest.raises(UsageError, match="there is no such file or folder of clips"):
        read_clips(tmp_path / "none", 8)
    with pytest.raises(StimulusImageError, match="expected clips"):
        read_clips(folder, 8)
