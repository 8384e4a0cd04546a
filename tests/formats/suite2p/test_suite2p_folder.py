"""Results of suite2p of all layouts as traces, and what is refused."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from suite2p_results import COLUMNS, FRAMES, NEW, OLD, ROWS, rois_of, save_objects, write_plane

from twophoton_decode.errors import ExtractionError, UsageError
from twophoton_decode.formats.suite2p.layout import Layout
from twophoton_decode.formats.suite2p.traces import read_suite2p


@pytest.mark.parametrize("layout", [OLD, NEW])
def test_a_plane_is_read_in_either_layout(tmp_path, layout):
    written = write_plane(tmp_path / "suite2p" / "plane0", layout=layout, fs=8.0)
    traces = read_suite2p(tmp_path / "suite2p")
    np.testing.assert_array_equal(np.asarray(traces.fluorescence), written["F"])
    assert traces.is_cell.tolist() == [True, True, True, False]
    assert traces.frame_rate_hz == 8.0
    assert traces.plane_delay_s.tolist() == [0.5 / 8]
    assert traces.mean_image.shape == (1, ROWS, COLUMNS)
    assert np.isnan(traces.correlation_image[0, 0]).all()
    assert traces.correlation_image[0, 2, 3] == 1.0
    np.testing.assert_array_equal(traces.motion_y[0], written["motion"]["yoff"])
    assert np.flatnonzero(traces.bad_frame).tolist() == [5]
    assert traces.block_motion[0, 0] == pytest.approx(1.0)
    assert traces.pixel_offset.tolist() == [0, 4, 8, 12, 16]
    assert traces.pixel_x[4:8].tolist() == [4, 5, 4, 5]
    assert traces.imported_from == "suite2p"
    assert not traces.notes


@pytest.mark.parametrize("given", ["suite2p", ".", "suite2p/plane0"])
def test_the_folder_is_found_from_above_and_from_within(tmp_path, given):
    write_plane(tmp_path / "suite2p" / "plane0", fs=8.0)
    assert read_suite2p(tmp_path / given).fluorescence.shape == (4, FRAMES)


def test_planes_come_one_after_the_other_up_to_the_last_common_frame(tmp_path):
    first = write_plane(tmp_path / "plane0", 3, planes=2, fs=5.0)
    second = write_plane(tmp_path / "plane1", 2, planes=2, fs=5.0, frames=FRAMES - 1)
    traces = read_suite2p(tmp_path)
    assert traces.plane.tolist() == [0, 0, 0, 1, 1]
    assert traces.plane_number.tolist() == [1, 2]
    np.testing.assert_allclose(traces.plane_delay_s, [0.05, 0.15])
    np.testing.assert_array_equal(traces.fluorescence[1:2], first["F"][1:2, :-1])
    np.testing.assert_array_equal(traces.fluorescence[3:], second["F"])
    assert f"only the first {FRAMES - 1}" in " ".join(traces.notes)


def test_plane_10_comes_after_plane_2(tmp_path):
    for number in (0, 2, 10):
        write_plane(tmp_path / f"plane{number}", 1, planes=11, fs=5.0)
    assert read_suite2p(tmp_path).plane_number.tolist() == [1, 3, 11]


def test_clicks_in_the_view_of_all_planes_count_where_they_are_newer(tmp_path):
    for number in (0, 1):
        write_plane(tmp_path / f"plane{number}", 2, planes=2, fs=5.0)
        os.utime(tmp_path / f"plane{number}" / "iscell.npy", (1, 1))
    (tmp_path / "combined").mkdir()
    clicked = np.array([[0, 0.5], [1, 0.5], [1, 0.5], [0, 0.5]])
    np.save(tmp_path / "combined" / "iscell.npy", clicked)
    traces = read_suite2p(tmp_path)
    assert traces.is_cell.tolist() == [False, True, True, False]
    assert "view of all planes, which is newer" in " ".join(traces.notes)
    assert not list(tmp_path.glob("plane*/clicked_*"))
    np.save(tmp_path / "combined" / "iscell.npy", clicked[:3])
    with pytest.raises(ExtractionError, match="is of 3 ROIs, the planes have 4"):
        read_suite2p(tmp_path)


def test_the_combined_view_alone_is_one_plane_and_says_so(tmp_path):
    write_plane(tmp_path / "combined", planes=3, fs=5.0)
    traces = read_suite2p(tmp_path)
    assert traces.plane_delay_s.tolist() == [0.1]
    assert "as one plane timed at the middle of a volume" in " ".join(traces.notes)


def test_a_second_channel_marks_cells(tmp_path):
    mean = np.full((ROWS, COLUMNS), 7.0, np.float32)
    write_plane(tmp_path / "plane0", fs=8.0, meanImg_chan2=mean)
    labels = np.array([[1, 0.8], [0, 0.1], [0, 0.2], [1, 0.9]])
    np.save(tmp_path / "plane0" / "redcell.npy", labels)
    traces = read_suite2p(tmp_path)
    assert traces.is_red.tolist() == [True, False, False, True]
    assert traces.red_probability.tolist() == labels[:, 1].tolist()
    assert (traces.structural_image == 7).all()


def test_what_suite2p_did_not_make_is_said_and_absent(tmp_path):
    write_plane(tmp_path / "plane0", fs=8.0)
    (tmp_path / "plane0" / "Fneu.npy").unlink()
    (tmp_path / "plane0" / "spks.npy").unlink()
    save_objects(tmp_path / "plane0" / "ops.npy", {"fs": 8.0, "Ly": ROWS, "Lx": COLUMNS})
    traces = read_suite2p(tmp_path)
    assert traces.neuropil is None
    assert traces.deconvolved is None
    assert np.isnan(traces.motion_y).all()
    said = " ".join(traces.notes)
    for each in ("no Fneu.npy", "no spks.npy", "no mean image", "no motion"):
        assert each in said


def test_the_rate_is_asked_for_doubted_or_given(tmp_path):
    write_plane(tmp_path / "plane0")
    assert "which is its default" in " ".join(read_suite2p(tmp_path).notes)
    assert "suite2p was told 10 frames" in " ".join(read_suite2p(tmp_path, 30.0).notes)
    save_objects(tmp_path / "plane0" / "ops.npy", {"Ly": ROWS, "Lx": COLUMNS})
    with pytest.raises(UsageError, match="--frame-rate-hz"):
        read_suite2p(tmp_path)


class Hostile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("name", ["ops.npy", "stat.npy"])
def test_what_could_run_is_refused_by_name_and_does_not_run(tmp_path, name):
    write_plane(tmp_path / "plane0")
    save_objects(tmp_path / "plane0" / name, {"fs": Hostile(tmp_path / "ran")})
    with pytest.raises(ExtractionError, match=r"plane0.*posix\.system"):
        read_suite2p(tmp_path)
    assert not (tmp_path / "ran").exists()


def test_paths_and_dates_in_a_pickle_are_data(tmp_path):
    write_plane(tmp_path / "plane0", fs=8.0)
    raw = (tmp_path / "plane0" / "ops.npy").read_bytes()
    assert b"pathlib" in raw
    assert b"datetime" in raw
    assert read_suite2p(tmp_path).frame_rate_hz == 8.0


def test_a_path_of_windows_is_read_on_any_system(tmp_path):
    from twophoton_decode.extraction.kept.pickles import read_objects

    class WindowsPath:
        def __reduce__(self):
            return Path, ("C:\\data",)

    text = pickle.dumps(np.array(WindowsPath(), dtype=object), protocol=0)
    foreign = text.replace(b"cpathlib\nPath\n", b"cpathlib\nWindowsPath\n")
    assert foreign != text
    np.save(tmp_path / "a.npy", np.array(None, dtype=object), allow_pickle=True)
    written = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(written[: written.index(b"\n") + 1] + foreign)
    assert str(read_objects(tmp_path / "a.npy").item()) == "C:\\data"


@pytest.mark.parametrize("name", ["F.npy", "Fneu.npy", "stat.npy", "iscell.npy", "ops.npy"])
def test_a_file_that_is_cut_short_is_refused(tmp_path, name):
    write_plane(tmp_path / "plane0")
    file = tmp_path / "plane0" / name
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(ExtractionError, match="cannot be read"):
        read_suite2p(tmp_path)


@pytest.mark.parametrize("name", ["F.npy", "iscell.npy"])
def test_a_shape_larger_than_the_file_is_refused_before_memory_is_taken(tmp_path, name):
    write_plane(tmp_path / "plane0")
    file = tmp_path / "plane0" / name
    with file.open("wb") as stream:
        header = {"descr": "<f8", "fortran_order": False, "shape": (4, 10**15)}
        np.lib.format.write_array_header_1_0(stream, header)
    with pytest.raises(ExtractionError, match="cannot be read"):
        read_suite2p(tmp_path)


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("F.npy", np.zeros((3, FRAMES)), "F.npy is of 3 ROIs, stat.npy of 4"),
        ("Fneu.npy", np.zeros((4, 7)), "different numbers of frames: F.npy of 240, Fneu.npy of 7"),
        ("iscell.npy", np.ones((5, 2)), "iscell.npy is of 5 ROIs, stat.npy of 4"),
        ("iscell.npy", np.full((4, 2), 2.0), "does not say of each ROI 0 or 1"),
        ("redcell.npy", np.ones((9, 2)), "redcell.npy is of 9 ROIs"),
        ("F.npy", np.zeros((4, 2, 2)), "not numbers"),
    ],
)
def test_files_that_do_not_belong_together_are_told_apart(tmp_path, name, values, said):
    write_plane(tmp_path / "plane0")
    np.save(tmp_path / "plane0" / name, values)
    with pytest.raises(ExtractionError, match=said):
        read_suite2p(tmp_path)


def test_motion_of_fewer_frames_and_pixels_outside_are_refused(tmp_path):
    write_plane(tmp_path / "plane0", yoff=np.zeros(9))
    with pytest.raises(ExtractionError, match="yoff is of 9 frames, the traces are of 240"):
        read_suite2p(tmp_path)
    write_plane(tmp_path / "other" / "plane0")
    rois = rois_of(4)
    rois[2]["ypix"] = rois[2]["ypix"] + ROWS
    save_objects(tmp_path / "other" / "plane0" / "stat.npy", rois)
    with pytest.raises(ExtractionError, match="outside the field of view of 24 x 40 px"):
        read_suite2p(tmp_path / "other")


@pytest.mark.parametrize("name", ["F.npy", "stat.npy", "iscell.npy", "ops.npy"])
def test_a_missing_file_is_named(tmp_path, name):
    write_plane(tmp_path / "plane0")
    (tmp_path / "plane0" / name).unlink()
    with pytest.raises(UsageError, match=f"plane0 lacks {name}"):
        read_suite2p(tmp_path)


def test_another_folder_is_told_from_suite2ps(tmp_path):
    (tmp_path / "pictures").mkdir()
    with pytest.raises(UsageError, match=r"expected suite2p's folder.*found pictures"):
        read_suite2p(tmp_path)
    with pytest.raises(UsageError, match="no such folder"):
        read_suite2p(tmp_path / "gone")


def test_links_to_elsewhere_are_said(tmp_path):
    write_plane(tmp_path / "s" / "plane0", fs=8.0)
    (tmp_path / "s" / "plane0" / "F.npy").rename(tmp_path / "elsewhere.npy")
    (tmp_path / "s" / "plane0" / "F.npy").symlink_to(tmp_path / "elsewhere.npy")
    assert "elsewhere.npy" in " ".join(read_suite2p(tmp_path / "s").notes)
    assert [each.name for each in Layout.of(tmp_path / "s").linked] == ["F.npy"]


def test_the_real_result_of_2020(real_data):
    traces = read_suite2p(real_data / "suite2p_2020", 10.0)
    assert traces.fluorescence.shape == (23, 864)
    assert traces.is_cell.sum() == np.load(real_data / "suite2p_2020/iscell.npy")[:, 0].sum()
    assert traces.mean_image.shape == (1, 176, 156)
    assert np.isfinite(traces.correlation_image[0, 2:174, 2:154]).all()
