"""What leaves the page: what is printed, and the tables that it saves."""

from __future__ import annotations

import csv
import io
import json

import invented_recording as invented
from test_odd_names import CELLS
from test_page import DOT, page
from test_page_in_browser import driven, needs_browser
from test_what_the_page_tells import told

from twophoton_decode.figures.canvas.drawing import Shown, table_csv
from twophoton_decode.report.data.gather import SessionRecords, page_data

SEEN = (
    "[...document.querySelectorAll('figure')].filter((each) => each.checkVisibility())"
    ".map((each) => each.textContent.match(/Caption of [a-z-]+/)?.[0]).filter(Boolean)"
)


@needs_browser
def test_paper_has_the_figures_of_the_decoder_that_is_chosen(tmp_path):
    figures = [
        Shown(f"{name}_{decoder}", f"Caption of {name}-{decoder}", {"png": DOT})
        for name in ("stability", "encoding")
        for decoder in ("ridge", "other")
    ]
    made = {"ridge": invented.reconstruction(), "other": invented.reconstruction("other", 100.0)}
    records = SessionRecords(invented.responses(), made)
    html = page(
        summary={"reconstruct": {name: {} for name in made}},
        drawings=[("Stable?", figures[:2]), ("Fields?", figures[2:])],
        explorer=lambda _: page_data(records, 0),
    )
    steps = (
        ("ready", None),
        ("evaluate", "document.querySelectorAll('details').forEach((each) => (each.open = true))"),
        ("evaluate", SEEN),
        ("click", "#section-2-decoders .which button:nth-child(2)"),
        ("evaluate", SEEN),
        ("paper", None),
        ("evaluate", SEEN),
    )
    found = driven(html, tmp_path, *steps)
    assert found["results"][2] == ["Caption of stability-ridge", "Caption of encoding-ridge"]
    assert found["results"][4] == ["Caption of stability-ridge", "Caption of encoding-other"]
    assert found["results"][6] == found["results"][4]


@needs_browser
def test_tables_that_the_page_writes_are_those_of_python(tmp_path):
    texts = [text for text, _ in CELLS]
    rows = f"{json.dumps(texts)}.map((text) => tpdecode.csvCell(text) + ',x').join('\\n')"
    records = SessionRecords(invented.responses(), {"ridge": invented.reconstruction()})
    visit = told(records, tmp_path, 0, table=("evaluate", rows))
    written = table_csv({"a": texts, "b": ["x"] * len(texts)}).decode()
    assert visit["table"] + "\n" == written.partition("\n")[2]
    back = csv.reader(io.StringIO(visit["table"], newline=""))
    assert [row[0] for row in back] == [cell for _, cell in CELLS]
