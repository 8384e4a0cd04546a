import numpy as np

from twophoton_decode.simulation.matching import intersection_over_union, match_rois


def boxes(*corners, size=4):
    """Square masks as ragged pixels."""
    grid_y, grid_x = (part.ravel() for part in np.mgrid[:size, :size])
    y = np.concatenate([top + grid_y for top, _ in corners])
    x = np.concatenate([left + grid_x for _, left in corners])
    return np.arange(len(corners) + 1) * size**2, y, x


def test_intersection_over_union_of_shifted_boxes():
    iou = intersection_over_union(boxes((0, 0)), boxes((0, 0), (0, 1), (2, 2), (6, 6)), (12, 12))
    np.testing.assert_allclose(iou, [[1, 12 / 20, 4 / 28, 0]])


def test_each_mask_gets_at_most_one_roi_and_each_roi_one_mask():
    true = boxes((0, 0), (0, 1), (7, 7))
    found = boxes((0, 0), (6, 3))
    np.testing.assert_array_equal(match_rois(true, found, (12, 12)), [0, -1, -1])


def test_order_of_rois_does_not_matter():
    true = boxes((0, 0), (0, 6), (6, 0))
    found = boxes((6, 1), (0, 0), (0, 6))
    np.testing.assert_array_equal(match_rois(true, found, (12, 12)), [1, 2, 0])


def test_exactly_half_is_no_match():
    # 4 rows against 2 of them: intersection 8, union 16.
    found = boxes((0, 0))
    half = (np.array([0, 8]), found[1][:8], found[2][:8])
    np.testing.assert_array_equal(match_rois(found, half, (12, 12)), [-1])
    np.testing.assert_array_equal(match_rois(found, half, (12, 12), smallest_iou=0.4), [0])
