import numpy as np
import pytest

from twophoton_decode.records.movie.recording import Presentations
from twophoton_decode.responses.windows.reach import said_of_reach
from twophoton_decode.settings import ResponseSettings


def presentations(onset_s, duration=np.nan, **more):
    count = len(onset_s)
    none = np.zeros(count, dtype=int)
    fields = {
        "image": none,
        "repeat": none,
        "onset_s": onset_s,
        "duration_s": np.full(count, duration),
        "log_line": none,
        "image_name": ["owl.png"],
        "columns": {},
        "sorted_rows": 0,
    }
    return Presentations(**(fields | more))


def said(shown, kept=None, baseline=(-0.5, 0), response=(0, 1.5)):
    settings = ResponseSettings(response_window_s=response, baseline_window_s=baseline)
    kept = np.arange(shown.onset_s.size) if kept is None else np.array(kept)
    return said_of_reach(shown, kept, settings)


def test_windows_that_just_fit_are_not_said():
    assert said(presentations(np.arange(50) * 1.5 + 2, duration=1.0)) == []


def test_windows_are_counted():
    shown = presentations([2, 3.5, 6, 7.5], duration=1.0)
    late, early = said(shown, response=(0, 1.6), baseline=(-0.7, 0))
    assert late == (
        "response_window_s = [0.0, 1.6] reaches past the onset of the next picture in 2 of 4 "
        "presentations ([responses])."
    )
    assert early.startswith("baseline_window_s = [-0.7, 0.0] begins while the previous picture is")
    assert "in 2 of 4" in early


def test_only_presentations_that_are_used_are_counted():
    shown = presentations([2, 3.5, 6, 7.5], duration=1.0)
    (late,) = said(shown, kept=[0, 3], response=(0, 1.6))
    assert "in 1 of 2 presentations" in late


def test_excluded_pictures_were_shown_too():
    between = {
        "left_out_line": [3, 4],
        "left_out_reason": ["eye = 1", "no onset"],
        "left_out_onset_s": [3.0, np.nan],
        "left_out_duration_s": [2.6, np.nan],
    }
    late, early = said(presentations([2.0, 6.0], duration=0.5, **between))
    assert "next picture in 1 of 2" in late
    assert "in 1 of 2" in early


def test_blanks_are_told_apart_and_end_nothing():
    (late,) = said(presentations([2.0, 6.0], duration=0.5, blank_onset_s=[3.0, 5.9]))
    assert "reaches past the onset of the next blank in 1 of 2" in late


@pytest.mark.parametrize(("begins", "count"), [(-1.4, 0), (-1.6, 3)])
def test_without_durations_a_baseline_reaches_the_onset_before(begins, count):
    found = said(presentations([2, 3.5, 5, 6.5]), baseline=(begins, 0), response=(0, 1))
    assert [f"in {count} of 4" in each for each in found] == [True] * bool(count)
