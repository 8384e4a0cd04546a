import numpy as np
import pytest

from twophoton_decode.records.movie.recording import Presentations
from twophoton_decode.responses.windows.outside_movie import advice_on_outside, trim_to_movie

ONSETS = np.arange(5.0, 360.0, 1.5)
ADVICE = {
    "milliseconds": (
        ONSETS * 1e3,
        "Read as ms, the onsets span 5.0–359.0 s of the movie's 370.0 s",
    ),
    "microseconds": (ONSETS * 1e6, 'set onset_unit = "us" under [log]'),
    "seconds since midnight": (ONSETS + 50531, "the first is 14:02:16.0; movie_start"),
    "Unix time": (ONSETS + 1.772719e9, "As Unix time the first is 2026-03-05 13:56:45 UTC"),
    "a clock that began before": (ONSETS + 900, "onset_offset_s under [log]"),
    "a clock that began after": (ONSETS - 100, "span 354.0 s, which would fit into the movie"),
    "a log that goes on": (np.arange(5.0, 500.0, 1.5), 'beyond_movie = "trim" under [log]'),
    "a log that begins before": (np.arange(-50.0, 500.0, 1.5), "shift them by onset_offset_s"),
}


@pytest.mark.parametrize(("onsets", "words"), ADVICE.values(), ids=ADVICE.keys())
def test_what_would_bring_onsets_into_the_movie_is_said(onsets, words):
    assert words in advice_on_outside(onsets, 370.0)


def test_a_log_that_goes_on_is_not_taken_for_another_unit():
    advice = advice_on_outside(np.arange(5.0, 500.0, 1.5), 370.0)
    assert advice.startswith("Check frame_rate_hz in session.toml.")
    assert "onset_unit" not in advice


def presentations(onset_s, **more):
    count = len(onset_s)
    fields = {
        "image": np.arange(count) % 2,
        "repeat": np.arange(count) // 2,
        "previous": np.arange(count) % 2 - 1,
        "onset_s": onset_s,
        "duration_s": np.full(count, np.nan),
        "log_line": np.arange(count) + 2,
        "image_name": ["owl.png", "fox.png"],
        "columns": {"eye": [str(i) for i in range(count)]},
        "sorted_rows": 0,
    }
    return Presentations(**(fields | more))


def test_what_is_outside_is_left_out_with_line_and_count():
    before = {"left_out_line": [9], "left_out_reason": ["eye = 1"], "notes": ("Log: as it is.",)}
    trimmed = trim_to_movie(presentations([-1.0, 2.0, 4.0, 10.0, 12.0], **before), 10.0)
    assert trimmed.onset_s.tolist() == [2.0, 4.0]
    assert trimmed.columns == {"eye": ["1", "2"]}
    assert trimmed.previous.tolist() == [0, -1]
    assert trimmed.log_line.tolist() == [3, 4]
    assert trimmed.left_out_line.tolist() == [9, 2, 5, 6]
    np.testing.assert_array_equal(trimmed.left_out_onset_s, [np.nan, -1, 10, 12])
    assert trimmed.left_out_reason.tolist() == [
        "eye = 1", "before the movie", "after the movie's end", "after the movie's end"
    ]  # fmt: skip
    assert trimmed.notes[0] == "Log: as it is."
    assert trimmed.notes[1].startswith(
        "3 of 5 presentations are outside the movie: 1 before the movie, 2 after the movie's end."
    )


def test_a_doubt_is_said_where_most_is_trimmed():
    notes = trim_to_movie(presentations([5.0, 36000.0, 72000.0]), 10.0).notes
    assert "2 of 3 presentations are outside" in notes[0]
    assert "Check frame_rate_hz" in notes[0]
    assert "Check" not in trim_to_movie(presentations([5.0, 6.0, 7200.0]), 10.0).notes[0]


def test_nothing_is_trimmed_where_all_or_nothing_is_outside():
    for onsets in ([1.0, 2.0], [100.0, 200.0]):
        shown = presentations(onsets)
        assert trim_to_movie(shown, 10.0) is shown
