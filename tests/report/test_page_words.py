"""The sentences at the top of the page say what was found, and also where nothing was."""

from __future__ import annotations

import math

import pytest

from twophoton_decode.report.words.answers import decoded, opening
from twophoton_decode.report.words.checks import checks
from twophoton_decode.report.words.decoder_table import decoder_rows
from twophoton_decode.report.words.methods import methods_paragraph
from twophoton_decode.report.words.sections import section_words

WORKS = {
    "features": "gabor",
    "r_average": 0.6,
    "r_average_ci95": [0.5, 0.7],
    "r_single": 0.5,
    "chance_r": 0.01,
    "p_value": 1 / 1001,
    "permutations": 1000,
    "two_way_identification": 0.97,
    "r_infinite_trials": 0.65,
}
FEW = {
    "strong_cells": 8.0,
    "strong_cells_ci95": [7.0, 9.0],
    "informative_cells": 40.0,
    "informative_cells_ci95": [35.0, 44.0],
    "informative_cells_told": True,
    "r_20_over_random": 0.29,
    "r_20_over_random_p": 1e-6,
    "cells_95": 12.0,
    "how_many_cells": "In full.",
}
STABLE = {
    "reconstruction_similarity": 0.86,
    "reconstruction_similarity_ci95": [0.84, 0.89],
    "reconstruction_similarity_other": -0.01,
    "response_similarity": 0.6,
    "response_similarity_other": 0.31,
    "similarity_permuted_weights": 0.75,
    "similarity_allowed": 0.89,
}
SUMMARY = {
    "respond": {"cells": 107, "images": 60, "presentations": 480, "stimulus": "60 pictures"},
    "reconstruct": {"ridge": WORKS},
    "sparsity": {"ridge": FEW},
    "stability": {"ridge": STABLE},
}


def title(**changed) -> str:
    scores = {**WORKS, **changed.pop("scores", {})}
    few = {"ridge": {**FEW, **changed.pop("few", {})}}
    return opening(
        {**SUMMARY, "reconstruct": {"ridge": scores}, "sparsity": few}, "ridge", "S"
    ).title


def test_the_title_states_the_finding():
    assert title() == "Of 107 cells, the 8 strongest are enough for the picture"
    assert (
        title(few={"strong_cells": 1.0}) == "Of 107 cells, the strongest is enough for the picture"
    )
    assert title(few={"strong_cells": 107.0}) == "The picture takes all 107 cells"
    assert title(few={"strong_cells": None}) == "The pictures are reconstructed at R 0.60"
    assert opening({"extract": {"movie": "m"}}, None, "mouse 7").title == "mouse 7"


@pytest.mark.parametrize(
    ("scores", "works"),
    [
        ({}, True),
        ({"r_average_ci95": [0.005, 0.7]}, False),  # below chance, 0.01
        ({"p_value": 0.2}, False),
        ({"p_value": 1 / 2, "permutations": 1}, True),  # no p can be smaller
        ({"p_value": None, "permutations": None}, True),
        ({"chance_r": None, "r_average_ci95": [-0.01, 0.7]}, False),
        ({"r_average_ci95": [None, None]}, None),
        ({"r_average_ci95": [math.nan, math.nan]}, None),
    ],
)
def test_the_title_claims_no_more_than_interval_and_test_allow(scores, works):
    assert decoded({**WORKS, **scores}) is works
    told = {
        True: "Of 107 cells, the 8 strongest are enough for the picture",
        False: "The pictures could not be reconstructed above chance",
        None: "How well the pictures were reconstructed cannot be told",
    }
    assert title(scores=scores) == told[works]


def test_every_answer_stands_beside_interval_and_control():
    worked, few, stable = opening(SUMMARY, "ridge", "S").answers
    assert (worked.value, few.value, stable.value) == ("0.60", "8", "0.86")
    assert worked.text.startswith("Yes. 95 % interval 0.50 to 0.70.")
    assert "R is 0.01 (p ≤ 1/1001)" in worked.text
    assert few.text.startswith(
        "95 % interval 7 to 9; of the others the decoder knows only that they respond less (at "
        "their mean: 12 cells). Over all pictures, 40 cells can be shown"
    )
    assert "0.29 higher than from 20 random cells (p < 0.001)" in few.text
    assert "With filters exchanged between cells it is 0.75: so much is averaging." in stable.text
    # R from -0.2 to 1 on a line from 8 to 322.
    assert worked.line.x == pytest.approx(8 + 314 * 0.8 / 1.2, abs=0.06)
    assert worked.line.low == pytest.approx(8 + 314 * 0.7 / 1.2, abs=0.06)
    # Cells on a logarithmic line from none to all.
    share = math.log1p(8 / 3) / math.log1p(107 / 3)
    assert few.line.x == pytest.approx(8 + 314 * share, abs=0.06)
    rows = [mark.row for mark in stable.line.marks]
    assert rows == [0, 1]  # their labels would meet


def test_a_decoder_below_ridge_is_named_beside_the_score():
    below = {**WORKS, "r_average": 0.5}
    lead = {"over_ridge": -0.1, "over_ridge_ci95": [-0.15, -0.05], "over_ridge_verdict": "worse"}
    summary = {
        "reconstruct": {"ridge": WORKS, "feature-inversion": below},
        "decoders": {"ridge": {"ssim": 0.4}, "feature-inversion": {"ssim": 0.3} | lead},
    }
    told = section_words("reconstruct", summary, "ridge").finding
    assert told.endswith(
        "the others: feature-inversion 0.50. feature-inversion −0.100 (−0.150 to −0.050) against "
        "ridge, worse than ridge by more than 0.01."
    )


def test_what_was_not_computed_is_said():
    answers = opening({"respond": {}, "reconstruct": {"ridge": WORKS}}, "ridge", "S").answers
    assert [each.value for each in answers] == ["0.60", "–", "–"]
    assert answers[1].text == "Not computed; tpdecode sparsity-report does it."
    failed = {**SUMMARY, "stability": {"ridge": {"unavailable": "one repeat only."}}}
    assert opening(failed, "ridge", "S").answers[2].text == "Unavailable: one repeat only."
    untold = {**SUMMARY, "sparsity": {"ridge": {**FEW, "strong_cells": None}}}
    assert opening(untold, "ridge", "S").answers[1].text == "In full."


def test_checks_begin_with_what_to_look_into():
    summary = {
        "quality": {
            "bad_frames": 3,
            "largest_motion_px": 2.0,
            "snr": 9.0,
            "bleaching_percent": 40.0,
        },
        "respond": {"images": 60, "reliability": 0.9, "carry_over": 0.2, "carry_over_p": 0.2},
        "reconstruct": {"bayes": {**WORKS, "permutations": 40}, "x": {"unavailable": "why"}},
    }
    found = checks(summary, ["encode: stale, and therefore not shown; run it"])
    assert [(each.passed, each.text) for each in found] == [
        (False, "out of date, not shown: encode"),
        (False, "motion up to 2.0 px, 3 bad frames"),
        (False, "40 % bleached"),
        (False, "no result of x"),
        (False, "few permutations, so p cannot be small: bayes 40"),
        (True, "signal-to-noise 9.0 (median cell)"),
        (True, "60 pictures"),
        (True, "reliability of tuning 0.90 (median cell)"),
        (True, "no carry-over from the picture before"),
    ]
    assert checks({}, []) == []


def test_the_table_of_decoders_has_a_column_for_each_and_no_empty_row():
    rows = decoder_rows({**SUMMARY, "reconstruct": {"ridge": WORKS, "x": {}}}, ["ridge", "x"], "r")
    by_name = {(row.group, row.name): row.cells for row in rows}
    assert by_name["Mean over trials, m subtracted", "R, 95 % interval"] == [
        ("0.60", "0.50 to 0.70"),
        ("–", ""),
    ]
    assert by_name["", "p against chance"] == [("≤ 1/1001", ""), ("–", "")]
    assert by_name["How few cells", "informative cells"] == [("40", "35 to 44"), ("–", "")]
    assert not any(name == "SSIM, m left in" for _, name in by_name)
    similar = [row for row in rows if row.name in ("with other images", "filters exchanged")]
    assert [row.cells[0] for row in similar] == [("−0.01", ""), ("0.75", "")]
    assert by_name["", "responses, with other images"] == [("0.31", ""), ("–", "")]
    untold = {"ridge": {**FEW, "informative_cells_told": False}}
    rows = decoder_rows({**SUMMARY, "sparsity": untold}, ["ridge"], "r")
    assert ("–", "35 to 44") not in [cell for row in rows for cell in row.cells]


def test_the_methods_paragraph_names_networks_and_their_weights():
    features = {"lite": {"weights_sha256": "57934424aa"}, "lite@random:1": {"weights_sha256": ""}}
    deep = {"features": features, "rsa": {"lite": {}, "lite@random:0": {}, "said": []}}
    told = methods_paragraph(SUMMARY | {"deep": deep}, [], None, "0.1")
    assert "compared with those of layers of lite (Kriegeskorte et al., 2008)" in told
    assert "Weights (lite: SHA-256 57934424…) were not changed." in told
    assert "Horikawa" not in told


def test_the_methods_paragraph_has_the_settings_that_were_used():
    settings = [
        ("traces", "neuropil_coefficient", 0.7, ""),
        ("responses", "baseline_window_s", (-0.5, 0.0), ""),
        ("responses", "response_window_s", (0.0, 1.0), ""),
        ("responses", "responsive_test", "own-null", ""),
        ("responses", "false_discovery_rate", 0.05, ""),
        ("decoding", "folds", 10, ""),
        ("images", "size_px", 32, ""),
    ]
    movie = {**SUMMARY, "extract": {"movie": "9000 frames", "cells": 107, "rois": 300}}
    told = methods_paragraph(movie, settings, "ridge", "0.1")
    assert "(9000 frames)" in told
    assert "107 ROIs of 300 were kept" in told
    assert "Neuropil was subtracted 0.7 times." in told
    assert "mean ΔF/F from 0 to 1 s after the onset less that from -0.5 to 0 s" in told
    assert "false discovery rate of 5 %" in told
    assert "The 60 pictures (32 × 32 pixels)" in told
    assert "10-fold cross-validation" in told
    assert "R = 0.60 for means over trials (95 % interval 0.50 to 0.70)" in told
    assert told.endswith("tpdecode 0.1.")
    imported = methods_paragraph(SUMMARY, settings, None, "0.1")
    assert imported.startswith("Responses of 107 cells to 60 pictures (480 presentations) were imp")
    assert "Neuropil" not in imported
    assert methods_paragraph({}, settings, None, "0.1") == ""


def test_sections_state_their_finding_or_nothing():
    stable = section_words("stability-report", SUMMARY, "ridge").finding
    assert stable.startswith("A trial's reconstruction resembles those of the picture's other")
    assert "at 0.86, the responses at 0.60" in stable
    several = {"reconstruct": {"ridge": WORKS, "bayes": {**WORKS, "r_average": 0.4}}}
    told = section_words("reconstruct", several, "ridge").finding
    assert told.startswith("ridge reconstructs the pictures at R 0.60 (95 % interval 0.50 to 0.70;")
    assert told.endswith("the others: bayes 0.40.")
    for stage in ("extract", "quality", "respond", "encode", "reconstruct", "sparsity-report",
                  "stability-report", "complementarity", "recovery"):  # fmt: skip
        words = section_words(stage, {}, None)
        assert words.finding == ""
        assert words.how.endswith(".")


def test_a_decoder_without_permutations_claims_no_chance():
    scores = {"r_average": 0.4, "chance_r": None, "p_value": None, "wrong_image_r": 0.02}
    found = section_words("reconstruct", {"reconstruct": {"knn": scores}}, "knn").finding
    assert "no test against chance; with other images 0.02)" in found
    assert "chance –" not in found
    tested = scores | {"chance_r": 0.01, "p_value": 0.002, "permutations": 1000}
    found = section_words("reconstruct", {"reconstruct": {"knn": tested}}, "knn").finding
    assert "; chance 0.01, p = 0.002)" in found


def test_a_stage_that_is_unavailable_or_has_not_run_has_no_sentence():
    gone = {"stability": {"ridge": {"unavailable": "one repeat"}}}
    assert section_words("stability-report", gone, "ridge").finding == ""
    assert section_words("quality", {}, None).finding == ""


def test_without_a_test_the_answer_is_no_plain_yes():
    """R well above zero, but not above R with other images: nothing was shown."""
    scores = {"r_average": 0.65, "r_average_ci95": [0.6, 0.7], "wrong_image_r": 0.66}
    summary = {"reconstruct": {"knn": scores}}
    found = opening(summary, "knn", "S")
    assert found.title == "The pictures could not be reconstructed above chance"
    assert found.answers[0].text.startswith("Not above chance.")
    summary["reconstruct"]["knn"] = scores | {"wrong_image_r": 0.02}
    found = opening(summary, "knn", "S")
    assert found.answers[0].text.startswith("Above R with other images; not tested.")
    assert "other images 0.02" in [mark.label for mark in found.answers[0].line.marks]


def test_p_says_which_score_it_is_of():
    scores = {
        "r_average": 0.4, "r_average_ci95": [0.3, 0.5], "r_single": 0.1, "chance_r": 0.0,
        "r_single_ci95": [-0.1, 0.3], "chance_r_single": 0.0, "p_value": 0.2, "permutations": 1000,
        "primary_score": "r_single",
    }  # fmt: skip
    answer = opening({"reconstruct": {"ridge": scores}}, "ridge", "S").answers[0]
    assert answer.text.startswith("Not above chance.")
    assert "(p = 0.2 for single trials)" in answer.text


def test_a_decoder_that_is_unavailable_gives_its_reason_and_no_methods():
    summary = {
        "respond": {"images": 5, "cells": 3, "presentations": 5},
        "reconstruct": {"ridge": {"unavailable": "too few images."}},
    }
    assert "too few images" in opening(summary, "ridge", "S").answers[0].text
    assert "reconstructed" not in methods_paragraph(summary, [], "ridge", "1")


def test_the_methods_say_what_the_settings_did():
    settings = [
        ("traces", "neuropil_coefficient", 0.0, ""), ("traces", "signal", "deconvolved", ""),
        ("responses", "response_window_s", (0.2, 0.7), ""), ("decoding", "folds", 10, ""),
        ("responses", "baseline_window_s", (-0.5, 0.0), ""),
    ]  # fmt: skip
    summary = {
        "extract": {"movie": "m"}, "respond": {"images": 6, "cells": 3},
        "reconstruct": {"ridge": {"r_average": 0.1}},
    }  # fmt: skip
    text = methods_paragraph(summary, settings, "ridge", "1")
    assert "Neuropil was not subtracted. Evoked responses are mean deconvolved activity" in text
    assert "leave-one-out cross-validation" in text
