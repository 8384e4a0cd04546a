import numpy as np
import pytest

from twophoton_decode.records import Recording


def recording(**more):
    return Recording(
        file=np.array(["a.tif"]), file_frames=np.array([12]), height=4, width=4, dtype="uint16",
        layout="scanimage", **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "doubted"), [(30.0, False), (30.5, False), (31, True), (15, True)]
)
def test_a_rate_unlike_that_of_the_files_is_doubted(given, doubted):
    found = recording(frame_rate_hz=30.0, source={"frame_rate_hz": "ScanImage header"})
    expected = f"frame_rate_hz is {given:g}, but ScanImage header says 30 Hz" if doubted else ""
    assert found.doubt_about_rate(given) == expected


def test_files_that_say_nothing_doubt_nothing():
    assert recording().doubt_about_rate(7.0) == ""


def test_frames_are_those_of_one_plane_and_channel():
    page = np.arange(12).reshape(2, 3, 2)
    assert recording(page=page, planes=3, channels=2).frames == 2
    assert recording().frames == 12
