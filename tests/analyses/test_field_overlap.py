"""Receptive fields as discs: their pixels, and which of them overlap."""

import numpy as np
from hand_made_encoding import encoding_of

from twophoton_decode.analyses.complementarity.field_overlap import FieldDiscs


def discs(centre, radius, has_field=None):
    return FieldDiscs(
        encoding_of(
            (9, 12),
            selected=np.ones((len(centre), 3), bool),
            centre=centre,
            area=np.pi * np.asarray(radius, float) ** 2,
            has_field=has_field,
        )
    )


def test_a_disc_covers_the_pixels_within_its_radius():
    region = discs([[4, 5], [0, 0]], [1.2, 1.2]).region(0)
    rows, columns = np.unravel_index(region, (9, 12))
    assert sorted(zip(rows, columns, strict=True)) == [(3, 5), (4, 4), (4, 5), (4, 6), (5, 5)]


def test_the_smallest_disc_has_the_pixel_at_its_centre():
    np.testing.assert_array_equal(discs([[4.2, 5.3]], [0.1]).region(0), [4 * 12 + 5])


def test_discs_overlap_if_nearer_than_their_radii_together():
    found = discs([[4, 2], [4, 4.9], [4, 5.1], [8, 2], [4, 2]], [1, 2, 2, 1, 1])
    np.testing.assert_array_equal(found.overlapping(0), [1, 4])
    np.testing.assert_array_equal(found.distant(0), [2, 3])


def test_cells_without_a_field_are_neither():
    has_field = np.array([True, False, True, True])
    found = discs([[4, 2], [4, 3], [4, np.nan], [8, 9]], [1, 1, np.nan, 1], has_field)
    np.testing.assert_array_equal(found.has_field, [True, False, False, True])
    np.testing.assert_array_equal(found.overlapping(0), [])
    np.testing.assert_array_equal(found.distant(0), [3])
