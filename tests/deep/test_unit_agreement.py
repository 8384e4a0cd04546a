"""Agreement of units between sessions: values by hand, planted agreement, honest nulls."""

import csv
import json
import shutil

import numpy as np
import pytest
from scipy.stats import kurtosis, pearsonr, rankdata, spearmanr

import twophoton_decode as tp
from twophoton_decode.cli.main import main
from twophoton_decode.deep.comparison.decoding.decoded_layers import DecodedLayer
from twophoton_decode.deep.comparison.decoding.spaces import Space
from twophoton_decode.deep.comparison.units import session_pair
from twophoton_decode.deep.comparison.units.accuracy import BlockSums
from twophoton_decode.deep.comparison.units.contrast import contrast_mouse, contrast_statistics
from twophoton_decode.deep.comparison.units.halves import (
    BLOCKS,
    blocks_of,
    common_content,
    random_halves,
    shown_where,
)
from twophoton_decode.deep.comparison.units.pairs import Pictures, agreement, interval, weights
from twophoton_decode.deep.comparison.units.ranks import given, ranked, what_units_are_like
from twophoton_decode.deep.comparison.units.session_pair import DecodedSession
from twophoton_decode.deep.comparison.units.sessions import compare_units
from twophoton_decode.errors import AnalysisError
from twophoton_decode.figures.deep.unit_agreement import agreement_sentence
from twophoton_decode.records.deep.unit_agreement import UnitAgreement
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.session.settings.file import change_setting

TWIN = "efficientnet-lite0@random:0"


def test_correlations_from_sums_are_pearsons_over_the_pictures_of_the_blocks():
    rng = np.random.default_rng(0)
    decoded, truth = rng.normal(size=(2, 60, 3)).astype(np.float32)
    truth[:, 2] = 1.0
    part = rng.integers(4, size=60)
    r = BlockSums(decoded, truth, part, 4).correlation(np.array([[1, 1, 1, 1], [0, 1, 0, 1]]))
    own = np.isin(part, (1, 3))
    for unit in range(2):
        assert r[0, unit] == pytest.approx(pearsonr(decoded[:, unit], truth[:, unit])[0], abs=1e-5)
        assert r[1, unit] == pytest.approx(
            pearsonr(decoded[own, unit], truth[own, unit])[0], abs=1e-5
        )
    assert r[:, 2].tolist() == [0, 0]
    other = BlockSums(decoded, truth, part, 4).exchanged(truth[::-1])
    assert other.correlation(np.ones((1, 4)))[0, 0] == pytest.approx(
        pearsonr(decoded[:, 0], truth[::-1, 0])[0], abs=1e-5
    )


def test_rank_correlation_is_scipys_also_with_ties():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 40)), rng.integers(5, size=(2, 40)).astype(float)
    found = np.einsum("nu,nu->n", ranked(a), ranked(b))
    for row in range(2):
        assert found[row] == pytest.approx(spearmanr(a[row], b[row])[0])
    assert not ranked(np.zeros((1, 40))).any()


def test_partial_correlation_is_that_of_residuals():
    rng = np.random.default_rng(2)
    features = rng.gamma(rng.uniform(0.5, 3, 80), size=(50, 80))
    like = what_units_are_like(features)
    assert like.shape == (80, 3)
    a, b = rng.normal(size=(2, 80)) + features.std(axis=0)
    found = float(given(ranked(a), like) @ given(ranked(b), like))
    columns = [np.ones(80)] + [
        rankdata(each) for each in (features.mean(0), features.std(0), kurtosis(features, axis=0))
    ]
    design = np.stack(columns, axis=1)
    rest = [
        rankdata(each) - design @ np.linalg.lstsq(design, rankdata(each), rcond=None)[0]
        for each in (a, b)
    ]
    assert found == pytest.approx(pearsonr(*rest)[0])


def test_pictures_shared_lie_in_one_block_and_blocks_are_balanced():
    content = [np.arange(50), np.arange(20, 90)]
    blocks = blocks_of(content, np.random.default_rng(0))
    np.testing.assert_array_equal(blocks[0][20:], blocks[1][:30])
    for each in blocks:
        assert np.ptp(np.bincount(each, minlength=BLOCKS)) <= 2
    where = shown_where(content)
    assert where[0][:, 1].sum() == where[1][:, 0].sum() == 30
    halves = random_halves(np.random.default_rng(0))
    assert (halves.sum(axis=1) == BLOCKS // 2).all()


def test_tested_pictures_are_never_shared():
    content = [np.arange(50), np.arange(20, 90)]
    blocks, where = blocks_of(content, np.random.default_rng(0)), shown_where(content)
    halves = random_halves(np.random.default_rng(1))
    chosen = weights(halves, shared=True)
    parts = [Pictures(blocks[s], where[s][:, 1 - s]).part for s in range(2)]
    for split in range(len(halves)):
        for one, other in ((0, 1), (1, 0)):
            tested = [
                set(content[s][chosen.tested[half][split][parts[s]] > 0])
                for s, half in ((0, one), (1, other))
            ]
            assert not tested[0] & tested[1]
            assert set(range(20)) < tested[0]
    left = weights(halves, shared=True, left_out=3)
    assert not any(each[:, 6:8].any() for pair in left for each in pair)


def test_what_shows_the_same_is_found_across_sessions():
    pictures = np.random.default_rng(0).random((6, 16, 16)).astype(np.float32)
    first, second = pictures[:4], pictures[[3, 4, 5, 0]]
    content = common_content([first, second], [np.arange(4), np.arange(4)], 0.95)
    assert content[0][3] == content[1][0]
    assert content[0][0] == content[1][3]
    assert len(set(np.concatenate(content).tolist())) == 6
    with pytest.raises(AnalysisError, match=r"16 × 16 px and 8 × 8 px at working size"):
        common_content([first, second[:, :8, :8]], [np.arange(4)] * 2, 0.95)


def test_interval_is_the_jackknifes():
    value = np.random.default_rng(0).normal(size=40).reshape(BLOCKS, 2).mean(axis=1)
    without = (value.sum() - value) / (BLOCKS - 1)
    low, high = interval(np.array(value.mean()), without)
    half = 2.093024 * value.std(ddof=1) / np.sqrt(BLOCKS)
    assert (low, high) == pytest.approx((value.mean() - half, value.mean() + half))


def test_contrast_statistics_of_pictures_known_by_hand():
    flat = np.full((16, 16), 0.5)
    ramp = np.tile(np.linspace(0, 1, 16), (16, 1))
    checks = np.indices((16, 16)).sum(axis=0) % 2
    stats = contrast_statistics(np.stack([flat, ramp, checks]))
    np.testing.assert_allclose(stats[:, 0], 0, atol=1e-9)
    # Of fine checks nothing is left once they are averaged; their contrast is the highest.
    assert stats[:, 1].argmax() == 2
    assert stats[:, 3].argmax() == 1
    assert stats[0, 3] == pytest.approx(stats[2, 3])
    response = contrast_mouse(np.random.default_rng(0).random((40, 16, 16)), 30, 1e9,
                              np.random.default_rng(0))  # fmt: skip
    assert np.linalg.matrix_rank(response, tol=1e-2) == 4


def session(name, mouse, content, noise, rng, skill=None, units=200):
    """Units decoded with a skill of their own: decoded = skill · truth + noise."""
    truth = rng.normal(size=(len(content), units)).astype(np.float32)
    skill = np.zeros(units) if skill is None else skill
    decoded = (truth * skill + noise * rng.normal(size=truth.shape)).astype(np.float32)
    layer = DecodedLayer(np.arange(units), truth, decoded, None, [], np.ones(5))
    fold = np.arange(len(content)) % 5
    return DecodedSession(name, mouse, content, fold, {"a (network)": layer},
                          {"a (network)": layer})  # fmt: skip


def compared(contents, skills, mice="AB", noise=1.0, seed=0):
    rng = np.random.default_rng(seed)
    sessions = [
        session(f"s{place}", mouse, content, noise, rng, skill)
        for place, (mouse, content, skill) in enumerate(zip(mice, contents, skills, strict=True))
    ]
    spaces = [
        [Space("network", "a", each.layers["a (network)"].truth, np.arange(200))]
        for each in sessions
    ]
    return compare_units(sessions, spaces, 0)[0]


SKILL = np.random.default_rng(5).uniform(0, 1, 200)


def test_skills_in_common_agree_and_skills_of_their_own_do_not():
    content = [np.arange(200), np.arange(100, 300)]
    common = compared(content, [SKILL, SKILL])
    own = compared(content, [SKILL, SKILL[::-1]])
    assert common["agreement"][0, 0] > 0.8
    assert common["agreement"][0, 0] == pytest.approx(common["ceiling"][0, 0], abs=0.1)
    assert common["agreement_ci95"][0, 0, 0] > 0.7
    assert common["agreement_p"][0, 0] == pytest.approx(1 / 1001)
    low, high = common["agreement_wrong"][0, 0, 1:]
    assert low < 0 < high < 0.3
    low, high = own["agreement_ci95"][0, 0]
    assert low < spearmanr(SKILL, SKILL[::-1])[0] < high
    assert own["ceiling"][0, 0] > 0.7
    assert common["shared"] == [100]
    assert common["tested"][0] == pytest.approx((150, 150), abs=5)


def test_agreement_of_sessions_without_shared_pictures_is_spearmans_of_all_of_them():
    found = compared([np.arange(80), np.arange(80, 180)], [SKILL, SKILL])
    r = found["unit_r"]
    assert found["agreement"][0, 0] == pytest.approx(spearmanr(r[0], r[1])[0])
    assert np.isnan(found["same"][0, 0])
    assert found["tested"][0] == (80, 100)
    # Halves of all sessions together are disjoint, whatever is shared.
    assert np.sum(found["images_of_half"], axis=1).tolist() == [80, 100]


def test_errors_that_pictures_share_do_not_pass_for_agreement():
    """Both sessions are fooled by the same pictures: high on the same ones, none on others."""
    rng = np.random.default_rng(0)
    images, units = 200, 150
    truth = rng.normal(size=(images, units)).astype(np.float32)
    fooled = rng.normal(size=(images, units)) * (rng.random((images, 1)) < 0.1) * 4
    part = np.arange(images) % BLOCKS
    shared = np.ones(images, dtype=bool)
    sums = [
        BlockSums((fooled + 0.3 * rng.normal(size=truth.shape)).astype(np.float32), truth,
                  Pictures(part, shared).part, 2 * BLOCKS)
        for _ in range(2)
    ]  # fmt: skip
    chosen = weights(random_halves(rng), shared=True)
    found = agreement(*sums, chosen, what_units_are_like(truth))
    assert found.same > 0.9
    assert abs(found.disjoint) < 0.2


def test_too_few_pictures_leave_only_the_biased_number():
    found = compared([np.arange(30), np.arange(30)], [SKILL, SKILL])
    assert found["biased"] == [True]
    assert np.isnan(found["agreement"][0, 0])
    assert np.isnan(found["mean"][0])
    assert 0 < found["same"][0, 0] < 1


def test_the_mean_counts_pairs_of_different_mice():
    content = [np.arange(60 * n, 60 * n + 60) for n in range(3)]
    found = compared(content, [SKILL, SKILL, SKILL], mice="AAB")
    assert found["counts"] == [False, True, True]
    assert found["mean"][0] == pytest.approx(found["agreement"][1:, 0].mean())
    assert compared(content[:2], [SKILL, SKILL], mice="AA")["counts"] == [True]


def call(*arguments):
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    assert not end.value.code


@pytest.fixture(scope="module")
def two_mice(tmp_path_factory):
    """Two mice that saw other pictures but for ten."""
    tmp_path = tmp_path_factory.mktemp("mice")
    rng = np.random.default_rng(0)
    pictures = rng.random((60, 16, 16))
    for name, shown in (("a", slice(0, 35)), ("b", slice(25, 60))):
        flat = pictures[shown].reshape(35, -1)
        response = (flat @ rng.normal(size=(256, 15)) + rng.normal(size=(3, 35, 15))).astype("f4")
        np.save(tmp_path / f"R{name}.npy", response)
        np.save(tmp_path / f"I{name}.npy", pictures[shown])
        call(
            "import", "arrays", "--responses", tmp_path / f"R{name}.npy", "--axes",
            "repeat image cell", "--images", tmp_path / f"I{name}.npy", "-o", tmp_path / name,
            "--mouse", name.upper(), "-q",
        )  # fmt: skip
        settings = tmp_path / name / "session.toml"
        change_setting(settings, "responses", "responsive_test", "t-test")
        change_setting(settings, "deep", "units", 30)
        change_setting(settings, "deep", "input_px", 32)
        call("respond", tmp_path / name, "-q")
    return tmp_path


@pytest.fixture
def study(two_mice, tmp_path):
    """The two sessions, to be changed at will."""
    for name in ("a", "b"):
        shutil.copytree(two_mice / name, tmp_path / name)
    return tmp_path


def test_command_writes_database_tables_figures_and_page(study, tpdecode, monkeypatch):
    monkeypatch.setattr(session_pair, "EXCHANGES", 10)
    out = study / "units"
    code, told, err = tpdecode(
        "deep", "agreement", study / "a", study / "b", "-o", out, "--network", TWIN
    )
    assert code == 0, err
    assert "two mice" in told
    with (out / "unit_accuracy.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "network", "layer", "unit", "channel", "y", "x", "session", "mouse", "r", "images",
        "r_first_half", "images_first_half", "r_second_half", "images_second_half",
    ]  # fmt: skip
    assert {row["mouse"] for row in rows} == {"A", "B"}
    assert {row["images"] for row in rows} == {"35"}
    stem = [row for row in rows if row["layer"] == "stem" and row["session"] == "a"]
    assert len(stem) == 30
    # 32 px: the stem has 16 × 16 places.
    for row in stem:
        place = (int(row["channel"]) * 16 + int(row["y"])) * 16 + int(row["x"])
        assert place == int(row["unit"])
    assert int(stem[0]["images_first_half"]) + int(stem[0]["images_second_half"]) == 35
    summary = json.loads((out / "summary.json").read_text())["deep"]["agreement"][TWIN]
    with (out / "agreement.csv").open(encoding="utf-8") as file:
        pairs = list(csv.DictReader(file))
    assert float(pairs[0]["agreement"]) == pytest.approx(summary["stem"]["agreement"])
    assert pairs[0]["shared_images"] == "10"
    assert pairs[-1]["features"] == "pixels"
    for kind in ("pdf", "svg", "png", "csv"):
        assert (out / f"figures/unit_agreement_efficientnet-lite0-random-0.{kind}").stat().st_size
    assert "Units decoded alike" in (out / "agreement.html").read_text(encoding="utf-8")
    kept = read_record(out / "agreement_efficientnet-lite0-random-0.nc", UnitAgreement)
    assert kept.agreement[0, 0] == pytest.approx(float(pairs[0]["agreement"]))


def test_agreement_in_python_is_that_of_the_folder(study, monkeypatch):
    monkeypatch.setattr(session_pair, "EXCHANGES", 10)
    out = study / "units"
    found = tp.over_sessions.unit_agreement([study / "a", tp.open(study / "b")], out, networks=TWIN)
    assert list(found) == [TWIN]
    assert found[TWIN].path == out / "agreement_efficientnet-lite0-random-0.nc"
    assert found[TWIN].session.tolist() == ["a", "b"]
    told = json.loads((out / "summary.json").read_text())["deep"]["agreement"][TWIN]
    assert told["stem"]["agreement"] == pytest.approx(float(found[TWIN].mean[0]))
    with pytest.raises(tp.errors.UnknownNameError, match="lenet"):
        tp.over_sessions.unit_agreement([study / "a", study / "b"], out, networks=["lenet"])


def test_a_session_named_twice_is_refused(study, tpdecode):
    code, _, err = tpdecode("deep", "agreement", study / "a", study / "a", "-o", study / "units")
    assert code == 2
    assert "is named 2 times; a session counts once" in err


def test_other_preprocessing_is_refused_with_both_sessions_named(study, tpdecode):
    change_setting(study / "b" / "session.toml", "deep", "units", 20)
    call = ("deep", "agreement", study / "a", study / "b", "-o", study / "o", "--network", TWIN)
    code, _, err = tpdecode(*call)
    assert code == 1
    assert "a and b cannot be compared" in err
    assert "units_per_layer is 30 for one and 20 for the other" in err
    assert not (study / "o").exists()
    code, _, err = tpdecode("deep", "agreement", study / "a", "-o", study / "o")
    assert code == 2
    assert "tpdecode deep agreement needs 2 sessions or more, found 1" in err


def test_responses_that_are_not_up_to_date_are_told(study, tpdecode):
    (study / "b" / "responses.nc").unlink()
    code, _, err = tpdecode(
        "deep", "agreement", study / "a", study / "b", "-o", study / "o", "--network", TWIN
    )
    assert code == 1
    assert f"Run tpdecode respond {study / 'b'}" in err


def agreement_record(mean, low, contrast, biased=False):
    """Two mice and two layers, with what decides the sentence given."""
    n, nan = 2, np.nan
    mean, low = np.array(mean, float), np.array(low, float)
    ends = np.stack([low, 2 * mean - low], axis=1)
    return UnitAgreement(
        session=["a", "b"], mouse=["A", "B"], images=[90, 90], cells=[20, 20],
        space=["early", "late"], kind=["network"] * n, pair=[[0, 1]], counts=[True], shared=[90],
        tested=[[45, 45]], biased=[biased], agreement=mean[None], agreement_ci95=ends[None],
        agreement_wrong=np.zeros((1, n, 3)), agreement_p=np.ones((1, n)), partial=mean[None],
        partial_ci95=ends[None], same=np.full((1, n), 0.9), ceiling=np.full((1, n), 0.7),
        contrast=np.full((1, n), contrast), contrast_same=np.full((1, n), 0.98),
        mean=mean * (nan if biased else 1), mean_ci95=ends * (nan if biased else 1),
        space_of_unit=[0, 1], place=[0, 0], position=np.zeros((2, 3)), unit_r=np.zeros((2, 2)),
        unit_r_of_half=np.zeros((2, 2, 2)), images_of_half=[[45, 45]] * 2, network="alexnet",
        twin="", sha256="", notes=[],
    )  # fmt: skip


def test_sentence_says_no_agreement_where_the_interval_includes_0():
    told = agreement_sentence(agreement_record([0.6, 0.1], [0.5, -0.1], 0.2))
    assert "in early 0.60 (0.50 to 0.70; ceiling 0.70)." in told
    assert "No agreement in late 0.10 (−0.10 to 0.30; ceiling 0.70)" in told
    assert "on disjoint ones; above that: early." in told
    assert (
        "sessions agree at 0.90, and mice that share contrast alone at 0.98: that is biased" in told
    )
    told = agreement_sentence(agreement_record([0.1, 0.1], [-0.1, -0.1], 0.2))
    assert "no layer of alexnet has units that are decoded alike" in told
    assert ": no agreement." in told
    told = agreement_sentence(agreement_record([0.6, 0.6], [0.5, 0.5], 0.55))
    assert "no layer lies above that, so contrast may be all that the mice share" in told


def test_sentence_of_too_few_pictures_claims_nothing():
    told = agreement_sentence(agreement_record([0.6, 0.1], [0.5, -0.1], 0.2, biased=True))
    assert told.startswith("alexnet: only same-image agreement, which is biased")
    assert "decoded alike" not in told
