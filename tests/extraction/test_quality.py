"""A recording's quality on traces whose noise, leak, bleaching and motion are known."""

from dataclasses import replace

import numpy as np
import pytest
from test_traces import RATE, traces_of

from twophoton_decode.extraction.quality import measure as module
from twophoton_decode.extraction.quality.measure import quality
from twophoton_decode.extraction.quality.notes import rejection_note
from twophoton_decode.settings import TraceSettings

SETTINGS = TraceSettings()
FRAMES = 6000
ROIS = 12
NOISE = 4.0
LOSS = 0.3


def recording(loss=LOSS, seed=0):
    """Silent cells of 100 grey levels that bleach, in neuropil that leaks into them."""
    rng = np.random.default_rng(seed)
    fall = (1 - loss) ** (np.arange(FRAMES) / FRAMES)
    around = 40 * fall + np.convolve(rng.standard_normal(FRAMES + 99), np.ones(100) / 8, "valid")
    noise = NOISE * rng.standard_normal((ROIS, FRAMES))
    signal = 100 * fall + 0.7 * around + noise
    traces = traces_of(signal, np.broadcast_to(around, signal.shape), np.zeros(signal.shape))
    return replace(traces, frame_mean=60 * fall[None] + 0.1 * rng.standard_normal((1, FRAMES)))


@pytest.fixture(scope="module")
def found():
    return quality(recording(), SETTINGS)


def test_noise_levels_follow_from_noise_baseline_and_rate():
    found = quality(recording(loss=0.0), SETTINGS)
    # F0 is the level of 100 + 0.7 * 40, which noise does not lower.
    expected = 100 * 0.9539 * NOISE / 128 / np.sqrt(RATE)
    assert found.noise_level == pytest.approx(expected, rel=0.06)
    assert found.snr == pytest.approx(2.33, abs=0.2)
    assert found.usable.all()
    assert found.notes[0].startswith("in 12 of 12 cells the signal-to-noise ratio is below 3")


def test_bleaching_comes_back(found):
    # Neuropil bleaches with the cell, so F falls by the same share.
    assert found.bleaching == pytest.approx(100 * LOSS, abs=1.5)
    assert found.cell_bleaching == pytest.approx(100 * LOSS, abs=0.7)
    low, high = found.cell_bleaching_ci95
    assert low < 100 * LOSS < high
    assert found.frame_bleaching == pytest.approx(100 * LOSS, abs=0.05)
    assert found.frame_bleaching_ci95[0, 0] < 100 * LOSS < found.frame_bleaching_ci95[0, 1]
    assert any("loses 30 % of its brightness" in note for note in found.notes)


def test_neuropil_is_seen_before_and_gone_after():
    found = quality(recording(loss=0.0), SETTINGS)
    # Leak 0.7 * SD 1.25 in noise of SD 4.
    assert found.neuropil_correlation == pytest.approx(0.875 / np.hypot(0.875, 4), abs=0.05)
    assert found.corrected_correlation == pytest.approx(0, abs=0.05)
    assert found.neuropil_ratio == pytest.approx(40 / 128, rel=0.01)
    assert found.coefficient.tolist() == [0.7] * ROIS


def test_too_much_neuropil_subtracted_is_said():
    traces = recording(loss=0.0)
    around = np.asarray(traces.neuropil)
    cells = replace(traces, fluorescence=traces.fluorescence - 0.7 * around + 40)
    found = quality(cells, SETTINGS)
    assert (found.corrected_correlation < -0.15).all()
    strong = replace(cells, neuropil=(40 + 3 * (around - 40)).astype(np.float32))
    assert any("too much is subtracted" in note for note in quality(strong, SETTINGS).notes)


def test_blocks_of_rois_give_what_one_block_gives(found, monkeypatch):
    monkeypatch.setattr(module, "_VALUES_AT_ONCE", 5 * FRAMES)
    told = []
    again = quality(recording(), SETTINGS, lambda *step: told.append(step))
    assert told == [(5, 12, "ROIs"), (10, 12, "ROIs"), (12, 12, "ROIs")]
    for name, _ in found.arrays():
        np.testing.assert_array_equal(getattr(again, name), getattr(found, name))


def test_rois_without_a_baseline_are_counted_and_not_measured():
    traces = recording()
    signal = np.array(traces.fluorescence)
    signal[2] -= 150.0
    signal[5, 100] = np.nan
    signal[7] = 80.0
    found = quality(replace(traces, fluorescence=signal), TraceSettings(neuropil_coefficient=0))
    assert np.flatnonzero(~found.usable).tolist() == [2, 5]
    assert np.isnan(found.noise_level[[2, 5]]).all()
    assert np.isnan(found.snr[[2, 5, 7]]).all()
    assert np.isnan(found.bleaching[[2, 5]]).all()
    assert found.notes[-2].startswith("2 of 12 ROIs have no noise level")
    assert found.notes[-1].startswith("the traces of 1 ROIs")
    rest = np.delete(np.arange(ROIS), [2, 5, 7])
    assert np.isfinite(found.snr[rest]).all()


def test_motion_is_summed_up_outside_bad_frames():
    traces = recording(loss=0.0)
    y, x = np.zeros((2, 1, FRAMES))
    y[0, 1000], x[0, 1000] = 3.0, -4.0
    y[0, 2000:2400] = 40.0
    y[0, -600:] = 2.0
    # Flagged, so that it is no motion of the field of view.
    y[0, 100:300] = 40.0
    bad = np.zeros(FRAMES, dtype=bool)
    bad[2000:2400] = bad[100:300] = True
    correlation = np.where(np.arange(FRAMES) < 3000, 0.04, 0.03)[None]
    moved = replace(
        traces, motion_y=y, motion_x=x, bad_frame=bad, motion_correlation=correlation,
        pixel_offset=np.arange(ROIS + 1) * 3, pixel_y=np.zeros(3 * ROIS),
        pixel_x=np.zeros(3 * ROIS), pixel_weight=np.ones(3 * ROIS),
    )  # fmt: skip
    found = quality(moved, SETTINGS)
    assert (found.bad_frames, found.largest_motion, found.drift) == (600, 5.0, 2.0)
    assert found.correlation_change == pytest.approx(-25.0, abs=1e-4)
    assert found.notes[0].startswith("600 of 6000 frames (10 %) are flagged for bad motion")
    assert any("moves by 2.0 px" in note and "(1.0 px)" in note for note in found.notes)
    assert any("changes by -25 %" in note for note in found.notes)


def test_jumps_of_the_light_are_said_with_their_frames():
    traces = recording(loss=0.0)
    mean = np.array(traces.frame_mean)
    mean[0, 3000:] *= 1.5
    found = quality(replace(traces, frame_mean=mean), SETTINGS)
    assert np.argwhere(found.brightness_jump).tolist() == [[0, 3000]]
    assert any("jumps 1 times, at frame 3000" in note for note in found.notes)


def test_noise_that_is_too_high_is_said():
    traces = recording(loss=0.0)
    rng = np.random.default_rng(1)
    noisy = traces.fluorescence + 35 * rng.standard_normal((ROIS, FRAMES))
    found = quality(replace(traces, fluorescence=noisy.astype(np.float32)), SETTINGS)
    level = np.median(found.noise_level)
    assert level > 8
    assert any(f"is {level:.1f} %/√Hz" in note for note in found.notes)


def test_old_sessions_and_sessions_without_cells_are_measured_as_far_as_they_go():
    traces = replace(recording(), frame_mean=None, is_cell=np.zeros(ROIS))
    found = quality(traces, SETTINGS)
    assert found.frame_brightness is found.frame_bleaching is found.brightness_jump is None
    assert np.isnan(found.cell_bleaching)
    assert np.isnan(found.cell_bleaching_ci95).all()
    assert np.isnan(found.correlation_change)
    assert np.isfinite(found.noise_level).all()


def test_a_sound_recording_has_no_notes():
    traces = recording(loss=0.0)
    active = np.array(traces.fluorescence)
    active[:, ::500] += 60
    for shift in range(1, 20):
        active[:, shift::500] += 60
    assert quality(replace(traces, fluorescence=active), SETTINGS).notes == ()


def test_every_frame_bad_leaves_noise_unknown():
    traces = replace(recording(), bad_frame=np.ones(FRAMES))
    found = quality(traces, SETTINGS)
    assert np.isnan(found.noise_level).all()
    assert np.isnan(found.peak).all()
    assert np.isnan(found.largest_motion)
    assert np.isfinite(found.bleaching).all()


def judged(cells, total, curated=False):
    """Traces whose first ROIs alone are cells."""
    signal = np.ones((total, 10))
    return replace(
        traces_of(signal, signal, signal), is_cell=np.arange(total) < cells, curated=curated
    )


def test_a_classifier_that_rejects_most_rois_is_said_with_what_to_try():
    (said,) = rejection_note(judged(54, 307), 0.5)
    assert said.startswith(
        "253 of 307 ROIs (82 %) were rejected by the classifier (cell_probability 0.5)."
    )
    for advice in ("spatial_scale", "lower cell_probability", "suite2p's GUI", "--cells"):
        assert advice in said


@pytest.mark.parametrize(
    ("cells", "total", "curated"), [(20, 60, False), (0, 19, False), (5, 60, True), (60, 60, False)]
)
def test_a_usual_share_few_rois_or_a_users_own_judgement_are_not(cells, total, curated):
    assert rejection_note(judged(cells, total, curated), 0.5) == []
