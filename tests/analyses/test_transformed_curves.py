import dataclasses

import numpy as np
import pytest
from hand_made_records import random_recording

from twophoton_decode.analyses.cell_count.image_curves import image_curves
from twophoton_decode.progress import silent


@pytest.mark.parametrize("omitted", ["mean", "zero"])
def test_cells_add_what_the_decoder_read(omitted):
    """A decoder of square roots on responses, against one without on their square roots."""
    reconstruction, responses = random_recording(np.random.default_rng(0))
    squares = np.sign(responses.response) * responses.response**2
    folds = len(reconstruction.mean_picture)
    rooted = dataclasses.replace(reconstruction, transform=["square-root"] * folds)
    options = {
        "largest": responses.cells,
        "random_orders": np.arange(responses.cells)[None],
        "same": np.eye(responses.images, dtype=bool),
        "progress": silent,
    }
    squared = dataclasses.replace(responses, response=squares)
    found = image_curves(rooted, squared, omitted, **options)
    expected = image_curves(reconstruction, responses, omitted, **options)
    np.testing.assert_allclose(found.r, expected.r, atol=1e-6)
    np.testing.assert_allclose(found.cd, expected.cd, atol=1e-6)
    assert np.ptp(found.r[:, -1]) > 0.01
