"""What does not fit is refused by name, and nothing that is handed out can change a session."""

import numpy as np
import pytest

import twophoton_decode as tp
from twophoton_decode.errors import UsageError


@pytest.mark.parametrize("cells", [30.0, 2.5, "5"])
def test_numbers_of_cells_are_whole(cells):
    with pytest.raises(UsageError, match=r"cells must be a whole number, 1 or more"):
        tp.simulate(cells=cells, images=3, repeats=2, picture_px=16)


def test_a_mean_or_picture_that_is_no_number_gives_no_score():
    pictures = np.random.default_rng(0).random((3, 8, 8))
    with pytest.raises(UsageError, match="the mean holds NaN"):
        tp.scores.correlation(pictures, pictures, np.nan)
    broken = np.where(pictures > 0.9, np.nan, pictures)
    with pytest.raises(UsageError, match="values of reconstructions are NaN"):
        tp.scores.structural_similarity(pictures, broken, 1.0)
