import numpy as np
import pytest

from twophoton_decode.records import Recording


def recording(**more):
    return Recording(
        **{
            "file": np.array(["a.tif"]),
            "file_frames": np.array([12]),
            "height": 4,
            "width": 4,
            "dtype": "uint16",
            "layout": "scanimage",
        }
        | more
    )


@pytest.mark.parametrize(
    ("frames", "given", "drift"),
    [
        (36000, 30.0, ""),
        # As `tpdecode init` writes 29.970123.
        (36000, 29.9701, ""),
        (36000, 30.0, "1.2 s"),
        (12, 30.0, ""),
        (12, 15.0, "0.4 s"),
    ],
)
def test_a_rate_that_leads_away_from_that_of_the_files_is_doubted(frames, given, drift):
    """By 0.1 s, or half a frame, over the movie."""
    found = recording(
        file_frames=np.array([frames]),
        frame_rate_hz=29.970123 if drift == "1.2 s" or given == 29.9701 else 30.0,
        source={"frame_rate_hz": "ScanImage header"},
    )
    doubt = found.doubt_about_rate(given)
    assert doubt.endswith(f"over the movie they differ by {drift}" if drift else "")
    assert bool(doubt) == bool(drift)


def test_time_stamps_count_whatever_rate_is_given():
    found = recording(
        frame_rate_hz=30.0,
        frame_time_s=np.arange(12) / 30,
        source={"frame_rate_hz": "stamps", "frame_time_s": "stamps"},
    )
    assert found.doubt_about_rate(15.0).endswith("; frames are timed by stamps all the same")
    evenly = found.doubt_about_rate(15.0, evenly=True)
    assert evenly.endswith('; frames are timed by the rate, as frame_times = "even" says')


def test_files_that_say_nothing_doubt_nothing():
    assert recording().doubt_about_rate(7.0) == ""


def test_frames_are_those_of_one_plane_and_channel():
    page = np.arange(12).reshape(2, 3, 2)
    assert recording(page=page, planes=3, channels=2).frames == 2
    assert recording().frames == 12


def test_ten_minutes_at_nearly_the_right_rate_are_four_seconds_off():
    found = recording(
        file_frames=np.array([9294]), frame_rate_hz=15.49, source={"frame_rate_hz": "stamps"}
    )
    assert found.doubt_about_rate(15.6).endswith("over the movie they differ by 4.23 s")
