"""Growth of masks: suite2p's own numbers, to the bit."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from suite2p.detection import sparsedetect

from twophoton_decode.extraction.suite2p.mask_growth import extend_mask, extend_roi, multiscale_mask


@st.composite
def drawn_masks(draw):
    """Distinct pixels of a small frame, its corners and edges included, with weights."""
    rows, columns = draw(st.integers(2, 40)), draw(st.integers(2, 40))
    seed = draw(st.integers(0, 2**32 - 1))
    generator = np.random.default_rng(seed)
    count = draw(st.integers(1, min(60, rows * columns)))
    pixel = generator.choice(rows * columns, count, replace=False)
    kind = draw(st.sampled_from([np.int32, np.int64]))
    y, x = (each.astype(kind) for each in np.divmod(pixel, columns))
    weight = generator.random(count).astype(draw(st.sampled_from([np.float32, np.float64])))
    return y, x, weight, rows, columns


def assert_same(ours, theirs):
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


@settings(max_examples=200, deadline=None)
@given(mask=drawn_masks(), niter=st.integers(1, 3))
def test_rois_are_extended_as_by_suite2p(mask, niter):
    y, x, _, rows, columns = mask
    ours = extend_roi(y, x, rows, columns, niter)
    assert_same(ours, sparsedetect.extendROI(y, x, rows, columns, niter))


@settings(max_examples=200, deadline=None)
@given(mask=drawn_masks())
def test_masks_are_extended_as_by_suite2p(mask):
    assert_same(extend_mask(*mask), sparsedetect.extend_mask(*mask))


@settings(max_examples=200, deadline=None)
@given(mask=drawn_masks())
def test_masks_at_all_scales_are_suite2ps(mask):
    y, x, weight, rows, columns = mask
    sizes = [[side] for side in (rows, columns)]
    for side in sizes:
        for _ in range(4):
            side.append(-(-side[-1] // 2))
    shapes = [np.array(side, np.int32) for side in sizes]
    ours = multiscale_mask(y, x, weight, *shapes)
    for one, other in zip(ours, sparsedetect.multiscale_mask(y, x, weight, *shapes), strict=True):
        assert_same(one, other)


def test_weight_is_spread_and_lost_beyond_the_edge():
    y, x, weight = extend_mask(np.array([0]), np.array([0]), np.array([3.0]), 5, 5)
    assert (y.tolist(), x.tolist()) == ([0, 0, 1, 1], [0, 1, 0, 1])
    assert weight.tolist() == [1.0] * 4
