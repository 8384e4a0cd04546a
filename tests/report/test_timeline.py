"""A decimated line keeps every peak."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from twophoton_decode.figures.canvas.timeline import extremes, in_time_unit, time_label


def test_short_lines_are_drawn_whole():
    assert extremes(np.arange(5.0), 6).tolist() == [0, 1, 2, 3, 4]


@given(st.integers(0, 2**32 - 1), st.integers(11, 400), st.integers(2, 10))
def test_every_stretch_keeps_its_smallest_and_largest_value(seed, size, points):
    values = np.random.default_rng(seed).standard_normal(size)
    drawn = extremes(values, points)
    assert (np.diff(drawn) > 0).all()
    assert drawn.size <= points
    edges = np.linspace(0, size, points // 2 + 1).astype(int)
    for start, stop in pairwise(edges):
        kept = values[drawn[(drawn >= start) & (drawn < stop)]]
        assert kept.min() == values[start:stop].min()
        assert kept.max() == values[start:stop].max()


def test_missing_values_never_hide_a_peak():
    values = np.full(100, np.nan)
    values[[3, 40, 41, 97]] = [1.0, -5.0, 7.0, 2.0]
    drawn = extremes(values, 4)
    assert {40, 41, 97} <= set(drawn.tolist())
    assert np.nanmax(values[drawn]) == 7.0


def test_minutes_where_a_recording_is_long():
    assert in_time_unit(np.array([90.0]), 100.0).tolist() == [90.0]
    assert in_time_unit(np.array([90.0]), 200.0).tolist() == [1.5]
    assert (time_label(100.0), time_label(200.0)) == ("Time (s)", "Time (min)")
