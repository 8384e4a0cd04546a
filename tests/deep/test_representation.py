"""Layers against populations: what is planted is found, and noise is not ranked."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.collections import PolyCollection

from twophoton_decode.deep.comparison.agreement import spearman
from twophoton_decode.deep.comparison.dissimilarity import correlation_distance
from twophoton_decode.deep.comparison.models import Model, layer_models, pixel_model
from twophoton_decode.deep.comparison.population_rdms import Trials, population_rdms
from twophoton_decode.deep.comparison.representation import (
    Comparison,
    PopulationData,
    nearest,
    represent,
)
from twophoton_decode.figures.deep.area_profile import area_profile
from twophoton_decode.figures.deep.representation import layers_and_populations
from twophoton_decode.figures.deep.representation_words import sentences
from twophoton_decode.pipeline.stages.deep import rsa

IMAGES, REPEATS = 40, 6


def trials_of(signal, noise, rng, shared=0.0):
    """Trials of cells whose mean responses are `signal` (image, cell).

    `shared` is the size of noise that all cells have in common in a presentation.
    """
    cells = signal.shape[1]
    R = np.tile(signal, (REPEATS, 1)) + noise * rng.normal(size=(REPEATS * IMAGES, cells))
    R += shared * rng.normal(size=(REPEATS * IMAGES, 8)) @ rng.normal(size=(8, cells))
    image = np.tile(np.arange(IMAGES), REPEATS)
    return Trials(R, image, np.repeat(np.arange(REPEATS), IMAGES), IMAGES)


def test_a_driven_population_is_reliable_and_noise_is_not():
    rng = np.random.default_rng(0)
    signal = rng.normal(size=(IMAGES, 4)) @ rng.normal(size=(4, 60))
    signal[:, 30:] = 0
    trials = trials_of(signal, 1.0, rng)
    populations = {"V1": np.arange(30), "noise": np.arange(30, 60)}
    found = population_rdms(trials, populations, "crossnobis", 10, rng)
    assert found.between[0, 0] > 0.8
    assert abs(found.between[1, 1]) < 0.1
    assert found.halves_measure == "crossnobis"
    # With two halves the lower bound is what they agree on.
    np.testing.assert_allclose(found.ceiling[:, 0], np.diag(found.between), atol=1e-12)
    assert (found.ceiling[:, 1] > found.ceiling[:, 0]).all()


def test_noise_that_two_populations_share_is_no_agreement():
    rng = np.random.default_rng(1)
    trials = trials_of(np.zeros((IMAGES, 60)), 0.3, rng, shared=1.0)
    populations = {"A": np.arange(30), "B": np.arange(30, 60)}
    found = population_rdms(trials, populations, "correlation", 20, rng)
    naive = spearman(found.rdm[:1], found.rdm[1:])[0, 0]
    assert naive > 0.3
    assert abs(found.between[0, 1]) < 0.1


def test_two_repeats_are_halved_by_correlation_and_one_not_at_all():
    rng = np.random.default_rng(2)
    trials = trials_of(rng.normal(size=(IMAGES, 20)), 1.0, rng)
    cells = {"V1": np.arange(20)}
    two = trials.repeat < 2
    few = Trials(trials.R[two], trials.image[two], trials.repeat[two], IMAGES)
    assert population_rdms(few, cells, "crossnobis", 3, rng).halves_measure == "correlation"
    one = trials.repeat < 1
    single = Trials(trials.R[one], trials.image[one], trials.repeat[one], IMAGES)
    found = population_rdms(single, cells, "correlation", 3, rng)
    assert np.isnan(found.between).all()
    assert np.isfinite(found.rdm).all()


def layers(rng, network, noise=0.0):
    """Three layers, each with components of its own."""
    return [
        Model(network, f"b{depth}", depth, correlation_distance(rng.normal(size=(IMAGES, 30))))
        for depth in range(3)
    ]


@pytest.fixture(scope="module")
def compared():
    """V1 is like layer b0 of net, IT like b2; "dark" is unreliable."""
    rng = np.random.default_rng(3)
    models = [*layers(rng, "net"), *layers(rng, "net@random:0"), *layers(rng, "net2")]
    models += pixel_model(rng.random((IMAGES, 8, 8)), [])

    def like(model):
        return (models[model].rdm + 0.05 * rng.normal(size=models[0].rdm.shape))[None]

    populations = [
        PopulationData("V1", 50, like(0), 0.6, (0.6, 0.8)),
        PopulationData("IT", 40, like(2), 0.5, (0.5, 0.7)),
        PopulationData("dark", 12, rng.normal(size=(1, len(models[0].rdm))), 0.02, (0.02, 0.6)),
    ]
    between = np.array([[0.6, 0.2, 0.0], [0.2, 0.5, 0.1], [0.0, 0.1, 0.02]])
    return represent(
        Comparison(
            populations,
            models,
            {"net": "net@random:0", "net2": "net2@random:0"},
            np.array([f"p{i}" for i in range(IMAGES)]),
            between,
            "crossnobis",
            bootstraps=200,
        )
    )


def test_the_planted_layer_is_the_best_with_its_controls(compared):
    assert compared.compared.tolist() == ["net", "net2"]
    assert compared.layer[compared.best_layer[0, :2]].tolist() == ["b0", "b2"]
    assert (compared.best_share[0, :2] > 0.95).all()
    assert compared.trend[0].tolist()[:2] == pytest.approx(
        [np.corrcoef([0, 1, 2], np.argsort(np.argsort(compared.agreement[:3, place])))[0, 1]
         for place in range(2)]
    )  # fmt: skip
    np.testing.assert_allclose(
        compared.over_random[:3], compared.agreement[:3] - compared.agreement[3:6]
    )
    np.testing.assert_allclose(
        compared.over_pixels[:9], compared.agreement[:9] - compared.agreement[9]
    )
    assert compared.over_random_low[0, 0] > 0.5
    assert np.isnan(compared.over_random[3:]).all()
    assert np.isnan(compared.over_pixels[9]).all()
    assert compared.nearest.tolist() == [1, 0, 1]


def test_random_weights_are_not_compared_with_themselves():
    """The difference of a layer and itself once had the layer's own interval."""
    rng = np.random.default_rng(5)
    models = layers(rng, "net@random:0")
    v1 = PopulationData("V1", 50, models[0].rdm[None], 0.6, (0.6, 0.8))
    twins = {"net@random:0": "net@random:0"}
    names = np.array([f"p{i}" for i in range(IMAGES)])
    found = represent(
        Comparison([v1], models, twins, names, np.array([[0.6]]), "crossnobis", bootstraps=50)
    )
    assert np.isnan([found.over_random, found.over_random_low, found.over_random_high]).all()
    assert "random weights" not in sentences(found)[0]


def compared_with(rng, network, rdms, models, **changed):
    """What is found of one population with dissimilarities `rdms`; its twin is @random:0."""
    name = network.partition("@")[0]
    names = np.array([f"p{i}" for i in range(IMAGES)])
    v1 = PopulationData("V1", 50, rdms, 0.6, (0.6, 0.8))
    made = {"measure": "crossnobis", "bootstraps": 50} | changed
    twins = {network: f"{name}@random:0"}
    return represent(Comparison([v1], models, twins, names, np.array([[0.6]]), **made))


def test_networks_with_random_weights_exceed_no_random_weights():
    """The command once said that net@random:3 exceeds the same layer with random weights."""
    rng = np.random.default_rng(6)
    models = [*layers(rng, "net@random:3"), *layers(rng, "net@random:0")]
    found = compared_with(rng, "net@random:3", models[0].rdm[None], models)
    assert found.over_random_low[0, 0] > 0.5
    told, *cautions = sentences(found)
    assert f"Another draw of random weights (@random:0) has {found.agreement[3, 0]:.2f}" in (
        told.replace("−", "-")
    )
    assert "exceed" not in told
    assert "random weights" not in area_profile(found).caption.partition("V1 is most like")[2]
    assert cautions[0] == "Random weights differ from draw to draw: others may do better."


def test_a_random_layer_that_agrees_better_is_named():
    """Beside the same layer alone, a trained network looked better than random weights."""
    rng = np.random.default_rng(7)
    models = [*layers(rng, "net"), *layers(rng, "net@random:0")]
    rdms = (models[0].rdm + 2 * models[5].rdm)[None]
    found = compared_with(rng, "net", rdms, models)
    assert found.agreement[5, 0] > found.agreement[0, 0] > 0.2
    told = f"with random weights, net@random:0 b2 reaches {found.agreement[5, 0]:.2f}"
    assert f"{told}." in sentences(found)[0]
    assert told in area_profile(found).caption
    alone = compared_with(rng, "net", models[0].rdm[None], models)
    assert "reaches" not in sentences(alone)[0]


@pytest.mark.parametrize(
    ("measure", "other"), [("crossnobis", "correlation"), ("correlation", "crossnobis")]
)
def test_that_another_dissimilarity_may_turn_it_round_is_said_once(measure, other):
    rng = np.random.default_rng(8)
    models = layers(rng, "net")
    found = compared_with(rng, "net", models[0].rdm[None], models, measure=measure)
    assert sentences(found)[1:] == [
        f"By another dissimilarity (--dissimilarity {other}) this can turn round: look at both."
    ]
    # Matrices of other programs have no other dissimilarity here.
    given = compared_with(rng, "net", models[0].rdm[None], models, measure="given")
    assert len(sentences(given)) == 1


@pytest.mark.parametrize("sets", [2, 3, 4])
def test_of_two_or_three_sessions_no_interval_is_told(sets):
    """Of two, intervals went from -1.38 to 1.74."""
    rng = np.random.default_rng(9)
    models = [*layers(rng, "net"), *layers(rng, "net@random:0")]
    rdms = models[0].rdm + 0.2 * rng.normal(size=(sets, len(models[0].rdm)))
    found = compared_with(rng, "net", rdms, models)
    ends = np.array([found.agreement_low, found.agreement_high, found.over_random_low])[:, :3]
    drawing = layers_and_populations(found)
    assert np.isfinite(ends).all() == (sets == 4)
    assert ("95 % interval unknown" in sentences(found)[0]) == (sets < 4)
    assert ("none where only two or three" in drawing.caption) == (sets < 4)
    assert ("exceed" in sentences(found)[0]) == (sets == 4)


def test_bands_stay_within_what_agreements_can_be(compared):
    wide = replace(compared, agreement_high=compared.agreement + 2.0)
    for drawing in (layers_and_populations(wide), area_profile(wide)):
        bands = [
            band.get_paths()[0].vertices[:, 1].max()
            for axes in drawing.figure.axes
            for band in axes.collections
            if isinstance(band, PolyCollection) and band.get_paths()
        ]
        assert bands
        assert max(bands) <= 1
    assert "cut at 1" in sentences(wide)[0]


@pytest.mark.parametrize("populations", [1, 2])
def test_conditions_without_pictures_have_whole_sentences_and_no_empty_panel(populations):
    rng = np.random.default_rng(10)
    made = [
        PopulationData(name, 103, rng.random((1, 190)), 0.79, (0.79, 0.9))
        for name in ("V1", "LM")[:populations]
    ]
    between = np.full((populations, populations), 0.4)
    names = np.array([f"c{i}" for i in range(20)])
    found = represent(Comparison(made, [], {}, names, between, "crossnobis"))
    told = sentences(found)[0]
    nearest_one = " The nearest population is LM (0.40)." if populations == 2 else ""
    assert told == f"V1 (103 cells), reliability 0.79.{nearest_one}"
    panels = [axes for axes in layers_and_populations(found).figure.axes if axes.get_subplotspec()]
    assert sum(axes.axison for axes in panels) == len(panels)
    assert len([axes for axes in panels if axes.get_title(loc="left")]) == populations


def test_sentences_say_no_more_than_the_intervals(compared):
    v1, _, dark, _, _ = sentences(compared)
    assert v1.startswith("V1 (50 cells), reliability 0.60: net agrees best at b0, 0.")
    # Of several networks, a line for each.
    assert "; best of 3); it exceeds @random:0 (" in v1
    # net2 resembles nothing, and has no twin here; random weights of net do better.
    assert "; not shown to exceed the pixels" in v1
    assert len(v1.split()) < 90
    assert v1.endswith("The nearest population is IT (0.20).")
    assert dark == (
        "dark (12 cells): layers are not ranked, as its dissimilarities are mostly noise "
        "(reliability 0.02, below 0.1)."
    )


def test_the_figure_tells_every_number_that_it_draws(compared):
    drawing = layers_and_populations(compared)
    assert len(drawing.table["agreement"]) == 10 * 3
    row = drawing.table["population"].index("IT") + 3 * 2
    assert drawing.table["network"][row] == "net"
    assert drawing.table["layer"][row] == "b2"
    assert drawing.table["agreement"][row] == compared.agreement[2, 1]
    titles = [axes.get_title(loc="left") for axes in drawing.figure.axes]
    assert "dark (reliability 0.02: not ranked)" in titles
    assert sentences(compared)[0] in drawing.caption


def test_layers_without_variance_are_left_out_and_named():
    from twophoton_decode.records import FeatureSet

    rng = np.random.default_rng(4)
    value = rng.normal(size=(IMAGES, 30)).astype(np.float32)
    value[:, 10:20] = 2.0
    value[3, 20:] = 0.0
    features = FeatureSet(
        value=value, layer_of_unit=np.repeat([0, 1, 2], 10), place=np.tile(np.arange(10), 3),
        layer=np.array(["a", "b", "c"]), layer_shape=np.ones((3, 3), int) * [10, 1, 1],
        image_name=np.array([f"p{i}" for i in range(IMAGES)]), network="net", sha256="",
        input_px=32, source_px=32, grey=True, values="", resizing="", unit_seed=0,
        units_per_layer=10, notes=[],
    )  # fmt: skip
    notes = []
    found = list(layer_models(features, np.arange(IMAGES), notes))
    assert [model.layer for model in found] == ["a"]
    assert [note.partition(" is left out")[0] for note in notes] == [
        "layer b of net", "layer c of net",
    ]  # fmt: skip
    np.testing.assert_allclose(
        found[0].rdm, correlation_distance(value[:, :10].astype(float)), atol=1e-12
    )
    flat = rng.random((5, 4, 4))
    flat[2] = 0.5
    assert list(pixel_model(flat, notes)) == []
    assert "one grey level" in notes[-1]


def test_the_nearest_population_is_another_one():
    unknown = np.full((2, 2), np.nan)
    assert nearest(unknown).tolist() == [-1, -1]
    assert nearest(np.array([[0.9, 0.1], [0.1, 0.9]])).tolist() == [1, 0]


def test_responses_that_were_filled_in_make_no_pictures_alike():
    """Presentations in which a cell was filled in are left out, and pictures shown once then."""
    rng = np.random.default_rng(4)
    image = np.tile(np.arange(30), 3)
    known = np.ones((90, 4), bool)
    known[[0, 30, 61], 2] = False
    responses = SimpleNamespace(
        picture=rng.normal(size=(30, 4, 4)),
        has_pictures=True,
        images=30,
        image=image,
        known=known,
        response=rng.normal(size=(90, 4)),
    )
    settings = SimpleNamespace(
        deep=SimpleNamespace(dissimilarity="crossnobis"), decoding=SimpleNamespace(seed=0)
    )
    notes = []
    trials, kept = rsa._trials(SimpleNamespace(settings=settings), responses, notes)
    assert kept.tolist() == list(range(1, 30))
    rows = np.flatnonzero(known.all(axis=1) & (image > 0))
    np.testing.assert_array_equal(trials.R, responses.response[rows])
    assert notes[0].startswith("3 presentations are left out")
    assert "1 of 30 pictures are left out" in notes[1]
