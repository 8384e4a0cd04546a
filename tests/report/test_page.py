"""The one-file report: everything inside, everything escaped, nothing invented."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
import re
from html.parser import HTMLParser
from typing import Any

import invented_recording as invented
import numpy as np
import pytest
from page_arrays import unpacked
from PIL import Image

from twophoton_decode.figures.canvas.drawing import Shown, render
from twophoton_decode.figures.stability.similarity import similarity_scatter
from twophoton_decode.report.headline import headline
from twophoton_decode.report.page import report_page

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
EVIL = '<script>alert("x")</script>'
RIDGE = {
    "features": "gabor",
    "r_single": 0.11,
    "cd_single": 0.02,
    "r_average": 0.17,
    "r_average_ci95": [0.09, 0.25],
    "two_way_identification": 0.71,
    "chance_r": -0.01,
    "p_value": 0.0476,
    "feature_ceiling_r": 0.97,
}
SUMMARY: dict[str, Any] = {
    "session": "S",
    "version": "0.1",
    "extract": {"planes": 1, "frames": 9000, "rois": 306, "cells": 54, "seconds": 11.0},
    "respond": {
        "cells": 54,
        "responsive_cells": 40,
        "percent_responsive_per_image": 4.2,
        "population_sparseness": 0.7,
    },
    "reconstruct": {"all-cells": {**RIDGE, "r_average": 0.1, "r_single": 0.2}, "ridge": RIDGE},
    "sparsity": {
        "ridge": {
            "how_many_cells": "15 of 54 cells can be shown to carry the picture.",
            "informative_cells": 15.0,
            "informative_cells_ci95": [12, 16],
            "informative_cells_told": True,
            "strong_cells": 6.0,
            "strong_cells_ci95": [5, 7],
            "cells_95": 20.0,
            "cells_95_ci95": [12, 31],
        }
    },
    "stability": {"ridge": {"reconstruction_similarity": 0.62, "response_similarity": 0.4}},
}


class Page(HTMLParser):
    """Collects text, tags and everything that a browser could fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.tags, self.links = "", [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "srcset", "data")]

    def handle_data(self, data):
        if self.tags[-1:] not in (["style"], ["script"]):
            self.text = " ".join(f"{self.text} {data}".split())


def page(**changed: Any) -> str:
    content: dict[str, Any] = {
        "title": "mouse 7",
        "version": "0.1",
        "summary": SUMMARY,
        "drawings": [],
        "settings": [("decoding", "folds", 10, "folds over images")],
        "provenance": [{"stage": "extract", "decoder": None, "seconds": 12.5, "seed": 0}],
        "notes": ["2 cells were left out"],
    }
    return report_page(**{**content, **changed})


@pytest.fixture(scope="module")
def drawn() -> Shown:
    drawing = similarity_scatter(invented.stability())
    return Shown(drawing.name, drawing.caption, render(drawing))


def test_the_page_fetches_nothing(drawn):
    html = page(drawings=[("How stable is it?", [drawn])])
    found = Page(html)
    assert "https://" not in html
    assert "@import" not in html
    # SVG's namespace is a name, not an address.
    assert html.replace("http://www.w3.org/2000/svg", "").count("http://") == 0
    assert all(link.startswith(("data:image/webp;base64,", "#")) for link in found.links)


def test_only_the_script_and_styles_of_the_page_may_run():
    html = page()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag, kind in (("script", "script-src"), ("style", "style-src")):
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert len(inside) == 1
        digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy
    assert not re.search(r"<[^>]* (style|on[a-z]+)=", html)


def test_anchors_lead_to_sections_that_exist(drawn):
    html = page(drawings=[("Empty", []), ("How stable is it?", [drawn])])
    anchors = [link[1:] for link in Page(html).links if link.startswith("#")]
    contents = ["decoders", "section-1", "paragraph", "notes", "settings", "provenance"]
    assert anchors[:8] == ["answer", "answer", *contents]
    assert all(f'id="{anchor}"' in html for anchor in anchors)


def test_figures_are_embedded_with_number_and_caption(drawn):
    html = page(drawings=[("Stable?", [drawn, drawn])])
    pictures = re.findall(
        r'src="data:image/webp;base64,([^"]*)" width="(\d+)" height="(\d+)"', html
    )
    assert len(pictures) == 2
    with (
        Image.open(io.BytesIO(base64.b64decode(pictures[0][0]))) as shown,
        Image.open(io.BytesIO(drawn.files["png"])) as printed,
    ):
        assert shown.size == (int(pictures[0][1]), int(pictures[0][2]))
        assert shown.width == min(1120, printed.width)
        assert shown.height / shown.width == pytest.approx(printed.height / printed.width, rel=0.01)
        small = np.asarray(printed.convert("L").resize((40, 20)), float)
        assert np.abs(np.asarray(shown.convert("L").resize((40, 20)), float) - small).mean() < 3
    text = Page(html).text
    assert "Figure 1." in text
    assert "Figure 2." in text
    assert drawn.caption in text


def test_a_caption_names_all_files_of_its_figure():
    beside = Shown("f", "F.", {"png": DOT, "csv": b"a"}, ("svg", "images.csv", "pdf"))
    text = Page(page(drawings=[("Stable?", [beside])])).text
    assert "f (csv, images.csv, pdf, png, svg)" in text


def test_figures_of_several_decoders_stand_together_the_leading_one_first(drawn):
    def named(name: str) -> Shown:
        return Shown(name, name, drawn.files)

    figures = [named("stability_all-cells"), named("overview"), named("stability_ridge")]
    html = page(drawings=[("Stable?", figures)])
    assert re.findall(r'data-decoder="([^"]*)"', html) == ["ridge", "all-cells"]
    assert html.index(">overview ") < html.index(">stability_ridge ")
    assert 'data-decoders="[&#34;ridge&#34;, &#34;all-cells&#34;]"' in html


def test_numbers_of_figures_are_in_the_page(drawn):
    html = page(drawings=[("Stable?", [drawn])])
    listed = json.loads(re.search(r'id="facts">(.*?)</script>', html)[1])["groups"]["tables"]
    text = re.search(r'id="data-tables">(.*?)</script>', html)[1]
    assert unpacked(text, listed)[drawn.name].tobytes() == drawn.files["csv"]


def test_whatever_users_name_is_escaped():
    html = page(
        title=EVIL,
        summary={**SUMMARY, "reconstruct": {EVIL: RIDGE}},
        drawings=[(EVIL, [Shown(EVIL, EVIL, {"png": DOT, EVIL: b""})])],
        settings=[(EVIL, EVIL, EVIL, EVIL), ("source", "log", {EVIL: [EVIL]}, "")],
        provenance=[{EVIL: EVIL}],
        notes=[EVIL],
    )
    assert html.lower().count("<script>alert") == 0
    assert Page(html).tags.count("script") == 2  # the facts and the page's own
    assert html.count("&lt;script&gt;") >= 12


def test_the_lead_follows_the_primary_score():
    assert headline(SUMMARY, "r_average").lead == "Decoder ridge, the best of 2 by r_average"
    chosen = page(settings=[("decoding", "primary_score", "r_single", "")])
    assert "Decoder all-cells, the best of 2 by r_single" in Page(chosen).text


def test_scores_stand_beside_interval_chance_and_ceiling():
    tile = headline(SUMMARY, "r_average").scores[0]
    assert tile.value == "0.17"
    assert tile.detail.replace("\u00a0", " ") == (
        "95 % interval 0.09 to 0.25 · chance −0.01 · p = 0.048 · feature ceiling 0.97"
    )


def test_single_trials_stand_beside_chance_but_not_the_ceiling_of_averages():
    scores = {
        "r_single": 0.11,
        "cd_single": 0.02,
        "chance_r_single": 0.01,
        "r_infinite_trials": 0.2,
    }
    tile = headline({"reconstruct": {"ridge": scores}}, "r_average").scores[1]
    assert tile.detail.replace("\u00a0", " ") == "chance 0.01 · CD 0.02"


def test_facts_of_every_stage_are_tiles():
    facts = {tile.label: (tile.value, tile.detail) for tile in headline(SUMMARY, "r_average").facts}
    assert facts["cells found"] == ("54", "of 306 ROIs in 9000 frames")
    assert facts["of the cells are driven by an image, on average"][0] == "4.2 %"
    value, detail = facts["cells can be shown to carry the picture"]
    assert (value, detail) == ("15", "of 54 · 95 % interval 12 to 16")
    value, detail = facts["strongest cells give 95 % of R"]
    assert value == "6"
    assert "95 % interval 5 to 7" in detail
    assert "first crossing of the paper's curve 20" in detail
    assert facts["similarity of reconstructions over repeats"][0] == "0.62"


def test_the_answer_stands_on_the_page():
    assert "15 of 54 cells can be shown to carry the picture." in Page(page()).text


def test_a_number_that_the_recording_cannot_tell_is_a_dash():
    ridge = {**SUMMARY["sparsity"]["ridge"], "informative_cells_told": False}
    facts = headline({**SUMMARY, "sparsity": {"ridge": ridge}}, "r_average").facts
    tile = next(each for each in facts if each.label.startswith("cells can be shown"))
    assert (tile.value, tile.detail) == (
        "–",
        "this recording cannot tell; as far as it shows, 12 to 16 of 54",
    )


@pytest.mark.parametrize("missing", [None, math.nan])
def test_undefined_numbers_show_as_dashes(missing):
    scores = dict.fromkeys(RIDGE, missing) | {"r_average_ci95": [missing, missing]}
    respond = dict.fromkeys(SUMMARY["respond"], missing)
    html = page(summary={"respond": respond, "reconstruct": {"ridge": scores}})
    text = Page(html).text
    assert "nan" not in text.lower().split()
    assert "None" not in text
    assert headline({"reconstruct": {"ridge": scores}}, "r_average").scores[0].value == "–"


def test_extraction_alone_is_a_complete_report():
    text = Page(page(summary={"extract": SUMMARY["extract"]}, settings=[], provenance=[])).text
    assert "54 cells found" in text
    assert "Two-way" not in text.split("How to read")[0]
    assert "No settings were handed to the report." in text


def test_notes_are_listed_and_their_absence_is_said():
    assert "2 cells were left out" in Page(page()).text
    nothing = "No stage reported anything assumed, dropped, clipped, filled or not converged."
    assert nothing not in Page(page()).text
    assert nothing in Page(page(notes=[])).text


def test_settings_and_provenance_are_tabled():
    html = page(
        settings=[
            ("traces", "baseline_window_s", 60.0, "length of the window for F0, s"),
            ("responses", "baseline_window_s", (-0.5, 0.0), "baseline before the onset, s"),
            ("responses", "exclude", {"moving": ["1"]}, ""),
            ("extraction", "nonrigid", True, ""),
            ("source", "log", "", ""),
            ("source", "movie", [], "TIFF files"),
        ],
        provenance=[
            {"stage": "extract", "inputs": {"a.tif": "sha256:1", "b.tif": "sha256:2"}},
            {"stage": "reconstruct", "decoder": "ridge", "seed": np.int64(3)},
        ],
    )
    text = Page(html).text
    assert "[traces] baseline_window_s 60.0" in text
    assert "[-0.5, 0.0]" in text
    assert 'moving: ["1"]' in text
    assert "nonrigid true" in text
    assert "log – movie – TIFF files" in text
    assert "a.tif: sha256:1 b.tif: sha256:2" in text
    assert "ridge 3" in text


def test_the_variant_of_r_is_stated():
    assert "after the mean training image m has been subtracted from both" in Page(page()).text


@pytest.mark.parametrize(
    ("extract", "respond", "line"),
    [
        ({"movie": "9000 frames", "microscope": "8 Hz"}, {}, "9000 frames; 8 Hz"),
        (
            {"movie": "9000 frames", "microscope": "8 Hz"},
            {"stimulus": "240 presentations"},
            "240 presentations; 8 Hz",
        ),
        ({}, {"stimulus": "6 repeats"}, "6 repeats"),
    ],
)
def test_what_was_understood_stands_at_the_top(extract, respond, line):
    summary = {"session": "S", "extract": {**SUMMARY["extract"], **extract}}
    summary["respond"] = {**SUMMARY["respond"], **respond}
    html = report_page(
        title="S", version="1", summary=summary, drawings=[], settings=[], provenance=[], notes=[]
    )
    assert f"<p>{line}</p>" in html


def test_the_page_says_how_its_intervals_were_made():
    assert "Intervals : of means over images: Student's t" in Page(page()).text
    told = Page(page(intervals="bootstrap over mice.")).text
    assert "Intervals : bootstrap over mice." in told
    assert "Student's t" not in told


def test_the_least_p_of_each_decoder_stands_below_the_table():
    decoders = {"ridge": {**RIDGE, "permutations": 1000}, "bayes": {**RIDGE, "permutations": 40}}
    text = Page(page(summary={"reconstruct": decoders})).text
    assert "“≤ 1/41” is the least that 40 permutations can give (bayes)" in text
