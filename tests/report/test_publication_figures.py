"""Figures for a paper: sizes, editable text, no text over another, the numbers behind panels."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ElementTree
from functools import cache

import invented_recording as invented
import numpy as np
import pytest
from matplotlib.legend import Legend
from text_boxes import faults

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import figure_files
from twophoton_decode.figures.publication.cell_counts import cell_counts_figure
from twophoton_decode.figures.publication.contributions import contributions_figure
from twophoton_decode.figures.publication.files import publication_files
from twophoton_decode.figures.publication.panels import TALLEST_MM, Composed, Panel, alone, compose
from twophoton_decode.figures.publication.reconstruction import reconstruction_figure
from twophoton_decode.figures.publication.responses import responses_figure
from twophoton_decode.figures.publication.stability import stability_figure

pytestmark = pytest.mark.usefixtures("whole_figures")

PT_PER_MM = 72 / 25.4
SVG = "{http://www.w3.org/2000/svg}"


def composed(name):
    made = invented.reconstruction()
    return {
        "1": lambda: responses_figure(invented.responses(), invented.traces()),
        "1 imported": lambda: responses_figure(invented.responses(), None),
        "1 once": lambda: responses_figure(invented.responses(repeats=1), None),
        "3": lambda: reconstruction_figure(
            invented.by_decoder(), np.argsort(-made.r_average), "ridge", "r_average"
        ),
        "4": lambda: cell_counts_figure(made, invented.curves()),
        "4 none respond": lambda: cell_counts_figure(made, invented.curves(responsive=False)),
        "6": lambda: contributions_figure(made, invented.curves(), None),
        "7": lambda: stability_figure(made, invented.stability()),
    }[name]()


NAMES = ("1", "1 imported", "1 once", "3", "4", "4 none respond", "6", "7")


@cache
def files(name):
    return dict(publication_files(composed(name)))


def rows(data):
    return list(csv.DictReader(io.StringIO(data.decode())))


def column(data, name):
    return np.array([float(row[name] or "nan") for row in rows(data)])


@pytest.mark.parametrize("name", ["6", "7"])
def test_files_are_as_wide_as_columns(name):
    for file, data in files(name).items():
        width = re.search(r"\.(183|89)mm", file)
        if file.endswith(".pdf"):
            box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", data)
            wide, tall = (float(each) / PT_PER_MM for each in box.groups())
        elif file.endswith(".svg"):
            root = ElementTree.fromstring(data)
            wide, tall = (float(root.get(each)[:-2]) / PT_PER_MM for each in ("width", "height"))
        else:
            continue
        assert tall < TALLEST_MM + 0.1
        assert any(wide == pytest.approx(each, abs=0.05) for each in (89, 183))
        assert width is None or wide == pytest.approx(float(width[1]), abs=0.05)


@pytest.mark.parametrize("width", [183.0, 89.0])
@pytest.mark.parametrize("name", NAMES)
def test_no_text_lies_over_another_or_outside(name, width):
    with style.applied():
        for page in compose(composed(name), width):
            assert page.get_size_inches()[1] * 25.4 <= TALLEST_MM
            figure_files(page, ())
            assert not faults(page)


def test_text_that_lies_over_another_would_be_found():
    def draw(part):
        axes = part.subplots()
        axes.text(0.5, 0.5, "one text")
        axes.text(0.52, 0.5, "another")

    with style.applied():
        drawn = alone(Panel("bad", "Heading", draw))
        assert faults(drawn) == [("one text", "another")]


@pytest.mark.parametrize("name", ["4", "7"])
def test_text_can_be_edited_and_fonts_are_embedded(name):
    figure = composed(name)
    found = files(name)
    data = found[f"{figure.name}.183mm.svg"]
    root = ElementTree.fromstring(data)
    texts = {text.text for text in root.iter(f"{SVG}text")}
    assert {"a", "b", "c"} <= texts, "letters of the panels"
    assert {panel.heading for panel in figure.panels} <= texts
    groups = {group.get("id") for group in root.iter(f"{SVG}g")}
    assert {f"panel_{letter}" for letter in "abc"} <= groups
    pdf = found[f"{figure.name}.183mm.pdf"]
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf


def test_letters_go_on_on_the_next_page_in_the_order_of_the_panels():
    panels = [Panel(str(n), "", lambda part: part.subplots(), tall_mm=100) for n in range(5)]
    with style.applied():
        pages = compose(Composed("many", panels, ""), 60.0)
    letters = [[text.get_text() for text in page.findobj(lambda each: _is_letter(each))]
               for page in pages]  # fmt: skip
    assert letters == [["a", "b"], ["c", "d"], ["e"]]


def _is_letter(artist):
    return getattr(artist, "get_text", str)() in tuple("abcdefgh")


def test_a_row_takes_the_panels_that_can_be_read_in_it():
    widths = (60, 60, 60, 89, 44, 44)
    panels = [Panel(str(n), "", lambda part: part.subplots(), wide_mm=w, tall_mm=10)
              for n, w in enumerate(widths)]  # fmt: skip
    with style.applied():
        (page,) = compose(Composed("rows", panels, ""), 183.0)
    per_row = [len(strip.subfigs) for strip in page.subfigs]
    assert per_row == [3, 3]


def test_the_curve_and_the_conditions_are_those_of_the_record():
    curves, found = invented.curves(), files("4")
    growth = found["4_cell_counts_ridge.b_growth.csv"]
    own = np.array([row["curve"] == "paper's order" for row in rows(growth)])
    np.testing.assert_allclose(
        column(growth, "r_mean")[own], curves.r.mean(0, dtype=float), rtol=1e-6
    )
    np.testing.assert_array_equal(column(growth, "cells")[own], curves.cells)
    conditions = found["4_cell_counts_ridge.d_conditions.csv"]
    r = column(conditions, "r").reshape(3, -1)
    expected = [curves.r_all, curves.r_responsive, curves.r_max]
    np.testing.assert_allclose(r, [each[curves.used] for each in expected])


def test_similarities_are_those_of_the_record():
    found, stability = files("7"), invented.stability()
    table = found["7_stability_ridge.c_similarity.csv"]
    images = len(stability.repeats)
    own = [row["measure"] == "similarity" for row in rows(table)]
    assert sum(own) == images
    np.testing.assert_allclose(
        column(table, "reconstructions")[own], stability.reconstruction_similarity
    )
    np.testing.assert_allclose(column(table, "responses")[own], stability.response_similarity)


def panel(name, wanted):
    return next(each for each in composed(name).panels if each.name == wanted)


def test_responses_and_scores_are_those_of_the_records():
    shown = invented.responses()
    matrix = panel("1", "mean_responses").table["mean_response"]
    expected = [shown.response[shown.image == i].mean(0) for i in range(invented.IMAGES)]
    np.testing.assert_allclose(matrix.reshape(invented.IMAGES, invented.CELLS), expected)
    table = panel("3", "r_average").table
    for name, each in invented.by_decoder().items():
        np.testing.assert_allclose(table["r_average"][table["decoder"] == name], each.r_average)


def test_the_caption_names_every_panel_and_what_is_left_out():
    figure = composed("1 imported")
    assert "Responses were imported: there is no field of view" in figure.caption
    assert "field" not in {panel.name for panel in figure.panels}
    assert "panels that count them are left out" in composed("1 once").caption
    caption = files("6")["6_contributions_ridge.txt"].decode()
    assert caption.startswith("a, One presentation; b, 16 cells: response × filter, frame:")
    assert max(map(len, caption.splitlines())) <= 100


def legend_texts(figure):
    return [text for legend in figure.findobj(Legend) for text in legend.get_texts()]


def test_a_legend_names_only_what_its_panel_shows():
    legends = {
        name: [text.get_text() for text in legend_texts(alone(panel("3", name)))]
        for name in ("r_average", "r_single")
    }
    assert {"three lowest components", "infinitely many trials"} <= set(legends["r_average"])
    assert set(legends["r_average"]) - set(legends["r_single"]) == {
        "three lowest components", "infinitely many trials",
    }  # fmt: skip


def test_the_two_panels_with_cells_left_out_have_headings_of_their_own():
    headings = [each.heading for each in composed("7").panels]
    assert len(set(headings)) == len(headings)
    assert "R, cells left out" in headings


def test_every_table_has_a_row_an_observation():
    for name in NAMES:
        for panel in composed(name).panels:
            assert len({len(each) for each in panel.table.values()}) == 1, panel.name


@pytest.mark.parametrize("name", ["$x^2$</svg><script>alert(1)</script>\x1b[31m\u202e", "=1+1"])
def test_hostile_names_are_text(name):
    made = invented.changed(
        invented.reconstruction(), image_name=[f"{name}{i}" for i in range(invented.IMAGES)]
    )
    found = dict(publication_files(contributions_figure(made, invented.curves(), None)))
    for file, data in found.items():
        if file.endswith(".svg"):
            ElementTree.fromstring(data)
            assert b"<script" not in data
        if file.endswith(".txt"):
            assert data.decode().replace("\n", "").isprintable()
    (row,) = rows(found["6_contributions_ridge.a_pictures.csv"])
    assert row["image_name"].startswith("'" if name.startswith("=") else name[0])


def test_the_same_records_give_the_same_bytes():
    again = dict(publication_files(composed("6")))
    assert again == files("6")


def test_a_style_changes_looks_and_not_sizes_or_text():
    own = {"font.size": 9.0, "axes.titlesize": 11.0, "pdf.fonttype": 3, "svg.fonttype": "path"}
    styled = dict(publication_files(composed("6"), own))
    svg = styled["6_contributions_ridge.89mm.svg"].decode()
    assert "<text" in svg
    assert "11px" in svg or "11 px" in svg
    assert b"/Type3" not in styled["6_contributions_ridge.89mm.pdf"]
