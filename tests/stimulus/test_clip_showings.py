"""When frames of clips were shown, by logs of showings and of frames; faults by name."""

import numpy as np
import pytest

from twophoton_decode.errors import SettingsError, StimulusLogError
from twophoton_decode.settings import LogSettings
from twophoton_decode.stimulus.clip_showings import as_picture_log, clip_showings
from twophoton_decode.stimulus.log import read_log
from twophoton_decode.stimulus.movies import StimulusClips
from twophoton_decode.stimulus.tables.reading import read_table

NAMES = np.array(["a.npy", "b.npy"])


def clips(frames=(5, 5), rate=(np.nan, np.nan)):
    picture = np.zeros((2, max(frames), 4, 4), np.float32)
    return StimulusClips(picture, np.array(frames), NAMES, np.array(rate), [])


def showings(folder, text, known=None, first_index=0, **settings):
    file = folder / "log.csv"
    file.write_text(text)
    given = LogSettings(**settings)
    as_pictures = as_picture_log(given, read_table(file, given))
    log = read_log(file, NAMES, frame_rate_hz=10.0, settings=as_pictures)
    return clip_showings(log, known or clips(), given, first_index)


WHOLE = "clip,onset_s,duration_s\na,1,0.5\nb,3,0.5\na,5,0.5\n"


def test_frames_follow_the_onset_at_the_rate_that_the_log_says(tmp_path):
    found = showings(tmp_path, WHOLE)
    assert found.rate_hz == pytest.approx(10)
    np.testing.assert_allclose(found.frame_s[1], 3 + (np.arange(5) + 0.5) / 10)
    assert found.shown.all()
    assert found.clip.tolist() == [0, 1, 0]
    assert found.repeat.tolist() == [0, 0, 1]


def test_the_rate_may_come_from_the_settings_or_the_files(tmp_path):
    text = "clip,onset_s\na,1\nb,3\n"
    assert showings(tmp_path, text, clip_rate_hz=20).rate_hz == 20
    assert showings(tmp_path, text, clips(rate=(25, 25))).rate_hz == 25
    with pytest.raises(StimulusLogError, match="Set clip_rate_hz under"):
        showings(tmp_path, text)


def test_a_clip_at_another_rate_is_refused_by_name(tmp_path):
    with pytest.raises(StimulusLogError, match=r"1 of 2 clips .* b\.npy at 5 Hz"):
        showings(tmp_path, "clip,onset_s,duration_s\na,1,0.5\na,3,0.5\nb,5,1\n", clip_rate_hz=10)


def test_a_rate_that_no_clip_had_is_refused(tmp_path):
    with pytest.raises(StimulusLogError, match=r"2 of 2 clips did not run at 30"):
        showings(tmp_path, WHOLE, clip_rate_hz=30)


def test_a_showing_that_was_stopped_early_lacks_its_last_frames(tmp_path):
    found = showings(tmp_path, "clip,onset_s,duration_s\na,1,0.5\nb,3,0.5\na,5,0.3\n")
    assert found.shown.sum(axis=1).tolist() == [5, 5, 3]
    assert any(
        "2 of 5 frames of a.npy, line 4 of the log (stopped early)" in n for n in found.notes
    )


def test_the_next_showing_ends_the_one_before(tmp_path):
    found = showings(tmp_path, "clip,onset_s\na,1\nb,1.3\n", clip_rate_hz=10)
    assert found.shown.sum(axis=1).tolist() == [3, 5]


def test_clips_of_other_lengths_end_where_they_end(tmp_path):
    text = "clip,onset_s,duration_s\na,1,0.5\nb,3,0.3\n"
    found = showings(tmp_path, text, clips(frames=(5, 3)))
    assert found.shown.tolist() == [[True] * 5, [True] * 3 + [False] * 2]
    assert np.isnan(found.frame_s[1, 3:]).all()


def per_frame(rows):
    lines = [f"{clip},{frame},{onset:.2f}" for clip, frame, onset in rows]
    return "clip,frame,onset_s\n" + "\n".join(lines) + "\n"


def test_rows_of_frames_make_showings(tmp_path):
    rows = [("a", f, 1 + f / 10) for f in range(5)] + [("b", f, 3 + f / 10) for f in range(5)]
    found = showings(tmp_path, per_frame(rows), frame_column="frame")
    assert found.clip.tolist() == [0, 1]
    assert found.rate_hz == pytest.approx(10)
    np.testing.assert_allclose(found.frame_s[1], 3 + (np.arange(5) + 0.5) / 10)


def test_a_clip_shown_twice_in_a_row_is_two_showings(tmp_path):
    rows = [("a", f, 1 + f / 10) for f in range(5)] + [("a", f, 3 + f / 10) for f in range(5)]
    found = showings(tmp_path, per_frame(rows), frame_column="frame")
    assert found.repeat.tolist() == [0, 1]


def test_frames_missing_from_the_log_are_told_by_clip_and_count_nowhere(tmp_path):
    rows = [("a", f, 1 + f / 10) for f in (0, 1, 4)] + [("b", f, 3 + f / 10) for f in range(5)]
    found = showings(tmp_path, per_frame(rows), frame_column="frame")
    assert found.shown[0].tolist() == [True, True, False, False, True]
    np.testing.assert_allclose(found.frame_s[0], 1 + (np.arange(5) + 0.5) / 10)
    said = "2 of 5 frames of a.npy, line 2 of the log (no row for them)"
    assert any(said in note for note in found.notes)


def test_a_frame_that_a_clip_does_not_have_is_refused(tmp_path):
    rows = [("a", f, 1 + f / 10) for f in range(1, 6)]
    with pytest.raises(StimulusLogError, match=r"line 6 of the log names frame '5' of a\.npy"):
        showings(tmp_path, per_frame(rows), frame_column="frame")
    assert showings(tmp_path, per_frame(rows), first_index=1, frame_column="frame").shown.all()


def test_columns_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(SettingsError, match="clip_column names the column 'film'"):
        showings(tmp_path, WHOLE, clip_column="film")
    with pytest.raises(SettingsError, match="frame_column names the column 'index'"):
        showings(tmp_path, WHOLE, frame_column="index")
    with pytest.raises(StimulusLogError, match="expected one column called clip"):
        showings(tmp_path, WHOLE.replace("clip", "scene"))
    assert showings(tmp_path, WHOLE.replace("clip", "scene"), clip_column="scene").shown.all()
