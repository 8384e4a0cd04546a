"""Means below a bound against plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from twophoton_decode.kernels.means_below import means_below


def test_means_are_those_of_the_responses_not_above_the_bound():
    rng = np.random.default_rng(0)
    known = np.sort(rng.normal(size=(4, 30)).round(1), axis=1)
    bound = np.sort(np.concatenate([rng.normal(size=9), known[2, :3], [-9.0, 9.0]]))
    found = means_below(known, np.sqrt(known + 10), bound, np.sqrt(bound + 10))
    for k in range(4):
        for b, limit in enumerate(bound):
            below = known[k][known[k] <= limit]
            expected = np.sqrt(below + 10).mean() if below.size else np.sqrt(limit + 10)
            assert found[b, k] == pytest.approx(expected, rel=1e-6)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="must go together"):
        means_below(np.zeros((2, 3)), np.zeros((2, 4)), np.zeros(2), np.zeros(2))
