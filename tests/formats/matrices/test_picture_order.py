from pathlib import Path

import numpy as np
import pytest

from twophoton_decode.errors import ResponseError
from twophoton_decode.formats.matrices.axes import named_matrix
from twophoton_decode.formats.matrices.picture_order import order_notes, refuse_other_count


def refusal(shape, axes, pictures):
    matrix = named_matrix(np.zeros(shape), axes, Path("R.npy"))
    with pytest.raises(ResponseError) as caught:
        refuse_other_count(matrix, pictures, Path("R.npy"), Path("S.npy"))
    return str(caught.value)


def test_exchanged_axes_are_suggested():
    message = refusal((40, 6, 90), "repeat image cell", 40)
    assert "lengths repeat 40, image 6, cell 90, but S.npy holds 40 images" in message
    assert message.endswith(
        'Axis 1 is 40 long. If it counts the images, these axes would fit: "image repeat cell".'
    )


def test_a_reading_with_fewer_cells_than_repeats_is_not_offered():
    message = refusal((2, 40, 30), "image repeat cell", 40)
    assert "these axes would fit" in message
    assert '"repeat image cell"' in message
    assert "cell image repeat" not in message


def test_where_two_orders_fit_only_the_facts_are_named():
    message = refusal((40, 40, 90), "repeat cell image", 40)
    assert message.endswith("Axes 1 and 2 are 40 long; say which one is which in --axes.")


def test_pictures_of_another_recording():
    assert "No axis is 41 long; are these the images" in refusal(
        (6, 40, 90), "repeat image cell", 41
    )


def test_rows_that_no_picture_fits_may_be_presentations():
    message = refusal((24, 9), "image cell", 6)
    assert "No axis is 6 long" in message
    assert message.endswith('name its picture: --axes "presentation cell" with --labels.')
    assert "presentation" not in refusal((4, 24, 9), "repeat image cell", 6)


def test_first_and_last_picture_are_named(tmp_path):
    names = np.array([f"{i:03d}.png" for i in range(1, 13)])
    assert order_notes(names, tmp_path) == ["image 0 is 001.png, image 11 is 012.png."]
    assert order_notes(names, tmp_path / "S.npy") == [
        "image 0 is the first picture of S.npy, image 11 the last."
    ]


def test_numbers_without_zeros_have_two_orders(tmp_path):
    names = np.array([f"{i}.png" for i in range(1, 13)])
    (note,) = order_notes(names, tmp_path)
    assert note.startswith("image 0 is 1.png, image 11 is 12.png.")
    assert "image 1 is 2.png; in the order of the alphabet" in note
    assert note.endswith("it would be 10.png.")
