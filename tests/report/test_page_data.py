"""What the page computes with: packed small, without changing a picture that anyone could see."""

from __future__ import annotations

import dataclasses
from functools import cache
from types import SimpleNamespace

import invented_recording as invented
import numpy as np
import pytest
from page_arrays import unpacked

from twophoton_decode.analyses.cell_count.order import strongest_first
from twophoton_decode.records import Reconstruction, Responses, Traces
from twophoton_decode.report.data import weights
from twophoton_decode.report.data.block import TYPES, Group
from twophoton_decode.report.data.decoders import contrast, with_filters, with_pictures
from twophoton_decode.report.data.gather import SessionRecords, page_data
from twophoton_decode.report.data.orderly import orderly_codes
from twophoton_decode.report.data.weights import CompactFilters


@cache
def whole_traces() -> Traces:
    """Traces that last as long as the presentations."""
    short = invented.traces()
    frames, rois = 3900, len(short.is_cell)
    signal = 200 + 20 * np.random.default_rng(8).standard_normal((rois, frames))
    still = np.zeros((1, frames))
    return dataclasses.replace(
        short,
        fluorescence=signal,
        neuropil=0.5 * signal[::-1],
        deconvolved=signal,
        motion_y=still,
        motion_x=still,
        bad_frame=np.zeros(frames, bool),
    )


@pytest.fixture(scope="module")
def arrays() -> dict[str, dict[str, np.ndarray]]:
    data = page_data(
        SessionRecords(
            invented.responses(),
            {"ridge": invented.reconstruction()},
            traces=whole_traces(),
        )
    )
    return {group: unpacked(text) for group, text in data.texts.items()}


@pytest.mark.parametrize("kind", TYPES)
def test_arrays_come_back_as_they_were(kind):
    low, high = (-1e30, 1e30) if kind == "float32" else (np.iinfo(kind).min, np.iinfo(kind).max)
    values = np.array([[low, -0.0 if kind == "float32" else 0, 1], [7, high, 100]], dtype=kind)
    group = Group([("first", values[:, :2]), ("second", values)])
    back = unpacked(group.text)
    assert back["first"].tobytes() == values[:, :2].tobytes()
    assert back["second"].tobytes() == values.tobytes()
    assert back["second"].dtype == values.dtype


def test_a_type_that_the_page_cannot_read_is_refused():
    with pytest.raises(TypeError, match="float64"):
        Group([("name", np.zeros(3))]).packed()


def test_codes_rank_every_cell_as_before_and_stay_near():
    generator = np.random.default_rng(0)
    response = generator.standard_normal((40, 500))
    response[:, 1::2] = response[:, ::2] * (1 + 1e-9)  # closer than any rounding
    response[3] = 0.25
    codes = orderly_codes(response)
    order = np.argsort(-response, axis=1, kind="stable")
    assert (np.argsort(-codes.code.astype(int), axis=1, kind="stable") == order).all()
    assert all(len(set(row)) == 500 for row in codes.code.tolist())
    error = np.abs(codes.values() - response).max(axis=1)
    # Codes are of the square root, in 8192 steps; pairs need a step more each.
    assert (np.delete(error, 3) < 6e-4 * np.delete(np.abs(response).max(axis=1), 3)).all()
    # In row 3 all are equal, and spread half up and half down.
    assert error[3] <= 0.25 * ((1 + 250 / 8192) ** 2 - 1) * 1.01


def test_too_many_cells_for_the_codes_are_refused():
    with pytest.raises(ValueError, match="16 bits"):
        orderly_codes(np.zeros((1, 20_000)))


def pictures_in_full(made: Reconstruction, shown: Responses, count: int) -> np.ndarray:
    """Reconstructions of every presentation from the strongest cells, written out."""
    order = strongest_first(shown.response, shown.responsive_others)
    pictures = []
    for trial, image in enumerate(shown.image):
        f = made.fold[image]
        used = order[trial, :count]
        amplitude = shown.response[trial, used] - made.mean_response[f][used]
        pictures.append(made.mean_picture[f].ravel() + amplitude @ made.reverse_filter[f][used])
    return np.array(pictures)


@pytest.mark.parametrize("rank", [None, 9])
@pytest.mark.parametrize("count", [1, 7, 90])
def test_no_pixel_of_any_presentation_is_off_by_more_than_the_page_says(count, rank):
    shown, made = invented.responses(), invented.reconstruction()
    if rank is None:  # filters in all directions
        noise = np.random.default_rng(5).standard_normal(made.reverse_filter.shape)
        filters = made.reverse_filter + 0.1 * noise
    else:  # few directions hold the filters of all folds
        filters = np.asarray(made.reverse_filter, float)
        directions = np.linalg.svd(filters.reshape(-1, filters.shape[2]), full_matrices=False)[2]
        filters = filters @ directions[:rank].T @ directions[:rank]
    made = dataclasses.replace(made, reverse_filter=filters.astype(np.float32))
    codes = orderly_codes(shown.response)
    packed = with_filters(made, shown, codes, "mean")
    found = dict(packed.base.arrays)
    assert ("basis" in found) is (rank is not None)
    code = np.stack([dict(fold.arrays)["code"] for fold in packed.folds])
    if rank is not None:
        assert code.shape[1] == rank
    compact = CompactFilters(code, found["step"], found.get("basis"), made.picture.shape[1:])
    values = dataclasses.replace(shown, response=codes.values().astype(float))
    filters = np.stack([compact.filters(fold) for fold in range(invented.FOLDS)])
    page = pictures_in_full(dataclasses.replace(made, reverse_filter=filters), values, count)
    full = pictures_in_full(made, shown, count)
    error = np.abs(page - full).max() / np.ptp(made.picture)
    assert error <= packed.facts["error"] * 1.2  # the page says it for a grid of counts
    assert packed.facts["error"] <= 0.01
    assert error > 1e-5  # it was rounded
    f = made.fold[shown.image]
    mean = made.mean_picture[f].reshape(len(f), -1)
    target = made.picture[shown.image].reshape(len(f), -1) - mean
    r = [invented.correlation(each - mean, target) for each in (page, full)]
    told = (full - mean).std(axis=1) > 0.002 * np.ptp(made.picture)  # not of flat ones
    assert np.abs(r[0] - r[1])[told].max() <= packed.facts["r_error"] * 1.2
    assert packed.facts["r_error"] <= 0.005


def test_cells_left_out_can_stand_at_zero():
    shown, made = invented.responses(), invented.reconstruction()
    coarse = with_pictures(made, shown, "zero")
    pictures, facts = dict(coarse.base.arrays), coarse.facts | coarse.base.facts
    place, image = facts["counts"].index(8), 4
    order = strongest_first(shown.response, shown.responsive_others)
    f, trials = made.fold[image], np.flatnonzero(shown.image == image)
    expected = []
    for trial in trials:
        response = np.zeros(shown.cells)
        response[order[trial, :8]] = shown.response[trial, order[trial, :8]]
        less = (response - made.mean_response[f]) @ made.reverse_filter[f]
        expected.append(made.mean_picture[f].ravel() + less)
    page = facts["low"] + facts["step"] * pictures["pictures"][place, image]
    assert np.abs(page - np.mean(expected, axis=0)).max() <= 0.51 * facts["step"]


def test_pictures_of_all_cells_are_the_averages_of_the_record():
    shown, made = invented.responses(), invented.reconstruction()
    coarse = with_pictures(made, shown, "mean")
    step = coarse.base.facts["step"]
    page = coarse.base.facts["low"] + step * dict(coarse.base.arrays)["pictures"][-1]
    assert coarse.facts["counts"] == [1, 3, 8, 20, 50, 90]
    assert np.abs(page - made.average.reshape(len(page), -1)).max() <= 0.51 * step
    assert coarse.facts["error"] == pytest.approx(0.5 * step / np.ptp(made.picture), rel=1e-6)


def test_the_contrast_makes_reconstructions_vary_as_pictures_do():
    made = invented.reconstruction()
    mean = made.mean_picture[made.fold]

    def spread(pictures: np.ndarray) -> float:
        less = pictures - mean
        return float(np.sqrt(np.mean((less - less.mean((1, 2), keepdims=True)) ** 2)))

    pale = dataclasses.replace(made, average=(mean + 0.5 * (made.picture - mean)))
    assert contrast(pale) == pytest.approx(2, rel=1e-4)
    assert contrast(made) == pytest.approx(max(1, spread(made.picture) / spread(made.average)))
    flat = dataclasses.replace(made, average=np.array(mean))
    assert contrast(flat) == 1


def test_outlines_lie_around_the_pixels_of_their_rois(arrays):
    traces, shown = invented.traces(), invented.responses()
    start, outline = arrays["field"]["outline_start"], arrays["field"]["outline"] / 4
    for cell in range(0, shown.cells, 10):
        roi = shown.roi[cell]
        pixels = slice(traces.pixel_offset[roi], traces.pixel_offset[roi + 1])
        border = outline[start[cell] : start[cell + 1]]
        for column, at in ((traces.pixel_x[pixels], 0), (traces.pixel_y[pixels], 1)):
            # A contour halfway between pixels, seen from the image's corner.
            assert border[:, at].min() == pytest.approx(column.min(), abs=0.01)
            assert border[:, at].max() == pytest.approx(column.max() + 1, abs=0.01)


def test_traces_are_means_around_the_onsets_of_the_strongest_pictures(arrays):
    traces, shown = whole_traces(), invented.responses()
    cell, place = 5, 1
    image = arrays["traces"]["picture"][cell, place]
    assert image == np.argsort(-shown.averages()[:, cell], kind="stable")[place]
    roi = shown.roi[cell]
    trace = np.asarray(traces.fluorescence[roi], float)
    share = trace / np.median(trace)
    rate, times = traces.frame_rate_hz, traces.frame_time(0, np.arange(trace.size))
    offsets = np.arange(int(np.floor(-0.5 * rate)), int(np.ceil(2 * rate)) + 1)
    rows = []
    for onset in shown.onset_s[shown.image == image]:
        frames = np.searchsorted(times, onset) + offsets
        if frames.min() >= 0 and frames.max() < trace.size:
            rows.append(share[frames] - share[frames[offsets < 0]].mean())
    scale = arrays["traces"]["scale"][cell]
    found = arrays["traces"]["trace"][cell, place] * scale
    assert found == pytest.approx(np.mean(rows, axis=0), abs=0.51 * float(scale))


@pytest.mark.parametrize(
    "changed",
    [
        {"image_name": "</script><img src=x onerror=alert(1)>"},
        {"image_name": "a\u202eb\"'&"},
    ],
)
def test_names_reach_the_page_as_text(changed):
    shown = invented.responses()
    names = shown.image_name.astype("<U60")
    names[0] = changed["image_name"]
    facts = page_data(
        SessionRecords(
            dataclasses.replace(shown, image_name=names), {"ridge": invented.reconstruction()}
        )
    ).facts
    assert "\u202e" not in facts["names"][0]
    assert facts["names"][0].replace("\\u202e", "\u202e") == changed["image_name"]


def test_responses_without_repeats_places_or_decoders():
    alone = page_data(SessionRecords(invented.responses(repeats=1), {}))
    assert alone.facts["decoders"] == []
    imported = dataclasses.replace(invented.responses(), roi=np.full(invented.CELLS, -1))
    data = page_data(
        SessionRecords(imported, {"ridge": invented.reconstruction()}, traces=invented.traces())
    )
    assert not {"field", "traces", "cells"} & set(data.texts)


@pytest.mark.parametrize("pixels", [40, 400])
def test_few_directions_hold_all_filters_whichever_side_is_smaller(pixels):
    rng = np.random.default_rng(4)
    pictures = rng.normal(size=(5, pixels))
    folds = [rng.normal(size=(30, 5)) @ pictures for _ in range(2)]
    basis = weights._shared_basis(folds)
    assert basis.shape == (5, pixels)
    np.testing.assert_allclose(basis @ basis.T, np.eye(5), atol=1e-6)
    for filters in folds:
        np.testing.assert_allclose(filters @ basis.T @ basis, filters, atol=1e-6)


def test_where_eigenvectors_would_take_minutes_there_is_no_basis_of_its_own(monkeypatch):
    monkeypatch.setattr(weights, "_MOST_PRODUCTS", 20)
    assert weights._shared_basis([np.ones((30, 40))]) is None


def test_small_pictures_are_those_that_were_decoded():
    """Pictures below the size of the features are enlarged: the page has one size for all."""
    responses, made = invented.responses(), invented.reconstruction()
    small = dataclasses.replace(responses, picture=responses.picture[:, ::2, ::2])
    data = page_data(SessionRecords(small, {"ridge": made}))
    assert (data.facts["height"], data.facts["width"]) == made.picture.shape[1:]
    low, high = data.facts["low"], data.facts["high"]
    shown = unpacked(data.texts["core"])["picture"].reshape(made.picture.shape)
    step = (high - low) / 255
    np.testing.assert_allclose(low + step * shown, made.picture, atol=0.51 * step)


@pytest.mark.parametrize(("every", "there"), [(1, True), (2, False)])
def test_fields_are_left_out_where_pictures_have_another_size(every, there):
    """Without a decoder, pictures have the size in which they were given."""
    responses = invented.responses()
    cells, numbers = responses.cells, ("centre_x", "centre_y", "prediction_r")
    encoding = SimpleNamespace(
        receptive_field=np.ones((cells, *responses.picture.shape[1:])),
        has_field=np.ones(cells, bool),
        **dict.fromkeys(numbers, np.zeros(cells)),
    )
    small = dataclasses.replace(responses, picture=responses.picture[:, ::every, ::every])
    data = page_data(SessionRecords(small, {}, encoding=encoding))
    assert ("cells" in data.texts) == there
