"""Cells in three dimensions on the page: turned by hand and keys, or by themselves."""

from __future__ import annotations

import dataclasses
import re

import invented_recording as invented
import numpy as np
import pytest
from invented_attention import attention_encoding
from page_arrays import unpacked
from test_page import DOT, EVIL, page
from test_page_in_browser import TEXT, driven, explored, needs_browser

from twophoton_decode.figures.canvas.drawing import Shown
from twophoton_decode.report.data.gather import SessionRecords
from twophoton_decode.report.data.layouts import layout_group, page_layouts
from twophoton_decode.report.words.sections import SectionWords

CANVAS = "#layout-0 canvas"
TURNED = f"document.querySelector('{CANVAS}').dataset.turned"
LATER = "new Promise((tell) => setTimeout(() => tell({}), 400))"
PRESS = "#layout-0 .segments button:nth-child({})"
LEGEND = TEXT.format("#layout-0 .legend")
COLOURS = f"""(() => {{
  const canvas = document.querySelector('{CANVAS}');
  const held = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const found = new Set();
  for (let i = 0; i < held.length; i += 4)
    if (held[i + 3] > 200) found.add(held[i] * 65536 + held[i + 1] * 256 + held[i + 2]);
  return found.size;
}})()"""


@pytest.fixture
def found():
    """Some receptive fields are known, others are not."""
    rng = np.random.default_rng(1)
    made = attention_encoding()
    field = rng.uniform(0, 7, (2, len(made.r_on)))
    field[:, ::3] = np.nan
    return dataclasses.replace(
        made, field_x=field[0], field_y=field[1], delta=rng.normal(0, 0.01, len(made.r_on))
    )


def with_layouts(*found) -> str:
    figure = Shown("attention", "Figure of attention.", {"png": DOT})
    heading = "Attention and single cells"
    layouts = page_layouts({str(place): each for place, each in enumerate(found)})
    words = {heading: SectionWords("deep-encode", "What was found.", "How.")}
    return page(drawings=[(heading, [figure])], words=words, layouts=layouts)


def test_places_are_those_of_the_record(found):
    group = layout_group(found)
    held = dict(group.arrays)
    place = found.layout[0] - found.layout[0].mean(axis=0)
    reach = np.linalg.norm(place, axis=1).max()
    np.testing.assert_allclose(held["place"] * reach, place, atol=1e-5)
    assert np.linalg.norm(held["place"], axis=1).max() == pytest.approx(1)
    np.testing.assert_array_equal(held["cell"], found.embedded_cell)
    for name in ("delta", "delta_counted", "field_x", "r"):
        whole = found.r_on if name == "r" else getattr(found, name)
        np.testing.assert_allclose(held[name], whole[found.embedded_cell], rtol=1e-6)
    np.testing.assert_array_equal(held["r_bin"], found.r_bin[found.embedded_cell])
    assert unpacked(group.text)["place"].shape == (12, 3)


def test_what_the_layout_keeps_stands_beside_it(found):
    html = with_layouts(dataclasses.replace(found, network=EVIL))
    assert "a cluster says nothing by itself" in html
    assert "keeps 40 % of the 5 nearest cells (45 % by chance), and two seeds share 65 %" in html
    assert EVIL not in html
    none = dataclasses.replace(found, neighbours=0)
    assert page_layouts({"net": none}) == []
    assert "<canvas" not in with_layouts(none)


@needs_browser
def test_the_layout_turns_as_the_reader_wants(found, tmp_path):
    visit = driven(
        with_layouts(found),
        tmp_path,
        ("appear", f"{CANVAS}[data-turned]"),
        ("evaluate", TURNED),
        ("evaluate", LATER.format(TURNED)),
        ("focus", CANVAS),
        ("press", "ArrowRight"),
        ("press", "ArrowUp"),
        ("evaluate", LATER.format(TURNED)),
        ("drag", [CANVAS, 40, 0]),
        ("evaluate", LATER.format(TURNED)),
        ("press", "Home"),
        ("evaluate", LATER.format(TURNED)),
        ("axe", None),
    )
    start, still, _, _, _, keys, _, dragged, _, home, broken = visit["results"][1:]
    assert start == still == home == "0.600 0.350"
    assert keys == "0.750 0.200"
    assert dragged == "1.150 0.200"
    assert broken == []
    assert visit["trouble"] == []


@needs_browser
def test_it_turns_by_itself_until_it_is_stopped(found, tmp_path):
    stop = "#layout-0 .controls > button"
    visit = driven(
        with_layouts(found),
        tmp_path,
        ("appear", f"{CANVAS}[data-turned]"),
        ("evaluate", f"document.querySelector('{CANVAS}').scrollIntoView({{block: 'center'}})"),
        ("evaluate", TEXT.format(stop)),
        ("motion", "no-preference"),
        ("evaluate", LATER.format(TURNED)),
        ("evaluate", LATER.format(TURNED)),
        ("evaluate", TEXT.format(stop)),
        ("click", stop),
        ("evaluate", LATER.format(TURNED)),
        ("evaluate", LATER.format(TURNED)),
        ("motion", "reduce"),
        ("evaluate", LATER.format(TURNED)),
        ("evaluate", TEXT.format(stop)),
    )
    before, _, early, later, turning, _, one, two, _, three, after = visit["results"][2:]
    assert (before, turning, after) == ("turn", "stop turning", "turn")
    assert float(early.split()[0]) < float(later.split()[0])
    assert one == two == three
    assert visit["trouble"] == []


@needs_browser
def test_colours_are_told_and_cells_are_named(found, tmp_path):
    visit = driven(
        with_layouts(found),
        tmp_path,
        ("appear", f"{CANVAS}[data-turned]"),
        ("evaluate", LEGEND),
        ("click", PRESS.format(2)),
        ("evaluate", LEGEND),
        ("click", PRESS.format(3)),
        ("evaluate", LEGEND),
        ("evaluate", LATER.format(COLOURS)),
        ("click", PRESS.format(4)),
        ("evaluate", LEGEND),
        ("evaluate", LATER.format(COLOURS)),
        ("hover", CANVAS),
        ("evaluate", "document.querySelector('#tip').textContent"),
    )
    counted, _, delta, _, bins, few, _, field, many, _, _ = visit["results"][1:]
    top = np.sort(np.abs(found.delta[found.embedded_cell]))[int(0.98 * 11)]
    assert f"brightest: ±{top:.3f} in r" in delta
    assert "the own map predicts better" in counted
    assert "worse" in counted
    assert all(name in bins for name in ("0–.1", ".1–.2", ".2–.3", ".3–"))
    assert "top left" in field
    assert "none found" in field
    # Eight cells with a field of their own differ in colour; r has four colours at most.
    assert few > 1
    assert many > few
    assert visit["trouble"] == []


@needs_browser
def test_a_layout_that_cannot_be_read_leaves_the_rest_of_the_page(found, tmp_path):
    records = SessionRecords(invented.responses(), {"ridge": invented.reconstruction()})
    html = explored(records, layouts=page_layouts({"net": found}))
    damaged = re.sub(r'(id="data-layout-0">)[^<]+', r"\1AAAA", html)
    assert damaged != html
    told = "!document.querySelector('#trouble').hidden"
    made = driven(damaged, tmp_path, ("ready", None), ("evaluate", told))
    assert made["results"] == [True, True]
