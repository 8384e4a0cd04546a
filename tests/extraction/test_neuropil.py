"""Recovery of known coefficients from simulated traces whose neuropil knows the activity."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twophoton_decode.extraction.signals.neuropil import (
    AT_BOUND,
    ESTIMATED,
    LARGEST,
    NOT_ESTIMABLE,
    NeuropilCoefficients,
    estimate_coefficients,
)

RATE, SECONDS, CELLS = 10.0, 480, 24


def simulated(
    seed, *, spikes_hz=0.1, coupling=0.5, noise=10.0, leak=0.02, bleaching=0.0, c=None, rate=RATE
):
    """F = 500 + cell + c N, N a mean of neighbours that are driven as the cell is.

    `coupling` is the share of spikes, and of the neuropil's variance, from that drive;
    `leak` of the cell's own signal ends up around it.
    """
    rng = np.random.default_rng(seed)
    frames = int(SECONDS * rate)
    kernel = np.exp(-np.arange(int(4 * rate)) / (0.7 * rate))
    drive = np.repeat(rng.gamma(1.0, 1.0, SECONDS), int(rate))
    spikes = rng.poisson(spikes_hz / rate * (1 - coupling + coupling * drive), (CELLS, frames))
    cell = 100 * np.array([np.convolve(each, kernel)[:frames] for each in spikes])
    shared = np.convolve(drive, kernel)[:frames]
    own = np.array(
        [
            np.convolve(rng.standard_normal(frames), np.exp(-np.arange(200) / (3 * rate)))[:frames]
            for _ in range(CELLS)
        ]
    )
    shared, own = (each / each.std(axis=-1, keepdims=True) for each in (shared, own))
    around = 300 + 15 * (coupling**0.5 * shared + (1 - coupling) ** 0.5 * own) + leak * cell
    true = rng.uniform(0.3, 1.0, CELLS) if c is None else np.full(CELLS, c)
    fade = 1 - bleaching * np.arange(frames) / frames
    fluorescence = (500 + cell + true[:, None] * around) * fade
    return (
        fluorescence + noise * rng.standard_normal(cell.shape),
        around * fade + 2 * rng.standard_normal(cell.shape),
        true,
    )


def plain_regression(fluorescence, neuropil):
    centred = neuropil - neuropil.mean(axis=1, keepdims=True)
    return (fluorescence * centred).sum(axis=1) / (centred**2).sum(axis=1)


@pytest.mark.parametrize(
    ("kind", "bias", "spread", "fewest"),
    [
        ({"spikes_hz": 0.05}, 0.02, 0.05, 0.75),
        ({"spikes_hz": 0.3}, 0.02, 0.05, 0.75),
        ({"spikes_hz": 1.0}, 0.04, 0.08, 0.1),
        ({"spikes_hz": 1.0, "coupling": 0.9}, 0.04, 0.09, 0.1),
        ({"spikes_hz": 0.3, "leak": 0.1}, 0.02, 0.05, 0.75),
        ({"spikes_hz": 0.3, "bleaching": 0.2}, 0.02, 0.05, 0.75),
        ({"spikes_hz": 0.05, "noise": 30.0}, 0.03, 0.08, 0.75),
        ({"spikes_hz": 0.3, "rate": 30.0, "noise": 17.0}, 0.02, 0.05, 0.75),
    ],
)
def test_known_coefficients_come_back(kind, bias, spread, fewest):
    errors, plain, estimated = [], [], []
    for seed in range(3):
        fluorescence, neuropil, true = simulated(seed, **kind)
        found = estimate_coefficients(fluorescence, neuropil, kind.get("rate", RATE))
        sure = found.origin == ESTIMATED
        estimated.append(sure.mean())
        errors.append((found.value - true)[sure])
        plain.append(plain_regression(fluorescence, neuropil) - true)
    assert np.mean(estimated) > fewest
    errors = np.concatenate(errors)
    assert abs(errors.mean()) < bias
    assert errors.std() < spread
    # Regression over all frames takes activity that goes along with the neuropil for leakage.
    assert abs(errors.mean()) < abs(np.mean(plain))


def of_ordinary_cells(seed, c, events_hz, noise=10.0):
    """F0 of 100, transients of 30 that decay in 0.7 s, neuropil of 6 SD that changes slowly."""
    rng = np.random.default_rng(seed)
    rate, frames = 15.0, int(15 * SECONDS)
    kernel = np.exp(-np.arange(63) / (0.7 * rate))
    spikes = rng.poisson(events_hz / rate, (CELLS, frames))
    cell = 30 * np.array([np.convolve(each, kernel)[:frames] for each in spikes])
    slow = np.exp(-np.arange(225) / (3 * rate))
    around = np.array(
        [np.convolve(rng.standard_normal(frames), slow)[:frames] for _ in range(CELLS)]
    )
    around = 80 + 6 * around / around.std(axis=1, keepdims=True)
    fluorescence = 100 + cell + c * around + noise * rng.standard_normal(cell.shape)
    return fluorescence, around + 2 * rng.standard_normal(cell.shape), rate


@pytest.mark.parametrize("events_hz", [2.0, 3.0, 6.0, 8.0])
@pytest.mark.parametrize("c", [0.3, 1.0])
def test_busy_cells_get_no_coefficient_that_is_far_off(events_hz, c):
    found = estimate_coefficients(*of_ordinary_cells(int(10 * events_hz), c, events_hz))
    estimated = found.origin != NOT_ESTIMABLE
    assert (np.abs(found.value - c)[estimated] > 0.2).sum() <= 1
    assert (found.value[~estimated] == 0.7).all()
    assert np.isnan(found.error[~estimated]).all()


@pytest.mark.parametrize(("events_hz", "noise", "fewest"), [(0.3, 10, 1), (0.5, 5, 1), (1, 5, 0.6)])
def test_errors_are_as_large_as_they_are_said_to_be(events_hz, noise, fewest):
    deviates = []
    for seed, c in enumerate((0.3, 0.6, 0.9)):
        found = estimate_coefficients(*of_ordinary_cells(seed, c, events_hz, noise))
        sure = found.origin == ESTIMATED
        assert sure.mean() >= fewest
        deviates.extend(((found.value - c) / found.error)[sure])
    # Busy cells are safer than they are said to be, none is less safe.
    assert 0.3 < np.std(deviates) < 1.3


def test_cells_that_are_never_quiet_are_not_estimated():
    for seed in range(3):
        fluorescence, neuropil, _ = simulated(seed, spikes_hz=6.0)
        found = estimate_coefficients(fluorescence, neuropil, RATE)
        unknown = found.origin == NOT_ESTIMABLE
        assert unknown.mean() > 0.9
        assert (found.value[unknown] == 0.7).all()


def test_bounds_are_kept_and_said():
    fluorescence, neuropil, _ = simulated(0, c=-0.1)
    found = estimate_coefficients(fluorescence, neuropil, RATE)
    assert (found.value == 0).all()
    assert (found.origin == AT_BOUND).all()
    fluorescence, neuropil, _ = simulated(0, c=1.28)
    found = estimate_coefficients(fluorescence, neuropil, RATE)
    assert (found.value == LARGEST).mean() > 0.9
    assert (found.origin == AT_BOUND).mean() > 0.9
    fluorescence, neuropil, _ = simulated(0, c=2.0)
    assert (estimate_coefficients(fluorescence, neuropil, RATE).origin == NOT_ESTIMABLE).all()


def test_constant_traces_have_no_coefficient():
    fluorescence, neuropil, _ = simulated(1)
    neuropil[0] = 300.0
    fluorescence[1] = 0.0
    fluorescence[2], neuropil[2] = 0.0, 0.0
    found = estimate_coefficients(fluorescence, neuropil, RATE)
    assert found.origin[:4].tolist() == [*(3 * [NOT_ESTIMABLE]), ESTIMATED]
    assert found.value[:3].tolist() == [0.7, 0.7, 0.7]


@pytest.mark.parametrize("frames", [2, 40, 301])
def test_short_recordings_are_no_error(frames):
    fluorescence, neuropil, _ = simulated(2)
    found = estimate_coefficients(fluorescence[:, :frames], neuropil[:, :frames], RATE)
    assert np.isfinite(found.value).all()
    if frames < 100:
        assert (found.origin == NOT_ESTIMABLE).all()


@settings(max_examples=5, deadline=None)
@given(
    gain=st.floats(0.01, 100),
    level=st.floats(-1e4, 1e4),
    order=st.permutations(list(range(5))),
)
def test_units_levels_and_the_order_of_rois_do_not_matter(gain, level, order):
    fluorescence, neuropil, _ = simulated(3)
    fluorescence, neuropil = fluorescence[:5], neuropil[:5]
    plain = estimate_coefficients(fluorescence, neuropil, RATE)
    moved = estimate_coefficients(
        gain * fluorescence[order] + level, gain * neuropil[order] - level, RATE
    )
    np.testing.assert_allclose(moved.value, plain.value[order], atol=1e-5)


def test_notes_count_what_could_not_be_estimated():
    origin = np.array([ESTIMATED, ESTIMATED, AT_BOUND, AT_BOUND, NOT_ESTIMABLE])
    error = np.array([0.02, 0.04, 0.06, 0.08, np.nan])
    found = NeuropilCoefficients(np.array([0.5, 0.7, 0.0, LARGEST, 0.7]), error, origin)
    first, second, third = found.notes
    assert "for 4 cells: median 0.60, quartiles 0.38 and 0.82" in first
    assert "median standard error 0.05" in first
    assert second == "Of these, 1 were cut to 0 and 1 to 1.2."
    assert "coefficient of 1 cells cannot be estimated to within 0.15" in third
    assert NeuropilCoefficients.given(0.7, "fixed", 1).notes == []
    assert len(NeuropilCoefficients.given(0.7, NOT_ESTIMABLE, 1).notes) == 1
