import numpy as np
import pytest

from twophoton_decode.simulation.microscope.calcium import calcium_traces, count_transients


def traces(spike_cell, spike_s, cells=1, frames=400, rate=100.0, dff=1.0):
    return calcium_traces(
        np.asarray(spike_cell),
        np.asarray(spike_s, dtype=float),
        cells=cells,
        frames=frames,
        frame_rate_hz=rate,
        rise_s=0.05,
        decay_s=0.3,
        dff_per_spike=np.full(cells, dff),
    )


def test_one_spike_rises_to_its_peak_and_decays():
    trace = traces([0], [1.0], dff=0.4)[0]
    time_s = (np.arange(400) + 0.5) / 100
    assert trace[time_s < 1.0].max() == 0
    assert trace.max() == pytest.approx(0.4, rel=1e-3)
    assert time_s[trace.argmax()] - 1.0 == pytest.approx(0.05 * np.log(7), abs=0.006)
    late = (time_s > 1.6) & (time_s < 3.0)
    np.testing.assert_allclose(np.diff(np.log(trace[late])), -0.01 / 0.3, rtol=1e-3)


def test_spikes_add_up_each_in_its_own_cell():
    both = traces([0, 0, 1], [0.5, 0.9, 2.0], cells=2)
    np.testing.assert_allclose(both[0], traces([0], [0.5])[0] + traces([0], [0.9])[0], rtol=1e-5)
    np.testing.assert_array_equal(both[1], traces([0], [2.0])[0])


def test_spikes_outside_the_movie_only_leave_their_tail():
    trace = traces([0, 0], [-0.2, 10.0], frames=100)[0]
    whole = traces([0], [0.3], frames=150)[0]
    np.testing.assert_allclose(trace, whole[50:], atol=1e-6)


def test_transients_are_rises_through_the_threshold():
    trace = np.array([[0.3, 0.0, 0.5, 0.6, 0.1, 0.25], [0.0, 0.1, 0.1, 0.0, 0.1, 0.15]])
    np.testing.assert_array_equal(count_transients(trace), [3, 0])
