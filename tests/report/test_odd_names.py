"""Names of pictures that are formulas, TeX, markup or escape sequences do nothing in outputs."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing, Shown, render, table_csv
from twophoton_decode.figures.canvas.gallery import Row, gallery, rank_titles
from twophoton_decode.report.page import report_page

pytestmark = pytest.mark.usefixtures("whole_figures")

NAMES = [
    r"$\foo$", "$a$ and $b$", "50 $", r"\$", "</svg><script>alert(1)</script>", "--> x <!--",
    "a\x1b[31m\x00\x08", "gpj.\u202eexe", "\uffff", b"caf\xe9".decode("utf-8", "surrogateescape"),
    "日本語", "🐭", "a&b;\"c\"'d'", "n" * 300, "",
]  # fmt: skip


def labelled(name):
    """A figure with `name` in its title, ticks, legend and text, beside a logarithmic axis."""
    figure = style.figure(2)
    axes = figure.subplots()
    axes.set_yscale("log")
    axes.plot([0, 1], [1, 1000], label=f"cell of {name}")
    axes.set_xticks([0, 1], [name, "b"])
    axes.set(title=name, xlabel=f"{name} px")
    axes.legend()
    axes.text(0.5, 10, f"{name}\n2nd line")
    return Drawing("odd", figure, "")


@pytest.mark.parametrize("name", [name for name in NAMES if len(name) < 100], ids=ascii)
def test_names_are_drawn_letter_by_letter(name):
    drawing = labelled(name)
    files = render(drawing)
    svg = files["svg"].decode()
    ElementTree.fromstring(svg)
    assert "<script" not in svg
    assert files["pdf"].startswith(b"%PDF")
    texts = {text.get_text() for text in drawing.figure.axes[0].texts}
    assert all(each.isprintable() or each == "\n" for text in texts for each in text)
    assert render(drawing) == files, "drawn twice, it is the same"


def test_dollars_are_drawn():
    drawing = labelled("$a$")
    svg = render(drawing)["svg"].decode()
    assert len(re.findall(r">\$a\$</text>", svg)) == 3, "title, tick and text"
    assert ">$a$ px</text>" in svg
    assert ">1</tspan>" in svg, "numbers of a logarithmic axis are formulas"
    assert "mathdefault" not in re.sub(r"<!--.*?-->", "", svg)


def test_letters_that_the_font_lacks_are_no_warning(recwarn):
    render(labelled("日本語 🐭"))
    assert not list(recwarn)


def test_names_in_a_gallery_are_short():
    titles = rank_titles(NAMES, np.arange(len(NAMES)))
    assert max(len(title) for title in titles) < 25
    rows = [Row("ridge", np.zeros((len(NAMES), 4, 4)))]
    with style.applied():
        figure = gallery(rows, titles)
    ElementTree.fromstring(render(Drawing("gallery", figure, ""))["svg"])


CELLS = [
    ("=1+1.png", "'=1+1.png"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
    ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"), ("\r=1", r"\r=1"),
    ("\n=1", "'\n=1"), ("＝1", "'＝1"), ("＋1", "'＋1"), ("－1", "'－1"), ("＠A", "'＠A"),
    ("-5", "-5"), ("+3.5e2", "+3.5e2"), ("-.5", "-.5"), ("-5.", "-5."), ("-1_000", "-1_000"),
    ("-inf", "-inf"), ("+NaN", "+NaN"), ("-1e", "'-1e"), ("-_1", "'-_1"), ("-1 ", "'-1 "),
    ("-٣", "'-٣"), ("-0x1", "'-0x1"), ("-1\n", "'-1\n"), ("a=b", "a=b"), ("-", "'-"),
    ("- 5", "'- 5"), ("", ""), ('a,"b"\nc', 'a,"b"\nc'), ("ΔF/F", "ΔF/F"),
]  # fmt: skip
"""Texts, and what stands for them in a table; of the page's tables as well."""


@pytest.mark.parametrize(("text", "cell"), CELLS)
def test_a_spreadsheet_computes_with_no_name(text, cell):
    written = table_csv({"name": [text], text or "empty": [1.5]}).decode()
    header, row = csv.reader(io.StringIO(written, newline=""))
    assert row == [cell, "1.5"]
    assert header == ["name", cell or "empty"]


def test_numbers_stay_numbers():
    table = {"a": np.array([-1.5, np.nan, -np.inf]), "b": [-3, True, None]}
    assert table_csv(table).decode() == "a,b\n-1.5,-3\n,True\n-inf,\n"


def test_a_name_that_is_no_utf_8_in_a_table():
    assert table_csv({"a": [NAMES[9]]}).decode() == "a\ncaf\\xe9\n"


def test_names_in_the_page_are_text():
    name = "\x1b<script>alert(1)</script>\" onload='x' \x00 $\\foo$ {{ 7*7 }} \uffff"
    stream = io.BytesIO()
    Image.new("L", (2, 2)).save(stream, "PNG")
    shown = Shown(name, f"Caption of {name}", {"png": stream.getvalue()})
    html = report_page(
        title=name, version="1", summary={}, drawings=[(name, [shown])],
        settings=[(name, name, {name: [name]}, name)], provenance=[{name: name}], notes=[name],
    )  # fmt: skip
    assert html.count("<script") == 2  # the facts and the page's own
    assert not set("\x1b\x00\uffff") & set(html)
    assert not re.search(r"<[^>]* onload='", html)
    assert "{{ 7*7 }}" in html
    assert html.count("alert(1)") >= 8
    html.encode()


def test_a_figure_without_axes():
    assert render(Drawing("empty", Figure(figsize=(1, 1)), ""))["svg"]
