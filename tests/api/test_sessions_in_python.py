import dataclasses
import json
import pickle
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray
from planted_traces import traces_of

import twophoton_decode as tp
from twophoton_decode.api.signals import dff_of_rois
from twophoton_decode.api.stored.record import StoredRecord
from twophoton_decode.extraction.signals.delta_f import signal_of
from twophoton_decode.records import Responses
from twophoton_decode.session.netcdf import OpenedArray, read_record, write_record
from twophoton_decode.settings import RecordingSettings, Settings, TraceSettings


@pytest.fixture
def session(simulated_population, tmp_path):
    """A copy of the session, which a test may change."""
    shutil.copytree(simulated_population.session.path, tmp_path / "population")
    return tp.open(tmp_path / "population")


def test_arrays_are_those_of_the_files(session):
    stored = read_record(session.path / "responses.nc", Responses)
    np.testing.assert_array_equal(session.responses.response, stored.response)
    assert session.responses.response_unit == "a.u."
    assert session.responses.cells == 30
    assert session.reconstruction["ridge"].decoder == "ridge"
    assert session.path == session.responses.path.parent


def test_images_are_called_by_name_cells_by_roi_and_ends_low_and_high(session):
    """Responses of a movie, with file names and ROI numbers."""
    stored = read_record(session.path / "responses.nc", Responses)
    names = np.array([f"nat_{image:03d}.png" for image in range(16)])
    roi = np.arange(30) * 2 + 5
    changed = dataclasses.replace(stored, image_name=names, roi=roi)
    write_record(session.path / "responses.nc", changed)
    responses = session.responses.to_xarray()
    shown = responses["response"].sel(cell=9)
    np.testing.assert_array_equal(shown, stored.response[:, 2])
    np.testing.assert_array_equal(responses["picture"].sel(image="nat_003.png"), stored.picture[3])
    by_image = responses["response"].groupby("shown").mean()
    np.testing.assert_allclose(by_image.sel(shown="nat_007.png"), stored.averages()[7])
    assert responses["response"].attrs == {"units": "a.u.", "long_name": "evoked response"}
    made = session.reconstruction["ridge"]
    data = made.to_xarray()
    assert data["image"].values.tolist() == [str(image) for image in range(16)]
    top = data["top1_average_ci95"].sel(end="high", pool="session", candidate=2)
    assert float(top) == made.top1_average_ci95[0, 0, 1]


@pytest.mark.parametrize("name", ["responses", "reconstruction"])
def test_a_dataset_can_be_written_and_read_back(session, tmp_path, name):
    record = getattr(session, name)
    record = record if name == "responses" else record["ridge"]
    dataset = record.to_xarray()
    dataset.to_netcdf(tmp_path / "copy.nc")
    with xarray.open_dataset(tmp_path / "copy.nc") as copy:
        assert copy.equals(dataset)
        assert copy.attrs.keys() == dataset.attrs.keys()
        for key, value in dataset.attrs.items():
            np.testing.assert_array_equal(np.atleast_1d(copy.attrs[key]), np.atleast_1d(value), key)
        np.testing.assert_equal(json.loads(copy.attrs["means"]), record.means)
    assert all(not isinstance(each, dict) for each in dataset.attrs.values())


def test_attributes_of_a_dataset_are_plain_and_an_unknown_one_is_left_out(session):
    responses = dataclasses.replace(session.responses._record, notes=["one", "two"])
    attributes = StoredRecord(Path("responses.nc"), responses, lambda: None).to_xarray().attrs
    # Not an array: xarray refuses arrays of texts where it writes by way of netCDF4.
    assert attributes["notes"] == ["one", "two"]
    assert attributes["has_baseline"] == 0
    assert attributes["response_unit"] == "a.u."
    pixel = np.zeros(1, int)
    planted = SimpleNamespace(masks=(np.arange(2), pixel, pixel), dff=np.zeros((1, 5)))
    traces = traces_of(planted, (2, 2), [0], np.array([True]))
    assert traces.first_stamp_s is None
    attributes = StoredRecord(Path("traces.nc"), traces, lambda: None).to_xarray().attrs
    assert "first_stamp_s" not in attributes


def test_a_table_has_a_row_for_each_entry(session):
    table = session.reconstruction["ridge"].to_frame()
    np.testing.assert_array_equal(table["r_single"], session.reconstruction["ridge"].r_single)
    assert table.index.tolist() == [str(image) for image in range(16)]
    long = session.responses.to_frame("presentation", "cell")
    assert len(long) == 64 * 30
    assert long.loc[(10, 7), "response"] == session.responses.response[10, 7]
    assert long.loc[(10, 7), "shown"] == str(session.responses.image[10])
    with pytest.raises(tp.errors.UsageError, match=r"no arrays along imag alone; .*image, y, x"):
        session.responses.to_frame("imag")


def test_large_arrays_are_read_where_they_are_indexed(session, monkeypatch):
    record = session.reconstruction["ridge"]
    whole = np.asarray(record.reverse_filter)
    read = []
    monkeypatch.setattr(
        OpenedArray, "__getitem__", _noting(OpenedArray.__getitem__, read), raising=True
    )
    data = record.to_xarray()
    assert "reverse_filter" in data._repr_html_()
    assert sum(read) == 0
    part = data["reverse_filter"].sel(cell=[3, 9]).isel(fold=1)
    np.testing.assert_array_equal(part, whole[1, [3, 9]])
    assert sum(read) < whole.size / 10


def _noting(get, read):
    def noted(self, index):
        found = get(self, index)
        read.append(found.size)
        return found

    return noted


def test_records_are_read_again_when_they_were_replaced(session):
    before = session.responses
    assert session.responses._record is before._record
    session.set("responses.false_discovery_rate", 0.2)
    session.run("respond", say=None)
    assert session.responses.responsive.sum() > before.responsive.sum()


def test_what_was_made_from_other_responses_is_numbered_and_said(session):
    session.set("responses.false_discovery_rate", 0.2)
    session.run("respond", say=None)
    record = session.reconstruction["ridge"]
    with pytest.warns(UserWarning, match="reconstruct:ridge was made from other responses"):
        data = record.to_xarray()
    assert "shown" not in data.coords
    assert data["image"].values.tolist() == [str(image) for image in range(16)]


def test_a_missing_record_says_how_to_make_it(session):
    missing = {
        lambda: (
            session.encoding
        ): r"no encoding yet. Make it by `session.run\(\"encode\"\)` or `tpd",
        lambda: session.cell_count["ridge"]: r"decoders=\"ridge\"\)` or `tpdecode sparsity-report",
        lambda: session.cell_count["lasso"]: r"session.run\(decoders=\"lasso\"\)` or `tpdecode run",
        lambda: session.complementarity["ridge"]: r"`tpdecode run .* --decoder ridge`",
        lambda: session.traces: "has no traces: its data are response matrices, not a movie",
        lambda: session.recovery: "has no recovery",
    }
    for ask, said in missing.items():
        with pytest.raises(tp.errors.SessionError, match=said):
            ask()
    with pytest.raises(tp.errors.UnknownNameError, match="no decoder is called 'rigde'"):
        _ = session.stability["rigde"]
    assert "lasso" not in session.reconstruction
    assert list(session.stability) == []


def test_the_call_that_a_message_names_makes_the_record(session):
    with pytest.raises(tp.errors.SessionError) as told:
        _ = session.encoding
    call = str(told.value).partition("`")[2].partition("`")[0]
    assert call == 'session.run("encode")'
    eval(call.replace(")", ", say=None)"))
    assert session.encoding.prediction_r.shape == (30,)


def test_a_result_that_the_data_do_not_allow_says_why(tmp_path):
    made = tp.simulate(cells=6, images=6, repeats=1, picture_px=16, session=tmp_path / "S")
    made.session.set("decoding.permutations", 10)
    made.session.run("respond", "reconstruct", decoders="ridge", say=None)
    with pytest.raises(tp.errors.AnalysisError):
        made.session.run("stability-report", decoders="ridge", say=None)
    with pytest.raises(tp.errors.SessionError, match="stability-report:ridge is unavailable"):
        _ = made.session.stability["ridge"]


def test_running_says_what_a_user_must_know(session, capsys):
    session.run("reconstruct")
    assert "reconstruct:ridge: unchanged, nothing to do" in capsys.readouterr().out
    said = []
    session.set("decoding.permutations", 20)
    session.run("reconstruct", decoders=["ridge"], say=said.append)
    assert capsys.readouterr().out == ""
    assert any(line.startswith("reconstruct:ridge: done in") for line in said)
    assert session.reconstruction["ridge"].chance_r.shape == (20,)
    assert said[-1].startswith("compare-decoders: done in")
    assert {"reconstructions", "decoders", "score_variants"} <= set(session.figures)
    with pytest.raises(tp.errors.UnknownNameError, match="'rigde'"):
        session.run(decoders="rigde")
    with pytest.raises(tp.errors.SessionError, match="no stage 'reconstrct'"):
        session.run("reconstrct")


def test_status_and_summary_are_those_of_the_commands(session):
    status = session.status()
    assert status["reconstruct:ridge"].state == "fresh"
    assert status["encode"].state == "missing"
    assert "reconstruct:ridge       fresh\n" in repr(status)
    found = session.summary["reconstruct"]["ridge"]["r_average"]
    assert found == pytest.approx(session.reconstruction["ridge"].r_average.mean())


def test_settings_are_read_only_and_set_keeps_comments(session):
    with pytest.raises(tp.errors.SettingsError, match=r"read-only, so 'features' .* session\.set"):
        session.settings.decoding.features = "pixels"
    with pytest.raises(tp.errors.SettingsError, match=r"read-only, so 'run' .* session\.set"):
        session.settings.run = None
    assert session.settings.decoding.features == "gabor"
    session.set("decoding.features", "pixels")
    assert session.settings.decoding.features == "pixels"
    assert "# " in (session.path / "session.toml").read_text()
    with pytest.raises(tp.errors.SettingsError, match="permutations"):
        session.set("decoding.permutations", -1)
    with pytest.raises(tp.errors.UsageError, match="names no setting: expected SECTION"):
        session.set("permutations", 10)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("decoding.features", "gabr", r"no feature space is called 'gabr'; known are gabor, "),
        ("run.decoders", ["ridge", "knn"], r"no decoder is called 'knn'; known are .*ridge"),
        ("run.decoders", ["ridge", 3], "decoders"),
        ("run.decoders", "ridge", "decoders"),
    ],
)
def test_a_name_that_nobody_registered_is_not_written(session, key, value, said):
    before = (session.path / "session.toml").read_bytes()
    with pytest.raises(tp.errors.SettingsError, match=said):
        session.set(key, value)
    assert (session.path / "session.toml").read_bytes() == before
    session.set("run.decoders", ["ridge", "lasso"])
    assert session.settings.run.decoders == ["ridge", "lasso"]


def test_figures_by_name(session):
    figure = session.figure("responsiveness")
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert {figure.png, figure.svg, figure.pdf, figure.csv} == {
        path
        for path in (session.path / "figures").glob("responsiveness.*")
        if path.name.count(".") == 1  # Tables of single panels have a name in between.
    }
    assert figure.caption
    assert len(figure.to_frame()) > 1
    with pytest.raises(tp.errors.UsageError, match=r"no figure 'respons'; it has: .*reliability"):
        session.figure("respons")


def test_reprs_are_readable(session):
    told = repr(session)
    assert "  responses        responses.nc" in told
    assert "  reconstruction   ridge" in told
    assert "  encoding         missing" in told
    assert "traces" not in told
    assert repr(session.reconstruction) == "reconstruction of ridge"
    assert "  response (presentation 64, cell 30) [a.u.]  evoked response" in repr(
        session.responses
    )
    assert "  response_unit = 'a.u.'" in repr(session.responses)
    with pytest.raises(AttributeError, match="Responses has no 'respons'"):
        _ = session.responses.respons
    assert {"response", "to_frame"} <= set(dir(session.responses))
    assert {"responses", "stability", "run"} <= set(dir(session))


def test_a_folder_that_is_gone_or_no_session_is_an_error_in_words(session, tmp_path):
    with pytest.raises(tp.errors.UsageError, match="there is no folder"):
        tp.open(tmp_path / "nowhere")
    with pytest.raises(tp.errors.UsageError, match="is not a session"):
        tp.open(tmp_path)
    with pytest.raises(tp.errors.UsageError, match=r"is a file; open the folder .*population\.$"):
        tp.open(session.path / "responses.nc")
    shutil.rmtree(session.path)
    for ask in (lambda: session.responses, session.run, session.status, lambda: session.figures):
        with pytest.raises(tp.errors.UsageError, match="there is no folder"):
            ask()
    assert "the folder is gone" in repr(session)


def test_sessions_and_records_go_to_other_processes(session):
    again = pickle.loads(pickle.dumps((session, session.responses)))
    assert again[0].path == session.path
    assert again[1].to_xarray()["response"].sel(cell=3).shape == (64,)


def test_what_a_session_shows_cannot_be_replaced_or_changed(session):
    record = session.reconstruction["ridge"]
    before = record.r_average.copy()
    with pytest.raises(AttributeError, match="'r_average' cannot be set: a StoredRecord shows"):
        record.r_average = np.zeros_like(before)
    with pytest.raises(AttributeError, match="'mine' cannot be set"):
        record.mine = 1
    with pytest.raises(AttributeError, match="'responses' cannot be set: a Session shows"):
        session.responses = record
    with pytest.raises(ValueError, match="read-only"):
        record.r_average[0] = 2
    notes = list(session.responses.notes)
    session.responses.notes.append("mine")
    record.warnings.clear()
    assert session.responses.notes == notes
    np.testing.assert_array_equal(record.r_average, before)
    np.testing.assert_array_equal(record.to_xarray()["r_average"], before)


def test_dff_is_that_of_the_settings_with_rois_and_times():
    planted = SimpleNamespace(
        masks=(np.arange(4), np.zeros(3, int), np.arange(3)),
        dff=np.abs(np.random.default_rng(0).normal(0, 0.1, (3, 400))),
    )
    traces = traces_of(planted, (8, 8), [0, 1, 2], np.array([True, False, True]))
    dff = dff_of_rois(traces, None, Settings(traces=TraceSettings(signal="deconvolved")))
    assert dff["roi"].values.tolist() == [0, 2]
    np.testing.assert_allclose(dff["time_s"][:3], [0, 0.125, 0.25])
    assert dff.attrs["units"] == "ΔF/F"
    one = dff_of_rois(traces, 1, Settings())
    np.testing.assert_array_equal(
        one.sel(roi=1), signal_of(traces, np.array([1]), TraceSettings(signal="dff"))[0][0]
    )
    assert np.corrcoef(one[0], planted.dff[1])[0, 1] > 0.99
    for wrong in (3, -1, [0.5], [[0]]):
        with pytest.raises(tp.errors.UsageError, match="numbers of ROIs, 0 to 2, found"):
            dff_of_rois(traces, wrong, Settings())


def test_dff_is_counted_from_the_level_without_light_and_timed_as_responses_are():
    planted = SimpleNamespace(
        masks=(np.arange(2), np.zeros(1, int), np.zeros(1, int)),
        dff=np.abs(np.random.default_rng(0).normal(0, 0.1, (1, 400))),
    )
    plain = traces_of(planted, (8, 8), [0], np.array([True]))
    moved = dataclasses.replace(
        plain, fluorescence=plain.fluorescence[:] + 300, frame_time_s=np.arange(400.0)
    )
    settings = Settings(recording=RecordingSettings(dark_level=300.0, frame_times="even"))
    found = dff_of_rois(moved, None, settings)
    # No neuropil is subtracted: it is 0 throughout, as where there are no pixels for it.
    np.testing.assert_allclose(found, dff_of_rois(plain, None, Settings()), atol=1e-4)
    np.testing.assert_allclose(found["time_s"][:3], [0, 0.125, 0.25])


def test_a_damaged_record_is_an_error_in_words(session):
    file = session.path / "responses.nc"
    file.write_bytes(file.read_bytes()[:2000])
    with pytest.raises(tp.errors.RecordError, match="damaged"):
        _ = session.responses


def test_simulations_are_those_of_the_command(tmp_path, tpdecode):
    made = tp.simulate(cells=7, images=5, repeats=3, picture_px=16, seed=4)
    options = ("--cells", 7, "--images", 5, "--repeats", 3, "--picture-px", 16, "--seed", 4)
    assert tpdecode("simulate", tmp_path / "P", *options, "--responses-only")[0] == 0
    responses = np.load(tmp_path / "P" / "responses.npy")
    np.testing.assert_array_equal(responses[made.repeat, made.image], made.responses)
    np.testing.assert_array_equal(np.load(tmp_path / "P" / "images.npy"), made.pictures)
    with np.load(tmp_path / "P" / "truth.npz") as truth:
        np.testing.assert_array_equal(truth["rate"], made.rates)
        np.testing.assert_array_equal(truth["receptive_field"], made.receptive_fields)
    assert made.informative.all()
    assert tp.simulate(cells=7, images=5, repeats=3, picture_px=16, informative_cells=2,
                       ).informative.sum() == 2  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cells": 0}, "cells must be a whole number, 1 or more, found 0"),
        ({"images": 500}, "images must be a whole number, 2 to 120, found 500"),
        (
            {"cells": 5, "informative_cells": 6},
            "informative_cells must be a whole number, 1 to 5, found 6",
        ),
    ],
)
def test_sizes_out_of_range_are_refused(given, said):
    with pytest.raises(tp.errors.UsageError, match=said):
        tp.simulate(**given)


def test_a_simulation_never_overwrites(session):
    before = sorted(session.path.rglob("*"))
    with pytest.raises(tp.errors.UsageError, match="is there already"):
        tp.simulate(cells=3, images=3, repeats=2, session=session.path)
    assert sorted(session.path.rglob("*")) == before
