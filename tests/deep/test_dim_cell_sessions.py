"""Dim cells of a session: planes apart, files that others read, the figure, the command."""

import csv

import numpy as np
import pytest

from tests.deep.planted_plane import grid, planted_movie, write_origin, write_plane
from twophoton_decode.errors import SessionError
from twophoton_decode.extraction.suite2p.output import read_rois
from twophoton_decode.figures.deep.dim_cells import dim_cells
from twophoton_decode.pipeline.deep.candidate_files import TABLE, candidate_files
from twophoton_decode.pipeline.deep.dim_cells import ADDED, find_dim_cells, suite2p_rois
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Ledger
from twophoton_decode.settings import DimCellSettings, ExtractionSettings, Settings

PLACES = grid(20)


def work_on(folder, planes=1, **settings):
    write_origin(folder / "suite2p", planes)
    own = Settings(
        dim_cells=DimCellSettings(minimum_probability=1e-6, **settings),
        extraction=ExtractionSettings(indicator_decay_s=1.0),
    )
    return StageInput(SessionFolder(folder), own, Ledger(folder / "ledger.json"))


@pytest.fixture(scope="module")
def two_planes(tmp_path_factory):
    """Ten clear cells in the first plane, four in the second."""
    folder = tmp_path_factory.mktemp("planes")
    for number, clear in enumerate((PLACES[:10], PLACES[:4])):
        movie = planted_movie(clear, PLACES[10:15], PLACES[15:], seed=number)
        write_plane(folder / "suite2p", movie, clear, PLACES[10:], name=f"plane{number}")
    return find_dim_cells(work_on(folder, planes=2))


def test_each_plane_is_its_own_context(two_planes):
    assert two_planes.attention.tolist() == ["self", "none"]
    assert two_planes.clear_cells.tolist() == [10, 4]
    assert any(note.startswith("plane 2: no context here: 4 clear") for note in two_planes.notes)
    assert set(two_planes.null_plane) == {0, 1}


def test_dim_cells_are_files_for_other_programs(two_planes, tmp_path):
    files = candidate_files(two_planes)
    rows = list(csv.DictReader(files[TABLE].decode().splitlines()))
    assert len(rows) == len(two_planes.plane)
    assert sum(int(row["counts"]) for row in rows) == two_planes.counts.sum() > 0
    (tmp_path / "stat.npy").write_bytes(files["deep/candidates_plane1_stat.npy"])
    rois = read_rois(tmp_path / "stat.npy")
    assert len(rois) == np.count_nonzero(two_planes.counts & (two_planes.plane == 0))
    assert all(len(roi["ypix"]) == len(roi["lam"]) > 30 for roi in rois)


def test_the_figure_says_what_counts_and_what_is_not_known(two_planes):
    drawing = dim_cells(two_planes)
    assert "How many dim cells were missed is not known" in drawing.caption
    assert f"{two_planes.counts.sum()} of them are also active" in drawing.caption
    assert len(drawing.table["counts"]) == len(two_planes.plane)


def test_added_rois_are_not_taken_for_suite2ps(tmp_path):
    movie = planted_movie(PLACES[:9], PLACES[:0], PLACES[:0])
    write_plane(tmp_path, movie, PLACES[:9])
    file = tmp_path / "plane0" / "stat.npy"
    rois = np.load(file, allow_pickle=True)
    rois[3][ADDED] = True
    np.save(file, rois)
    assert len(suite2p_rois(tmp_path / "plane0", movie.shape[1:]).centre) == 8


def test_a_movie_that_is_gone_is_named(tmp_path):
    movie = planted_movie(PLACES[:9], PLACES[:0], PLACES[:0])
    write_plane(tmp_path / "suite2p", movie, PLACES[:9])
    (tmp_path / "suite2p" / "plane0" / "data.bin").unlink()
    with pytest.raises(SessionError, match=r"data\.bin is gone"):
        find_dim_cells(work_on(tmp_path))
