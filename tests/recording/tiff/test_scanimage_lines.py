"""ScanImage's header as JSON (useJsonHeaderFormat), and one that is not understood."""

import numpy as np
import pytest
from scanimage_files import (
    RATE,
    as_json,
    beside,
    bigtiff_with_block,
    modern,
    one,
    stack,
    volumes,
    write,
)

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.recording.tiff.scanimage.header import is_scanimage, read_header
from twophoton_decode.recording.tiff.scanimage.lines import matlab_value, modern_lines


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("true", True),
        ("-3", -3.0),
        ("1e-05", 1e-5),
        ("30.0273", 30.0273),
        ("Infinity", np.inf),
        ('"_Inf_"', np.inf),
        ('"-_Inf_"', -np.inf),
        ('"fast"', "fast"),
        ("null", ()),
        ("[]", ()),
        ("[1, 2]", (1.0, 2.0)),
        ("[[1], [2]]", (1.0, 2.0)),
        ('["a", 2]', None),
    ],
)
def test_values_of_json_are_those_of_matlab(value, read):
    lines = modern_lines(f'{{"SI": {{"a": {{"b": {value}}}, "c": 1}}}}\0')
    assert set(lines) == {"a.b", "c"}
    assert matlab_value(lines["a.b"]) == read


@pytest.mark.parametrize(
    "text",
    [
        '{"SI": 3}',
        '{"SI": {"a": ',
        '{"shape": [4, 8, 6]}',
        "[1, 2]",
        '{"SI":' * 100_000,
        '{"SI": ' + '{"a": ' * 5000 + "1" + "}" * 5001,
        "",
    ],
    ids=range(7),
)
def test_other_json_is_no_header(text):
    assert modern_lines(text) == {}
    assert not is_scanimage(text)


@pytest.mark.parametrize("header", [modern(), volumes(3, flyback=1, channels="[1;3]")])
def test_both_notations_say_the_same(header):
    assert is_scanimage(as_json(header))
    assert read_header(as_json(header), "", "a") == read_header(header, "", "a")


def test_a_movie_with_a_header_and_numbers_in_json(tmp_path):
    """Two planes, flyback and two channels; frame 5 was dropped."""
    images = stack(12, 3, 2)
    kept = [number for number in range(36) if number != 4]
    texts = [beside(n + 1, n / RATE, as_json=True) for n in kept]
    flat = images.reshape(36, 2, 8, 6)[kept].reshape(-1, 8, 6)
    header = as_json(volumes(2, flyback=1, channels="[1;2]"))
    write(tmp_path / "raw.tif", flat, header, channels=2, texts=texts)
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.layout, recording.frames, recording.planes) == ("scanimage", 11, 2)
    assert (recording.channels, recording.dropped_frames) == (2, 1)
    whole = [volume for volume in range(12) if volume != 1]
    for plane in range(2):
        assert np.array_equal(one(recording, plane, 1), images[whole, plane, 1])
    assert recording.frame_rate_hz == pytest.approx(RATE / 3, rel=1e-3)


def test_json_between_bigtiff_header_and_first_page(tmp_path):
    images = stack(4, 2)
    header = as_json(modern(hChannels__channelSave="[1;2]"))
    bigtiff_with_block(tmp_path / "raw.tif", images.reshape(-1, 8, 6), header, "{}")
    recording = open_recording([tmp_path / "raw.tif"])
    assert (recording.layout, recording.frames, recording.channels) == ("scanimage", 4, 2)
    assert np.array_equal(one(recording, 0, 1), images[:, 1])


@pytest.mark.parametrize("header", ['{"SI": {"damaged', "<xml/>", ""])
def test_a_header_that_is_not_understood_is_no_plain_movie(tmp_path, header):
    bigtiff_with_block(tmp_path / "raw.tif", stack(4), header, "{}")
    with pytest.raises(MovieError, match=r"raw\.tif was written by ScanImage, but its header"):
        open_recording([tmp_path / "raw.tif"])


def test_a_block_longer_than_the_file_is_no_plain_movie(tmp_path):
    bigtiff_with_block(tmp_path / "raw.tif", stack(4), modern(), "{}")
    content = bytearray((tmp_path / "raw.tif").read_bytes())
    content[27] = 0x7F
    (tmp_path / "raw.tif").write_bytes(content)
    with pytest.raises(MovieError, match="was written by ScanImage"):
        open_recording([tmp_path / "raw.tif"])
