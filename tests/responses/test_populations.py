"""Which population each cell belongs to, from a file."""

import numpy as np
import pytest

from twophoton_decode.errors import CellListError
from twophoton_decode.responses.populations import by_population, read_populations


def test_cells_get_their_population_by_roi(tmp_path):
    path = tmp_path / "areas.csv"
    path.write_text("roi;population;depth\n3;V1;200\n0;LM;210\n5;V1;190\n")
    found, notes = read_populations(path, np.array([0, 1, 3, 5]), 6)
    assert found.tolist() == ["LM", "", "V1", "V1"]
    assert notes == ["1 of 4 cells belong to no population in areas.csv."]
    cells = by_population(found, 4)
    assert {name: each.tolist() for name, each in cells.items()} == {"LM": [0], "V1": [2, 3]}
    assert read_populations(path, np.array([0, 3]), 6)[1] == []
    assert by_population(None, 3)["all cells"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("roi,area\n0,V1\n", "expected the columns roi and population, found roi, area"),
        ("roi,population\n0,V1\n6,V1\n", "line 3: expected an ROI from 0 to 5, found '6'"),
        ("roi,population\n-1,V1\n", "line 2: expected an ROI from 0 to 5, found '-1'"),
        ("roi,population\n2,V1\n2,LM\n", "line 3: ROI 2 is named twice"),
        ("roi,population\n", "names no ROI"),
    ],
)
def test_a_file_that_does_not_fit_is_told_with_its_line(tmp_path, text, message):
    path = tmp_path / "areas.csv"
    path.write_text(text)
    with pytest.raises(CellListError, match=message):
        read_populations(path, np.arange(3), 6)
    with pytest.raises(CellListError, match="cannot be read as text"):
        read_populations(tmp_path / "gone.csv", np.arange(3), 6)
