"""The hierarchy score: by hand, against the published code's formula, planted, and refused."""

import csv
import json
import shutil

import numpy as np
import pytest
from scipy import stats

import twophoton_decode as tp
from twophoton_decode.cli.main import main
from twophoton_decode.deep.hierarchy import best
from twophoton_decode.deep.hierarchy.best import (
    Seen,
    best_with_all_cells,
    best_with_matched_cells,
    blocks_of_pictures,
)
from twophoton_decode.deep.hierarchy.cells import (
    cell_reliability,
    matched_cells,
    matched_number,
    matching,
)
from twophoton_decode.deep.hierarchy.network import network_score
from twophoton_decode.deep.hierarchy.score import (
    best_population,
    counted,
    hierarchy,
    layer_draws,
    orders,
    spearman_of_table,
)
from twophoton_decode.deep.networks.named import open_network
from twophoton_decode.deep.networks.traits import traits_of
from twophoton_decode.figures.deep.hierarchy import hierarchy_figure, hierarchy_sentence
from twophoton_decode.records.deep.hierarchy_scores import HierarchyScores
from twophoton_decode.session.settings.file import change_setting

TWIN = "efficientnet-lite0@random:0"


def test_correlation_of_a_table_is_that_of_its_units():
    rng = np.random.default_rng(0)
    tables = rng.integers(0, 9, size=(4, 5, 3))
    found = spearman_of_table(tables)
    for table, value in zip(tables, found, strict=True):
        rows, columns = (np.repeat(each.ravel(), table.ravel()) for each in np.indices((5, 3)))
        assert value == pytest.approx(stats.spearmanr(rows, columns)[0])
    assert spearman_of_table(np.diag([3, 5, 2])) == pytest.approx(1)
    assert np.isnan(spearman_of_table(np.array([[3, 0], [4, 0]])))


def test_best_population_of_units_above_chance_by_hand():
    # n = 27: r = .381 has p = .05; the table's two-sided critical value for 25 degrees of freedom.
    r = np.array([[0.5, 0.10, -0.9, 0.382, 0.380], [0.6, 0.38, -0.2, 0.0, 0.0]])
    assert best_population(r, 27).tolist() == [1, -1, -1, 0, -1]


def test_stored_t_is_the_published_formula():
    rng = np.random.default_rng(0)
    r = rng.uniform(-0.98, 0.98, size=(3, 2000))
    r[0, :20] = 0.99
    top = r.max(axis=0)
    # As stored: both factors under the root, whatever the sign of the exponent should be.
    t = top * np.sqrt((50 - 2) * (1 - top**2))
    kept = (2 * (1 - stats.t.cdf(t, df=48)) < 0.05) & (top > 0)
    found = best_population(r, 50, stored_t=True)
    np.testing.assert_array_equal(found >= 0, kept)
    np.testing.assert_array_equal(found[kept], r.argmax(axis=0)[kept])
    assert (found[:20] == -1).all()
    assert (best_population(r, 50)[:20] == 0).all()


def test_layers_are_drawn_between_the_first_and_the_last():
    draws = layer_draws(8, np.random.default_rng(0))
    assert draws.shape == (100, 5)
    assert (draws[:, 0] == 0).all()
    assert (draws[:, -1] == 7).all()
    assert (np.diff(draws, axis=1) > 0).all()
    assert set(draws.ravel()) == set(range(8))
    assert layer_draws(4, np.random.default_rng(0)).tolist() == [[0, 1, 2, 3]]


def test_draws_without_a_score_do_not_count():
    table = np.array([[5, 0], [5, 0], [0, 0], [5, 0], [0, 5]])
    draws = np.array([[0, 1, 3], [0, 1, 4]])
    assert hierarchy(table, draws) == pytest.approx(spearman_of_table(table[[0, 1, 4]]))
    assert np.isnan(hierarchy(table, draws[:1]))


def test_orders_begin_with_the_true_one():
    every = orders(3, np.random.default_rng(0))
    assert len(every) == 6
    assert every[0].tolist() == [0, 1, 2]
    assert len(orders(7, np.random.default_rng(0))) == 720


def test_reliability_is_stepped_up():
    rng = np.random.default_rng(0)
    signal = rng.normal(size=(400, 1))
    halves = signal + rng.normal(size=(2, 400, 3))
    found = cell_reliability(halves, 3)
    for cell in range(3):
        rho = stats.pearsonr(halves[0, :, cell], halves[1, :, cell])[0]
        assert found[cell] == pytest.approx(2 * rho / (1 + rho))
    assert np.isnan(cell_reliability(None, 3)).all()


def test_matched_cells_are_equal_in_number_and_reliability():
    rng = np.random.default_rng(0)
    # The second population is larger and steadier.
    reliability = np.concatenate([rng.uniform(0, 0.6, 60), rng.uniform(0.2, 1, 200)])
    populations = [np.arange(60), np.arange(60, 260)]
    bins = matching(populations, reliability)
    first, second = matched_cells(bins, rng)
    assert len(first) == len(second) == matched_number(bins) >= 10
    assert set(first) <= set(range(60))
    assert reliability[first].mean() == pytest.approx(reliability[second].mean(), abs=0.05)
    unknown = matching(populations, np.full(260, np.nan))
    assert matched_number(unknown) == 60
    # Nothing in common: matched in number alone.
    apart = matching([np.arange(20), np.arange(20, 50)], np.repeat([0.1, 0.9], [20, 30]))
    assert matched_number(apart) == 20


@pytest.fixture(scope="module")
def planted():
    """Three populations of which each carries one of three layers; the last is twice as large."""
    rng = np.random.default_rng(0)
    images, units = 80, 30
    latent = rng.normal(size=(3, images, 6))
    layers = {
        name: (each @ rng.normal(size=(6, units))).astype(np.float32)
        for name, each in zip("abc", latent, strict=True)
    }
    sizes = (20, 20, 40)
    average = np.concatenate(
        [each @ rng.normal(size=(6, n)) + rng.normal(size=(images, n))
         for each, n in zip(latent, sizes, strict=True)], axis=1
    )  # fmt: skip
    cells = np.split(np.arange(80), np.cumsum(sizes)[:-1])
    content = np.arange(images)
    seen = Seen(average, content % 5, content, cells, [[own] for own in cells])
    return seen, layers, blocks_of_pictures(content, rng)


def test_planted_order_scores_one_and_other_orders_less(planted):
    seen, layers, block = planted
    (counts,) = best_with_all_cells(seen, [layers], block, stored_t=False)
    assert counts["a"].shape == (21, 3)
    for place, name in enumerate("abc"):
        assert counts[name][0].argmax() == place
        assert counts[name][0, place] >= 25
    found = network_score([counts], list("abc"), 0)
    assert found.score > 0.9
    assert found.ci95[0] > 0.7
    assert found.p == pytest.approx(1 / 6)
    assert found.null[0] == pytest.approx(0, abs=0.1)
    assert network_score([counts], list("cba"), 0).score == pytest.approx(-found.score)
    np.testing.assert_array_equal(found.table, [counts[name][0] for name in "abc"])


def test_units_of_sessions_are_pooled(planted):
    seen, layers, block = planted
    (counts,) = best_with_all_cells(seen, [layers], block, stored_t=False)
    both = network_score([counts, counts], list("abc"), 0)
    np.testing.assert_array_equal(both.table, 2 * network_score([counts], list("abc"), 0).table)


def test_draws_of_cells_have_as_many_of_each_population(planted, monkeypatch):
    monkeypatch.setattr(best, "CELL_DRAWS", 6)
    seen, layers, block = planted
    rng = np.random.default_rng(0)
    (counts,) = best_with_matched_cells(seen, [layers], block, rng, stored_t=False)
    assert counts["a"].shape == (6, 21, 3)
    assert network_score([counts], list("abc"), 0).score > 0.9
    assert (counts["a"].sum(axis=-1) <= 30).all()


def test_a_network_has_the_same_counts_whatever_others_are_decoded_with_it(planted, monkeypatch):
    monkeypatch.setattr(best, "CELL_DRAWS", 3)
    monkeypatch.setattr(best, "DRAWN_UNITS", 20)
    seen, layers, block = planted
    backwards = {name: layers[other] for name, other in zip("abc", "cba", strict=True)}

    def matched(*networks):
        rng = np.random.default_rng(0)
        return best_with_matched_cells(seen, networks, block, rng, stored_t=False)

    alone, (first, second) = matched(layers)[0], matched(backwards, layers)
    for name in "abc":
        np.testing.assert_array_equal(second[name], alone[name])
    assert not np.array_equal(first["a"], second["a"])


def test_a_larger_population_wins_everywhere_unless_cells_are_matched(monkeypatch):
    """All cells carry the same; with all of them the larger population is best in every layer."""
    monkeypatch.setattr(best, "CELL_DRAWS", 8)
    rng = np.random.default_rng(1)
    latent = rng.normal(size=(80, 8))
    layers = {"a": (latent @ rng.normal(size=(8, 60))).astype(np.float32)}
    average = latent @ rng.normal(size=(8, 130)) + 3 * rng.normal(size=(80, 130))
    cells, content = [np.arange(15), np.arange(15, 130)], np.arange(80)
    seen = Seen(average, content % 5, content, cells, [[own] for own in cells])
    block = blocks_of_pictures(content, rng)
    every = best_with_all_cells(seen, [layers], block, stored_t=False)[0]["a"][0]
    drawn = best_with_matched_cells(seen, [layers], block, rng, stored_t=False)[0]["a"][:, 0]
    share = drawn.mean(axis=0) / drawn.mean(axis=0).sum()
    assert every[1] / every.sum() > 0.95
    assert abs(share[1] - 0.5) < 0.3


def test_tests_of_units_count_the_pictures_that_are_left():
    """Block 0 holds most pictures: without it, units above chance of all pictures are not so."""
    content = np.array([0, 0, 1, 2, 3, 4])
    seen = Seen(np.empty((6, 0)), content % 2, content, [], [])
    block = np.array([0, 0, 0, 0, 1, 2])
    choices = np.array([[1, 1, 1], [0, 1, 1], [1, 0, 1]])
    assert seen.images_of(block, choices).tolist() == [5, 2, 4]
    # r = .5 has p < .05 with 27 pictures and not with 12.
    assert best_population(np.full((2, 1, 1), 0.5), np.array([27, 12])).tolist() == [[0], [-1]]


def test_leaving_out_blocks_loses_their_pictures_in_the_test(planted, monkeypatch):
    seen, layers, block = planted
    asked = []

    def spy(r, images, *, stored_t):
        asked.append(np.broadcast_to(images, len(r)).tolist())
        return best_population(r, images, stored_t=stored_t)

    monkeypatch.setattr(best, "best_population", spy)
    best_with_all_cells(seen, [layers], block, stored_t=False)
    assert asked == 3 * [[80, *[76] * 20]]


def test_counts_leave_out_units_of_none():
    assert counted(np.array([[0, 2, -1, 2]]), 3).tolist() == [[1, 0, 2]]


def scores(**changed):
    """Three networks: one in order, one whose order random weights have too, one unknown."""
    fields = {
        "network": ["alexnet", "resnet18", "dinov2-small"],
        "score": [0.6, 0.3, 0.1],
        "score_ci95": [[0.5, 0.7], [0.2, 0.4], [-0.1, 0.3]],
        "null": [[0, -0.6, 0.6], [0, -0.3, 0.3], [0, -0.2, 0.2]],
        "p": [1 / 6, 1 / 6, 0.5],
        "twin_score": [0.1, 0.35, 0.0],
        "twin_ci95": [[0, 0.2], [0.3, 0.4], [-0.1, 0.1]],
        "all_cells_score": [0.5, 0.2, 0.3],
        "all_cells_ci95": [[0.4, 0.6], [0.1, 0.3], [0.1, 0.5]],
        "top1": [0.565, 0.698, np.nan],
        "depth": [8, 21, 49],
        "fully_connected": [3, 1, 0],
        "skips": [False, True, True],
        "population": ["V1", "LM"],
        "session": ["s"],
        "images": [40],
        "cells": [[20, 30]],
        "reliability": [[0.4, 0.5]],
        "matched_cells": [15],
        "matched_reliability": [True],
        "layer": ["conv1", "fc8"],
        "network_of_layer": [0, 0],
        "best": [[30, 10], [5, 45]],
        "stored_t": False,
        "notes": [],
    }
    return HierarchyScores(**(fields | changed))


def test_sentence_names_what_beats_its_nulls_and_only_that():
    told = hierarchy_sentence(scores())
    assert "The order V1 < LM is found in alexnet: the best of 2 orders." in told
    assert "Reliability of cells (V1 0.40, LM 0.50) is matched too." in told
    flat = hierarchy_sentence(scores(twin_ci95=[[0, 0.7]] * 3))
    assert "found in" not in flat
    assert "a flat hierarchy is what is expected" in flat


def test_accuracy_panel_has_the_networks_with_a_published_accuracy():
    drawn = hierarchy_figure(scores())
    panel = drawn.figure.axes[2]
    assert [text.get_text() for text in panel.texts] == ["alexnet (8)", "resnet18 (21)"]
    assert [line.get_marker() for line in panel.lines[:2]] == ["s", "o"]
    assert panel.lines[0].get_markerfacecolor() == "none"
    assert panel.lines[1].get_markerfacecolor() != "none"


def test_many_networks_are_numbered_and_drawn_apart():
    rng = np.random.default_rng(0)
    n = 29
    score = rng.uniform(-0.3, 0.6, n)
    ends = np.stack([score - 0.1, score + 0.1], axis=1)
    found = scores(
        network=np.array([f"network{each}" for each in range(n)]),
        score=score, score_ci95=ends, null=np.tile([0.0, -0.3, 0.3], (n, 1)),
        p=np.full(n, 0.5), twin_score=score - 0.2, twin_ci95=ends - 0.2,
        all_cells_score=score, all_cells_ci95=ends, top1=rng.uniform(0.5, 0.8, n),
        depth=np.arange(8, 8 + n), fully_connected=np.arange(n) % 3, skips=np.arange(n) % 2 == 0,
    )  # fmt: skip
    drawn = hierarchy_figure(found)
    scores_of, _, accuracy = drawn.figure.axes
    labels = [each.get_text() for each in scores_of.get_yticklabels()]
    assert labels[0] == "network0  1"
    assert labels[-1] == "network28  29"
    assert {text.get_text() for text in accuracy.texts} == {str(each + 1) for each in range(n)}
    high, low = int(score.argmax()), int(score.argmin())
    assert f"29 networks, the highest and the lowest being network{high} " in drawn.caption
    assert f"; network{low} " in drawn.caption
    # 29 rows of text do not touch: 7 points each need 2.9 inches and what is around.
    assert drawn.figure.get_size_inches()[1] > 5
    assert len(drawn.caption) < 1200


@pytest.mark.parametrize(
    ("name", "fully_connected", "skips", "top1"),
    [("alexnet", 3, False, 0.56522), ("resnet18", 1, True, 0.69758), ("vgg11", 3, False, 0.6902)],
)
def test_traits_of_architectures(name, fully_connected, skips, top1):
    found = traits_of(open_network(f"{name}@random:0"))
    assert (found.fully_connected, found.skips) == (fully_connected, skips)
    assert found.top1 == pytest.approx(top1, abs=1e-3)
    assert found.depth == {"alexnet": 8, "resnet18": 21, "vgg11": 11}[name]


def call(*arguments):
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    assert not end.value.code


@pytest.fixture(scope="module")
def two_areas(tmp_path_factory):
    """A session with cells of V1, of LM, and three of PM."""
    folder = tmp_path_factory.mktemp("areas")
    rng = np.random.default_rng(0)
    pictures = rng.random((40, 16, 16))
    flat = pictures.reshape(40, -1)
    response = flat @ rng.normal(size=(256, 33)) + rng.normal(size=(3, 40, 33))
    np.save(folder / "R.npy", response.astype("f4"))
    np.save(folder / "I.npy", pictures)
    names = ["V1"] * 12 + ["LM"] * 18 + ["PM"] * 3
    rows = "\n".join(f"{roi},{name}" for roi, name in enumerate(names))
    (folder / "populations.csv").write_text(f"roi,population\n{rows}\n")
    call(
        "import", "arrays", "--responses", folder / "R.npy", "--axes", "repeat image cell",
        "--images", folder / "I.npy", "--populations", folder / "populations.csv",
        "-o", folder / "S", "-q",
    )  # fmt: skip
    settings = folder / "S" / "session.toml"
    change_setting(settings, "responses", "responsive_test", "t-test")
    change_setting(settings, "deep", "units", 20)
    change_setting(settings, "deep", "input_px", 32)
    call("respond", folder / "S", "-q")
    return folder / "S"


@pytest.fixture
def session(two_areas, tmp_path):
    shutil.copytree(two_areas, tmp_path / "S")
    return tmp_path / "S"


def test_command_writes_scores_figure_and_page(session, tpdecode, monkeypatch):
    monkeypatch.setattr(best, "CELL_DRAWS", 3)
    out = session.parent / "scores"
    code, told, err = tpdecode(
        "deep", "hierarchy", session, "-o", out, "--order", "V1,LM", "--network", TWIN,
        "--network", "squeezenet1_1@random:0", "--network", "shufflenet_v2_x0_5@random:3",
    )  # fmt: skip
    assert code == 0, err
    assert "populations that --order does not name: PM" in told
    assert "V1 < LM" in told
    with (out / "hierarchy.csv").open(encoding="utf-8") as file:
        row, *others = csv.DictReader(file)
    assert row["network"] == TWIN
    assert [each["network"].partition("@")[0] for each in others] == [
        "squeezenet1_1", "shufflenet_v2_x0_5",
    ]  # fmt: skip
    assert row["random"] == row["top1"] == ""
    assert (row["fully_connected"], row["skip_connections"]) == ("1", "True")
    found = json.loads((out / "summary.json").read_text())["deep"]["hierarchy"][TWIN]
    assert found["score"] == pytest.approx(float(row["score"]))
    assert found["populations"] == ["V1", "LM"]
    # Two populations have two orders, so the null is the score and its negative.
    assert found["order_null"] == pytest.approx([0, -abs(found["score"]), abs(found["score"])])
    with (out / "best_populations.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["layer"] == "stem"
    assert list(rows[0]) == ["network", "layer", "V1", "LM"]
    for kind in ("pdf", "svg", "png", "csv"):
        assert (out / f"figures/hierarchy.{kind}").stat().st_size
    page = (out / "hierarchy.html").read_text(encoding="utf-8")
    assert "Is the order of layers" in page
    # The page of a session explains R and chance, which are not here.
    assert "Chance</b>" not in page
    assert "Intervals: of scores" in page


def test_scores_in_python_are_those_of_the_folder(session, monkeypatch):
    monkeypatch.setattr(best, "CELL_DRAWS", 2)
    out = session.parent / "scores"
    found = tp.over_sessions.hierarchy(
        [tp.open(session)], out, networks=TWIN, order=["V1", "LM"], stored_t=True
    )
    assert found.path == out / "hierarchy.nc"
    assert found.network.tolist() == [TWIN]
    assert found.population.tolist() == ["V1", "LM"]
    assert found.stored_t
    assert found.to_xarray()["score"].shape == (1,)
    told = json.loads((out / "summary.json").read_text())["deep"]["hierarchy"][TWIN]
    assert told["score"] == pytest.approx(float(found.score[0]))
    with pytest.raises(tp.errors.UsageError, match="is named 2 times"):
        tp.over_sessions.hierarchy([session, session], out, networks=TWIN)


def test_orders_and_populations_that_do_not_fit_are_refused(session, tpdecode):
    call = ("deep", "hierarchy", session, "-o", session.parent / "o", "--network", TWIN)
    code, _, err = tpdecode(*call)
    assert code == 2
    assert "--order V1,LM,PM names those of these sessions" in err
    code, _, err = tpdecode(*call, "--order", "V1,PM")
    assert code == 1
    assert "S has 3 cells of the population 'PM'; 10 or more are needed" in err
