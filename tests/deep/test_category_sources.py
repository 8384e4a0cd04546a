"""Where the category of a picture comes from: a column of the log, or a file."""

from types import SimpleNamespace

import numpy as np
import pytest

from twophoton_decode.errors import ResponseError, StimulusLogError
from twophoton_decode.pipeline.inputs.categories import _from_log, categories_of
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.records import Presentations
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Ledger
from twophoton_decode.settings import Settings


def log(texts, column="Category"):
    rows = len(texts)
    return Presentations(
        image=np.arange(rows) % 3,
        repeat=np.arange(rows) // 3,
        onset_s=np.arange(rows, dtype=float),
        duration_s=np.ones(rows),
        log_line=np.arange(rows) + 2,
        image_name=np.array(["a", "b", "c"]),
        columns={column: texts, "speed": ["1"] * rows},
        sorted_rows=0,
    )


def test_the_logs_column_follows_the_pictures_names():
    found = _from_log(log(["bird", "", "car", "bird", "", " car"]), np.array(["c", "a", "b"]))
    assert found.tolist() == ["car", "bird", ""]
    assert _from_log(log(["x"] * 3, "kind"), np.array(["a"])) is None


def test_a_picture_in_two_categories_is_named_with_its_line():
    texts = ["bird", "cat", "car", "bird", "dog", "car"]
    with pytest.raises(StimulusLogError, match=r"line 6 of the log: picture b .* 'dog', but 'cat'"):
        _from_log(log(texts), np.array(["a"]))


def test_a_file_names_the_categories_of_imported_pictures(tmp_path):
    np.save(tmp_path / "I.npy", np.random.default_rng(0).random((4, 16, 16)))
    (tmp_path / "C.csv").write_text("picture,kind\n0,bird\n1,\n2,car\n3,bird\n")
    settings = Settings.model_validate(
        {"source": {"kind": "arrays", "images": "../I.npy", "categories": "../C.csv=kind"}}
    )
    folder = SessionFolder.create(tmp_path / "S", settings) or SessionFolder.open(tmp_path / "S")
    work = StageInput(folder, settings, Ledger(folder.private / "ledger.json"))
    found = categories_of(work, SimpleNamespace(image_name=np.array(["3", "0", "1"])))
    # Pictures of one category have one name, whatever it is.
    assert found[0] == found[1] != ""
    assert found[2] == ""
    (tmp_path / "C.csv").write_text("kind\nbird\ncar\n")
    with pytest.raises(ResponseError, match="expected a category for each of the 4 pictures"):
        categories_of(work, SimpleNamespace(image_name=np.array(["3", "0", "1"])))
