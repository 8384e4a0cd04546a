import dataclasses

import numpy as np
import pytest
from test_alignment import make_presentations, make_traces

from twophoton_decode.errors import AlignmentError
from twophoton_decode.responses.windows.onset_clock import clock_note, frame_times_in, in_movie_time

STAMPED = dataclasses.replace(
    make_traces(frames=4), frame_time_s=[0.0, 0.1, 0.2, 5.0], first_stamp_s=300.0
)


def test_in_the_movies_clock_onsets_stay_as_they_are():
    presentations = make_presentations([1.0, 2.0])
    assert in_movie_time(presentations, "movie", STAMPED) is presentations
    assert frame_times_in("movie", STAMPED).tolist() == [0.0, 0.1, 0.2, 5.0]
    assert frame_times_in("movie", make_traces()) is None
    assert clock_note("movie", STAMPED) == []


def test_in_the_microscopes_clock_the_first_stamp_is_subtracted():
    found = in_movie_time(make_presentations([301.0, 305.5]), "microscope", STAMPED)
    assert found.onset_s.tolist() == [1.0, 5.5]
    assert "begins at 300 s" in clock_note("microscope", STAMPED)[0]


def test_frames_of_a_log_come_back_to_where_they_were():
    """Frames are read in the clock of the log, and brought to the movie's like seconds."""
    times = frame_times_in("microscope", STAMPED)
    assert times.tolist() == [300.0, 300.1, 300.2, 305.0]
    found = in_movie_time(make_presentations(times), "microscope", STAMPED)
    assert np.allclose(found.onset_s, STAMPED.frame_time_s)


def test_a_start_without_times_of_frames_is_enough():
    traces = dataclasses.replace(make_traces(frames=4), first_stamp_s=2.5)
    assert frame_times_in("microscope", traces).tolist() == [2.5, 2.6, 2.7, 2.8]


@pytest.mark.parametrize(
    ("traces", "message"),
    [
        (make_traces(), "the movie's files have no time stamps that can be used"),
        (dataclasses.replace(STAMPED, unknown_pause=[2]), "restarts at frame 2, after a pause"),
    ],
)
def test_a_clock_that_is_not_known_is_an_error(traces, message):
    with pytest.raises(AlignmentError, match=message):
        frame_times_in("microscope", traces)
