"""``tpdecode inspect``, and what `init` and `extract` take from the headers it shows."""

import json

import numpy as np
import pytest
import tifffile

from twophoton_decode.cli.terminal_picture import picture


def movie(frames=30, height=40, width=60):
    rng = np.random.default_rng(0)
    return rng.integers(100, 200, (frames, height, width)).astype(np.uint16)


@pytest.fixture
def hyperstack(tmp_path):
    metadata = {"axes": "TZCYX", "finterval": 0.125}
    images = movie(24).reshape(6, 2, 2, 40, 60)
    tifffile.imwrite(tmp_path / "raw.tif", images, imagej=True, metadata=metadata)
    return tmp_path / "raw.tif"


def test_a_plain_movie(tpdecode, tmp_path):
    frames = movie()
    frames[:, :20] += 1000
    frames[4], frames[:, 0, 0] = 7, 4095
    tifffile.imwrite(tmp_path / "raw_1.tif", frames[:10])
    tifffile.imwrite(tmp_path / "raw_3.tif", frames[10:])
    code, output, _ = tpdecode("inspect", tmp_path)
    assert code == 0
    assert "30 x 1 x 1 x 40 x 60" in output
    assert "uint16" in output
    assert output.index("raw_1.tif: 10 images") < output.index("raw_3.tif: 20 images")
    assert "all of 30 frames read" in output
    assert "warning: raw_3.tif comes after raw_1.tif" in output
    assert "warning: the files do not state the frame rate: give --frame-rate-hz" in output
    assert "int16     grey levels are kept" in output
    shades = [
        line for line in output.splitlines() if set(line) & set("█#") and "levels" not in line
    ]
    assert len(shades) in (9, 10, 11)


def test_json_says_the_same(tpdecode, hyperstack):
    code, output, _ = tpdecode("inspect", hyperstack, "--json")
    found = json.loads(output)
    assert code == 0
    assert (found["frames"], found["planes"], found["channels"]) == (6, 2, 2)
    assert (found["frame_rate_hz"], found["source"]["frame_rate_hz"]) == (8.0, "ImageJ")
    assert found["files"] == [{"file": str(hyperstack), "images": 24}]
    assert [(each["plane"], each["channel"]) for each in found["looked_at"]] == [
        (1, 1), (1, 2), (2, 1), (2, 2)
    ]  # fmt: skip
    assert found["int16"] == {"offset": 0.0, "scale": 1.0}
    assert found["disk_bytes"] == 2 * 6 * 40 * 60
    assert found["free_bytes"] > 0
    assert found["warnings"] == []


def test_saturation_blank_frames_and_offset_are_told(tpdecode, tmp_path):
    frames = movie()
    frames[3] = 0
    frames[:, :2] = 65535
    frames[3] = 0
    tifffile.imwrite(tmp_path / "raw.tif", frames)
    _, output, _ = tpdecode("inspect", tmp_path / "raw.tif")
    assert "warning: 4.83 % of pixels are saturated at 65535" in output
    assert "warning: 1 of 30 frames are blank" in output
    assert "int16     (grey - 32768) / 1" in output


def test_what_cannot_be_read_is_an_error(tpdecode, tmp_path):
    (tmp_path / "raw.tif").write_text("hello")
    code, _, error = tpdecode("inspect", tmp_path / "raw.tif")
    assert code == 1
    assert "is not a TIFF file" in error
    code, _, error = tpdecode("inspect", tmp_path / "gone.tif")
    assert code == 2
    assert "no file or folder" in error


def test_init_takes_the_rate_from_the_header(tpdecode, hyperstack, tmp_path):
    code, output, _ = tpdecode("init", tmp_path / "S", "--movie", hyperstack)
    assert code == 0
    assert "frame_rate_hz = 8 is taken from the movie (ImageJ)" in output
    assert "frame_rate_hz = 8.0" in (tmp_path / "S" / "session.toml").read_text()


def test_init_prefers_the_rate_that_is_given(tpdecode, hyperstack, tmp_path):
    _, output, _ = tpdecode(
        "init", tmp_path / "S", "--movie", hyperstack, "--frame-rate-hz", 4
    )  # fmt: skip
    assert "taken from the movie" not in output
    assert "frame_rate_hz = 4.0" in (tmp_path / "S" / "session.toml").read_text()


def test_a_picture_is_bright_where_the_image_is(monkeypatch):
    image = np.zeros((40, 80))
    image[:, 40:] = 100
    lines = picture(image, 20)
    assert len(lines) == 5
    assert {line[:10] for line in lines} == {" " * 10}
    assert {line[10:] for line in lines} <= {"█" * 10, "#" * 10}


def test_a_picture_without_numbers_is_blank():
    assert picture(np.full((4, 4), np.nan), 60) == ["    "] * 2


def test_lines_that_lie_beside_the_others_are_told_with_the_setting(tpdecode, tmp_path):
    texture = np.random.default_rng(1).normal(size=(64, 130))
    kernel = np.exp(-(np.linspace(-2, 2, 9) ** 2))
    for axis in (0, 1):
        texture = np.apply_along_axis(np.convolve, axis, texture, kernel, mode="same")
    texture = 200 + 40 * texture
    clean = texture[:, 10:110].copy()
    clean[1::2] = texture[1::2, 13:113]
    frames = np.random.default_rng(2).poisson(np.maximum(clean, 1), (50, 64, 100))
    tifffile.imwrite(tmp_path / "raw.tif", frames.astype(np.int16))
    _, output, _ = tpdecode("inspect", tmp_path / "raw.tif")
    assert "warning: every second line lies 3 px off the others: set line_offset_px = 3" in output
    _, output, _ = tpdecode("inspect", tmp_path / "raw.tif", "--json")
    assert json.loads(output)["line_offset_px"] == 3


def test_files_that_do_not_say_are_read_as_told(tpdecode, tmp_path):
    tifffile.imwrite(tmp_path / "raw.tif", movie(25), imagej=True, metadata={"finterval": 0.1})
    given = ("inspect", tmp_path / "raw.tif", "--planes", "2", "--channels", "3")
    _, output, _ = tpdecode(*given)
    assert "4 x 2 x 3 x 40 x 60" in output
    assert "rate      5 Hz per plane (ImageJ)" in output
    assert "planes    of a volume: 1 at 0.05 s, 2 at 0.15 s (assumed evenly spaced)" in output
    assert (
        "warning: 1 image at the end, no whole volume of 2 planes and 3 channels, left out"
        in output
    )
    _, output, _ = tpdecode(*given, "--json")
    assert json.loads(output)["plane_delay_s"] == pytest.approx([0.05, 0.15])


def test_files_that_say_so_are_not_overruled(tpdecode, hyperstack):
    code, _, error = tpdecode("inspect", hyperstack, "--planes", "3")
    assert code == 1
    assert "planes = 3, but the files say 2 (ImageJ)" in error


def test_gaps_in_time_are_shown(tpdecode, tmp_path):
    times = np.arange(30) / 10 + np.repeat([0.0, 5.0, 11.0], 10)
    planes = {"DeltaT": times.tolist(), "DeltaTUnit": ["s"] * 30}
    metadata = {"axes": "TYX", "Plane": planes}
    tifffile.imwrite(tmp_path / "raw.ome.tif", movie(), ome=True, metadata=metadata)
    _, output, _ = tpdecode("inspect", tmp_path / "raw.ome.tif")
    assert "duration  14.0 s" in output
    assert (
        "times     2 gaps between frames (11 s in all and 6 s at most, the first after frame 9, "
        "at 0.9 s); frames are timed by OME-XML DeltaT"
    ) in output
    _, output, _ = tpdecode("inspect", tmp_path / "raw.ome.tif", "--json")
    found = json.loads(output)["gaps"]
    assert (found["count"], found["first_after_frame"]) == (2, 9)
    assert found["longest_s"] == pytest.approx(6.0)


def test_a_movie_without_times_says_so(tpdecode, hyperstack):
    _, output, _ = tpdecode("inspect", hyperstack)
    assert "times     frames are assumed evenly spaced, as the files give no times" in output
