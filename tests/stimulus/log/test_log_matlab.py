import numpy as np
import pytest
import scipy.io
import scipy.sparse
from matlab_files import (
    write_object,
    write_object_version_7_3,
    write_struct_array,
    write_version_7_3,
)

from twophoton_decode.errors import StimulusLogError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.log import read_log

NAMES = ["owl.png", "fox.png", "elk.png"]
SHOWN = ["fox.png", "owl.png", "elk.png", "fox.png"]
ONSET = [1.5, 3.0, 4.25, 6.0]


def texts(values):
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return cells


def struct_array(records):
    kind = [(name, object) for name in records[0]]
    return np.array([tuple(record.values()) for record in records], dtype=kind)


RECORDS = [{"image": i, "onset_s": t} for i, t in zip(SHOWN, ONSET, strict=True)]
TABLE = np.array(
    [["image", "onset_s"], *([i, t] for i, t in zip(SHOWN, ONSET, strict=True))], object
)
VERSION_5 = {
    "struct of vectors": {"log": {"image": texts(SHOWN), "onset_s": np.array(ONSET)}},
    "struct within a struct": {
        "exp": {"mouse": "m12", "log": {"image": texts(SHOWN), "onset_s": np.array(ONSET)}}
    },
    "struct array": {"trials": struct_array(RECORDS)},
    "cell array with a header": {"log": TABLE},
    "vectors": {"image": texts(SHOWN), "onset_s": np.array(ONSET), "rate": 60.0},
    "columns of characters": {"image": np.array(SHOWN), "onset_s": np.array(ONSET)[:, None]},
    "indices": {"log": {"image": np.array([1, 0, 2, 1]), "onset_s": np.array(ONSET)}},
    "matrix with names": {
        "data": np.array([[1, 1500], [0, 3000], [2, 4250], [1, 6000.0]]),
        "columns": texts(["image", "onset_ms"]),
    },
}


@pytest.mark.parametrize("compress", [False, True], ids=["plain", "compressed"])
@pytest.mark.parametrize("variables", VERSION_5.values(), ids=VERSION_5.keys())
def test_what_people_save_from_matlab_is_read(tmp_path, variables, compress):
    scipy.io.savemat(tmp_path / "log.mat", variables, do_compression=compress)
    log = read_log(tmp_path / "log.mat", NAMES, frame_rate_hz=8)
    assert log.image.tolist() == [1, 0, 2, 1]
    np.testing.assert_allclose(log.onset_s, ONSET)
    assert log.log_line.tolist() == [1, 2, 3, 4]


def test_version_7_3_is_read(tmp_path):
    log = {"image": SHOWN, "onset_s": ONSET, "monitor": "left"}
    for variables in ({"log": log}, {"image": SHOWN, "onset_s": np.array(ONSET)[:, None]}):
        if "log" in variables:
            variables["log"]["onset_s"] = np.array(ONSET)
        write_version_7_3(tmp_path / "log.mat", variables)
        read = read_log(tmp_path / "log.mat", NAMES, frame_rate_hz=8)
        assert read.image.tolist() == [1, 0, 2, 1]
        assert read.onset_s.tolist() == ONSET


def test_a_struct_array_of_version_7_3_is_read(tmp_path):
    columns = {"image": SHOWN, "onset_s": [float(t) for t in ONSET]}
    write_struct_array(tmp_path / "log.mat", "trials", columns)
    read = read_log(tmp_path / "log.mat", NAMES, frame_rate_hz=8)
    assert (read.image.tolist(), read.onset_s.tolist()) == ([1, 0, 2, 1], ONSET)


@pytest.mark.parametrize("write", [write_object, write_object_version_7_3])
def test_a_matlab_table_is_refused_with_the_line_to_run(tmp_path, write):
    write(tmp_path / "log.mat", "T", "table")
    with pytest.raises(StimulusLogError, match=r"T is a MATLAB table.*writetable\(T, 'log.csv'\)"):
        read_log(tmp_path / "log.mat", NAMES, frame_rate_hz=8)


def test_a_matlab_string_array_is_refused_with_what_to_do(tmp_path):
    write_object(tmp_path / "log.mat", "names", "string")
    with pytest.raises(StimulusLogError, match=r"names is a MATLAB string.*cellstr"):
        read_log(tmp_path / "log.mat", NAMES, frame_rate_hz=8)


def test_several_logs_in_one_file_ask_for_a_name(tmp_path):
    first, second = (
        {"image": texts(SHOWN), "onset_s": np.array(ONSET) + shift} for shift in (0, 1)
    )
    scipy.io.savemat(tmp_path / "log.mat", {"first": first, "second": second})
    with pytest.raises(StimulusLogError, match="variables first, second could all be the log"):
        read_log(tmp_path / "log.mat", NAMES, frame_rate_hz=8)
    settings = LogSettings(table="second")
    log = read_log(tmp_path / "log.mat", NAMES, frame_rate_hz=8, settings=settings)
    assert log.onset_s[0] == 2.5
    assert "The log is the variable second." in log.notes
    settings = LogSettings(table="third")
    with pytest.raises(StimulusLogError, match="'third', but the variables are first"):
        read_log(tmp_path / "log.mat", NAMES, frame_rate_hz=8, settings=settings)


def test_a_matrix_without_names_is_refused(tmp_path):
    scipy.io.savemat(tmp_path / "log.mat", {"data": np.ones((4, 2))})
    with pytest.raises(StimulusLogError, match="variable with the columns image and onset_s"):
        read_log(tmp_path / "log.mat", NAMES, frame_rate_hz=8)


@pytest.mark.parametrize("keep", [60, 140, 200, 300])
def test_a_damaged_file_is_refused(tmp_path, keep):
    path = tmp_path / "log.mat"
    scipy.io.savemat(path, {"log": {"image": texts(SHOWN), "onset_s": np.array(ONSET)}})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(StimulusLogError, match=r"log\.mat"):
        read_log(path, NAMES, frame_rate_hz=8)


def test_a_file_that_unpacks_to_gigabytes_is_refused_before_it_does(tmp_path):
    path = tmp_path / "log.mat"
    scipy.io.savemat(path, {"image": np.zeros(2**26, np.uint8)}, do_compression=True)
    small = path.read_bytes()
    path.write_bytes(small + small[128:] * 5)
    assert path.stat().st_size < 10**6
    with pytest.raises(StimulusLogError, match="unpacks to more than 256 MB"):
        read_log(path, NAMES, frame_rate_hz=8)


def test_a_type_that_does_not_exist_is_refused(tmp_path):
    """SciPy would end the process."""
    path = tmp_path / "log.mat"
    scipy.io.savemat(path, {"log": {"image": texts(SHOWN), "onset_s": np.array(ONSET)}})
    content = bytearray(path.read_bytes())
    content[content.index(b"fox.png") - 7] = 0x1D
    path.write_bytes(content)
    with pytest.raises(StimulusLogError, match="damaged, cut short or of another kind"):
        read_log(path, NAMES, frame_rate_hz=8)


@pytest.mark.parametrize("compress", [False, True], ids=["plain", "compressed"])
def test_every_kind_of_value_passes_the_check(compress, tmp_path):
    values = {
        "a": np.arange(6).reshape(2, 3), "b": np.array([1 + 2j]), "c": "text", "d": texts(SHOWN),
        "e": scipy.sparse.csc_matrix(np.eye(3)), "f": {"g": {"h": 1}, "i": np.zeros((0, 2))},
        "j": struct_array(RECORDS), "k": np.array([True]), "image": np.array([0, 1]),
        "onset_s": np.array([1.0, 2.0]), "l": np.array([[], []]), "m": "é→",
    }  # fmt: skip
    scipy.io.savemat(tmp_path / "log.mat", values, do_compression=compress)
    settings = LogSettings(table="file")
    assert read_log(tmp_path / "log.mat", NAMES, frame_rate_hz=8, settings=settings).image.size == 2
