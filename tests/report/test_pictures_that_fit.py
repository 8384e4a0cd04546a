"""A page of more pictures than there is room for has some of them, and what it has is right."""

from __future__ import annotations

import dataclasses

import invented_recording as invented
import numpy as np
import pytest
from page_arrays import unpacked
from test_page import Page, page

from twophoton_decode.analyses.pairing import of_images
from twophoton_decode.report.data.gather import SessionRecords, page_data, small_page_data
from twophoton_decode.report.data.selection import FEWEST


@pytest.fixture(scope="module")
def records() -> SessionRecords:
    return SessionRecords(
        invented.responses(),
        {"ridge": invented.reconstruction()},
        stability={"ridge": invented.stability()},
    )


def kept(records: SessionRecords, count: int) -> list[int]:
    """Places of so many images, evenly over their ranks by R."""
    ranked = np.argsort(-records.reconstructions["ridge"].r_average, kind="stable")
    steps = [round(i * (len(ranked) - 1) / (count - 1)) for i in range(count)]
    return sorted(int(ranked[step]) for step in steps)


def test_pictures_that_do_not_fit_are_left_out_evenly(records):
    whole, small = page_data(records), small_page_data(records, 1000)
    images = kept(records, FEWEST)
    assert small.facts["images"] == FEWEST
    assert small.facts["images_of_session"] == invented.IMAGES
    assert small.facts["names"] == [f"photo{image:03d}.png" for image in images]
    before, after = unpacked(whole.texts["core"]), unpacked(small.texts["core"])
    for name in ("picture", "fold", "average"):
        scale = before["average_scale"], after["average_scale"]
        if name == "average":
            known = before[name][images] * scale[0]
            assert (
                np.abs(after[name] * scale[1] - known).max() <= 0.51 * (scale[0] + scale[1]).max()
            )
        else:
            assert (after[name] == before[name][images]).all()
    assert (after["r_average"] == before["r_average"][:, images]).all()
    assert (after["similarity"] == before["similarity"][:, images]).all()
    assert after["image"].tolist() == np.repeat(np.arange(FEWEST), invented.REPEATS).tolist()
    bits = [np.unpackbits(each["responsive"], axis=1) for each in (before, after)]
    assert (bits[1][:, :FEWEST] == bits[0][:, images]).all()
    for place, image in enumerate(images):
        known = unpacked(whole.texts[f"image-{image}"])
        for name, values in unpacked(small.texts[f"image-{place}"]).items():
            assert (values == known[name]).all()
    assert f"image-{FEWEST}" not in small.texts


def test_all_pictures_are_there_where_they_fit(records):
    whole = page_data(records)
    texts = sum(map(len, whole.texts.values()))
    assert small_page_data(records, 10 * texts).texts == whole.texts
    some = small_page_data(records, texts)
    assert FEWEST < some.facts["images"] < invented.IMAGES
    # Half of the room at most are of pictures and responses to them.
    of_images_alone = sum(len(t) for name, t in some.texts.items() if name.startswith("image"))
    assert of_images_alone <= 0.5 * texts


def test_pictures_computed_on_such_a_page_are_as_exact(records):
    some = small_page_data(records, 15_000_000)
    few = small_page_data(records, sum(map(len, some.texts.values())))
    assert few.facts["images"] < some.facts["images"]
    for data in (some, few):
        (decoder,) = data.facts["decoders"]
        assert decoder["kind"] == "filters"
        assert decoder["error"] <= 0.009
        assert decoder["r_error"] <= 0.0045


def test_what_is_left_out_is_said(records):
    told = "it has 20 of the session's 40 pictures, evenly from the best to the worst"
    summary = {"reconstruct": {"ridge": {}}}
    small = page(summary=summary, explorer=lambda _: small_page_data(records, 1000))
    assert told in Page(small).text
    assert "All pictures: tpdecode view ." in Page(small).text
    whole = page(summary=summary, explorer=lambda _: page_data(records))
    assert "of the session's" not in Page(whole).text


def test_a_session_without_decoders_is_left_whole():
    alone = SessionRecords(invented.responses(), {})
    assert small_page_data(alone, 1000).facts["images"] == invented.IMAGES


def test_a_record_of_some_images_is_numbered_anew(records):
    shown, images = records.responses, np.array([3, 4, 17])
    some = of_images(shown, images, shown.image)
    rows = np.flatnonzero(np.isin(shown.image, images))
    assert (some.response == shown.response[rows]).all()
    assert some.image.tolist() == np.repeat([0, 1, 2], invented.REPEATS).tolist()
    assert (some.picture == shown.picture[images]).all()
    made = records.reconstructions["ridge"]
    some_made = of_images(made, images, shown.image)
    assert (some_made.single == made.single[rows]).all()
    assert some_made.image.tolist() == some.image.tolist()
    assert dataclasses.replace(some_made).fold.tolist() == made.fold[images].tolist()
