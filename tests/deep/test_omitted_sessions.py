"""Sessions whose log names pictures that were expected, but not shown."""

import json
import shutil

import numpy as np
import pytest
from timed_movie import IMAGES, respond, shown_order, timed_movie

from twophoton_decode.records import FeatureDecoding, Responses, TimedResponses
from twophoton_decode.session.netcdf import read_record

TWIN = "efficientnet-lite0@random:0"
LATE = 4
"""Frames after which cells respond to omissions; to pictures after 2."""


def rows(driven):
    """Every image three times; then 24 omissions twice and blanks among them, last of all."""
    absent = [(image, "omitted", driven) for image in [*range(24), *range(24)]]
    mixed = np.random.default_rng(5).permutation(len(absent)).tolist()
    later = []
    for place in mixed:
        later += [absent[place], ("", "blank", False)]
    return [*shown_order().tolist(), *later]


@pytest.fixture(scope="module")
def omitted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("omitted")
    return timed_movie(folder, rows(True), start=LATE, condition_column="condition")


def test_omissions_enter_no_response(omitted, tmp_path):
    path = omitted[0]
    respond(path)
    with_them = read_record(path / "responses.nc", Responses)
    assert with_them.presentations == 3 * IMAGES
    assert any("48 rows with a picture that was not shown are kept out" in note
               for note in with_them.notes)  # fmt: skip
    shutil.copytree(path.parent, tmp_path / "alone")
    log = tmp_path / "alone" / "log.csv"
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(line for line in lines if not line.endswith(",omitted\n")))
    respond(tmp_path / "alone" / "S")
    without = read_record(tmp_path / "alone" / "S" / "responses.nc", Responses)
    for name, _ in Responses.arrays():
        np.testing.assert_array_equal(getattr(with_them, name), getattr(without, name), name)


def test_what_was_expected_is_decoded_later_than_what_is_seen(omitted, tpdecode):
    path, signal, onset = omitted
    code, _, err = tpdecode("deep", "decode", path, "--network", TWIN, "--bins")
    assert code == 0, err
    binned = read_record(path / "responses_in_bins.nc", TimedResponses)
    assert binned.expected_response.shape[0] == 48
    assert binned.blank_response.shape[0] == 48
    row = 10
    place = int(np.flatnonzero(binned.edge_s == 0.5)[0])
    frame = round(binned.expected_onset_s[row] * 8)
    assert frame in onset
    expected = signal[:, frame + 4 : frame + 6].mean(axis=1) - signal[:, frame - 4 : frame].mean(
        axis=1
    )
    np.testing.assert_allclose(binned.expected_response[row, place], expected, atol=1e-3)
    found = read_record(path / "deep/decoding/efficientnet-lite0-random-0.nc", FeatureDecoding)
    assert found.condition.tolist() == ["omitted"]
    assert found.expected_pictures.tolist() == [24]
    stem = found.layer.tolist().index("stem")
    assert found.expected_p[0, stem] < 0.05
    assert found.blank_p[0, stem] > 0.05
    # Two frames later than in viewing.
    assert found.expected_after_viewed_s[0, stem] == pytest.approx(0.25, abs=0.1)
    assert found.expected_after_viewed_ci95[0, stem, 0] > 0
    figure = path / "figures/deep_expected_efficientnet-lite0-random-0.png"
    assert figure.exists()
    told = json.loads((path / "summary.json").read_text())["deep"]["decode"][TWIN]
    assert told["without_picture"]["omitted"]["pictures"] == 24
    table = figure.with_suffix(".csv").read_text()
    assert table.count("\nomitted,") == len(found.layer)


def test_omissions_that_tell_nothing_are_said_to(tmp_path):
    bins = {"time_bins_s": [-0.25, 0.0, 0.25, 0.5, 0.75, 1.0]}
    path, *_ = timed_movie(tmp_path, rows(False), responses=bins, condition_column="condition")
    respond(path, TWIN)
    found = read_record(path / "deep/decoding/efficientnet-lite0-random-0.nc", FeatureDecoding)
    assert found.expected_p.min() > 0.05
    assert np.isnan(found.expected_onset_s).all()


def test_a_column_that_may_say_so_is_pointed_out(tmp_path):
    path, *_ = timed_movie(tmp_path, rows(True))
    respond(path)
    notes = read_record(path / "responses.nc", Responses).notes
    said = "48 rows with condition = omitted count as presentations of their picture."
    assert any(said in note and 'condition_column = "condition"' in note for note in notes)
