"""A pipe in the place of a file would be waited for without end: it is refused instead."""

import os
import signal

import pytest

from twophoton_decode.errors import TpDecodeError
from twophoton_decode.extraction.curation.cell_list import read_cell_list
from twophoton_decode.files.array import read_array
from twophoton_decode.formats.matrices.label_file import read_labels
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.session.settings.file import read_settings
from twophoton_decode.stimulus.log import read_log
from twophoton_decode.stimulus.pictures import read_pictures

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX's")
READERS = {
    "log.csv": lambda path: read_log(path, ["a.png"], frame_rate_hz=8.0),
    "log.mat": lambda path: read_log(path, ["a.png"], frame_rate_hz=8.0),
    "labels.csv": read_labels,
    "labels.npy": read_labels,
    "R.npy": read_array,
    "R.mat": read_array,
    "R.h5": read_array,
    "R.csv": read_array,
    "cells.txt": lambda path: read_cell_list(path, [0, 0]),
    "cells.npy": lambda path: read_cell_list(path, [0, 0]),
    "movie.tif": lambda path: open_recording([path]),
    "movie.h5": lambda path: open_recording([path]),
    "movie.sbx": lambda path: open_recording([path]),
    "stack.npy": lambda path: read_pictures(path, 8),
    "picture.png": lambda path: read_pictures(path.parent, 8),
    "session.toml": read_settings,
}


@pytest.fixture(autouse=True)
def patience():
    def too_long(signum, frame):
        raise AssertionError("the pipe is waited for")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(5)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("name", READERS)
def test_a_pipe_is_refused_by_name(tmp_path, name):
    os.mkfifo(tmp_path / name)
    with pytest.raises(TpDecodeError, match=rf"{name}|{tmp_path.name}"):
        READERS[name](tmp_path / name)
