import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twophoton_decode.errors import CellListError
from twophoton_decode.extraction.curation.cell_list import read_cell_list

PLANE = np.repeat([0, 1], [6, 4])


def written(folder, name, content):
    path = folder / name
    if isinstance(content, str):
        path.write_text(content)
    else:
        np.save(path, content, allow_pickle=True)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cells.txt", "7\n2\n\n0  # the bright one\n# nothing\n"),
        ("cells", "\ufeff0\r\n2\r\n7\r\n"),
        ("cells.csv", "roi\n7\n2\n0\n"),
        ("cells.csv", "note,roi,plane\nbright,0,0\n,7,1\n\n,2,0\n"),
        ("cells.csv", "plane;roi\n0;0\n0;2\n1;7\n"),
        ("cells.tsv", "roi\tcenter_y_px\n0\t1.5\n2\t2.5\n7\t8\n"),
        ("cells.npy", np.array([7, 0, 2])),
        ("cells.npy", np.array([7.0, 0.0, 2.0])),
        ("cells.npy", np.isin(np.arange(10), [0, 2, 7])),
        ("iscell.npy", np.stack([np.isin(np.arange(10), [0, 2, 7]), np.full(10, 0.9)], axis=1)),
    ],
)
def test_every_way_to_write_a_list(tmp_path, name, content):
    assert read_cell_list(written(tmp_path, name, content), PLANE).tolist() == [0, 2, 7]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("c.txt", "# nobody\n", "names no ROI"),
        ("c.csv", "roi,plane\n", "names no ROI"),
        ("c.npy", np.zeros(10, dtype=bool), "names no ROI"),
        ("c.txt", "3\n12\n", "names ROI 12, but the session has the ROIs 0 to 9"),
        ("c.txt", "1\n10\n", "Does the list count from 1"),
        ("c.txt", "3\n-1\n", "names ROI -1"),
        ("c.txt", "3\n4\n3\n4\n5\n", "names 2 ROIs more than once, the first being 3"),
        ("c.npy", np.array([0, 1, 1, 0, 0, 0, 1, 0, 0, 0]), "names 2 ROIs more than once"),
        ("c.txt", "3\ncell 4\n", "line 2: expected the index of an ROI, found 'cell 4'"),
        ("c.txt", "1.5\n", "line 1: expected the index of an ROI, found '1.5'"),
        ("c.csv", "3\n4\n", "expected a column roi, found 3"),
        ("c.csv", "", "expected a column roi, found nothing"),
        ("c.csv", "plane,roi\n0,1\n1\n", "line 3: expected the index of an ROI, found ''"),
        ("c.csv", "plane,roi\n0,1\n0,7\n", "puts ROI 7 in plane 0, but it lies in plane 1"),
        ("c.npy", np.ones(9, dtype=bool), "to 9 ROIs, but the session has 10"),
        ("iscell.npy", np.ones((11, 2)), "to 11 ROIs, but the session has 10"),
        ("iscell.npy", np.full((10, 2), np.nan), "not those of suite2p's iscell: expected 0 or 1"),
        ("c.npy", np.array([[3, 0], [7, 1]]), "two columns, but not those of suite2p's iscell"),
        ("iscell.npy", np.full((10, 2), [1, 3.5]), "two columns, but not those of suite2p's"),
        ("c.npy", np.ones((3, 3)), r"has the shape \(3, 3\)"),
        ("c.npy", np.array([0.5]), "must be whole numbers"),
        ("c.npy", np.array([{"roi": 1}], dtype=object), "holds Python objects"),
        ("c.npy", "cut short", "damaged"),
        ("c.npy", np.array([0.0, np.inf]), "must be whole numbers"),
        ("c.npy", np.array([0.0, 1e300]), r"names ROI 1e\+300, but"),
        ("c.npy", np.array([3, 2**63 + 5], dtype=np.uint64), "names ROI 9223372036854775813, but"),
        ("c.txt", "3\n99999999999999999999\n", "line 2: expected the index of an ROI"),
        ("c.txt", "3\n" + "1" * 9000, r"found '1{40}…'"),
        ("c.txt", "3\n1_0\n", "line 2: expected the index of an ROI, found '1_0'"),
        ("c.csv", 'roi\n"' + "1" * 200_000 + '"\n', "cannot be read as a table of ROIs"),
    ],
)
def test_lists_that_do_not_fit_say_why(tmp_path, name, content, message):
    with pytest.raises(CellListError, match=message) as caught:
        read_cell_list(written(tmp_path, name, content), PLANE)
    assert name in str(caught.value)
    assert caught.value.exit_code == 1


def test_what_is_no_text_is_refused(tmp_path):
    (tmp_path / "cells.txt").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(CellListError, match="cannot be read as text"):
        read_cell_list(tmp_path / "cells.txt", PLANE)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system")
def test_a_pipe_is_no_list(tmp_path):
    for name in ("cells.txt", "cells.csv"):
        os.mkfifo(tmp_path / name)
        with pytest.raises(CellListError, match=f"{name} is no file"):
            read_cell_list(tmp_path / name, PLANE)


@settings(max_examples=25, deadline=None)
@given(rois=st.sets(st.integers(0, 39), min_size=1), kind=st.sampled_from(["txt", "csv", "npy"]))
def test_any_list_comes_back(tmp_path_factory, rois, kind):
    path = tmp_path_factory.mktemp("lists") / f"cells.{kind}"
    if kind == "npy":
        np.save(path, np.array(list(rois)))
    else:
        lines = [*(["roi"] if kind == "csv" else []), *map(str, rois)]
        path.write_text("\n".join(lines))
    assert read_cell_list(path, np.zeros(40, dtype=int)).tolist() == sorted(rois)
