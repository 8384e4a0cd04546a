"""The page of several sessions: rows, pictures, forest plots, links; nothing runs or is cut off."""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import math
import re
from pathlib import Path
from typing import Any

import invented_recording as invented
import numpy as np
import pytest
from PIL import Image
from test_page import Page
from test_page_in_browser import EVIL, driven, needs_browser

from twophoton_decode.analyses.sessions.comparisons import paired_comparisons
from twophoton_decode.analyses.sessions.view import population_view
from twophoton_decode.records.sessions import Measurement, PopulationView
from twophoton_decode.report.data.decoders import contrast
from twophoton_decode.report.data.selection import evenly
from twophoton_decode.report.sessions.forest import QUESTIONS, WIDTH, forests
from twophoton_decode.report.sessions.page import sessions_page
from twophoton_decode.report.sessions.rows import SessionPart, numbers_table, session_rows
from twophoton_decode.report.sessions.thumbnails import thumbnails
from twophoton_decode.report.sessions.words import together

R = {"a1": 0.5, "a2": 0.25, "b1": 0.1}
NAN = (math.nan, math.nan)


def measured(
    session: str, measure: str, value: Any, condition: str = "", ends: Any = NAN, by: str = "ridge"
) -> Measurement:
    mouse = f"mouse {session[0].upper()}"
    return Measurement(session, mouse, by, measure, condition, np.atleast_1d(value), ends)


def study(p: dict[str, float] | None = None, lacking: str = "b1") -> PopulationView:
    """Three sessions of two mice, one of which lacks cell counts."""
    found = []
    for name, r in R.items():
        spread = r + np.array([-0.1, 0.0, 0.1])
        for by, scale in (("ridge", 1.0), ("all-cells", 0.5)):
            own = {"by": by}
            found.append(
                measured(name, "r_average", scale * spread, ends=(r - 0.05, r + 0.05), **own)
            )
            found += [
                measured(name, "r_single", scale * spread / 2, **own),
                measured(name, "chance_r", 0.0, **own),
                measured(name, "r_low", 0.02, **own),
                measured(name, "feature_ceiling_r", 0.97, **own),
                measured(name, "two_way_average", 0.75, **own),
            ]
            if p is not None:
                found.append(measured(name, "p_value", p[name], **own))
            if name != lacking:
                found.append(
                    measured(name, "cells", 8.0, "strong that suffice", (6.0, 11.0), **own)
                )
                found.append(measured(name, "cells", 60.0, "every cell", **own))
        found.append(measured(name, "population_sparseness", 0.6, by=""))
        if name != lacking:
            found.append(measured(name, "percent_responsive", 12.5, by=""))
    rng = np.random.default_rng(1)
    compared = paired_comparisons(found, primary_score="r_average", resamplings=100, rng=rng)
    return population_view(found, compared, resamplings=100, seed=1)


PARTS = [SessionPart(name, f"mouse {name[0].upper()}") for name in R]


def html(view: PopulationView | None = None, **changed: Any) -> str:
    content: dict[str, Any] = {
        "title": "population",
        "version": "0.1",
        "view": view or study(),
        "decoders": ["ridge", "all-cells"],
        "parts": PARTS,
        "drawings": [],
        "settings": [("compare", "seed", 1, "of the resamplings")],
        "provenance": [{"session": "a1", "mouse": "A"}],
        "notes": ["b1: sparsity-report:ridge is missing"],
    }
    return sessions_page(**{**content, **changed})


def test_a_forest_has_a_place_for_every_value():
    r = forests(study(), "ridge")[0]
    names = [row.name for row in r.rows]
    assert names == ["a1", "a2", "b1", "mean over 2 mice"]
    # From 0, where chance is, to the next tick, 0.5 … unless an interval needs more: to 1.
    low, high = 12.0, WIDTH - 12.0
    first = r.rows[0]
    assert first.x == pytest.approx(low + 0.5 * (high - low), abs=0.06)
    assert first.low == pytest.approx(low + 0.45 * (high - low), abs=0.06)
    assert first.high == pytest.approx(low + 0.55 * (high - low), abs=0.06)
    assert first.against == low
    assert first.text == "0.50 (0.45 to 0.55)"
    assert [label for _, label in r.ticks] == ["0.00", "0.50", "1.00"]
    population = r.rows[-1]
    mean = ((0.5 + 0.25) / 2 + 0.1) / 2
    assert population.population
    assert population.x == pytest.approx(low + mean * (high - low), abs=0.06)
    assert population.text.startswith("0.24 (")


def test_numbers_of_cells_stand_on_a_scale_with_room_for_few():
    view = study()
    cells = forests(view, "ridge")[1]
    missing = cells.rows[2]
    assert (missing.text, missing.x, missing.low) == ("–", None, None)
    low, high = 12.0, WIDTH - 12.0
    share = math.log1p(8 / 3) / math.log1p(100 / 3)
    assert cells.rows[0].x == pytest.approx(low + share * (high - low), abs=0.06)
    every = math.log1p(60 / 3) / math.log1p(100 / 3)
    assert cells.rows[0].against == pytest.approx(low + every * (high - low), abs=0.06)
    places = [x for x, _ in cells.ticks]
    assert places == sorted(places)
    # Of what no session has there is no plot.
    assert len(forests(view, "ridge")) == 2 < len(QUESTIONS)


@pytest.mark.parametrize(
    ("p", "title"),
    [
        ((0.01, 0.05, 0.01), "Pictures are reconstructed above chance in all 3 sessions"),
        ((0.01, 0.06, 0.2), "Pictures are reconstructed above chance in 1 of 3 sessions"),
        ((0.5, 0.06, 0.2), "In none of 3 sessions are pictures reconstructed above chance"),
        (None, "Pictures are reconstructed above chance or zero in all 3 sessions"),
    ],
)  # fmt: skip
def test_the_title_counts_the_sessions_beyond_chance(p, title):
    told = together(study(p and dict(zip(R, p, strict=True))), "ridge", 2)
    # Two mice with R 0.375 and 0.1: the interval over them reaches far below zero.
    doubt = "; the interval over 2 mice includes 0" if title.startswith("Pictures") else ""
    assert told.title == title + doubt
    assert told.lead.startswith("3 sessions of 2 mice; mean R of trial averages 0.24 (95 % ")
    assert told.lead.endswith("by ridge, which leads 2 decoders by the primary score")


def of_mice(r: dict[str, float], p: float, low: float = 0.1) -> PopulationView:
    """A session for each of the mice, whose names begin with another letter."""
    found = []
    for name, value in r.items():
        found.append(measured(name, "r_average", value + np.array([-0.1, 0, 0.1]), ends=(low, 0.9)))
        found.append(measured(name, "p_value", p))
    return population_view(found, [], resamplings=200, seed=0)


@pytest.mark.parametrize(
    ("r", "p", "title"),
    [
        ({"a": 0.2, "b": 0.6}, 0.01, "Pictures are reconstructed above chance in both sessions; "
         "the interval over 2 mice includes 0"),
        ({"a": 0.50, "b": 0.51}, 0.01, "Pictures are reconstructed above chance in both sessions"),
        ({"a": 0.50, "b": 0.51}, 0.2, "In neither session are pictures reconstructed above chance"),
        ({"a": 0.5}, 0.01, "Pictures are reconstructed above chance in the only session"),
        ({"a": 0.5}, 0.2, "In the only session pictures are not reconstructed above chance"),
    ],
)  # fmt: skip
def test_the_title_of_one_and_two_sessions_agrees_with_the_interval_over_mice(r, p, title):
    assert together(of_mice(r, p), "ridge", 1).title == title


def test_every_session_has_its_numbers_beside_what_they_are_held_against():
    rows = session_rows(study({"a1": 0.01, "a2": 0.2, "b1": 0.3}), PARTS, "ridge")
    facts = {each.label: each for each in rows[0].facts}
    r = facts["R, mean of trials, by ridge"]
    assert r.value == "0.50"
    assert r.detail.replace("\u00a0", " ") == (
        "95 % interval 0.45 to 0.55 · chance 0.00, p = 0.01 · three lowest components alone 0.02 "
        "· feature ceiling 0.97"
    )
    few = facts["of 60 cells, the strongest, give 95 % of R"]
    assert few.value == "8"
    assert few.detail.replace("\u00a0", " ") == (
        "95 % interval 6 to 11 · how many carry the picture cannot be told"
    )
    assert facts["of the cells respond to a picture, on average"].value == "12.5 %"
    assert [each.label for each in rows[2].facts] == [
        "R, mean of trials, by ridge",
        "two-way identification",
    ]
    untested = session_rows(study(), PARTS, "ridge")[0].facts[0].detail
    assert "p =" not in untested


def test_the_table_has_every_session_and_decoder():
    table = numbers_table(study(), ["ridge", "all-cells"])
    assert [row[:3] for row in table.rows[:2]] == [
        ("a1", "mouse A", "ridge"),
        ("a1", "mouse A", "all-cells"),
    ]
    assert len(table.rows) == 6
    assert table.rows[1][3] == "0.250 (0.450 to 0.550)"
    assert table.rows[4][9] == "–"
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_pictures_stand_evenly_from_the_best_to_the_worst():
    score = np.array([0.1, np.nan, 0.5, 0.3, 0.2])
    assert list(evenly(score, 3)) == [1, 2, 4]  # the one without a score, the best, the middle
    made = invented.reconstruction()
    scores = np.array(made.r_average)
    scores[:2] = np.nan
    found = thumbnails(dataclasses.replace(made, r_average=scores))
    encoded = found.source.removeprefix("data:image/png;base64,")
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as opened:
        assert opened.size == (found.width, found.height)
        grey = np.asarray(opened)
    known = np.arange(2, len(scores))
    ranked = known[np.argsort(-scores[known], kind="stable")]
    height, width = made.picture.shape[1:]
    assert found.width == 8 * (width + 2)
    best, worst = ranked[0], ranked[-1]
    low, high = made.picture.min(), made.picture.max()
    mean = made.mean_picture[made.fold[worst]]
    drawn = mean + contrast(made) * (made.average[worst] - mean)
    for place, row, picture in ((0, 0, made.picture[best]), (7, 1, drawn)):
        top, left = row * (height + 2), place * (width + 2)
        there = grey[top : top + height, left : left + width]
        expected = 255 * np.clip((picture - low) / (high - low), 0, 1)
        assert np.abs(there[..., 0] - expected).max() <= 0.51
        assert (there[..., 1] == 255).all()
    assert (grey[height : height + 2, :, 1] == 0).all()
    assert found.words.endswith(f"R from {scores[best]:.2f} to {scores[worst]:.2f}")


def test_the_page_is_one_file_that_asks_for_nothing():
    pictures = thumbnails(invented.reconstruction())
    parts = [dataclasses.replace(PARTS[0], link="../a1/report.html", pictures=pictures), *PARTS[1:]]
    page = html(parts=parts)
    found = Page(page)
    assert "https://" not in page
    links = [each for each in found.links if not each.startswith(("#", "data:image/png"))]
    assert links == ["../a1/report.html"]
    assert "This session has no scored pictures by ridge that are up to date." in found.text
    assert "b1: sparsity-report:ridge is missing" in found.text
    anchors = [each[1:] for each in found.links if each.startswith("#")]
    assert all(f'id="{anchor}"' in page for anchor in anchors)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'; ")
    assert "connect-src" not in policy
    assert json.loads(re.search(r'id="facts">(.*?)</script>', page)[1])["decoders"] == []


def hostile() -> str:
    """A page on which sessions and mice are called what would run if it were not text."""
    view = study()

    def called(each: Measurement) -> Measurement:
        return dataclasses.replace(
            each, session=f"{EVIL}{each.session}", mouse=f"{EVIL}{each.mouse}"
        )

    found = [called(each) for each in view.found]
    rng = np.random.default_rng(1)
    compared = paired_comparisons(found, primary_score="r_average", resamplings=100, rng=rng)
    renamed = population_view(found, compared, resamplings=100, seed=1)
    pictures = thumbnails(invented.reconstruction())
    parts = [
        SessionPart(
            f"{EVIL}{each.name}", f"{EVIL}{each.mouse}", "../%3Cimg%3E/report.html", pictures
        )
        for each in PARTS
    ]
    return html(renamed, parts=parts, title=EVIL, notes=[EVIL], provenance=[{EVIL: EVIL}])


def test_names_of_sessions_and_mice_are_text():
    page = hostile()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "\u202e" not in page
    assert Page(page).tags.count("img") == 3


WIDE = "document.documentElement.scrollWidth"
CELL = "[...document.querySelectorAll('{} .forest')].filter((t) => t.offsetParent !== null).length"


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_opens_fits_a_phone_and_is_accessible(scheme, tmp_path):
    steps = {
        "scheme": ("scheme", scheme),
        "shown": ("evaluate", CELL.format("#forests")),
        "other": ("click", "#forests .which button:nth-child(2)"),
        "caption": (
            "evaluate",
            "[...document.querySelectorAll('#forests caption')].filter((c) => c.offsetParent)"
            "[0].textContent",
        ),
        "axe": ("axe", None),
        "phone": ("size", [390, 844]),
        "wide": ("evaluate", WIDE),
        "forest": ("evaluate", "document.querySelector('.forest').closest('.wide').scrollWidth"
                   " <= document.querySelector('.forest').closest('.wide').clientWidth"),
        "images": ("evaluate", "document.querySelectorAll('img[src=x]').length"),
        "sound": ("evaluate", "document.querySelector('main').innerText.match(/NaN|undefined/)"),
    }  # fmt: skip
    found = driven(hostile(), tmp_path, *steps.values())
    assert found["trouble"] == []
    visit = dict(zip(steps, found["results"], strict=True))
    assert visit["shown"] == 2  # those of one decoder at a time
    assert visit["caption"].endswith("all-cells")
    assert visit["axe"] == []
    assert visit["wide"] <= 390
    assert visit["forest"] is True
    assert visit["images"] == 0
    assert visit["sound"] is None


def test_a_link_leads_only_to_what_lies_beside(tmp_path):
    from twophoton_decode.pipeline.population.compare import page_beside

    study_folder, elsewhere = tmp_path / "my study", tmp_path / "elsewhere"
    output = study_folder / "population"
    names = ("a1", "day 1/#2?")
    for folder in (*(study_folder / name for name in names), elsewhere):
        folder.mkdir(parents=True)
        (folder / "report.html").write_text("")
    (study_folder / "a3").mkdir()

    def link(folder: Path) -> str:
        return page_beside(folder / "report.html", output)

    assert link(study_folder / "a1") == "../a1/report.html"
    assert link(study_folder / "day 1/#2?") == "../day%201/%232%3F/report.html"
    assert link(study_folder / "a3") == ""
    assert link(elsewhere) == ""
    (study_folder / "a4").symlink_to(elsewhere, target_is_directory=True)
    assert link(study_folder / "a4") == ""


def test_an_interval_that_reaches_chance_is_not_beyond_it_whatever_p_is():
    """As on a session's own page."""
    told = together(of_mice({"a": 0.5}, 0.01, low=-0.1), "ridge", 1)
    assert told.title == "In the only session pictures are not reconstructed above chance"
