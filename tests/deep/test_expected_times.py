"""Pictures that were expected, but not shown: planted orders are found, and nothing else."""

from types import SimpleNamespace

import numpy as np
import pytest
from planted_expectation import IMAGES, SETTINGS, planted_expectation

from twophoton_decode.deep.comparison.timing.expectation import exchanged, expectation_tables
from twophoton_decode.deep.comparison.timing.timed_decoding import time_fields
from twophoton_decode.figures.deep.expected_times import expected_times
from twophoton_decode.report.words.decoded_layers import _without_picture


def fields(**given):
    made = planted_expectation(**given)
    return time_fields(made.average, made.timed, made.spaces, made.folds, SETTINGS)


@pytest.fixture(scope="module")
def reversed_order():
    return fields()


def test_late_layers_that_come_first_are_found(reversed_order):
    found, notes = reversed_order
    assert found["condition"].tolist() == ["omitted"]
    assert found["expected_pictures"].tolist() == [40]
    assert found["expected_presentations"].tolist() == [120]
    assert found["expected_p"].max() < 0.05
    early, late = found["expected_onset_s"][0]
    # Cells of the late layer begin in the fourth bin, those of the early one in the seventh.
    assert late == pytest.approx(0.2, abs=0.06)
    assert early == pytest.approx(0.5, abs=0.06)
    assert found["viewed_slope_s"][0] > 0.05 > 0 > found["expected_slope_s"][0]
    assert found["expected_slope_ci95"][0, 1] < 0
    assert found["slope_difference_ci95"][0, 1] < 0
    assert found["slope_difference_p"][0] < 0.05
    after, ends = found["expected_after_viewed_s"][0], found["expected_after_viewed_ci95"][0]
    assert after[0] == pytest.approx(0.4, abs=0.08)
    assert ends[0, 0] > 0.2
    assert not notes


def test_the_order_of_viewing_is_not_called_another(reversed_order):
    found, _ = fields(expected=(2, 3), strength=0.9)
    assert found["expected_p"].max() < 0.05
    low, high = found["slope_difference_ci95"][0]
    assert low < 0 < high
    assert found["slope_difference_p"][0] > 0.05


def test_nothing_is_found_where_omissions_tell_nothing():
    found, _ = fields(expected=None)
    assert found["expected_p"].min() > 0.05
    assert np.isnan(found["expected_onset_s"]).all()
    assert np.isnan(found["expected_slope_s"]).all()
    assert np.isnan(found["slope_difference_p"]).all()
    low, high = found["expected_exchanged"][0, 0].T
    course = found["expected_course"][0, 0]
    assert ((low < course) & (course < high)).mean() > 0.6


def test_blanks_show_what_time_alone_tells(reversed_order):
    assert reversed_order[0]["blank_p"].min() > 0.05
    drifting, _ = fields(drift=1.0)
    assert drifting["blank_p"].max() < 0.05


def test_few_pictures_and_few_blanks_are_said():
    found, notes = fields(pictures=19)
    assert "condition" not in found
    assert "omitted: 19 different pictures were expected; from 20 on" in notes[0]
    found, notes = fields(blanks=0)
    assert np.isnan(found["blank_course"]).all()
    assert "omitted: fewer than 10 blanks" in notes[0]


def test_no_decoder_reads_the_omission_of_a_picture_it_was_trained_on():
    made = planted_expectation()
    layers = {space.name: space.features for space in made.spaces}
    fold, content = made.folds.fold, made.folds.content
    rows = {"omitted": np.asarray(made.timed.expected_response[:30])}
    before = expectation_tables(made.average, rows, layers, fold, content)["omitted"]
    image = 7
    changed = made.average.copy()
    changed[image] += np.random.default_rng(9).normal(size=changed.shape[1])
    after = expectation_tables(changed, rows, layers, fold, content)["omitted"]
    own = fold == fold[image]
    for name in layers:
        # Viewing picture 7 changes decoders of other folds, never those that are asked about it.
        np.testing.assert_array_equal(before[name][:, own], after[name][:, own])
        assert not np.allclose(before[name][:, ~own], after[name][:, ~own])


def test_omissions_train_nothing():
    made = planted_expectation()
    other = planted_expectation(strength=5.0)
    with_them, _ = time_fields(made.average, made.timed, made.spaces, made.folds, SETTINGS)
    loud, _ = time_fields(made.average, other.timed, made.spaces, made.folds, SETTINGS)
    for name in ("course", "onset_s", "peak_s", "course_p"):
        np.testing.assert_array_equal(with_them[name], loud[name])


def test_the_exchange_of_pictures_rejects_as_often_as_it_says():
    rng = np.random.default_rng(1)
    tables = rng.normal(size=(300, 25, 25, 5))
    p = np.array([exchanged(each, 99, rng).p for each in tables])
    assert 0.02 < (p <= 0.05).mean() < 0.09
    tables[:, np.arange(25), np.arange(25), 2] += 1
    assert all(exchanged(each, 99, rng).p <= 0.05 for each in tables[:20])
    assert IMAGES > 25


def record(found):
    """As the figure reads it."""
    return SimpleNamespace(**found, layer=np.array(["early", "late"]), network="net@random:1")


def test_the_figure_says_which_order_was_found(reversed_order):
    drawing = expected_times(record(reversed_order[0]))
    assert drawing.name == "deep_expected_net-random-1"
    assert "omitted, 120 presentations of 40 pictures that were expected" in drawing.caption
    assert "which one is told by early (r 0." in drawing.caption
    assert "The blanks nearest in time do not." in drawing.caption
    assert "late layers come earlier than in viewing" in drawing.caption
    assert "not times of spikes" in drawing.caption
    table = drawing.table
    assert table["layer"] == ["early", "late"]
    onset = reversed_order[0]["expected_onset_s"][0]
    np.testing.assert_allclose(table["expected_onset_s"], onset)
    curve = reversed_order[0]["expected_course"][0, :, 3]
    np.testing.assert_allclose(table[f"r_at_{reversed_order[0]['bin_s'][3]:g}_s"], curve)


def test_the_figure_claims_nothing_without_evidence():
    nothing = expected_times(record(fields(expected=None)[0])).caption
    assert "no layer tells which one, beyond exchanged pictures" in nothing
    assert "late layers" not in nothing
    drifting = expected_times(record(fields(drift=1.0)[0])).caption
    assert "The blanks nearest in time do so too in early, late" in drifting
    same = expected_times(record(fields(expected=(2, 3), strength=0.9)[0])).caption
    assert "the order of layers cannot be told from that of viewing" in same
    few = expected_times(record(fields(blanks=0)[0])).caption
    assert "too few blanks for a control" in few


def test_page_words_name_layers_that_tell_what_was_expected():
    layers = {
        "stem": {"expected_p": 0.01, "blank_p": 0.6},
        "gap": {"expected_p": 0.02, "blank_p": 0.01},
        "b1": {"expected_p": 0.5, "blank_p": float("nan")},
    }
    said = _without_picture({"omitted": {"layers": layers}})
    assert said == (
        " Of pictures that were expected, but not shown (omitted), stem, gap tell which; in gap "
        "the blanks nearest in time do so too."
    )
    none = _without_picture({"cued": {"layers": {"b1": layers["b1"]}}})
    assert none == " Of pictures that were expected, but not shown (cued), no layer tells which."
