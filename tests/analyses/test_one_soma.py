"""ROIs that may be one soma: near and alike, or with common pixels."""

from __future__ import annotations

import dataclasses

import numpy as np
from hand_made_records import responses_of

from twophoton_decode.analyses.one_soma import possible_doubles
from twophoton_decode.records import Traces


def traces(centres, radius=4, plane=None):
    """Round ROIs at the given places."""
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    disk = np.argwhere(y**2 + x**2 <= radius**2) - radius
    pixels = np.concatenate([disk + centre for centre in centres])
    rois, frames = len(centres), np.zeros((len(centres), 2))
    plane = np.zeros(rois) if plane is None else np.asarray(plane)
    return Traces(
        fluorescence=frames,
        neuropil=frames,
        deconvolved=frames,
        is_cell=np.ones(rois),
        cell_probability=np.ones(rois),
        plane=plane,
        center_y=[y for y, _ in centres],
        center_x=[x for _, x in centres],
        pixel_offset=np.arange(rois + 1) * len(disk),
        pixel_y=pixels[:, 0],
        pixel_x=pixels[:, 1],
        pixel_weight=np.ones(len(pixels)),
        mean_image=np.zeros((3, 60, 60)),
        motion_y=np.zeros((3, 2)),
        motion_x=np.zeros((3, 2)),
        bad_frame=np.zeros(2),
        plane_delay_s=np.zeros(3),
        frame_rate_hz=8.0,
        intensity_offset=0.0,
        intensity_scale=1.0,
    )


def recorded(response):
    """Responses (presentations, cells) of ROIs 0, 1 ... to ten images in turn."""
    image = np.arange(len(response)) % 10
    found = responses_of(response, image, np.zeros((10, 2, 2)))
    return dataclasses.replace(found, roi=np.arange(response.shape[1]))


def doubles(centres, alike=(), plane=None, cells=None):
    """Noise of its own for every cell, but for the second of a pair in `alike`."""
    rng = np.random.default_rng(0)
    response = rng.normal(size=(60, len(centres)))
    for first, second in alike:
        response[:, second] = response[:, first] + 0.3 * rng.normal(size=60)
    chosen = np.ones(len(centres), bool) if cells is None else np.asarray(cells)
    return possible_doubles(traces(centres, plane=plane), recorded(response), chosen)


def test_neighbours_with_common_noise_may_be_one_soma():
    assert doubles([(20, 20), (20, 26), (40, 40)], alike=[(0, 1)]) == 1


def test_neither_distance_nor_noise_alone_makes_one_soma():
    assert doubles([(20, 20), (20, 26)]) == 0
    assert doubles([(20, 20), (40, 40)], alike=[(0, 1)]) == 0


def test_common_pixels_are_enough():
    """Disks of radius 4 whose centres are one or five pixels apart."""
    assert doubles([(20, 20), (20, 21)]) == 1
    assert doubles([(20, 20), (20, 25)]) == 0


def test_a_soma_may_reach_into_the_neighbouring_plane_but_not_farther():
    together = [(20, 20), (20, 22)]
    assert doubles(together, alike=[(0, 1)], plane=[0, 1]) == 1
    assert doubles(together, alike=[(0, 1)], plane=[0, 2]) == 0
    assert doubles(together, plane=[0, 1]) == 0


def test_of_a_chain_all_but_one_are_doubles():
    chain = [(20, 20), (20, 26), (20, 32)]
    assert doubles(chain, alike=[(0, 1), (1, 2)]) == 2


def test_only_the_cells_asked_for_count():
    centres = [(20, 20), (20, 21), (40, 40)]
    assert doubles(centres, cells=[True, False, True]) == 0
    assert doubles(centres, cells=[False, False, False]) == 0


def test_imported_responses_have_no_places():
    imported = dataclasses.replace(recorded(np.ones((20, 2))), roi=np.full(2, -1))
    assert np.isnan(possible_doubles(traces([(20, 20), (20, 21)]), imported, np.ones(2, bool)))


def test_silent_cells_share_no_noise():
    quiet = recorded(np.zeros((60, 2)))
    assert possible_doubles(traces([(20, 20), (20, 26)]), quiet, np.ones(2, bool)) == 0
