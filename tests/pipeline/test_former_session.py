"""A session of an earlier version opens, is not extracted again, and gives the same results."""

import tarfile
from pathlib import Path

import h5netcdf
import numpy as np
import pytest
from conftest import ROOT

from twophoton_decode.pipeline.chain import stages_of
from twophoton_decode.pipeline.run import Session
from twophoton_decode.session.folder import SessionFolder

FORMER = ROOT / "tests" / "former" / "movie_session.tar.xz"
RECORDS = (
    "traces", "quality", "responses", "encoding", "reconstruction/ridge", "cell_count/ridge",
    "stability/ridge", "complementarity/ridge", "recovery",
)  # fmt: skip


@pytest.fixture
def former(tmp_path):
    """The session beside the sample data, whose movie it was made from."""
    with tarfile.open(FORMER) as archive:
        archive.extractall(tmp_path, filter="data")
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    return tmp_path / "mouse"


def test_its_rois_and_traces_are_fresh(former, tpdecode):
    code, out, _ = tpdecode("status", former)
    told = dict(line.split()[:2] for line in out.splitlines())
    assert code == 0
    assert {told[stage] for stage in ("register", "detect", "extract")} == {"fresh"}


def test_every_record_is_read(former):
    folder = SessionFolder(former)
    stages = stages_of(Session(folder).settings)
    files = {stage.file.format(decoder="ridge", network="") for stage in stages if stage.file}
    assert {f"{name}.nc" for name in RECORDS} <= files


def test_the_same_responses_and_reconstructions_follow_from_its_traces(former, tpdecode):
    before = {
        name: _arrays(former / f"{name}.nc") for name in ("responses", "reconstruction/ridge")
    }
    # These intervals were mended after the session was made.
    for mended in ("top1_single_ci95", "top1_average_ci95"):
        del before["reconstruction/ridge"][mended]
    for command in (("respond", former), ("reconstruct", former, "--decoder", "ridge")):
        code, _, err = tpdecode(*command)
        assert code == 0, err
    for name, arrays in before.items():
        now = _arrays(former / f"{name}.nc")
        for key, values in arrays.items():
            np.testing.assert_allclose(now[key], values, rtol=1e-5, atol=1e-6, err_msg=key)


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of numbers in a record's file."""
    with h5netcdf.File(path) as file:
        found = {name: np.asarray(variable[...]) for name, variable in file.variables.items()}
    return {name: values for name, values in found.items() if values.dtype.kind in "fiub"}
