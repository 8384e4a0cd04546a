"""Decoders that are not affine: predicted again, where affine ones add up cells."""

import dataclasses
import gc
import weakref
from importlib.metadata import EntryPoint

import numpy as np
import pytest
from fitted_recording import carried, decoded
from hand_made_records import responses_of

from twophoton_decode.analyses.cell_count.curves import cell_count_curves
from twophoton_decode.analyses.cell_count.image_curves import CURVES, image_curves
from twophoton_decode.analyses.cell_count.predicted_curves import count_grid, predicted_curves
from twophoton_decode.analyses.fold import FoldTrials
from twophoton_decode.analyses.readout import FilterReadout, fold_readout
from twophoton_decode.analyses.stability.stability import stability
from twophoton_decode.decoding.folds import again
from twophoton_decode.decoding.folds.again import models_of
from twophoton_decode.decoding.folds.context import NO_SESSION
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.errors import PlugInError
from twophoton_decode.figures.cell_count.how_many_cells import how_many_cells
from twophoton_decode.progress import silent
from twophoton_decode.settings import CellCountSettings, DecodingSettings

THEIRS = """
import numpy as np
from sklearn.neighbors import KNeighborsRegressor
from twophoton_decode.decoding.decoders.ridge import Decoder as Ridge

class Wrapped:
    # Ridge that says nothing of its weights.
    def fit(self, R, Y, groups=None):
        self.ridge = Ridge().fit(R, Y, groups=groups)
    def predict(self, R):
        return self.ridge.predict(R)

class Nearest:
    def fit(self, R, Y, groups=None):
        self.model = KNeighborsRegressor(5).fit(R, Y)
    def predict(self, R):
        return self.model.predict(R)

class Coarse(Nearest):
    # float32, and by other sums at each fit, as threads and devices give.
    fits = 0
    def fit(self, R, Y, groups=None):
        super().fit(R, Y)
        Coarse.fits += 1
        self.other = Coarse.fits % 2
    def predict(self, R):
        return np.float32(self.model.predict(R)) * np.float32(1 + self.other * 2.0**-22)

class Restless(Nearest):
    drawn = np.random.default_rng(0)
    def predict(self, R):
        return self.model.predict(R) + R[:, :1] * self.shift
    def fit(self, R, Y, groups=None):
        super().fit(R, Y)
        self.shift = self.drawn.normal(size=Y.shape[1])
"""


@pytest.fixture(autouse=True)
def their_decoders(tmp_path, monkeypatch):
    (tmp_path / "silent_decoders.py").write_text(THEIRS)
    monkeypatch.syspath_prepend(tmp_path)
    names = {name: name.title() for name in ("wrapped", "nearest", "restless", "coarse")}
    points = [
        EntryPoint(name, f"silent_decoders:{kind}", "tpdecode.decoders")
        for name, kind in names.items()
    ]
    monkeypatch.setattr("twophoton_decode.registry.entry_points", lambda group: points)


def recording(images=20, repeats=(2, 3, 4, 3)):
    """Pictures that 15 cells carry, shown unequally often, a few cells responding in each."""
    whole = carried(4, cells=15, images=images, repeats=4, noise=0.4)
    kept = np.flatnonzero(np.tile(np.arange(4), images) < np.resize(repeats, images).repeat(4))
    kept = np.random.default_rng(1).permutation(kept)
    return responses_of(
        whole.response[kept], whole.image[kept], whole.picture,
        responsive_others=whole.responsive_others[kept],
    )  # fmt: skip


def by_both(responses, omitted, counts):
    """`ImageCurves` of ridge, by its filters, and of the same decoder by its predictions."""
    rng = np.random.default_rng(2)
    orders = np.array([rng.permutation(responses.cells) for _ in range(3)])
    options = {"random_orders": orders, "same": np.eye(responses.images, dtype=bool)}
    options["progress"] = silent
    affine, wrapped = decoded(responses, "ridge"), decoded(responses, "wrapped")
    models = models_of(wrapped, responses, 0, NO_SESSION, silent)
    assert wrapped.reverse_filter is None
    np.testing.assert_allclose(wrapped.single, affine.single, atol=1e-5)
    found = predicted_curves(wrapped, responses, models, omitted, counts=counts, **options)
    expected = image_curves(affine, responses, omitted, largest=responses.cells, **options)
    return found, expected


@pytest.mark.parametrize("omitted", ["mean", "zero"])
def test_an_affine_decoder_by_its_predictions_gives_the_kernels_curves(omitted):
    responses = recording()
    counts = count_grid(responses.cells, responses.cells)
    np.testing.assert_array_equal(counts, [0, 1, 2, 3, 5, 7, 10, 15])
    found, expected = by_both(responses, omitted, counts)
    np.testing.assert_array_equal(found.cells, counts)
    for name in set(CURVES) - {"r_contribution"}:
        curve = getattr(expected, name)[:, counts]
        np.testing.assert_allclose(getattr(found, name), curve, atol=1e-6, err_msg=name)
        assert np.nanstd(curve) > 0.01
    np.testing.assert_allclose(found.r_random_draw, expected.r_random_draw[:, counts], atol=1e-6)
    assert np.isnan(found.r_contribution).all()
    for name in ("every_cell", "responsive"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-6)


def test_with_every_count_the_best_one_is_the_kernels_too():
    responses = recording()
    drawn = np.random.default_rng(4).random(responses.response.shape) < 0.6
    responses = responses_of(
        responses.response, responses.image, responses.picture, responsive_others=drawn
    )
    found, expected = by_both(responses, "mean", np.arange(responses.cells + 1))
    np.testing.assert_allclose(found.best, expected.best, atol=1e-6)
    np.testing.assert_array_equal(found.best_count, expected.best_count)
    assert len(np.unique(found.best_count)) > 2


def test_images_without_responsive_cells_have_no_best_count():
    responses = recording()
    silent_image = responses.responsive_others & (responses.image != 3)[:, None]
    responses = responses_of(
        responses.response, responses.image, responses.picture, responsive_others=silent_image
    )
    found, expected = by_both(responses, "mean", np.arange(responses.cells + 1))
    assert np.isnan(found.best[3]).all()
    assert found.best_count[3] == 0
    np.testing.assert_allclose(found.best, expected.best, atol=1e-6)


def test_the_grid_of_counts():
    np.testing.assert_array_equal(
        count_grid(400, 726),
        [0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 726],
    )
    np.testing.assert_array_equal(count_grid(1, 1), [0, 1])
    np.testing.assert_array_equal(count_grid(4, 4), [0, 1, 2, 3, 4])
    assert 7000 in count_grid(8000, 8000)


def test_drop_out_and_surrogates_are_those_of_the_filters():
    responses = recording()
    affine, wrapped = decoded(responses, "ridge"), decoded(responses, "wrapped")
    models = models_of(wrapped, responses, 0, NO_SESSION, silent)
    trials = FoldTrials.of(affine, responses, 1)
    by_filters, predicted = FilterReadout.of(affine, trials), fold_readout(wrapped, trials, models)
    rng = np.random.default_rng(0)
    removed = np.array([0, 2, 5])
    own = np.argsort(-trials.response, axis=1)
    for order in (own, rng.permutation(responses.cells)):
        both = zip(
            *(
                each.after_removing(order, removed, each.decoded(each.amplitude))
                for each in (by_filters, predicted)
            ),
            strict=True,
        )
        for expected, found in both:
            np.testing.assert_allclose(predicted.r(found), by_filters.r(expected), atol=1e-5)
    some = rng.normal(size=(2, *trials.response.shape))
    expected = by_filters.similarity(by_filters.decoded(some))
    np.testing.assert_allclose(predicted.similarity(predicted.decoded(some)), expected, atol=1e-5)


def test_all_of_sparsity_and_stability_runs_by_prediction():
    responses = recording(images=30)
    settings = DecodingSettings(features="pixels", folds=5, bootstraps=100)
    made = reconstruct(responses, "nearest", settings)
    assert made.chance_r.size == 0
    assert np.isnan(made.p_value)
    assert np.isnan(made.r_infinite_trials)
    assert made.no_chance.startswith("nearest is not affine")
    assert np.isfinite(made.r_average_ci95).all()
    assert made.r_average_widening == pytest.approx(2**0.5)
    assert abs(made.wrong_r_average.mean()) < 0.1 < made.r_average.mean() - 0.1
    assert np.isnan(made.r_octave_p).all()
    assert np.isfinite(made.r_octave_ci95).all()
    several = made.average_of_singles - made.average
    assert np.abs(several).max() > 1e-3
    options = CellCountSettings(minimum_responsive=2, derangements=200, random_draws=3)
    curves = cell_count_curves(made, responses, options, bootstraps=100, seed=0)
    assert curves.predicted
    np.testing.assert_array_equal(curves.strong_count, curves.cells)
    np.testing.assert_allclose(curves.r_all, made.r_single, atol=1e-6)
    np.testing.assert_allclose(curves.r_strong[:, -1], made.r_single, atol=1e-6)
    assert "contribution" not in set(curves.compared_with)
    assert "not those of ridge" in curves.not_refitted
    assert curves.r_all_ci95[0] > 0
    assert not curves.beyond_chance
    assert not curves.informative_cells_told
    assert "nearest is not affine, and no permutations" in how_many_cells(curves)
    permuted = dataclasses.replace(made, p_value=0.01)
    curves = cell_count_curves(permuted, responses, options, bootstraps=100, seed=0)
    assert curves.beyond_chance
    assert "nearest is not affine, and no permutations" not in how_many_cells(curves)
    found = stability(made, responses, seed=0)
    assert found.similarity_perturbed == pytest.approx(
        float(np.mean(found.reconstruction_similarity)), abs=1e-5
    )
    assert np.ptp(found.permuted_weights) > 0.01
    assert np.isfinite(found.dropout_r).all()


def test_permutations_that_are_asked_for_are_run():
    responses = recording()
    settings = DecodingSettings(
        features="pixels", folds=4, permutations=0, non_affine_permutations=5, bootstraps=100
    )
    made = reconstruct(responses, "nearest", settings)
    assert made.chance_r.shape == (5,)
    assert made.p_value >= 1 / 6
    assert made.no_chance is None
    assert made.wrong_r_average is None


def test_a_decoder_that_fits_otherwise_each_time_is_named():
    responses = recording()
    made = decoded(responses, "restless")
    with pytest.raises(PlugInError, match=r"'restless' .*reconstructs otherwise than before"):
        stability(made, responses, seed=0)


def test_float32_of_bright_pictures_is_no_other_reconstruction():
    """Pictures of 100 000 that differ by 1: float32 has steps of 0.008 there."""
    dim = recording()
    bright = dim.picture / np.ptp(dim.picture) + 1e5
    responses = responses_of(
        dim.response, dim.image, bright, responsive_others=dim.responsive_others
    )
    made = decoded(responses, "coarse", folds=3)
    models = models_of(made, responses, 0, NO_SESSION, silent)
    assert models(0).readout.decoder.other != models(1).readout.decoder.other
    tested = np.flatnonzero(made.fold[made.image] == 1)
    former = made.single[tested].astype(float) - made.mean_picture[1]
    again = models(1).pictures_of(responses.response[tested]).reshape(former.shape)
    assert np.abs(again - former).max() > 1e-3 * np.abs(former).max()


def test_no_more_fitted_models_are_kept_than_said(monkeypatch):
    monkeypatch.setattr(again, "KEPT", 2)
    responses = recording()
    made = decoded(responses, "nearest")
    models = models_of(made, responses, 0, NO_SESSION, silent)
    found = [weakref.ref(models(fold)) for fold in range(5)]
    gc.collect()
    assert [each() is None for each in found] == [True, True, True, False, False]
    assert models(4) is found[4]()
    # Fitted again, the same.
    R = responses.response[:3]
    first = models(0).pictures_of(R)
    models(1), models(2)
    np.testing.assert_array_equal(models(0).pictures_of(R), first)
