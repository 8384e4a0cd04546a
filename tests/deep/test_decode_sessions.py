"""Sessions: layers decoded by command, in time bins, by category and among distractors."""

import json

import numpy as np
import pytest
from timed_movie import (
    CELLS,
    IMAGES,
    KINDS,
    SIDE,
    drive,
    pictures,
    respond,
    shown_order,
    timed_movie,
)

from twophoton_decode.errors import AnalysisError
from twophoton_decode.pipeline.run import Session
from twophoton_decode.records import FeatureDecoding, TimedResponses
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.settings import Settings

TWIN = "efficientnet-lite0@random:0"


@pytest.fixture(scope="module")
def movie_session(tmp_path_factory):
    order = shown_order()
    path, signal, onset = timed_movie(tmp_path_factory.mktemp("timed"), order)
    return path, order, signal, onset


def test_time_bins_are_means_of_the_signal_less_the_baseline(movie_session, tpdecode):
    path, order, signal, onset = movie_session
    respond(path)
    code, out, err = tpdecode("deep", "decode", path, "--network", TWIN, "--bins")
    assert code == 0, err
    assert "saved to" in out
    assert "[responses] time_bins_s = [-0.5, -0.25, 0.0" in out
    found = read_record(path / "responses_in_bins.nc", TimedResponses)
    np.testing.assert_allclose(np.diff(found.edge_s), 0.25)
    assert found.edge_s[0] == -0.5
    place = int(np.flatnonzero(found.edge_s == 0.5)[0])
    for row in (0, 17, 90):
        frame = onset[row]
        expected = signal[:, frame + 4 : frame + 6].mean(axis=1)
        expected = expected - signal[:, frame - 4 : frame].mean(axis=1)
        np.testing.assert_allclose(found.response[row, place], expected, atol=1e-3)
        assert found.image[row] == order[row]
    _, out, _ = tpdecode("status", path)
    line = next(line for line in out.splitlines() if line.startswith("respond "))
    assert "stale" not in line, "time bins make no response stale"


def test_layers_are_decoded_when_the_cells_respond(movie_session, tpdecode):
    path = movie_session[0]
    code, _, err = tpdecode("deep", "decode", path, "--network", TWIN, "--bins")
    assert code == 0, err
    found = read_record(path / "deep/decoding/efficientnet-lite0-random-0.nc", FeatureDecoding)
    assert found.twins == []
    assert found.control.tolist() == ["pixels", "gabor"]
    assert found.two_way_mean[0, found.space.tolist().index("pixels")] > 0.9
    # Frames 2 to 5 after the onset: from 0.25 to 0.75 s.
    stem = found.course[0]
    during = (found.bin_s > 0.25) & (found.bin_s < 0.75)
    assert stem[during].min() > 0.3 > 3 * np.abs(stem[~during]).max()
    assert 0.125 <= found.onset_s[0] <= 0.375
    assert found.peak_s[0] in (0.375, 0.625)
    assert (path / "figures/deep_times_efficientnet-lite0-random-0.png").exists()
    assert found.category.tolist() == KINDS
    assert found.category_candidates == 3
    told = json.loads((path / "summary.json").read_text())["deep"]["decode"][TWIN]
    assert told["stem"]["onset_s"] == pytest.approx(found.onset_s[0])
    assert told["pixels"]["two_way"] == pytest.approx(found.two_way_mean[0, -2])


def test_bins_narrower_than_a_frame_are_refused(movie_session):
    path = movie_session[0]
    session = Session(SessionFolder.open(path))
    session.settings = session.settings.model_copy(
        update={"responses": session.settings.responses.model_copy(
            update={"time_bins_s": [0.0, 0.01, 0.02]}
        )}
    )  # fmt: skip
    from twophoton_decode.errors import ResponseError

    with pytest.raises(ResponseError, match=r"holds no frame.*a frame lasts 0\.125 s"):
        session.run_only("time-bins")


@pytest.fixture(scope="module")
def array_session(tmp_path_factory):
    """Imported responses that follow patches of the pictures, with distractors."""
    folder = tmp_path_factory.mktemp("decoded")
    rng = np.random.default_rng(4)
    response = drive() + 0.15 * rng.normal(size=(2, IMAGES, CELLS))
    np.save(folder / "R.npy", response)
    np.save(folder / "I.npy", pictures())
    np.save(folder / "D.npy", np.concatenate([pictures(30, 7), pictures()[:2], pictures(1, 7)]))
    SessionFolder.create(
        folder / "S",
        Settings.model_validate({
            "source": {
                "kind": "arrays", "responses": "../R.npy", "axes": "repeat image cell",
                "images": "../I.npy", "distractors": "../D.npy",
            },
            "images": {"size_px": SIDE},
            "decoding": {"bootstraps": 200, "folds": 6},
            "deep": {"twins": 2, "input_px": 64, "units": 200},
        }),
    )  # fmt: skip
    respond(folder / "S")
    return folder / "S"


def test_a_trained_network_stands_beside_its_twin_pixels_and_gabors(array_session, tpdecode):
    code, out, err = tpdecode("deep", "decode", array_session)
    assert code == 0, err
    found = read_record(array_session / "deep/decoding/efficientnet-lite0.nc", FeatureDecoding)
    assert found.twins == [TWIN, TWIN.replace(":0", ":1")]
    assert found.seed[found.kind == "random"].tolist() == [0] * 9 + [1] * 9
    assert found.control.tolist() == ["random", "pixels", "gabor"]
    assert "with random weights" in out
    # Two distractors are the session's own pictures, one repeats another one.
    assert found.pool == "distractors"
    assert found.candidates[-1] == 31
    assert any("3 of 33 distractors are left out: 1 repeat" in note for note in found.notes)
    two_way = found.two_way.mean(axis=2)
    np.testing.assert_allclose(two_way, found.two_way_mean, rtol=1e-5)
    told = json.loads((array_session / "summary.json").read_text())["deep"]["decode"]
    layers = told["efficientnet-lite0"]
    random = layers["stem"]["random"]
    twins = two_way[0, found.twins_of("stem")]
    assert random["two_way"] == pytest.approx(twins.mean(), rel=1e-4)
    assert random["two_way_lowest"] == pytest.approx(twins.min(), rel=1e-4)
    assert random["draws"] == 2
    beyond = two_way[0, 0] - twins.mean()
    assert layers["stem"]["beyond_random"] == pytest.approx(beyond, abs=1e-5)
    assert {"two_way", "unit_r", "top1", "random"} <= layers["gap"].keys()
    assert "top1" in layers["pixels"]
    png = array_session / "figures/deep_decode_efficientnet-lite0.png"
    assert png.exists()
    import twophoton_decode as tp

    session = tp.open(array_session)
    told = []
    session.run("deep-decode", networks="efficientnet-lite0", say=told.append)
    assert any("unchanged, nothing to do" in line for line in told)
    assert list(session.layer_decoding) == ["efficientnet-lite0"]
    opened = session.layer_decoding["efficientnet-lite0"]
    np.testing.assert_allclose(opened.two_way_mean, found.two_way_mean)
    with pytest.raises(tp.errors.SessionError, match=r'networks="alexnet".*--network alexnet'):
        session.layer_decoding["alexnet"]
    with pytest.raises(tp.errors.UnknownNameError, match="lenet"):
        session.run("deep-decode", networks="lenet")


def test_time_bins_need_a_movie(array_session, tpdecode):
    code, _, err = tpdecode("deep", "decode", array_session, "--bins")
    assert code == 2
    assert "has no movie with a log" in err


def test_few_cells_are_refused(array_session):
    from dataclasses import replace

    from twophoton_decode.deep.comparison.decoding.populations import shown_to_populations
    from twophoton_decode.records import Responses

    responses = read_record(array_session / "responses.nc", Responses)
    few = {
        name: getattr(responses, name)[..., :9]
        for name, spec in Responses.arrays()
        if spec.axes[-1:] == ("cell",) and getattr(responses, name) is not None
    }
    few |= {
        name: getattr(responses, name)[:9]
        for name, spec in Responses.arrays()
        if spec.axes[:1] == ("cell",) and getattr(responses, name) is not None
    }
    with pytest.raises(AnalysisError, match="10 or more cells; this session has 9 cells"):
        shown_to_populations(replace(responses, **few))


def test_populations_are_decoded_by_themselves_if_large_enough(array_session):
    from twophoton_decode.deep.comparison.decoding.populations import shown_to_populations
    from twophoton_decode.records import Responses

    responses = read_record(array_session / "responses.nc", Responses)
    label = np.array(["V1"] * 10 + ["LM"] * 4 + [""] * 6)
    shown, notes = shown_to_populations(responses, label)
    assert list(shown.cells) == ["all", "V1"]
    np.testing.assert_array_equal(shown.cells["V1"], np.arange(10))
    average, halves = shown.population("V1")
    np.testing.assert_allclose(average, responses.averages()[:, :10])
    first = np.stack([responses.response[responses.image == i][0, :10] for i in range(IMAGES)])
    np.testing.assert_allclose(halves[0], first)
    assert "LM (4 cells), no population (6 cells)" in notes[0]
    assert list(shown_to_populations(responses, np.full(20, "V1"))[0].cells) == ["all"]
