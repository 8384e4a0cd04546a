import csv
import json

import numpy as np
import pytest
import tifffile
from skimage.io import imread

from twophoton_decode.errors import UsageError
from twophoton_decode.simulation.parameters import SimulationParameters
from twophoton_decode.simulation.recording import simulate
from twophoton_decode.simulation.writing import write

TINY = SimulationParameters(
    cells=4, images=5, repeats=2, picture_px=16, field_px=40, seed=7, files=3, spontaneous_hz=0.1
)


@pytest.fixture(scope="module")
def simulated():
    return simulate(TINY)


@pytest.fixture(scope="module")
def written(simulated, tmp_path_factory):
    base = tmp_path_factory.mktemp("simulated")
    reports = []
    write(simulated, base / "mouse", lambda *report: reports.append(report))
    return base / "mouse", reports


def test_nothing_is_written_beside_the_folder(written):
    folder, _ = written
    assert [path.name for path in folder.parent.iterdir()] == ["mouse"]
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert names == [
        *(f"pictures/picture_{image:03d}.png" for image in range(5)),
        *(f"raw/movie_{file:03d}.tif" for file in range(3)),
        "shown.csv",
        "truth.npz",
    ]


def test_the_files_hold_the_frames_in_order(written, simulated):
    folder, reports = written
    parts = [tifffile.imread(file) for file in sorted((folder / "raw").iterdir())]
    expected = np.concatenate(list(simulated.frames()))
    np.testing.assert_array_equal(np.concatenate(parts), expected)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert reports[-1] == (TINY.frames, TINY.frames, "simulated frames")


def test_the_files_are_plain_multi_page_tiffs(written):
    folder, _ = written
    for file in (folder / "raw").iterdir():
        with tifffile.TiffFile(file) as tiff:
            kinds = (tiff.is_imagej, tiff.is_ome, tiff.is_scanimage, tiff.is_shaped)
            assert not any(kinds)
            assert len(tiff.pages) in (TINY.frames // 3, TINY.frames // 3 + 1)


def test_log_and_pictures_agree_with_the_truth(written, simulated):
    folder, _ = written
    with (folder / "shown.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    truth = np.load(folder / "truth.npz", allow_pickle=False)
    assert list(rows[0]) == ["image", "onset_s", "duration_s", "trial", "running"]
    np.testing.assert_allclose([float(row["onset_s"]) for row in rows], truth["onset_s"], atol=1e-3)
    assert [int(row["trial"]) for row in rows] == list(range(10))
    assert [bool(int(row["running"])) for row in rows] == truth["running"].tolist()
    assert {row["duration_s"] for row in rows} == {"0.5"}
    for row, image in zip(rows, truth["image"], strict=True):
        picture = imread(folder / "pictures" / row["image"])
        np.testing.assert_array_equal(picture, simulated.session.picture[image])


def test_the_truth_is_complete_and_consistent(written, simulated):
    truth = np.load(written[0] / "truth.npz", allow_pickle=False)
    assert truth["pixel_offset"].tolist()[0] == 0
    assert truth["pixel_offset"][-1] == truth["pixel_y"].size == truth["pixel_x"].size
    np.testing.assert_array_equal(truth["dff"], simulated.dff)
    assert truth["motion_y"].shape == truth["motion_x"].shape == (TINY.frames,)
    assert truth["response"].shape == (10, 4)
    assert truth["receptive_field"].shape == (4, 16, 16)
    rises = (np.diff((truth["dff"] > 0.2).astype(int), axis=1) == 1).sum(1)
    np.testing.assert_array_equal(truth["transients"], rises + (truth["dff"][:, 0] > 0.2))
    assert json.loads(str(truth["parameters"]))["tuning"]["carriers"] is None


def test_compressed_files_hold_the_same_and_are_smaller(written, simulated, tmp_path):
    write(simulated, tmp_path, compression="zlib")
    for plain in sorted((written[0] / "raw").iterdir()):
        packed = tmp_path / "raw" / plain.name
        np.testing.assert_array_equal(tifffile.imread(packed), tifffile.imread(plain))
        assert packed.stat().st_size < plain.stat().st_size


def test_a_folder_with_files_of_another_recording_is_refused(simulated, tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "old.tif").write_bytes(b"old")
    with pytest.raises(UsageError, match=r"raw already holds files.*Choose another folder"):
        write(simulated, tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["raw", "old.tif"]
