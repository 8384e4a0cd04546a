"""Degraded pictures: who trains whom, the test by design, planning."""

import numpy as np
import pytest
from planted_degraded import ORIGINALS, SETTINGS, TESTED, fields_of, planted
from scipy import stats

from twophoton_decode.deep.comparison.degraded.analysis import Evoked, degraded_fields
from twophoton_decode.deep.comparison.degraded.assignment import Design
from twophoton_decode.deep.comparison.degraded.kinds import degradations, picture_correlation
from twophoton_decode.deep.comparison.degraded.nearness import (
    decoded_nearness,
    usable_spaces,
)
from twophoton_decode.deep.comparison.degraded.planning import pictures_needed
from twophoton_decode.deep.comparison.degraded.roles import Roles, refuse_trained, roles_of
from twophoton_decode.errors import AnalysisError


def test_no_decoder_sees_the_original_of_a_picture_that_it_is_tested_on():
    roles = planted()[3]
    tested = np.concatenate([roles.tested(number) for number in range(roles.folds)])
    assert sorted(tested) == list(range(TESTED))
    for number in range(roles.folds):
        trained = set(roles.intact[roles.training(number)].tolist())
        assert not trained & set(roles.original[roles.tested(number)].tolist())
        assert not trained & set(range(ORIGINALS, ORIGINALS + TESTED)), "only originals train"
        assert len(trained) > 40
    assert not roles.trains[:TESTED].any(), "56 others are enough"


def test_originals_with_degraded_versions_train_where_too_few_others_are_left():
    pictures = np.random.default_rng(1).normal(size=(90, 16, 16))
    original = np.full(90, -1)
    original[50:] = np.arange(40)
    roles, notes = roles_of(original, np.arange(90), pictures, np.full(90, -1), SETTINGS)
    assert roles.trains.all()
    assert "40 of 50 originals shown have degraded versions" in notes[0]
    for number in range(roles.folds):
        trained = set(roles.intact[roles.training(number)].tolist())
        assert not trained & set(roles.original[roles.tested(number)].tolist())
        assert len(trained) >= 30


def test_pictures_like_an_original_and_its_group_leave_training_with_it():
    rng = np.random.default_rng(1)
    pictures = rng.normal(size=(60, 16, 16))
    pictures[30] = pictures[3] + 0.05 * rng.normal(size=(16, 16))
    original, group = np.full(60, -1), np.full(60, -1)
    original[50:] = np.arange(10)
    group[[4, 40]] = 7
    roles, notes = roles_of(original, np.arange(60), pictures, group, SETTINGS)
    for degraded, others in ((53, (3, 30)), (54, (4, 40))):
        number = roles.fold[degraded]
        trained = roles.intact[roles.training(number)]
        assert not set(others) & set(trained.tolist())
    assert any("1 original is like another one" in note for note in notes)


def test_an_original_in_training_is_refused_if_it_is_forced():
    roles = planted()[3]
    apart = Roles(
        roles.intact, np.ones(ORIGINALS, bool), roles.shown, roles.original, roles.content,
        roles.fold.copy(),
    )  # fmt: skip
    apart.fold[roles.shown[0]] = (apart.fold[roles.original[0]] + 1) % apart.folds
    with pytest.raises(AnalysisError, match=r"1 original of tested pictures.*would train"):
        apart.training(int(apart.fold[roles.shown[0]]))
    intact, degraded, spaces, *_ = planted()
    with pytest.raises(AnalysisError, match="would train"):
        decoded_nearness(intact, degraded, spaces, apart)
    refuse_trained(np.array([1, 2]), np.array([3]))


def test_too_few_originals_or_none_degraded_are_refused():
    pictures = np.random.default_rng(0).normal(size=(30, 16, 16))
    original = np.full(30, -1)
    with pytest.raises(AnalysisError, match="none of the degraded pictures was shown"):
        roles_of(original, np.arange(30), pictures, original, SETTINGS)
    original[20:] = np.arange(10)
    with pytest.raises(AnalysisError, match=r"trained on 20 or more .* a fold has 1\d of the 20"):
        roles_of(original, np.arange(30), pictures, np.full(30, -1), SETTINGS)


def test_originals_that_were_never_shown_train_nothing_and_are_compared_with():
    pictures = np.random.default_rng(0).normal(size=(60, 16, 16))
    original = np.full(60, -1)
    original[50:] = np.arange(10)
    shown = np.setdiff1d(np.arange(60), [0, 1, 59])
    roles, notes = roles_of(original, shown, pictures, np.full(60, -1), SETTINGS)
    assert not {0, 1} & set(roles.intact.tolist())
    assert roles.original.tolist() == list(range(9))
    assert notes == ["1 degraded picture is never shown."]


def test_r_is_that_of_the_fold_decoder_with_original_and_with_picture_shown():
    intact, degraded, spaces, roles, *_ = planted()
    used, _ = usable_spaces(spaces[:1], roles)
    found = decoded_nearness(intact, degraded, used, roles)["early (network)"]
    from twophoton_decode.deep.comparison.decoding.feature_decoding import FoldDecoder

    number = int(roles.fold[roles.shown[5]])
    known = roles.training(number)
    assert len(known) < 56
    decoder = FoldDecoder.of(intact, roles.content[roles.intact], known).fit(
        spaces[0].features[roles.intact]
    )
    pattern = decoder.patterns(degraded[2, [5]])[0]
    standard = spaces[0].features[roles.intact[known]]
    for index, r in ((5, found.r_original), (ORIGINALS + 5, found.r_shown)):
        truth = (spaces[0].features[index] - standard.mean(0)) / standard.std(0)
        assert r[2, 5] == pytest.approx(np.corrcoef(pattern, truth)[0, 1], abs=1e-5)
    assert found.r_intact.mean() > 0.5
    assert abs(found.r_wrong.mean()) < 0.1


def test_the_design_finds_what_was_planted_and_nothing_else():
    planted_in, none = fields_of(0.9)[0], fields_of(0.0)[0]
    network = np.array(planted_in["kind"]) == "network"
    assert planted_in["design_difference_p"][0, network].max() < 0.05
    low, high = planted_in["design_difference_ci95"][0, 0]
    assert 0 < low < planted_in["design_difference"][0, 0] < high
    assert none["design_difference_p"][0, network].min() > 0.05
    assert none["group_pictures"].tolist() == [[12, 12]]
    first, second = planted_in["group_delta"][0, :, 0]
    assert planted_in["design_difference"][0, 0] == pytest.approx(first - second)
    assert none["degradation"] == ["all"]


def test_both_columns_test_the_change_of_familiar_against_that_of_unfamiliar_ones():
    intact, degraded, spaces, roles, familiar, _ = planted(0.0)
    seen = planted(0.9)[1]
    degraded[2] = seen[2]
    design = Design(roles.original, familiar, True, True)
    fields, _ = degraded_fields(
        Evoked(intact, degraded), spaces, roles, design, np.full(TESTED, "blur"), SETTINGS
    )
    assert fields["design"] == "familiar minus unfamiliar, after minus before"
    assert fields["design_difference_p"][0, 0] < 0.05
    change = fields["delta_after"][0] - fields["delta_before"][0]
    expected = change[familiar == 1].mean() - change[familiar == 0].mean()
    assert fields["design_difference"][0, 0] == pytest.approx(expected)
    paired = Design(roles.original, familiar, False, True)
    fields, notes = degraded_fields(
        Evoked(intact, degraded), spaces, roles, paired, np.full(TESTED, "blur"), SETTINGS
    )
    assert fields["design_difference"][0, 0] == pytest.approx(change.mean())
    first, second = fields["group_delta"][0, :, 0]
    assert second - first == pytest.approx(change.mean(), abs=1e-6)
    assert not any("no test" in note for note in notes)


def test_small_groups_are_not_tested_and_it_is_said():
    kinds = np.where(np.arange(TESTED) < 16, "blur", "noise")
    fields, notes = fields_of(0.0, kinds=kinds)
    assert fields["degradation"] == ["all", "blur", "noise"]
    assert np.isnan(fields["design_difference_p"][2]).all()
    first, second = fields["group_pictures"][2]
    assert first + second == 8
    expected = f"no test of noise degraded pictures: the groups have {first} and {second} originals"
    assert any(expected in note for note in notes)
    intact, degraded, spaces, roles, familiar, _ = planted()
    nothing = Design(roles.original, familiar, False, False)
    fields, notes = degraded_fields(
        Evoked(intact, degraded), spaces, roles, nothing, np.full(TESTED, "blur"), SETTINGS
    )
    assert fields["design"] == ""
    assert np.isnan(fields["design_difference"]).all()
    assert any("no column says which originals were familiar" in note for note in notes)


def test_kinds_that_are_all_small_do_not_fill_a_page():
    _, notes = fields_of(0.0, kinds=np.array([f"blur {sd}" for sd in range(TESTED)]))
    said = [note for note in notes if "no test of" in note]
    assert len(said) == 4
    assert said[3] == f"no test of {TESTED - 3} other kinds of degraded pictures either."


def test_the_first_row_is_of_all_pictures_whatever_the_log_calls_a_kind():
    kinds = np.where(np.arange(TESTED) < 12, "all", "noise")
    fields, _ = fields_of(0.0, kinds=kinds)
    assert fields["degradation"] == ["all", "all (kind)", "noise"]
    np.testing.assert_allclose(fields["delta_mean"][0], fields["delta"].mean(axis=1))
    np.testing.assert_allclose(fields["delta_mean"][1], fields["delta"][:, :12].mean(axis=1))


def test_versions_of_one_original_are_one_unit():
    original = np.array([0, 0, *range(1, 20)])
    familiar = np.array([1, 1, *([1] * 9), *([0] * 10)])
    values = np.arange(21.0)
    design = Design(original, familiar, True, False)
    assert design.groups(values) == (10, 10)
    found = design.test(values, 200, np.random.default_rng(0))
    units = np.array([0.5, *values[2:]])
    assert found.mean == pytest.approx(units[:10].mean() - units[10:].mean())
    values[0] = np.nan
    assert design.units(values)[0][0] == 1.0


def test_degradations_are_as_the_log_says_else_by_likeness_to_the_original():
    r = np.linspace(0.9, 0.1, 30)
    kinds, notes = degradations(np.full(30, ""), r)
    assert len(np.unique(kinds)) == 3
    assert kinds[0] == kinds[9] == "r 0.65 to 0.90"
    assert "30 of 30 pictures were degraded: they are grouped" in notes[0]
    mixed, notes = degradations(np.array(["blur"] * 25 + [""] * 5), r)
    assert mixed[:25].tolist() == ["blur"] * 25
    assert len(np.unique(mixed[25:])) == 1
    assert degradations(np.full(30, "noise"), r)[1] == []
    a = np.random.default_rng(0).normal(size=(2, 8, 8))
    b = a + np.random.default_rng(1).normal(size=(2, 8, 8))
    expected = [np.corrcoef(x.ravel(), y.ravel())[0, 1] for x, y in zip(a, b, strict=True)]
    np.testing.assert_allclose(picture_correlation(a, b), expected)
    assert np.isnan(picture_correlation(np.ones((1, 8, 8)), a[:1]))[0]


def test_planned_pictures_reach_their_power():
    rng = np.random.default_rng(0)
    unmoved = rng.normal(0, 0.1, 4000)
    moved = unmoved + rng.normal(0.05, 0.02, 4000)
    shift, needed = pictures_needed(unmoved, moved)
    assert shift == pytest.approx(0.05, abs=0.002)
    n = int(needed)
    found = 0
    for _ in range(600):
        familiar, other = rng.choice(moved, n), rng.choice(unmoved, n)
        found += stats.ttest_ind(familiar, other).pvalue < 0.05
    assert 0.74 < found / 600 < 0.86
    assert pictures_needed(unmoved, moved, tests=9)[1] > needed
    assert np.isnan(pictures_needed(moved, unmoved)[1])
    assert pictures_needed(unmoved, unmoved + 10)[1] == 10


def test_planning_and_nulls_stand_in_the_record_for_every_space():
    fields, _ = fields_of(0.0)
    assert fields["planned_pictures"].shape == (4, 4)
    assert fields["planned_shift"][0, 3] > fields["planned_shift"][0, 0] > 0
    assert (fields["planned_pictures_all"][0] >= fields["planned_pictures"][0]).all()
    assert fields["encoding_r"] > 0.3
    assert np.isfinite(fields["stimulus_driven"]).all()
    means = fields["stimulus_driven"].mean(axis=1)
    np.testing.assert_allclose(fields["stimulus_driven_mean"][0], means)
