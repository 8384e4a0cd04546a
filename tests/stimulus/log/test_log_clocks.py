import numpy as np
import pytest

from twophoton_decode.errors import SettingsError, StimulusLogError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.log import read_log
from twophoton_decode.stimulus.presentations.times import FrameClock

NAMES = ["owl.png", "fox.png"]


def read(tmp_path, onsets, header="image,onset_s", settings=None, **options):
    path = tmp_path / "shown.csv"
    rows = [f"{NAMES[i % 2]},{each}" for i, each in enumerate(onsets)]
    path.write_text("\n".join([header, *rows]) + "\n")
    settings = LogSettings(**(settings or {}))
    return read_log(path, NAMES, **{"frame_rate_hz": 10.0} | options, settings=settings)


def test_offset_and_drift_between_the_clocks(tmp_path):
    log = read(tmp_path, [1, 101], settings={"onset_offset_s": 5.0, "clock_factor": 1.001})
    assert log.onset_s.tolist() == pytest.approx([6.001, 106.101])
    assert log.notes[0].endswith("; movie time is 5 s + 1.001 x log time.")


def test_the_clock_of_frames_is_the_microscopes(tmp_path):
    with pytest.raises(SettingsError, match="counts frames in onset_frame, which is the microsc"):
        read(tmp_path, [1, 2], "image,onset_frame", {"onset_offset_s": 5.0})


def test_frames_have_the_times_at_which_they_began(tmp_path):
    times = np.array([0.0, 0.1, 0.2, 5.0, 5.1])
    log = read(tmp_path, [1, 3, 3.5, 6], "image,onset_frame", frame_time_s=times)
    assert log.onset_s.tolist() == pytest.approx([0.1, 5.0, 5.05, 5.3])
    log = read(tmp_path, [1, 4], "image,onset_frame", frame_time_s=times, first_index=1)
    assert log.onset_s.tolist() == pytest.approx([0.0, 5.0])
    before = FrameClock(10.0, frame_time_s=times + 1.0).seconds(np.array([-2.0, 0.0]))
    assert before.tolist() == pytest.approx([0.8, 1.0])


STAMPS = {
    "time of day": (["14:02:12.5", "14:02:20"], "14:02:11.250", [1.25, 8.75]),
    "date and time": (
        ["2026-03-05T14:02:12.5", "2026-03-05T14:02:20"],
        "2026-03-05 14:02:11.250",
        [1.25, 8.75],
    ),
    "Bonsai's stamps with a time zone": (
        ["2026-03-05T14:02:12.5000000+01:00", "2026-03-05T14:02:20.0000000+01:00"],
        "2026-03-05T13:02:11.250Z",
        [1.25, 8.75],
    ),
    "over midnight": (["23:59:59", "00:00:10"], "23:59:58", [1.0, 12.0]),
    "seconds since midnight": (["50532.5", "50540"], "14:02:11.250", [1.25, 8.75]),
}


@pytest.mark.parametrize(("onsets", "start", "expected"), STAMPS.values(), ids=STAMPS.keys())
def test_times_of_day_count_from_the_movies_start(tmp_path, onsets, start, expected):
    log = read(tmp_path, onsets, "image,time", {"movie_start": start})
    assert log.onset_s.tolist() == pytest.approx(expected)
    assert log.notes[0].endswith(f"; the movie began at {start}.")


def test_times_of_day_ask_when_the_movie_began(tmp_path):
    with pytest.raises(StimulusLogError, match=r'movie_start = "14:02:12\.500" under'):
        read(tmp_path, ["14:02:12.5", "14:02:20"], "image,time")
    with pytest.raises(SettingsError, match="does not match onsets such as 14:02:12"):
        read(tmp_path, ["14:02:12.5"], "image,time", {"movie_start": "2026-03-05T14:02:11"})
    with pytest.raises(SettingsError, match="does not match onsets such as seconds since"):
        read(tmp_path, ["5"], "image,time", {"movie_start": "two o'clock"})


def test_blocks_with_clocks_of_their_own_are_laid_in_the_movie(tmp_path):
    onsets = [1, 2, 3, 1, 2.5]
    blocks = {"order": "blocks", "block_starts_s": [0.5, 20.0]}
    log = read(tmp_path, onsets, settings=blocks)
    assert log.onset_s.tolist() == [1.5, 2.5, 3.5, 21.0, 22.5]
    assert log.sorted_rows == 0
    assert log.repeat.tolist() == [0, 0, 1, 1, 2]
    assert log.notes[1] == "The log has 2 blocks: lines 2–4 from 0.5 s; lines 5–6 from 20 s."
    with pytest.raises(
        SettingsError, match=r"2 blocks \(lines 2–4; lines 5–6\), but block_starts_s"
    ):
        read(tmp_path, onsets, settings={"order": "blocks"})
    with pytest.raises(SettingsError, match='need order = "blocks"'):
        read(tmp_path, onsets, settings={"block_starts_s": [0.5, 20.0]})


def test_a_column_may_number_the_blocks(tmp_path):
    path = tmp_path / "shown.csv"
    path.write_text("image,onset_s,run\nowl,1,a\nfox,2,a\nowl,3,b\nfox,4,b\n")
    settings = LogSettings(order="blocks", block_column="Run", block_starts_s=[0.0, 10.0])
    log = read_log(path, NAMES, frame_rate_hz=10.0, settings=settings)
    assert log.onset_s.tolist() == [1.0, 2.0, 13.0, 14.0]


def test_a_log_that_goes_back_is_refused_with_line_and_ways_out(tmp_path):
    with pytest.raises(StimulusLogError) as caught:
        read(tmp_path, [1, 5, 3, 4, 2])
    message = str(caught.value)
    assert "shown.csv, line 4: the log goes back in time, from 5 s in line 3 to 3 s" in message
    assert "(2 such places)" in message
    for way in ('order = "blocks"', "block_starts_s", 'order = "sort"'):
        assert way in message


def test_presentations_that_overlap_are_said(tmp_path):
    text = "image,onset_s,duration_s\nowl,1,1\nfox,1.98,1\nowl,2.5,1\nfox,4,\nowl,4.2,1\n"
    path = tmp_path / "shown.csv"
    path.write_text(text)
    log = read_log(path, NAMES, frame_rate_hz=10.0)
    assert len(log.notes) == 2
    assert log.notes[1].startswith("1 presentations begin before the previous one ends, by its")
    assert "first in lines 3 and 4, by 0.48 s" in log.notes[1]


def two_columns(tmp_path, frames, seconds, **settings):
    path = tmp_path / "shown.csv"
    rows = [f"{NAMES[i % 2]},{s},{f}" for i, (s, f) in enumerate(zip(seconds, frames, strict=True))]
    path.write_text("\n".join(["image,onset_s,onset_frame", *rows]) + "\n")
    return read_log(path, NAMES, frame_rate_hz=10.0, settings=LogSettings(**settings))


def test_onset_columns_that_differ_by_more_than_a_frame_are_said(tmp_path):
    log = two_columns(tmp_path, [10, 20, 30], [1.0, 2.0, 3.35])
    assert log.onset_s.tolist() == [1.0, 2.0, 3.35]
    assert log.notes[1] == (
        "shown.csv, line 4: onset_s says 3.350 s, but onset_frame says 3.000 s, the largest of 1 "
        "differences above one frame. onset_s is used."
    )
    assert len(two_columns(tmp_path, [10, 21, ""], [1.0, 2.0, 3.35]).notes) == 1


def test_gross_differences_ask_which_column_counts(tmp_path):
    seconds, frames = np.array([1.0, 50.0, 100.0]), [8, 400, 800]
    with pytest.raises(StimulusLogError) as caught:
        two_columns(tmp_path, frames, seconds)
    message = str(caught.value)
    assert "line 4: onset_s says 100.000 s, but onset_frame says 80.000 s" in message
    assert "a frame rate of 8 Hz would fit" in message
    assert 'onset_column = "onset_s" or "onset_frame" under [log]' in message
    chosen = two_columns(tmp_path, frames, seconds, onset_column="onset_frame")
    assert chosen.onset_s.tolist() == [0.8, 40.0, 80.0]
    assert "onset_frame is used" in chosen.notes[1]


def test_the_offset_of_the_logs_clock_counts_before_columns_are_compared(tmp_path):
    log = two_columns(tmp_path, [30, 40], [1.0, 2.0], onset_offset_s=2.0)
    assert log.onset_s.tolist() == [3.0, 4.0]
    assert len(log.notes) == 1
