"""Figures and tables of several sessions say what was measured."""

import numpy as np
import pytest
from conftest import over_images

from twophoton_decode.analyses.sessions.comparisons import paired_comparisons
from twophoton_decode.analyses.sessions.measures import Single, measurements
from twophoton_decode.analyses.sessions.tables import (
    population_table,
    statistics_table,
    tidy_table,
)
from twophoton_decode.analyses.sessions.view import population_view
from twophoton_decode.figures.canvas.drawing import render
from twophoton_decode.figures.sessions.conditions import conditions_over_sessions
from twophoton_decode.figures.sessions.decoders import (
    decoders_over_sessions,
    responses_over_sessions,
)
from twophoton_decode.report.sessions.tests_table import statistics_page

IMAGES = 9


def view(sessions=7, repeats=(2, 4), conditions=("All", "Resp.", "Max."), of_a_mouse=2):
    """Sessions of invented numbers, one decoder."""
    rng = np.random.default_rng(0)
    found = []
    for number in range(sessions):
        name, mouse = f"S{number}", f"m{number // of_a_mouse}"
        level = rng.normal(0.3, 0.05)
        images = level + rng.normal(0, 0.1, IMAGES)
        scores = {
            ("r_average", ""): images,
            ("r_single", ""): images - 0.1,
            ("r_low", ""): images - 0.15,
            ("two_way_average", ""): images + 0.4,
            ("chance_r", ""): Single(0.01 * (number - 3)),
            ("cells", "95 % count"): Single(20.0 + number, (10.0, 30.0)),
            ("cells", "every cell"): Single(90.0),
            ("reconstruction_similarity", ""): images + 0.5,
            ("response_similarity", ""): images + 0.1,
            ("reconstruction_variability", ""): np.exp(images),
            ("response_variability", ""): 2 * np.exp(images),
        }
        scores |= {
            ("r", each): images + 0.05 * place - 0.1 for place, each in enumerate(conditions)
        }
        shown = repeats if number else repeats[:1]
        found += measurements(
            name, mouse, "",
            over_images({("percent_responsive", ""): 100 * np.abs(images)})
            | {("population_sparseness", f"{n} averaged"): Single(0.7) for n in shown},
        )  # fmt: skip
        found += measurements(name, mouse, "ridge", over_images(scores))
    rng = np.random.default_rng(0)
    compared = paired_comparisons(found, primary_score="r_average", resamplings=200, rng=rng)
    return population_view(found, compared, resamplings=200, seed=0)


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_the_decoder_figure_draws_each_session_and_the_hierarchical_mean():
    seen = view()
    drawing = decoders_over_sessions(seen, ["ridge"])
    found = seen.of("ridge", "r_average")
    drawn = [
        line.get_xdata()[0] for line in drawing.figure.axes[0].lines if line.get_marker() in "os^D"
    ]
    for each in found:
        assert any(x == pytest.approx(each.values.mean()) for x in drawn)
    mean = seen.means["ridge", "r_average", ""]
    assert f"ridge {mean.mean:.2f} ({mean.low:.2f} to {mean.high:.2f})" in drawing.caption
    assert "bootstrap over 4 mice, widened since they are few" in drawing.caption
    assert len(drawing.table["session"]) == 3 * 7


def test_a_single_session_claims_no_bootstrap():
    caption = decoders_over_sessions(view(sessions=1), ["ridge"]).caption
    assert f"from the spread over {IMAGES} images" in caption
    assert "bootstrap" not in caption


def test_conditions_are_medians_of_sessions_with_the_corrected_p():
    seen = view(of_a_mouse=1)
    drawing = conditions_over_sessions(seen, "ridge")
    table = drawing.table
    expected = [np.median(each.values) for each in seen.of("ridge", "r", "Max.")]
    np.testing.assert_allclose(table["r Max."], expected)
    panel = drawing.figure.axes[0]
    assert texts(panel).count("p = 0.047") == 3
    assert "Max. − All +0.100 (higher in 7 of 7, r = 1.00, p = 0.047)" in drawing.caption
    assert "Max. is chosen on the scored images" in drawing.caption


def test_with_few_sessions_the_figure_says_that_there_is_no_test():
    drawing = conditions_over_sessions(view(sessions=4, of_a_mouse=1), "ridge")
    assert texts(drawing.figure.axes[0]) == ["4 mice, no test"]
    assert not any(brackets(axes) for axes in drawing.figure.axes)
    assert drawing.caption.count("fewer than 6") == 1


def brackets(axes):
    return [line for line in axes.lines if len(line.get_xdata()) == 4]


def test_a_bracket_stands_for_each_test_that_was_done():
    drawing = conditions_over_sessions(view(of_a_mouse=1), "ridge")
    assert len(brackets(drawing.figure.axes[0])) == 3


def test_one_session_has_neither_median_over_sessions_nor_interval():
    axes = conditions_over_sessions(view(sessions=1), "ridge").figure.axes[0]
    # The session's line and its three markers.
    assert [len(line.get_xdata()) for line in axes.lines] == [3, 1, 1, 1]
    assert len(texts(axes)) == 1
    assert texts(axes)[0].endswith("no test")


def test_what_no_session_has_is_said_in_place_of_the_panel():
    drawing = conditions_over_sessions(view(conditions=("All",)), "ridge")
    (told,) = texts(drawing.figure.axes[0])
    assert "unavailable" in told
    assert render(drawing)["png"].startswith(b"\x89PNG")


def test_sparseness_is_compared_at_the_most_repeats_that_all_sessions_have():
    seen = view(repeats=(2, 4))
    assert seen.matched_repeats == "2 averaged"
    drawing = responses_over_sessions(seen)
    assert drawing.table["population sparseness, 2 averaged"] == [0.7] * 7
    assert view(repeats=()).matched_repeats == ""


def test_the_tidy_table_has_a_row_a_measurement():
    seen = view()
    table = tidy_table(seen.found)
    row = next(
        place for place, each in enumerate(seen.found)
        if (each.session, each.measure) == ("S2", "r_average")
    )  # fmt: skip
    values = seen.found[row].values
    assert table["n"][row] == IMAGES
    assert table["mean"][row] == pytest.approx(values.mean())
    assert table["quartile_75"][row] == pytest.approx(np.percentile(values, 75))
    assert table["mean_ci95_low"][row] < values.mean() < table["mean_ci95_high"][row]
    single = next(place for place, each in enumerate(seen.found) if each.condition == "95 % count")
    ends = table["mean_ci95_low"][single], table["mean_ci95_high"][single]
    assert (table["n"][single], ends) == (1, (10.0, 30.0))


def test_the_population_table_counts_sessions_and_mice():
    table = population_table(view())
    row = table["measure"].index("r_average")
    assert (table["sessions"][row], table["mice"][row]) == (7, 4)
    assert table["resampled"][row] == "mice"
    assert table["mean_ci95_low"][row] < table["mean"][row] < table["mean_ci95_high"][row]


def test_every_test_is_a_row_of_table_and_page():
    seen = view(of_a_mouse=1)
    table, page = statistics_table(seen.compared), statistics_page(seen.compared)
    assert len(page.rows) == len(table["p"]) == len(seen.compared)
    assert all(len(row) == len(page.columns) for row in page.rows)
    row = table["comparison"].index("Max. − All")
    assert table["p_holm"][row] == pytest.approx(3 / 64)
    assert "0.047" in page.rows[row]
    assert "averaged over the sessions of each mouse" in page.note
    assert "as in variability, the two differ" in page.note
