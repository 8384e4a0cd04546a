"""Numbers to reach on a public recording (Antolik et al. 2016), read where it is at hand."""

import os
from pathlib import Path

import numpy as np
import pytest
from simulated_trials import responses

from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.settings import DecodingSettings

ROOT = Path(__file__).parents[2]
REGION = Path(os.environ.get("TPDECODE_REAL_DATA", ROOT / "../shared/data")) / "antolik2016/region1"


@pytest.fixture(scope="module")
def region1():
    if not REGION.is_dir():
        pytest.skip(f"the Antolik recordings are not in {REGION}")
    response = np.load(REGION / "raw_validation_set.npy", allow_pickle=False)
    pictures = np.load(REGION / "validation_inputs.npy", allow_pickle=False)
    repeats, images, cells = response.shape
    return responses(
        response.reshape(-1, cells),
        np.tile(np.arange(images), repeats),
        pictures.reshape(-1, 31, 31),
    )


@pytest.mark.slow
def test_ridge_in_pixels_reaches_its_numbers(region1):
    settings = DecodingSettings(features="pixels", folds=50, permutations=20)
    made = reconstruct(region1, "ridge", settings)
    assert made.r_average.mean() >= 0.16
    assert made.r_single.mean() >= 0.105
    assert abs(made.chance_r.mean()) <= 0.03
    assert abs(made.chance_r_single.mean()) <= 0.03
    assert made.p_value <= 0.05
    np.testing.assert_allclose(made.feature_ceiling_r, 1.0)
