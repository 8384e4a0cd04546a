"""A page keeps to the bytes that it is given, and says what it has not for want of them."""

from __future__ import annotations

import invented_recording as invented
from test_page import Page, page

from twophoton_decode.report.data.decoders import with_filters, with_pictures
from twophoton_decode.report.data.gather import LARGEST_PAGE, SessionRecords, page_data
from twophoton_decode.report.data.orderly import orderly_codes

FEW = [1, 3, 8, 20, 50, 90]


def test_a_page_has_of_each_decoder_what_there_is_room_for():
    shown = invented.responses()
    made = {"ridge": invented.reconstruction(), "other": invented.reconstruction("other", 100.0)}
    records = SessionRecords(shown, made)
    least, few = (
        {name: with_pictures(each, shown, "mean", several).size for name, each in made.items()}
        for several in (False, True)
    )
    whole = with_filters(made["ridge"], shown, orderly_codes(shown.response), "mean").size
    assert least["ridge"] < few["ridge"] < whole

    def fitting(room: int) -> tuple[list, list[str]]:
        data = page_data(records, core + room)
        assert sum(map(len, data.block.texts().values())) <= max(core + room, core + least["ridge"])
        return [each.get("counts") for each in data.facts["decoders"]], data.facts["left_out"]

    texts = page_data(records, room=0).block.texts()
    assert [group for group in texts if group.startswith("decoder")] == ["decoder-0"]
    core = sum(len(text) for group, text in texts.items() if group != "decoder-0")
    assert fitting(-core) == ([[90]], ["other"])
    assert fitting(least["ridge"] + least["other"] - 1) == ([[90]], ["other"])
    assert fitting(least["ridge"] + least["other"]) == ([[90], [90]], [])
    assert fitting(few["ridge"] + least["other"]) == ([FEW, [90]], [])
    assert fitting(few["ridge"] + few["other"]) == ([FEW, FEW], [])
    assert fitting(whole + few["other"] - 1) == ([FEW, FEW], [])
    assert fitting(whole + few["other"]) == ([None, FEW], [])


def test_the_page_says_of_which_decoders_it_has_no_pictures():
    made = {"ridge": invented.reconstruction(), "other": invented.reconstruction("other", 100.0)}
    records = SessionRecords(invented.responses(), made)
    said = "it has no pictures of other; scores and figures below have every decoder"
    for room, small in ((0, True), (LARGEST_PAGE, False)):
        html = page(explorer=lambda _, room=room: page_data(records, room))
        assert (said in Page(html).text) is small
