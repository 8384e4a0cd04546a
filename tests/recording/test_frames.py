"""Frames of files that are there when a recording is opened, and gone when it is read."""

import numpy as np
import pytest
import tifffile

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.frames import chunks
from twophoton_decode.recording.movie import open_recording


def test_a_file_that_is_gone_is_named_with_what_to_do(tmp_path):
    for number in (1, 2):
        pixels = np.arange(5 * 16 * 16, dtype=np.int16).reshape(5, 16, 16)
        tifffile.imwrite(tmp_path / f"raw_{number}.tif", pixels, metadata=None)
    recording = open_recording([tmp_path])
    (tmp_path / "raw_2.tif").unlink()
    read = chunks(recording, 5)
    assert len(next(read)) == 5
    with pytest.raises(MovieError, match=r"raw_2\.tif can no longer be opened .*Run again"):
        next(read)
