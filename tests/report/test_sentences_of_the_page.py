"""Sentences of the explorer hold for the decoders that the page has, and the order chosen."""

from __future__ import annotations

import dataclasses
from typing import Any

import invented_recording as invented
import pytest
from test_page import Page, page
from test_page_in_browser import TEXT, needs_browser
from test_what_the_page_tells import one_computed_one_stored, told

from twophoton_decode.report.data.gather import LARGEST_PAGE, SessionRecords, page_data


def explained(html: str) -> str:
    return Page(html).text.split("How this was computed")[1].split("Contrast: ")[0]


def test_what_was_computed_is_said_of_the_decoders_that_do_it():
    shown, ridge = invented.responses(), invented.reconstruction()
    deep = dataclasses.replace(ridge, decoder="network", reverse_filter=None)
    made = {"ridge": ridge, "network": deep}

    def told_of(names: list[str], room: int) -> str:
        records = SessionRecords(shown, {name: made[name] for name in names})
        return explained(page(explorer=lambda _: page_data(records, room)))

    both = told_of(["ridge", "network"], LARGEST_PAGE)
    assert "A reconstruction by ridge is the mean training image m plus" in both
    assert "The page computes pictures by ridge from responses and filters" in both
    assert "Stored pictures are rounded: no pixel is off by more than" in both
    assert "the strongest first, or in the order that is chosen; the others" in both
    alone = told_of(["ridge"], LARGEST_PAGE)
    assert "A reconstruction is the mean training image m plus" in alone
    assert "The page computes pictures from responses" in alone
    assert "Stored" not in alone
    stored = told_of(["ridge"], 0)
    assert "the strongest first; the others stand at their training mean." in stored
    network = told_of(["network"], LARGEST_PAGE)
    for filters in ("The page computes", "The contribution of a cell"):
        assert filters in both
        assert filters in alone
        assert filters not in stored + network
    assert "reverse filter" not in network
    assert "R is Pearson's correlation over pixels" in network


@pytest.mark.parametrize("known", [True, False])
def test_exchanged_filters_are_explained_where_they_stand(known):
    stable = {
        "reconstruction_similarity": 0.8,
        "similarity_permuted_weights": 0.6 if known else None,
    }
    text = Page(page(summary={"reconstruct": {"ridge": {}}, "stability": {"ridge": stable}})).text
    assert ("filters exchanged" in text) is known
    assert ("Filters exchanged: in these reconstructions every cell has" in text) is known


INVITED = TEXT.format("#invitation")
NOTE = TEXT.format("#field-note")


def chosen(**what: Any) -> tuple[str, Any]:
    return "evaluate", f"tpdecode.change({what})".replace("None", "null")


@needs_browser
def test_sentences_follow_the_order_and_the_decoder(tmp_path):
    records, room = one_computed_one_stored()
    visit = told(
        records,
        tmp_path,
        room,
        some=chosen(count=8),
        strongest=("evaluate", INVITED),
        outlined=("evaluate", NOTE),
        one=chosen(trial=0),
        of_one=("evaluate", NOTE),
        random=chosen(order="random"),
        by_chance=("evaluate", INVITED),
        drawn=("evaluate", NOTE),
        weakest=chosen(order="weakest"),
        weak=("evaluate", INVITED),
        last=("evaluate", NOTE),
        all=chosen(count=90),
        none=("evaluate", NOTE),
        stored=("click", "#decoders-of-wall button:nth-child(2)"),
        wait=("evaluate", "new Promise((done) => setTimeout(done, 300))"),
        pictures=("evaluate", INVITED),
        note=("evaluate", TEXT.format("#decoder-note")),
    )
    cells = " Point at a cell to see what it responds to; click it to leave it out."
    assert visit["strongest"] == (
        "Drag the slider to add cells one at a time, the strongest first." + cells
    )
    outline = " · white outline: used"
    ordered = " (responsive cells first, then by strength)"
    assert visit["outlined"].endswith(f"{outline} in half of the trials or more{ordered}")
    assert visit["of_one"].endswith(f"{outline}{ordered}")
    assert visit["by_chance"].startswith("Drag the slider to add cells one at a time, in random")
    assert visit["drawn"].endswith(f"{outline} (drawn at random for each trial)")
    assert "one at a time, the weakest first." in visit["weak"]
    assert visit["last"].endswith(f"{outline} (the weakest first, responsive cells last)")
    assert outline not in visit["none"]
    assert visit["pictures"] == (
        "Drag the slider to go from few cells to all, the strongest first. "
        "Point at a cell to see what it responds to."
    )
    assert visit["note"].startswith("To keep this page small, it has pictures of this decoder at a")


@needs_browser
@pytest.mark.parametrize("network", [True, False])
def test_a_decoder_of_all_cells_has_no_slider_to_drag(network, tmp_path):
    made = invented.reconstruction()
    if network:
        made = dataclasses.replace(made, reverse_filter=None)
    records = SessionRecords(invented.responses(), {"ridge": made})
    visit = told(
        records,
        tmp_path,
        0,
        invited=("evaluate", INVITED),
        slider=("evaluate", "document.querySelector('#count').disabled"),
        keys=("evaluate", "document.querySelector('.keys').innerText.trim()"),
        note=("evaluate", TEXT.format("#decoder-note")),
    )
    assert visit["invited"] == ""  # no cells are drawn either
    assert visit["slider"] is True
    assert visit["keys"] == "[ ] picture"
    why = (
        "reads all cells at once" if network else "To keep this page small, it has of this decoder"
    )
    assert why in visit["note"]


@needs_browser
@pytest.mark.parametrize("known", [True, False])
def test_pictures_are_sorted_by_stability_where_it_is_known(known, tmp_path):
    records = SessionRecords(
        invented.responses(),
        {"ridge": invented.reconstruction()},
        stability={"ridge": invented.stability()} if known else {},
    )
    option = "document.querySelector('#sorting option[value=stable]').disabled"
    assert told(records, tmp_path, 0, off=("evaluate", option))["off"] is not known
