"""Arrays in MATLAB's files of all versions, some of them written by MATLAB."""

import struct
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.io.matlab
import scipy.sparse
from matlab_made import save_v73

from twophoton_decode.errors import ResponseError, UsageError
from twophoton_decode.files.array import open_array, read_array

WRITTEN_BY_MATLAB = Path(scipy.io.matlab.__file__).parent / "tests" / "data"
VALUES = np.arange(24.0).reshape(2, 3, 4)
PICTURES = [np.arange(12.0).reshape(3, 4) + 100 * i for i in range(5)]


def cells(items):
    made = np.empty((1, len(items)), dtype=object)
    made[0] = items
    return made


@pytest.fixture(params=["v5", "v73"])
def save(request, tmp_path):
    """Write variables as either kind of .mat file."""

    def write(**variables):
        path = tmp_path / "a.mat"
        if request.param == "v73":
            return save_v73(path, **variables)
        scipy.io.savemat(path, {name: _for_scipy(value) for name, value in variables.items()})
        return path

    def _for_scipy(value):
        if isinstance(value, dict):
            return {name: _for_scipy(inner) for name, inner in value.items()}
        return cells(value) if isinstance(value, list) else value

    return write


def test_an_array_keeps_matlabs_order(save):
    found = open_array(save(R=VALUES))
    np.testing.assert_array_equal(found.values, VALUES)
    assert (found.order, found.notes) == ("matlab", ())


def test_fields_of_structures_are_named_with_dots_or_slashes(save):
    path = save(session={"trials": {"R": VALUES}, "rate": np.full((1, 1), 8.0)}, other=np.eye(2))
    for key in ("session.trials.R", "session/trials/R", "/session/trials/R"):
        np.testing.assert_array_equal(read_array(path, key), VALUES)
    with pytest.raises(UsageError, match=r"no array called 'session.R'; it holds other, session"):
        read_array(path, "session.R")


def test_cells_of_one_size_are_stacked(save):
    path = save(I=PICTURES)
    found = open_array(path)
    np.testing.assert_array_equal(found.values, np.stack(PICTURES))
    assert found.order == "given"
    assert found.notes == ("a.mat: its 5 cells were stacked along the first axis.",)


def test_cells_of_other_sizes_are_named(save):
    path = save(I=[*PICTURES, np.zeros((3, 5))])
    with pytest.raises(ResponseError, match=r"cell 6 holds 3 × 5 numbers, but cell 1 3 × 4"):
        read_array(path)


def test_sparse_matrices_get_their_zeros(save):
    matrix = scipy.sparse.random(7, 5, 0.4, format="csc", rng=np.random.default_rng(0))
    found = open_array(save(R=matrix))
    np.testing.assert_array_equal(found.values, matrix.toarray())
    assert found.notes == ("a.mat: the zeros of the sparse matrix were filled in.",)


def test_truth_values_and_integers_keep_their_class(save):
    path = save(b=np.array([[True, False]]), n=np.array([[1, 2]], dtype=np.int16))
    assert read_array(path, "b").dtype == bool
    assert read_array(path, "n").dtype == np.int16


def test_texts_are_read_where_they_are_asked_for(save):
    path = save(shown=["b.png", "a.png"])
    assert open_array(path, texts=True).values.ravel().tolist() == ["b.png", "a.png"]
    with pytest.raises(ResponseError, match="expected real numbers"):
        read_array(path)


def test_fields_of_an_array_of_structures_are_stacked(tmp_path):
    made = np.empty((1, 5), dtype=[("img", object), ("name", object)])
    for number, picture in enumerate(PICTURES):
        made[0, number] = (picture, f"{number}.png")
    scipy.io.savemat(tmp_path / "a.mat", {"stim": made})
    np.testing.assert_array_equal(read_array(tmp_path / "a.mat", "stim.img"), np.stack(PICTURES))
    names = open_array(tmp_path / "a.mat", "stim.name", texts=True).values
    assert names.tolist() == [f"{number}.png" for number in range(5)]


def test_cells_in_rows_and_columns_keep_both(tmp_path):
    made = np.empty((2, 3), dtype=object)
    for row in range(2):
        for column in range(3):
            made[row, column] = np.full((4, 1), 10 * row + column)
    scipy.io.savemat(tmp_path / "a.mat", {"R": made})
    values = read_array(tmp_path / "a.mat")
    assert values.shape == (2, 3, 4, 1)
    np.testing.assert_array_equal(values[:, :, 0, 0], [[0, 1, 2], [10, 11, 12]])


def test_doubles_that_matlab_stored_as_bytes_are_doubles(tmp_path):
    """As it does wherever all values of a variable are whole and small."""
    header = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H2s", 0x0100, b"IM")
    data = bytes([0, 7, 255, 3, 1, 2, 9, 8])
    content = struct.pack("<IIII", 6, 8, 6, 0)  # flags: the class double
    content += struct.pack("<IIii", 5, 8, 2, 4)  # 2 x 4
    content += struct.pack("<HHI", 1, 1, ord("R"))  # the name
    content += struct.pack("<II", 2, len(data)) + data  # stored as uint8
    (tmp_path / "a.mat").write_bytes(header + struct.pack("<II", 14, len(content)) + content)
    values = read_array(tmp_path / "a.mat")
    assert values.dtype == np.float64
    np.testing.assert_array_equal(values, [[0, 255, 1, 9], [7, 3, 2, 8]])


def opaque(path, name, kind):
    """A .mat of version 5 with an object of one of MATLAB's own classes."""

    def element(code, data):
        return struct.pack("<II", code, len(data)) + data.ljust(-len(data) % 8 + len(data), b"\0")

    inner = element(6, struct.pack("<II", 13, 0)) + element(5, struct.pack("<ii", 1, 1))
    inner += element(1, b"") + element(6, struct.pack("<I", 7))
    content = element(6, struct.pack("<II", 17, 0))
    content += element(1, name) + element(1, b"MCOS") + element(1, kind) + element(14, inner)
    scipy.io.savemat(path, {"R": VALUES})
    path.write_bytes(path.read_bytes() + element(14, content))


def test_a_table_is_refused_with_the_line_to_run(tmp_path):
    opaque(tmp_path / "a.mat", b"responses", b"table")
    line = r"MATLAB table, .* in MATLAB: R = table2array\(responses\); save\('responses_numbers.mat"
    with pytest.raises(ResponseError, match=line):
        read_array(tmp_path / "a.mat", "responses")
    np.testing.assert_array_equal(read_array(tmp_path / "a.mat"), VALUES)
    made = save_v73(tmp_path / "b.mat", T=np.zeros((1, 6), np.uint32))
    with h5py.File(made, "r+") as file:
        file["T"].attrs["MATLAB_class"] = np.bytes_("categorical")
    with pytest.raises(ResponseError, match=r"MATLAB categorical, .* R = cellstr\(T\)"):
        read_array(made)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("testmatrix_4.2c_SOL2", (3, 5)),
        ("testmatrix_6.1_SOL2", (3, 5)),
        ("testmatrix_7.4_GLNX86", (3, 5)),
        ("test3dmatrix_7.4_GLNX86", (2, 3, 4)),
        ("testhdf5_7.4_GLNX86", (1, 9)),
        ("testsparse_4.2c_SOL2", (3, 5)),
        ("testsparse_7.4_GLNX86", (3, 5)),
        ("logical_sparse", (5, 4)),
    ],
)
def test_files_that_matlab_wrote(name, shape):
    if not WRITTEN_BY_MATLAB.is_dir():
        pytest.skip("this scipy came without its tests")
    found = open_array(WRITTEN_BY_MATLAB / f"{name}.mat")
    assert (found.values.shape, found.order) == (shape, "matlab")
    if shape == (2, 3, 4):
        np.testing.assert_array_equal(found.values.ravel(order="F"), np.arange(1, 25))
    if shape == (1, 9):
        np.testing.assert_allclose(found.values[0], np.linspace(0, 2 * np.pi, 9))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("testcomplex_4.2c_SOL2", "found complex ones"),
        ("testcomplex_7.4_GLNX86", "found complex ones"),
        ("testsparsecomplex_7.4_GLNX86", "found complex ones"),
        ("testcellnest_7.4_GLNX86", "expected numbers in every cell"),
        ("testemptycell_7.4_GLNX86", "cell 3 holds 0 × 0 numbers"),
        ("corrupted_zlib_checksum", "it is damaged, cut short"),
        ("malformed1", "it is damaged, cut short"),
        ("debigged_m4", "it is damaged, cut short"),
    ],
)
def test_what_matlab_wrote_and_is_no_array(name, message):
    if not WRITTEN_BY_MATLAB.is_dir():
        pytest.skip("this scipy came without its tests")
    with pytest.raises(ResponseError, match=message):
        read_array(WRITTEN_BY_MATLAB / f"{name}.mat")


def test_a_file_without_arrays_says_so():
    if not WRITTEN_BY_MATLAB.is_dir():
        pytest.skip("this scipy came without its tests")
    with pytest.raises(UsageError, match="holds no array of numbers"):
        read_array(WRITTEN_BY_MATLAB / "testfunc_7.4_GLNX86.mat")


def test_a_variable_that_is_there_twice_is_told(tmp_path):
    scipy.io.savemat(tmp_path / "a.mat", {"R": VALUES})
    first = (tmp_path / "a.mat").read_bytes()
    scipy.io.savemat(tmp_path / "a.mat", {"R": VALUES + 1})
    (tmp_path / "a.mat").write_bytes(first + (tmp_path / "a.mat").read_bytes()[128:])
    found = open_array(tmp_path / "a.mat")
    np.testing.assert_array_equal(found.values, VALUES)
    assert "a.mat: the file holds it twice; the first was read." in found.notes


@pytest.mark.parametrize("name", ["a.mat", "a.h5", "a.hdf5"])
def test_the_mark_decides_and_not_the_suffix(tmp_path, name):
    path = save_v73(tmp_path / name, mark_file=False, R=VALUES)
    np.testing.assert_array_equal(read_array(path), VALUES)


def test_the_first_bytes_are_a_mark_too(tmp_path):
    """``h5write`` into a file that MATLAB saved leaves no class, and reverses axes all the same."""
    path = save_v73(tmp_path / "a.mat", R=VALUES)
    with h5py.File(path, "r+") as file:
        file["S"] = VALUES.T + 1
    np.testing.assert_array_equal(read_array(path, "S"), VALUES + 1)


def test_indices_that_lead_out_of_a_sparse_matrix_are_an_error(tmp_path):
    path = save_v73(tmp_path / "a.mat", R=scipy.sparse.eye(4, format="csc"))
    with h5py.File(path, "r+") as file:
        file["R/ir"][0] = 10**6
    with pytest.raises(ResponseError, match="damaged"):
        read_array(path)
