"""Percentiles in running windows, on traces whose percentiles are known."""

import numpy as np
import pytest

from twophoton_decode.extraction.signals.baseline.windows import Binned, stretches


def good(frames):
    return np.ones(frames, dtype=bool)


def running(signal, percentile, window):
    parts = [slice(0, signal.shape[1])]
    frames = Binned.of(signal, 1, good(signal.shape[1]), parts)
    return frames.percentiles([percentile], window).at_frames(0, parts)


def test_percentile_is_that_of_the_window_around_each_position():
    signal = np.random.default_rng(0).normal(100, 5, size=(3, 400))
    found = running(signal, 20.0, 101)
    for middle in (50, 60, 150):
        around = signal[:, middle - 50 : middle + 51]
        assert found[:, middle] == pytest.approx(np.percentile(around, 20.0, axis=1))
    assert (found[:, :50] == found[:, [50]]).all()
    assert (found[:, 350:] == found[:, [349]]).all()


def test_window_longer_than_the_recording_gives_one_value():
    assert (running(np.arange(1.0, 101.0)[np.newaxis], 50.0, 1000) == 50.5).all()


def test_bins_are_means_of_good_frames_and_cross_no_border():
    signal = np.arange(14.0)[np.newaxis]
    kept = good(14)
    kept[[1, 12]] = False
    found = Binned.of(signal, 3, kept, [slice(0, 8), slice(8, 14)])
    # 0 2 3 | 4 5 6 7 and 8 9 10 11 13, of which what is left over joins the last bin.
    assert found.mean[0] == pytest.approx([5 / 3, 5.5, 10.2])
    assert found.middle == pytest.approx([5 / 3, 5.5, 10.2])
    assert found.starts.tolist() == [0, 2]


def test_part_without_a_good_frame_is_taken_as_it_is():
    kept = good(6)
    kept[3:] = False
    found = Binned.of(np.arange(6.0)[np.newaxis], 3, kept, [slice(0, 3), slice(3, 6)])
    assert found.mean[0].tolist() == [1, 4]


def test_every_stretch_has_its_own_level():
    signal = np.repeat([[1.0, 5.0]], 40, axis=1)
    signal = np.sort(signal)
    parts = [slice(0, 40), slice(40, 80)]
    found = Binned.of(signal, 1, good(80), parts).percentiles([50.0], 30).at_frames(0, parts)
    assert found[0].tolist() == [1.0] * 40 + [5.0] * 40


@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        ([], [(0, 100)]),
        ([40], [(0, 40), (40, 100)]),
        ([10, 40, 50, 95], [(0, 40), (40, 100)]),
        ([30, 60], [(0, 30), (30, 60), (60, 100)]),
    ],
)
def test_pauses_cut_where_a_window_lies_on_both_sides(pauses, expected):
    parts = stretches(100, np.array(pauses, int), 30)
    assert [(part.start, part.stop) for part in parts] == expected
