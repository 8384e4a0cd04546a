import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from twophoton_decode.recording.levels.range import LevelRange, blank, is_ceiling, oddities


@settings(deadline=None)
@given(
    st.lists(arrays(np.uint16, st.integers(1, 20), elements=st.integers(4000, 4095)), min_size=1)
)
def test_parts_add_up_to_the_whole(parts):
    seen = LevelRange()
    for part in parts:
        seen.see(part)
    whole = np.concatenate(parts)
    assert (seen.lowest, seen.highest) == (whole.min(), whole.max())
    at_ceiling = np.mean(whole == 4095) if whole.max() == 4095 else 0.0
    assert seen.saturated == pytest.approx(at_ceiling)


def test_pixels_at_a_lower_ceiling_do_not_count_once_a_higher_level_was_seen():
    seen = LevelRange()
    seen.see(np.array([255, 255, 3]))
    assert seen.saturated == pytest.approx(2 / 3)
    seen.see(np.array([300]))
    assert seen.saturated == 0.0


def test_nothing_seen_is_nothing_saturated():
    assert LevelRange().saturated == 0.0


@pytest.mark.parametrize("level", [255, 1023, 4095, 8191, 16383, 32767, 65535])
def test_ceilings_of_digitisers(level):
    assert is_ceiling(level)
    assert not is_ceiling(level - 1)
    assert not is_ceiling(level + 0.5)


@pytest.mark.parametrize("level", [0, -1, 1, 3, 127])
def test_levels_that_no_digitiser_ends_at(level):
    assert not is_ceiling(level)


def test_blank_frames_have_one_level():
    frames = np.zeros((4, 3, 3), dtype=np.float32)
    frames[1, 2, 2], frames[2] = 1, 5
    frames[3, 0, 0] = np.nan
    assert blank(frames).tolist() == [True, False, True, False]


def test_few_saturated_pixels_are_no_oddity():
    assert oddities(10, 0, 1e-3, 255) == []
    assert oddities(10, 2, 2e-3, 255) == [
        "0.20 % of pixels are saturated at 255", "2 of 10 frames are blank"
    ]  # fmt: skip
