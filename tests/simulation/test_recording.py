from dataclasses import replace

import numpy as np
import pytest

from twophoton_decode.simulation.microscope.movie import expected_photons
from twophoton_decode.simulation.parameters import SimulationParameters, demo_parameters
from twophoton_decode.simulation.population import Tuning
from twophoton_decode.simulation.recording import simulate
from twophoton_decode.simulation.session import simulate_responses, simulate_session

SMALL = SimulationParameters(
    cells=10, images=6, repeats=4, picture_px=16, field_px=56, seed=11, spontaneous_hz=0.05
)


@pytest.fixture(scope="module")
def simulated():
    return simulate(SMALL)


@pytest.fixture(scope="module")
def movie(simulated):
    return np.concatenate(list(simulated.frames()))


def test_one_seed_determines_everything(simulated, movie):
    again = simulate(SMALL)
    np.testing.assert_array_equal(again.dff, simulated.dff)
    np.testing.assert_array_equal(next(again.frames()), movie[:200])
    other = simulate(replace(SMALL, seed=12))
    assert not np.array_equal(other.session.image, simulated.session.image)
    assert not np.array_equal(next(other.frames()), movie[:200])


def test_changing_the_microscope_changes_no_response(simulated):
    brighter = simulate(replace(SMALL, soma_photons=40.0, motion_px=0.5))
    np.testing.assert_array_equal(brighter.session.response, simulated.session.response)
    np.testing.assert_array_equal(brighter.spike_s, simulated.spike_s)


def test_every_picture_is_shown_once_in_every_block(simulated):
    session = simulated.session
    for repeat in range(SMALL.repeats):
        shown = session.image[session.repeat == repeat]
        np.testing.assert_array_equal(np.sort(shown), np.arange(SMALL.images))
    np.testing.assert_allclose(np.diff(session.onset_s), SMALL.period_s)
    assert session.onset_s[-1] + SMALL.period_s < SMALL.frames / SMALL.frame_rate_hz


def test_evoked_spikes_are_the_responses(simulated):
    session = simulated.session
    evoked = simulated.spike_cell[: session.response.sum()]
    np.testing.assert_array_equal(
        np.bincount(evoked, minlength=SMALL.cells), session.response.sum(0)
    )
    quiet = simulate(replace(SMALL, spontaneous_hz=0.0))
    since = quiet.spike_s[:, None] - session.onset_s
    assert ((since >= 0.05) & (since <= 0.05 + SMALL.shown_s)).any(1).all()


def test_responses_alone_are_those_of_the_recording(simulated):
    response, picture = simulate_responses(SMALL)
    session = simulated.session
    assert response.shape == (4, 6, 10)
    assert response.dtype == np.float32
    np.testing.assert_array_equal(response[session.repeat, session.image], session.response)
    np.testing.assert_array_equal(picture, session.picture)


def still(simulated):
    """The same tissue without motion and noise."""
    scene = replace(simulated.scene, motion=np.zeros_like(simulated.scene.motion))
    return expected_photons(scene, 0, scene.frames)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_light_from_a_soma_follows_its_true_trace(seed):
    alone = simulate(replace(SMALL, cells=1, seed=seed, neuropil_photons=1e-6, bleaching=0.0))
    _, y, x = alone.mask_pixels()
    course = still(alone)[:, y, x].mean(1)
    np.testing.assert_allclose(course / course[0], 1 + alone.dff[0], rtol=1e-4)
    assert 0.5 < course[0] / alone.brightness[0] < 1.0
    assert alone.dff.max() > 0.3


def test_in_neuropil_a_soma_still_follows_mostly_itself(simulated):
    frames, (offset, y, x) = still(simulated), simulated.mask_pixels()
    courses = [part.mean(1) for part in np.split(frames[:, y, x], offset[1:-1], axis=1)]
    correlation = np.corrcoef(courses, simulated.dff)[: SMALL.cells, SMALL.cells :]
    assert (correlation.argmax(1) == np.arange(SMALL.cells)).all()
    assert np.median(np.diag(correlation)) > 0.75


def test_the_noisy_movie_keeps_the_mean_of_the_scene(simulated, movie):
    expected = expected_photons(simulated.scene, 0, SMALL.frames)
    detector = SMALL.detector
    photons = (movie.mean(0) - detector.offset) / detector.grey_per_photon
    error = photons - expected.mean(0)
    noise = np.sqrt((expected.mean(0) + 0.25) / SMALL.frames)
    assert (error / noise).std() == pytest.approx(1.0, abs=0.1)
    assert movie.dtype == np.uint16
    assert movie.shape == (SMALL.frames, 56, 56)


def test_masks_end_at_the_edge_of_the_field():
    crowded = simulate(replace(SMALL, cells=40))
    offset, y, x = crowded.mask_pixels()
    assert offset[0] == 0
    assert offset[-1] == y.size == x.size
    assert min(y.min(), x.min()) == 0
    assert max(y.max(), x.max()) == SMALL.field_px - 1
    for cell in range(40):
        pixels = slice(offset[cell], offset[cell + 1])
        place = np.array([y[pixels].mean(), x[pixels].mean()])
        centre = crowded.somata.centre[cell] - crowded.scene.margin
        np.testing.assert_allclose(place, centre, atol=1.0)


def test_neuropil_leaks_into_somata_by_its_share():
    dark = replace(SMALL, soma_photons=1e-6, bleaching=0.0)
    full, part = (simulate(replace(dark, neuropil_leak=leak)) for leak in (1.0, 0.7))
    _, y, x = full.mask_pixels()
    ratio = still(part)[:, y, x].mean() / still(full)[:, y, x].mean()
    assert ratio == pytest.approx(0.7, abs=0.01)


def test_bleaching_takes_its_share_of_the_light():
    calm = replace(SMALL, spontaneous_hz=0.0, tuning=Tuning(mean_spikes=1e-9, shared_noise=0.0))
    bleached, lasting = (simulate(replace(calm, bleaching=share)) for share in (0.4, 0.0))
    ratio = still(bleached).mean((1, 2)) / still(lasting).mean((1, 2))
    assert ratio[0] == pytest.approx(1.0, abs=1e-3)
    assert ratio[-1] == pytest.approx(0.6, abs=5e-3)


def test_motion_is_found_by_cross_correlation(simulated, movie):
    reference = np.fft.fft2(still(simulated).mean(0))
    smooth = movie[: SMALL.frames // 4 * 4].astype(float).reshape(-1, 4, 56, 56).mean(1)
    true = simulated.scene.motion[: SMALL.frames // 4 * 4].reshape(-1, 4, 2).mean(1)
    found = []
    for frame in smooth - smooth.mean():
        peak = np.fft.ifft2(np.fft.fft2(frame) * np.conj(reference)).real
        shift = np.array(np.unravel_index(peak.argmax(), peak.shape))
        found.append(np.where(shift > 28, shift - 56, shift))
    assert np.abs(np.array(found) - true).max() < 1.0
    assert np.abs(true).max() > 1.0


def test_running_comes_in_bouts_and_not_always():
    running = simulate_session(replace(SMALL, images=20, repeats=60)).running
    changes = np.abs(np.diff(running.astype(int))).sum()
    assert 0.1 < running.mean() < 0.35
    assert running.sum() / (changes / 2) == pytest.approx(8, rel=0.35)


def test_the_demo_population_is_sparse_but_serves_every_image():
    session = simulate_session(demo_parameters(3))
    share = (session.population.rate > 0).mean(1)
    assert 0.1 < share.mean() < 0.25
    assert share.min() * demo_parameters().cells >= 8
    assert len(session.image) * demo_parameters().period_s < 11 * 60


def decoded(response, picture, kept):
    """Mean correlation of held-out pictures with a ridge reconstruction from the kept cells."""
    R = response.mean(0).astype(float)[:, kept]
    S = picture.reshape(len(picture), -1).astype(float)
    scores = []
    for fold in range(5):
        test = np.arange(len(S)) % 5 == fold
        m, mean = S[~test].mean(0), R[~test].mean(0)
        X, Y = R[~test] - mean, S[~test] - m
        weights = np.linalg.solve(X.T @ X + 200 * np.eye(X.shape[1]), X.T @ Y)
        pairs = zip((R[test] - mean) @ weights, S[test] - m, strict=True)
        scores += [np.corrcoef(got, wanted)[0, 1] for got, wanted in pairs]
    return float(np.mean(scores))


def test_few_carriers_suffice_and_without_them_nothing_is_left():
    parameters = SimulationParameters(
        cells=100, images=60, repeats=10, picture_px=16, seed=1, tuning=Tuning(carriers=25)
    )
    carries = simulate_session(parameters).population.carries
    response, picture = simulate_responses(parameters)
    everything = decoded(response, picture, np.ones(100, dtype=bool))
    assert decoded(response, picture, carries) > everything
    assert everything > decoded(response, picture, ~carries) + 0.15


def test_where_all_carry_a_quarter_is_not_enough():
    parameters = SimulationParameters(cells=100, images=60, repeats=10, picture_px=16, seed=1)
    response, picture = simulate_responses(parameters)
    everything = decoded(response, picture, np.ones(100, dtype=bool))
    assert decoded(response, picture, np.arange(100) < 25) < everything - 0.08
