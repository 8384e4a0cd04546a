"""What the page says in a real browser holds for the decoder, order and recording that is shown."""

from __future__ import annotations

import dataclasses
from typing import Any

import invented_recording as invented
import numpy as np
import pytest
from test_page import Page, page
from test_page_data import whole_traces
from test_page_in_browser import TEXT, driven, needs_browser

from twophoton_decode.records import Reconstruction
from twophoton_decode.report.data.gather import LARGEST_PAGE, SessionRecords, page_data

NOW = "(({decoder, order, trial, left}) => [decoder, order, trial, [...left]])(tpdecode.now())"
CONTROLS = ("#leave-out", "#orders", "#play", "#trial-keys", "#restore")
HIDDEN = "document.querySelector('{}').hidden"


def told(records: SessionRecords, folder: Any, room: int, **steps: tuple[str, Any]) -> dict:
    """What each step gave on a page of these records, by name."""
    summary = {"reconstruct": {name: {} for name in records.reconstructions}}
    html = page(summary=summary, explorer=lambda _: page_data(records, room))
    found = driven(html, folder, ("ready", None), *steps.values())
    assert found["trouble"] == []
    return dict(zip(steps, found["results"][1:], strict=True))


def one_computed_one_stored() -> tuple[SessionRecords, int]:
    """Two decoders, and room for the filters of the first alone."""
    made = {"ridge": invented.reconstruction(), "other": invented.reconstruction("other", 100.0)}
    records = SessionRecords(invented.responses(), made, traces=whole_traces())
    room = sum(map(len, page_data(records).block.texts().values())) - 1
    kinds = [each["kind"] for each in page_data(records, room).facts["decoders"]]
    assert kinds == ["filters", "pictures"]
    return records, room


@needs_browser
def test_a_stored_decoder_takes_nothing_that_its_pictures_have_not(tmp_path):
    records, room = one_computed_one_stored()
    only = {"order": "weakest", "trial": 3, "count": 8}
    visit = told(
        records,
        tmp_path,
        room,
        choose=("evaluate", f"tpdecode.change({{...{only}, left: new Set([5, 7])}})"),
        computed=("evaluate", TEXT.format("#made-label")),
        stored=("click", "#decoders-of-wall button:nth-child(2)"),
        wait=("evaluate", "new Promise((done) => setTimeout(done, 300))"),
        now=("evaluate", NOW),
        label=("evaluate", TEXT.format("#made-label")),
        title=("evaluate", TEXT.format("#field-title")),
        hidden=("evaluate", f"[{', '.join(map(HIDDEN.format, CONTROLS))}]"),
        click=("click", ".cell[data-cell='7']"),
        key=("evaluate", "document.querySelector('#explorer').dispatchEvent("
                         "new KeyboardEvent('keydown', {key: '.'}))"),
        after=("evaluate", NOW),
        back=("click", "#decoders-of-wall button:nth-child(1)"),
        shown=("evaluate", HIDDEN.format("#leave-out")),
    )  # fmt: skip
    assert visit["computed"] == "from the 8 weakest cells"
    assert visit["now"] == [1, "strongest", None, []]
    assert visit["label"] == "from the 8 strongest cells"
    assert visit["title"] == "The cells, mean over trials"
    assert visit["hidden"] == [True] * 5
    assert visit["after"] == visit["now"]
    assert visit["shown"] is False


OWN = (
    "; R is that of its own reconstruction of the mean response, the pictures are means of single "
    "trials, whose R can differ"
)


def test_whose_r_stands_under_the_strip_is_said_where_the_pictures_have_another():
    made = invented.reconstruction()
    paler = made.mean_picture[made.fold] + 0.5 * (made.average - made.mean_picture[made.fold])
    own = dataclasses.replace(made, average=paler)

    def strip(record: Reconstruction, room: int) -> str:
        records = SessionRecords(invented.responses(), {"ridge": record})
        html = page(explorer=lambda _: page_data(records, room))
        return Page(html).text.split("Columns: ")[1].split("Can the")[0]

    assert f"cells enter in each trial anew{OWN}." in strip(own, LARGEST_PAGE)
    assert OWN not in strip(made, LARGEST_PAGE)
    assert OWN not in strip(own, 0)  # stored, its picture from all cells is its own


# Not by the mouse, which the bar of contents can be in the way of.
POINT = (
    "['pointerover', 'pointermove'].forEach((kind) => document.querySelector("
    "\".cell[data-cell='7']\").dispatchEvent(new PointerEvent(kind, {bubbles: true})))"
)


def pointed(colour: int) -> dict[str, tuple[str, Any]]:
    """Colour the cells by response (1), contribution (2) or reliability (3), and point at one."""
    return {
        f"colour {colour}": ("click", f"#colours button:nth-child({colour})"),
        f"at {colour}": ("evaluate", POINT),
        f"tip {colour}": ("evaluate", TEXT.format("#tip")),
        f"note {colour}": ("evaluate", TEXT.format("#field-note")),
        f"fill {colour}": (
            "evaluate",
            "document.querySelector(\".cell[data-cell='7']\").getAttribute('fill-opacity')",
        ),
        f"words {colour}": ("evaluate", TEXT.format("#cell-words")),
    }


@needs_browser
@pytest.mark.parametrize(("repeats", "why"), [(1, " with one repeat"), (4, "")])
def test_what_is_not_known_of_a_cell_is_a_dash(repeats, why, tmp_path):
    shown = invented.responses(repeats)
    reliability = np.array(shown.reliability)
    reliability[7] = np.nan  # as of a cell whose response is constant
    if repeats == 1:
        assert np.isnan(reliability).all()
    shown = dataclasses.replace(shown, reliability=reliability)
    made = {"ridge": invented.reconstruction(repeats=repeats)}
    records = SessionRecords(shown, made, traces=whole_traces())
    visit = told(records, tmp_path, 0, **pointed(2), **pointed(3))  # no room for filters
    assert visit["tip 2"] == "ROI 7: – % of the picture"
    assert visit["note 2"].startswith("not known for this decoder in this page")
    assert visit["tip 3"] == "ROI 7: reliability –"
    assert visit["fill 2"] == visit["fill 3"] == "0"
    assert f"Reliability is not known{why}." in visit["words 3"]
    known = "dark to bright: reliability of tuning, 0 to 1"
    assert visit["note 3"].startswith(f"reliability is not known{why}" if why else known)


@needs_browser
def test_what_is_known_of_a_cell_is_told(tmp_path):
    shown = invented.responses()
    made = {"ridge": invented.reconstruction()}
    records = SessionRecords(shown, made, traces=whole_traces())
    visit = told(records, tmp_path, LARGEST_PAGE, **pointed(2), **pointed(3))
    assert visit["tip 3"] == f"ROI 7: reliability {shown.reliability[7]:.2f}"
    share = visit["tip 2"].removeprefix("ROI 7: ").removesuffix(" % of the picture")
    assert f"It adds {share} % of this picture" in visit["words 2"]
