"""What a figure is written as: valid, repeatable files that hold what is drawn."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import invented_recording as invented
import numpy as np
import pytest
from matplotlib.figure import Figure

from twophoton_decode.figures.canvas.drawing import Drawing, render, table_csv
from twophoton_decode.figures.cell_count.curve import cell_count_curve
from twophoton_decode.pipeline.results.figures import _has_any

pytestmark = pytest.mark.usefixtures("whole_figures")


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return render(cell_count_curve(invented.curves()))


def test_each_file_is_of_its_kind(files):
    assert set(files) == {"pdf", "svg", "png", "csv", "strongest.csv", "images.csv"}
    assert files["png"].startswith(b"\x89PNG\r\n\x1a\n")
    assert files["pdf"].startswith(b"%PDF-")
    assert files["pdf"].rstrip().endswith(b"%%EOF")
    assert ElementTree.fromstring(files["svg"]).tag == "{http://www.w3.org/2000/svg}svg"


def test_text_in_the_pdf_is_an_embedded_truetype_font(files):
    assert b"/FontFile2" in files["pdf"]
    assert b"/Type3" not in files["pdf"]


def test_text_in_the_svg_can_be_edited(files):
    written = re.findall(r"<text[^>]*>([^<]*)</text>", files["svg"].decode())
    assert "R per trial (m subtracted)" in written
    assert {"a", "b"} <= set(written), "letters of panels"


def test_rendering_again_gives_the_same_bytes(files):
    assert render(cell_count_curve(invented.curves())) == files


def test_files_carry_no_date(files):
    assert b"CreationDate" not in files["pdf"]
    assert b"dc:date" not in files["svg"]


def test_pyplot_is_never_loaded():
    script = (
        "import sys\n"
        "from matplotlib.figure import Figure\n"
        "import twophoton_decode.figures as figures, importlib, pkgutil\n"
        "for each in pkgutil.walk_packages(figures.__path__, 'twophoton_decode.figures.'):\n"
        "    importlib.import_module(each.name)\n"
        "from twophoton_decode.figures.canvas.drawing import Drawing, render\n"
        "render(Drawing('blank', Figure(figsize=(1, 1)), ''))\n"
        "sys.exit('matplotlib.pyplot' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_csv_holds_the_values_that_are_drawn(files):
    rows = list(csv.DictReader(io.StringIO(files["csv"].decode())))
    drawn = [float(row["r_mean"]) for row in rows]
    np.testing.assert_allclose(drawn, invented.curves().r.mean(0, dtype=float), rtol=1e-12)


def test_nan_leaves_cells_empty():
    written = table_csv({"image": np.arange(2), "r": [0.5, float("nan")], "name": ["a,b", "c"]})
    assert written.decode() == 'image,r,name\n0,0.5,"a,b"\n1,,c\n'


def test_two_tables_are_never_glued_into_one():
    with pytest.raises(ValueError, match="shorter"):
        table_csv({"image": np.arange(3), "cell": np.arange(2)})


def test_an_empty_table_is_an_empty_csv():
    assert render(Drawing("nothing", Figure(figsize=(1, 1)), ""))["csv"] == b"\n"


def test_a_second_table_that_was_deleted_is_a_file_of_its_figure():
    names = {"figures/cell_count_ridge.images.csv"}
    assert _has_any("cell_count_ridge", names)
    assert not _has_any("cell_count", names)
    assert not _has_any("cell_count_ridge", {"figures/cell_count_ridge_2.csv"})
