"""Restoration piece by piece: the noise of a movie, pairs, networks, inventions, events."""

import numpy as np
import pytest
import tifffile
from scipy.ndimage import uniform_filter

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.microscope.restoration import adversary, events, particles
from twophoton_decode.deep.microscope.restoration.examples import CleanMovies, detected
from twophoton_decode.deep.microscope.restoration.fitting import budget_of, fit
from twophoton_decode.deep.microscope.restoration.light import measure_light
from twophoton_decode.deep.microscope.restoration.network import EVENT_PX, WINDOW, build
from twophoton_decode.deep.microscope.restoration.restorer import Restorer, moving_average
from twophoton_decode.deep.microscope.restoration.streaming import Levels, windows
from twophoton_decode.errors import MovieError, TrainingError
from twophoton_decode.recording.movie import open_recording

GAIN, DARK = 20.0, 100.0


def bright_field(frames=120, side=48, seed=0):
    """Photons of a still field from 3 to 30, as a movie without noise."""
    rng = np.random.default_rng(seed)
    one = 3 + 27 * rng.random((side, side), dtype=np.float32)
    return np.broadcast_to(one, (frames, side, side))


def recorded(path, photons, read_noise=0.0, seed=1):
    counted = detected(photons, read_noise, np.random.default_rng(seed))
    tifffile.imwrite(path, np.rint(DARK + GAIN * counted).astype(np.uint16))
    return open_recording([path])


def test_gain_dark_level_and_read_noise_come_back(tmp_path):
    light = measure_light(recorded(tmp_path / "m.tif", bright_field()))
    assert light.gain == pytest.approx(GAIN, rel=0.05)
    assert light.dark == pytest.approx(DARK, abs=GAIN)
    assert light.photons == pytest.approx(16.5, rel=0.08)
    assert light.fitted
    assert abs(light.correlation) < 0.02
    assert not light.notes()
    noisy = recorded(tmp_path / "r.tif", bright_field(), read_noise=2.0)
    assert measure_light(noisy, dark=DARK).read_noise == pytest.approx(2.0, rel=0.2)


def test_filtered_noise_and_noise_without_photons_are_said(tmp_path):
    photons = detected(bright_field(), 0.0, np.random.default_rng(1))
    smooth = (photons + np.roll(photons, 1, axis=2)) / 2
    tifffile.imwrite(tmp_path / "s.tif", np.rint(DARK + GAIN * smooth).astype(np.uint16))
    light = measure_light(open_recording([tmp_path / "s.tif"]))
    assert light.correlation == pytest.approx(0.5, abs=0.05)
    assert "correlated (0.5" in light.notes()[0]
    rng = np.random.default_rng(2)
    even = 1000 - 20 * bright_field() + rng.normal(0, 5, (120, 48, 48)) * np.sqrt(bright_field())
    tifffile.imwrite(tmp_path / "w.tif", np.rint(even).astype(np.uint16))
    light = measure_light(open_recording([tmp_path / "w.tif"]))
    assert not light.fitted
    assert light.gain > 0
    assert "does not grow with brightness" in light.notes()[0]


def test_movies_without_noise_are_refused(tmp_path):
    tifffile.imwrite(tmp_path / "c.tif", np.full((20, 16, 16), 7, np.uint16))
    with pytest.raises(MovieError, match="all the same"):
        measure_light(open_recording([tmp_path / "c.tif"]))
    nan = np.ones((20, 16, 16), np.float32)
    nan[3, 2, 2] = np.nan
    tifffile.imwrite(tmp_path / "n.tif", nan)
    with pytest.raises(MovieError, match="NaN"):
        measure_light(open_recording([tmp_path / "n.tif"]))


def test_the_network_begins_as_a_moving_average_that_keeps_events():
    network = build(0)
    assert sum(value.numel() for value in network.parameters()) == pytest.approx(0.49e6, rel=0.03)
    photons = np.random.default_rng(0).poisson(5, (12, 21, 30)).astype(np.float32)
    made = Restorer(network, WINDOW, 7.0).whole(photons)
    average = moving_average(photons, WINDOW)
    begun = average + uniform_filter(photons - average, (0, EVENT_PX, EVENT_PX), mode="nearest")
    np.testing.assert_allclose(made, begun, rtol=1e-4, atol=1e-4)


def test_a_frame_does_not_depend_on_which_others_are_restored_with_it():
    torch = torch_or_error()
    network = build(0)
    torch.nn.init.normal_(network.last.weight, generator=torch.Generator().manual_seed(0))
    restorer = Restorer(network, WINDOW, 7.0)
    photons = np.random.default_rng(0).poisson(5, (12, 17, 22)).astype(np.float32)
    assert np.array_equal(restorer(photons)[2:4], restorer(photons[2 : 4 + 2 * restorer.beside]))


def movies(noise=0.0, window=WINDOW):
    rng = np.random.default_rng(5)
    made = [np.full((10, 20, 24), level, np.float32) for level in rng.uniform(3, 9, 3)]
    return CleanMovies(made, made, noise, window, side=16)


def test_pairs_have_the_noise_of_photons():
    pairs = movies().draw(200, np.random.default_rng(0))
    assert pairs.noisy.shape == (200, WINDOW, 16, 16)
    assert pairs.clean.shape == (200, 16, 16)
    z = (pairs.noisy - pairs.clean[:, None]) / np.sqrt(pairs.clean[:, None])
    assert z.mean() == pytest.approx(0, abs=0.01)
    assert z.std() == pytest.approx(1, abs=0.01)
    with pytest.raises(TrainingError, match="10 frames; a window needs 11"):
        movies(window=11)


@pytest.mark.parametrize("method", ["ssim", "mse", "pix2pix"])
def test_every_method_learns_and_goes_on_where_it_was_killed(method, tmp_path):
    data, budget = movies(), budget_of(4)
    whole = fit(data, data, method, budget, TrainingRun(None, seed=3))

    def interrupted(done, total, what):
        if done == 2:
            raise KeyboardInterrupt

    run = TrainingRun(tmp_path / "learned", interrupted, seed=3)
    with pytest.raises(KeyboardInterrupt):
        fit(data, data, method, budget, run)
    again = fit(data, data, method, budget, TrainingRun(tmp_path / "learned", seed=3))
    for one, two in zip(*(f.restorer.network.parameters() for f in (whole, again)), strict=True):
        assert np.array_equal(one.numpy(), two.numpy())


def test_deceiving_leaves_the_discriminator_alone():
    torch = torch_or_error()
    pair = adversary.with_adversary(build(0), WINDOW, 0)
    noisy = torch.rand(2, WINDOW, 32, 32)
    adversary.deceiving(pair, noisy, noisy[:, 3]).backward()
    assert all(value.grad is None for value in pair.discriminator.parameters())
    assert any(value.grad is not None for value in pair.restorer.parameters())


def discs(places, contrast=10.0, diameter=9.0, side=64):
    y, x = np.indices((side, side))
    frame = np.full((side, side), 5.0)
    for row, column in places:
        frame += contrast * (np.hypot(y - row, x - column) <= diameter / 2)
    return frame[None]


def test_inventions_and_losses_are_counted():
    threshold = particles.PARTICLE * particles.rise_of_cell(10.0, 9.0)
    clean = discs([(15, 15), (40, 40)])
    assert particles.compare(clean, clean, threshold, 9.0) == [(2, 2, 0)]
    assert particles.compare(discs([(15, 15)]), clean, threshold, 9.0) == [(2, 1, 0)]
    assert particles.compare(discs([(15, 15), (50, 15)]), clean, threshold, 9.0) == [(2, 1, 1)]
    # What is only dimmer than the threshold is neither missed nor invented.
    for share, invented in ((0.2, 2), (0.4, 0), (0.7, 0)):
        dim = 5 + share * (clean - 5)
        assert particles.compare(clean, dim, threshold, 9.0)[0].invented == invented
    assert particles.count(discs([]), threshold, 9.0).tolist() == [0]
    assert particles.count(clean, threshold, 9.0).tolist() == [2]


def test_events_lost_halved_and_kept():
    rise = np.exp(-np.arange(6) / 2)
    clean = np.full((3, 60), 10.0)
    for at in (10, 30):
        clean[:, at : at + 6] += 5 * rise
    true = events.true_events(clean)
    assert true.cell.tolist() == [0, 0, 1, 1, 2, 2]
    assert true.onset.tolist() == true.peak.tolist() == [10, 30] * 3
    np.testing.assert_allclose(true.amplitude, 5)
    half, kept = 10 + 0.4 * (clean - 10), events.fidelity(clean, clean, true)
    assert (kept.slope, kept.area_slope, kept.missed, kept.r) == pytest.approx((1, 1, 0, 1))
    lost = events.fidelity(half, clean, true)
    assert (lost.slope, lost.missed, lost.r) == pytest.approx((0.4, 1, 1))
    short = clean[:, :9]
    assert np.isnan(events.fidelity(short, short, events.true_events(short)).slope)


def test_flicker_and_false_drift_are_measured():
    clean = np.full((40, 8, 8), 10.0)
    assert events.flicker(clean, clean) == 0
    alternating = clean * (1 + 0.01 * (-1.0) ** np.arange(40))[:, None, None]
    assert events.flicker(alternating, clean) == pytest.approx(0.02, rel=0.05)
    traces = np.full((2, 40), 10.0)
    drifting = traces * np.repeat([1, 1, 1, 1.3], 10)
    assert events.slow_error(drifting, traces) == pytest.approx(0.3)
    assert events.slow_error(traces, traces) == 0


def test_windows_mirror_the_ends_and_chunks_join(tmp_path):
    frames = np.arange(9, dtype=np.uint16)[:, None, None] * np.ones((1, 4, 5), np.uint16)
    tifffile.imwrite(tmp_path / "m.tif", frames)
    recording = open_recording([tmp_path / "m.tif"])
    first, second, third = (each[:, 0, 0].tolist() for each in windows(recording, 2, 0, 4))
    assert first == [2, 1, 0, 1, 2, 3, 4, 5]
    assert second == [2, 3, 4, 5, 6, 7, 8, 7]
    assert third == [6, 7, 8, 7, 6]
    with pytest.raises(MovieError, match="9 frames, but a window needs 11"):
        next(windows(recording, 5, 0, 4))


def test_levels_lose_less_than_a_step():
    levels = Levels(-20.0, 0.25)
    grey = np.array([-20.0, 0.1, 5.3, 9000.0])
    back = levels.offset + levels.scale * levels.stored(grey)
    np.testing.assert_allclose(back, grey, atol=0.125)
    assert levels.stored(np.array([-1e6, 1e6])).tolist() == [0, 65535]
