"""Traces of NWB files of several layouts, and what is refused."""

import sys

import h5py
import numpy as np
import nwb_files as made
import pytest

from twophoton_decode.errors import ExtractionError, UsageError
from twophoton_decode.formats.nwb.traces import read_nwb

DFF = ["DfOverF/DfOverF"]


def test_rois_and_signals_of_a_single_series(tmp_path):
    data = np.arange(made.FRAMES * made.CELLS, dtype=np.float32).reshape(-1, made.CELLS)
    traces = read_nwb(made.one_series(tmp_path / "a.nwb", data))
    np.testing.assert_array_equal(np.asarray(traces.fluorescence), data.T)
    np.testing.assert_array_equal(traces.fluorescence[1:3], data.T[1:3])
    np.testing.assert_array_equal(traces.fluorescence[[2, 0]], data.T[[2, 0]])
    assert traces.pixel_offset.tolist() == [0, 2, 4, 6, 8]
    assert traces.pixel_x.tolist() == list(range(8))
    assert set(traces.pixel_y.tolist()) == {1}
    assert traces.pixel_weight.tolist() == [1.0, 0.5] * 4
    assert traces.frame_rate_hz == made.RATE_HZ
    assert traces.first_stamp_s == made.FIRST_S
    assert traces.neuropil is None
    assert traces.is_cell.all()
    assert np.isnan(traces.motion_y).all()
    said = " ".join(traces.notes)
    for each in ("all count as cells", "no mean image", "motion is not known", "No neuropil"):
        assert each in said


def test_masks_as_images_are_x_before_y(tmp_path):
    traces = read_nwb(made.one_series(tmp_path / "a.nwb", masks=False))
    assert traces.pixel_x.tolist() == list(range(8))
    assert set(traces.pixel_y.tolist()) == {1}
    assert "as NWB orders them" in " ".join(traces.notes)


def test_a_conversion_is_applied(tmp_path):
    path = made.one_series(tmp_path / "a.nwb")
    with h5py.File(path, "a") as file:
        data = file["processing/ophys/Fluorescence/RoiResponseSeries/data"]
        data.attrs["conversion"] = 3.0
        data.attrs["offset"] = 2.0
    assert (np.asarray(read_nwb(path).fluorescence) == 5.0).all()


@pytest.mark.parametrize("name", ["Accepted", "iscell", "is_cell", "valid_roi"])
def test_columns_that_say_what_is_a_cell(tmp_path, name):
    columns = {name: [1, 0, 1, 1], "cell_probability": [0.9, 0.1, 0.8, 0.7]}
    traces = read_nwb(made.one_series(tmp_path / "a.nwb", columns=columns))
    assert traces.is_cell.tolist() == [True, False, True, True]
    assert traces.cell_probability.tolist() == [0.9, 0.1, 0.8, 0.7]


def test_a_column_of_suite2p_holds_label_and_probability(tmp_path):
    columns = {"iscell": [[1.0, 0.9], [0.0, 0.2], [1.0, 0.6], [0.0, 0.3]]}
    traces = read_nwb(made.one_series(tmp_path / "a.nwb", columns=columns))
    assert traces.is_cell.tolist() == [True, False, True, False]
    assert traces.cell_probability.tolist() == [0.9, 0.2, 0.6, 0.3]


def test_uneven_timestamps_time_the_frames(tmp_path):
    stamps = 7.0 + np.arange(made.FRAMES) / made.RATE_HZ
    stamps[200:] += 30
    traces = read_nwb(made.one_series(tmp_path / "a.nwb", timestamps=stamps))
    np.testing.assert_allclose(traces.frame_time_s, stamps - 7.0)
    assert traces.first_stamp_s == 7.0
    assert traces.times.gaps().frame.tolist() == [200]


def test_planes_of_suite2ps_layout_are_read_together(tmp_path):
    traces = read_nwb(made.two_planes(tmp_path / "a.nwb"))
    assert traces.plane.tolist() == [0, 0, 1, 1, 1]
    np.testing.assert_allclose(traces.plane_delay_s, [0, 0.05])
    assert np.asarray(traces.fluorescence)[:, 0].tolist() == [0, 0, 10, 10, 10]
    assert np.asarray(traces.neuropil)[:, 0].tolist() == [1, 1, 11, 11, 11]
    assert traces.mean_image.shape[0] == 2


def test_planes_of_other_names_are_asked_for(tmp_path):
    path = made.two_planes(tmp_path / "a.nwb", names=("upper", "lower"))
    with pytest.raises(UsageError, match=r"2 series.*Fluorescence/lower.*Fluorescence/upper"):
        read_nwb(path)
    traces = read_nwb(path, ["Fluorescence/upper", "Fluorescence/lower"])
    assert traces.plane.tolist() == [0, 0, 1, 1, 1]
    assert read_nwb(path, ["Fluorescence/lower"]).plane.tolist() == [0, 0, 0]


def test_planes_that_begin_far_apart_are_refused(tmp_path):
    with pytest.raises(ExtractionError, match="more than a frame apart"):
        read_nwb(made.two_planes(tmp_path / "a.nwb", apart_s=9.0))


def test_planes_of_different_length_end_with_the_shorter(tmp_path):
    traces = read_nwb(made.two_planes(tmp_path / "a.nwb", frames=(400, 390)))
    assert traces.fluorescence.shape == (5, 390)
    assert "the first 390 are used" in " ".join(traces.notes)


def test_of_several_series_all_are_listed(tmp_path):
    path = made.allen_like(tmp_path / "a.nwb")
    with pytest.raises(UsageError) as refused:
        read_nwb(path)
    for each in ("Fluorescence/Corrected", "Fluorescence/Demixed", "DfOverF/DfOverF (dff"):
        assert each in str(refused.value)
    with pytest.raises(UsageError, match=r"--series Nothing: there is none.*Corrected"):
        read_nwb(path, ["Nothing"])


def test_delta_f_stays_as_it_is(tmp_path):
    traces = read_nwb(made.allen_like(tmp_path / "a.nwb"), DFF)
    assert traces.is_dff
    np.testing.assert_array_equal(np.asarray(traces.fluorescence), made.driven(0.0, 1.0).T)
    assert traces.first_stamp_s == made.FIRST_S
    said = " ".join(traces.notes)
    assert "ΔF/F already" in said
    assert "a projection stands for it" in said


def test_neuropil_is_taken_only_where_it_is_named(tmp_path):
    path = made.allen_like(tmp_path / "a.nwb")
    plain = read_nwb(path, ["Demixed"])
    assert plain.neuropil is None
    assert "add --neuropil Fluorescence/Neuropil" in " ".join(plain.notes)
    assert "that it was before" in " ".join(read_nwb(path, ["Corrected"]).notes)
    assert read_nwb(path, ["Demixed"], ["Neuropil"]).neuropil.shape[0] == made.CELLS


def test_the_allen_institutes_files_of_nwb_1(tmp_path):
    path = made.nwb1(tmp_path / "a.nwb")
    with pytest.raises(UsageError, match=r"Fluorescence/imaging_plane_1 .*DfOverF/imaging_plane_1"):
        read_nwb(path)
    traces = read_nwb(path, ["DfOverF/imaging_plane_1"])
    np.testing.assert_array_equal(np.asarray(traces.fluorescence), made.driven(0.0, 1.0).T)
    assert traces.pixel_x.tolist() == list(range(8))
    assert set(traces.pixel_y.tolist()) == {1}
    assert (traces.motion_x == 1).all()
    assert (traces.motion_y == -2).all()
    assert traces.mean_image.shape == (1, 6, 12)


def test_an_other_file_is_told(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        read_nwb(tmp_path / "gone.nwb")
    (tmp_path / "text.nwb").write_text("not HDF5")
    with pytest.raises(ExtractionError, match="not an HDF5 file"):
        read_nwb(tmp_path / "text.nwb")
    h5py.File(tmp_path / "plain.nwb", "w").close()
    with pytest.raises(ExtractionError, match="not NWB"):
        read_nwb(tmp_path / "plain.nwb")
    with pytest.raises(ExtractionError, match="no RoiResponseSeries"):
        read_nwb(made.write(tmp_path / "empty.nwb", made.empty_file()))


def test_a_file_that_is_cut_short_is_refused(tmp_path):
    path = made.one_series(tmp_path / "a.nwb")
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(ExtractionError, match="truncated or damaged"):
        read_nwb(path)


def test_data_in_other_files_are_not_followed(tmp_path):
    path = made.one_series(tmp_path / "a.nwb")
    other = made.one_series(tmp_path / "other.nwb")
    name = "processing/ophys/Fluorescence/RoiResponseSeries/data"
    with h5py.File(path, "a") as file:
        del file[name]
        file[name] = h5py.ExternalLink(str(other), f"/{name}")
    with pytest.raises(ExtractionError, match="another file, which is not followed"):
        read_nwb(path)


def test_a_link_beside_the_traces_is_said(tmp_path):
    path = made.one_series(tmp_path / "a.nwb")
    with h5py.File(path, "a") as file:
        file["acquisition/movie"] = h5py.ExternalLink("/etc/movie.nwb", "/movie")
    assert "not followed: acquisition/movie" in " ".join(read_nwb(path).notes)


def test_a_shape_that_was_never_written_is_refused(tmp_path):
    path = made.one_series(tmp_path / "a.nwb")
    name = "processing/ophys/Fluorescence/RoiResponseSeries/data"
    with h5py.File(path, "a") as file:
        del file[name]
        file.create_dataset(name, (10**12, made.CELLS), "f4", chunks=(1024, made.CELLS))
    with pytest.raises(ExtractionError, match="truncated"):
        np.asarray(read_nwb(path).fluorescence[:1])


def test_rois_that_the_table_does_not_have_are_refused(tmp_path):
    path = made.one_series(tmp_path / "a.nwb")
    with h5py.File(path, "a") as file:
        file["processing/ophys/Fluorescence/RoiResponseSeries/rois"][0] = 77
    with pytest.raises(ExtractionError, match="refers to ROI 77"):
        read_nwb(path)


def test_without_pynwb_the_way_to_install_it_is_said(monkeypatch):
    from twophoton_decode.formats.nwb.export import require_pynwb

    monkeypatch.setitem(sys.modules, "pynwb", None)
    with pytest.raises(UsageError, match=r'pip install "tpdecode\[nwb\]"'):
        require_pynwb()
