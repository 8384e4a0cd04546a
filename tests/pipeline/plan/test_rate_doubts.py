"""Which rate would fit: by where the last presentation ends in the movie."""

import numpy as np
import pytest

from twophoton_decode.pipeline.plan.doubts import (
    about_the_end,
    end_of_last,
    rate_that_fits,
)
from twophoton_decode.pipeline.plan.movie import PlannedMovie
from twophoton_decode.records import Presentations, Recording
from twophoton_decode.settings import ResponseSettings


def movie(seconds, rate=30.0, planes=1, told=True, in_files=0.0):
    frames = round(seconds * rate)
    page = None if planes == 1 else np.arange(frames * planes).reshape(frames, planes, 1)
    recording = Recording(
        file=["a.tif"], file_frames=[frames * planes], height=8, width=8, dtype="uint16",
        layout="plain", planes=planes, page=page, frame_rate_hz=in_files,
        source={"planes": "x"} if told else {},
    )  # fmt: skip
    return PlannedMovie(recording, rate, planes)


def test_the_rate_of_images_is_told_from_that_of_volumes():
    [said] = movie(100, rate=30, planes=3, in_files=10).doubts
    assert said.startswith("frame_rate_hz is 30, but 10 Hz according to the files")
    assert said.endswith(
        "; 30 Hz is the rate of the images of 3 planes, and frame_rate_hz counts those of one"
    )
    [said] = movie(100, rate=20, planes=3, in_files=10).doubts
    assert said.startswith("frame_rate_hz is 20, but 10 Hz according to the files")
    assert "images" not in said
    assert movie(100, rate=10, planes=3, in_files=10).doubts == []


def presentations(onset, duration=np.nan):
    count = len(onset)
    return Presentations(
        image=np.zeros(count), repeat=np.arange(count), onset_s=onset,
        duration_s=np.full(count, duration), log_line=np.arange(count) + 2, image_name=["a"],
        columns={}, sorted_rows=0,
    )  # fmt: skip


@pytest.mark.parametrize("end_s", [81, 95, 99.9, 100])
def test_a_movie_that_ends_soon_after_the_last_picture_is_not_doubted(end_s):
    assert about_the_end(movie(100), end_s) == []


@pytest.mark.parametrize(("end_s", "rate"), [(49.9, "60"), (46, "60")])
def test_half_the_true_rate(end_s, rate):
    [said] = about_the_end(movie(100), end_s)
    assert said.startswith("warning: the movie goes on for")
    assert f"it was taken at {rate} Hz, not at 30 Hz." in said


@pytest.mark.parametrize("end_s", [79, 70, 55, 40, 20])
def test_spontaneous_activity_at_the_end_is_only_mentioned(end_s):
    [said] = about_the_end(movie(100), end_s)
    assert said == (
        f"note: the movie goes on for {100 - end_s:.1f} s ({100 - end_s} % of it) after the last "
        "presentation."
    )


def test_images_of_planes_that_nobody_told_apart():
    [said] = about_the_end(movie(300, rate=10, told=False), 97)
    assert "taken at 30 Hz, not at 10 Hz; or its images are of 3 planes or channels" in said


def test_the_rate_of_a_volume_divided_once_more():
    [said] = about_the_end(movie(500, rate=2, planes=5), 98)
    assert "taken at 10 Hz, not at 2 Hz." in said


@pytest.mark.parametrize(
    ("planes", "end_s", "words"),
    [
        (1, 195, "At 15 Hz instead of 30 Hz every presentation would lie in the movie."),
        (3, 290, "At 10 Hz instead of 30 Hz every presentation would lie in the movie ("),
        (1, 150, "Every presentation would lie in the movie at 20 Hz or less."),
    ],
)
def test_onsets_beyond_the_end(planes, end_s, words):
    said = rate_that_fits(movie(100, planes=planes), end_s)
    assert said.startswith(words)
    assert ("the movie has 3" in said) == (planes == 3)


def test_nothing_is_suggested_where_all_lie_in_the_movie():
    assert rate_that_fits(movie(100), 99) == ""
    assert rate_that_fits(movie(100), 601) == ""


def test_the_last_presentation_lasts_as_long_as_its_picture_or_its_window():
    settings = ResponseSettings(response_window_s=(0, 1.5))
    assert end_of_last(presentations([1.0, 5.0]), settings) == 6.5
    assert end_of_last(presentations([1.0, 5.0], duration=4.0), settings) == 9.0
