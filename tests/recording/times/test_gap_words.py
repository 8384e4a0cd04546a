import numpy as np

from twophoton_decode.recording.times.gap_words import gap_facts, gap_notes, gaps_in_words
from twophoton_decode.records.movie.frame_times import FrameTimes

TRIALS = np.arange(60) / 10 + np.repeat([0.0, 4.0, 13.0], 20)


def test_gaps_are_counted_measured_and_placed():
    times = FrameTimes(TRIALS, 2.5, by="a clock")
    text = "2 gaps between frames (13 s in all and 9 s at most, the first after frame 19, at 1.9 s)"
    assert gaps_in_words(times) == text
    assert gap_notes(times) == [f"{text}: pauses or dropped frames. Frames are timed by a clock"]
    facts = gap_facts(times)
    assert (facts["count"], facts["of_unknown_length"]) == (2, 0)
    assert np.allclose([facts["longest_s"], facts["total_s"], facts["first_after_s"]], [9, 13, 1.9])
    assert (facts["first_after_frame"], facts["timed_by"]) == (19, "a clock")
    assert facts["first_stamp_s"] == 2.5


def test_pauses_of_unknown_length_are_said_apart():
    times = FrameTimes(None, None, np.array([20, 40]))
    assert gaps_in_words(times) == (
        "the recording pauses for an unknown time before frame 20 and 1 later one"
    )
    facts = gap_facts(times)
    assert (facts["count"], facts["of_unknown_length"], facts["longest_s"]) == (2, 2, None)
    assert (facts["first_after_frame"], facts["first_after_s"]) == (19, None)


def test_without_gaps_nothing_is_said():
    assert (gap_notes(FrameTimes()), gaps_in_words(FrameTimes())) == ([], "")
    assert gap_facts(FrameTimes())["count"] == 0
