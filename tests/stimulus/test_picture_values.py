import numpy as np
import pytest

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.stimulus.picture_files.values import in_safe_range
from twophoton_decode.stimulus.pictures import read_pictures

BYTES = np.random.default_rng(0).integers(0, 256, (5, 8, 8))


def read(folder, pictures):
    np.save(folder / "S.npy", pictures)
    return read_pictures(folder / "S.npy", 32)


@pytest.mark.parametrize("exponent", [160, -200, 300])
def test_pictures_of_any_magnitude(tmp_path, exponent):
    plain = np.random.default_rng(1).random((5, 8, 8)) + 0.5
    found = read(tmp_path, plain * 10.0**exponent)
    np.testing.assert_allclose(
        found.picture * 10.0 ** (found.exponent - exponent), plain, rtol=1e-6
    )
    assert "their values are divided by 1e" in found.notes[0]


def test_ordinary_pictures_stay_as_they_are(tmp_path):
    found = read(tmp_path, BYTES * 1e9)
    np.testing.assert_array_equal(found.picture, (BYTES * 1e9).astype(np.float32))
    assert found.exponent == 0
    assert found.notes == []


def test_a_picture_that_no_scale_can_hold_beside_the_others():
    pictures = BYTES.astype(float)
    pictures[3] *= 1e30
    with pytest.raises(StimulusImageError, match="picture 3 reaches"):
        in_safe_range(pictures)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.float64])
def test_bytes_that_were_read_with_a_sign_are_told(tmp_path, dtype):
    found = read(tmp_path, BYTES.astype(np.uint8).astype(np.int8).astype(dtype))
    assert "5 of 5 pictures hold whole numbers from -128 to 127" in found.notes[-1]


@pytest.mark.parametrize(
    "pictures", [BYTES.astype(np.uint8), BYTES - 20.0, (BYTES - 128) / 64, BYTES // 64 - 2]
)
def test_other_pictures_are_not_taken_for_signed_bytes(tmp_path, pictures):
    assert read(tmp_path, pictures).notes == []
