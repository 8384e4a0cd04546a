"""A list of ROIs against the folder that it is about; no movie is needed for that."""

import os
from types import SimpleNamespace

import numpy as np
import pytest

from twophoton_decode.errors import SettingsError
from twophoton_decode.pipeline.inputs.chosen_rois import (
    choice_note,
    chosen_rois,
    numbering_warning,
)
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.pipeline.stages import respond_from_arrays
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Ledger
from twophoton_decode.settings import Settings

TRACES = SimpleNamespace(is_cell=np.array([True, False, True, True, False]), plane=np.zeros(5))


def work_with(folder, cells_file="chosen.txt"):
    settings = Settings.model_validate({"responses": {"cells_file": cells_file}})
    return StageInput(SessionFolder(folder), settings, Ledger(folder / "ledger.json"))


def test_without_a_list_the_classifier_decides(tmp_path):
    assert chosen_rois(work_with(tmp_path, ""), TRACES) is None
    assert choice_note(None, TRACES) == []
    assert numbering_warning(work_with(tmp_path, "")) == []


def test_what_the_classifier_calls_otherwise_is_counted(tmp_path):
    (tmp_path / "chosen.txt").write_text("4\n1\n2\n")
    chosen = chosen_rois(work_with(tmp_path), TRACES)
    assert chosen.tolist() == [1, 2, 4]
    (note,) = choice_note(chosen, TRACES)
    assert note.startswith("3 of 5 ROIs are used")
    assert "2 of them are not classified as cells, and 2 classified cells are not on" in note


@pytest.mark.parametrize(("later_ns", "warned"), [(-1, False), (0, False), (1, True)])
def test_a_list_that_is_older_than_any_plane_is_doubted(tmp_path, later_ns, warned):
    (tmp_path / "chosen.txt").write_text("1\n")
    written = 1_700_000_000_000_000_000
    os.utime(tmp_path / "chosen.txt", ns=(written, written))
    for plane, changed in ((0, written - 5), (1, written + later_ns)):
        stat = tmp_path / "suite2p" / f"plane{plane}" / "stat.npy"
        stat.parent.mkdir(parents=True)
        stat.write_bytes(b"")
        os.utime(stat, ns=(changed, changed))
    found = numbering_warning(work_with(tmp_path))
    assert [line.startswith("warning: chosen.txt is older") for line in found] == [True] * warned


def test_imported_arrays_have_no_rois_to_list(tmp_path):
    with pytest.raises(SettingsError, match="lists ROIs of a movie, but this session has imported"):
        respond_from_arrays.run(work_with(tmp_path))
