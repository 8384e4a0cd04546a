"""What summary.json and the terminal say of the cell count."""

from dataclasses import replace

import invented_recording as invented
import numpy as np
import pytest

from twophoton_decode.cli.headline import headlines
from twophoton_decode.pipeline.stages.sparsity import _summary


def test_the_gain_of_max_is_against_all_cells_on_the_same_images():
    curves = invented.curves()
    assert 0 < curves.used.sum() < invented.IMAGES
    found = _summary(curves)
    by_hand = [r for r, used in zip(curves.r_all, curves.used, strict=True) if used]
    assert found["r_all_used"] == pytest.approx(sum(by_hand) / len(by_hand))
    assert found["r_max"] - found["r_all_used"] == pytest.approx(found["max_gain"])
    assert found["r_all"] != pytest.approx(found["r_all_used"])


def test_a_number_of_informative_cells_that_cannot_be_told_is_not_written():
    untold = _summary(replace(invented.curves(), informative_cells_told=False))
    assert np.isnan(untold["informative_cells"])
    assert untold["informative_cells_ci95"] == [12, 16]
    assert _summary(invented.curves())["informative_cells"] == 15


def test_the_terminal_writes_true_minus_signs_and_says_what_a_dash_is():
    scores = {"r_average": 0.5, "chance_r": -0.012}
    header, row, dash = headlines({"S": {"reconstruct": {"ridge": scores}}})
    assert "R all" not in header
    assert row.split()[:6] == ["S", "–", "ridge", "0.50", "–", "−0.01"]
    assert dash == "–: not computed, or this recording cannot tell"
