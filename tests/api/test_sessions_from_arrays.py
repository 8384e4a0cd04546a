"""Responses and pictures in memory become a session; what does not fit leaves nothing behind."""

import numpy as np
import pytest
from skimage.io import imsave

import twophoton_decode as tp
from twophoton_decode.errors import (
    ArgumentError,
    ResponseError,
    StimulusImageError,
    UsageError,
)

RANDOM = np.random.default_rng(5)
PICTURES = RANDOM.integers(0, 255, (6, 16, 16), dtype=np.uint8)
BY_REPEAT = RANDOM.random((4, 6, 9)) + np.arange(6)[:, None]
IMAGE = np.tile(np.arange(6), 4)


def made(path, responses=BY_REPEAT, pictures=PICTURES, **more):
    return tp.from_arrays(path / "S", responses, pictures, say=None, **more)


def test_each_presentation_keeps_its_picture_its_cells_and_its_repeat(tmp_path):
    order = RANDOM.permutation(24)
    session = made(tmp_path, BY_REPEAT.reshape(24, 9)[order], image=IMAGE[order], mouse="m1")
    responses = session.responses
    np.testing.assert_array_equal(responses.image, IMAGE[order])
    np.testing.assert_allclose(responses.response, BY_REPEAT.reshape(24, 9)[order], rtol=1e-6)
    for image in range(6):
        assert sorted(responses.repeat[responses.image == image]) == [0, 1, 2, 3]
    assert session.settings.subject.mouse == "m1"
    assert session.settings.source.labels == "arrays/labels.npy"


def test_repeats_by_axis_are_the_same_as_by_presentation(tmp_path):
    by_axis = made(tmp_path / "a").responses
    by_label = made(tmp_path / "b", BY_REPEAT.reshape(24, 9), image=IMAGE).responses
    for image in range(6):
        np.testing.assert_array_equal(
            by_axis.response[by_axis.image == image], by_label.response[by_label.image == image]
        )
    np.testing.assert_array_equal(by_axis.picture, by_label.picture)


def test_the_session_stands_on_its_own_when_moved(tmp_path):
    made(tmp_path)
    (tmp_path / "S").rename(tmp_path / "moved")
    session = tp.open(tmp_path / "moved")
    assert session.status()["respond"].state == "fresh"
    assert "/" not in session.settings.source.responses.removeprefix("arrays/")


def test_pictures_of_a_folder_are_named(tmp_path):
    (tmp_path / "shown").mkdir()
    names = [f"{word}.png" for word in ("bear", "cat", "dog", "elk", "fox", "gnu")]
    for name, picture in zip(names, PICTURES, strict=True):
        imsave(tmp_path / "shown" / name, picture, check_contrast=False)
    labels = np.array(names)[IMAGE]
    session = made(tmp_path, BY_REPEAT.reshape(24, 9), tmp_path / "shown", image=labels)
    assert list(session.responses.image_name) == names
    np.testing.assert_array_equal(session.responses.image, IMAGE)


def test_numbers_count_from_zero_also_where_names_hold_numbers(tmp_path):
    (tmp_path / "shown").mkdir()
    for number, picture in enumerate(PICTURES, 1):
        imsave(tmp_path / "shown" / f"{number}.png", picture, check_contrast=False)
    image = np.tile([1, 2, 3, 4, 5], 4)
    responses = RANDOM.random((20, 9))
    session = made(tmp_path, responses, tmp_path / "shown", image=image)
    shown = np.asarray(session.responses.image_name)[session.responses.image]
    assert list(shown[:5]) == ["2.png", "3.png", "4.png", "5.png", "6.png"]


def test_groups_share_a_fold(tmp_path):
    session = made(tmp_path, groups=["a", "a", "b", "b", "c", "c"])
    assert session.responses.image_group.tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"responses": np.zeros(5)}, r"\(repeat, image, cell\) or \(image, cell\)"),
        ({"image": IMAGE}, r"responses must be \(presentation, cell\)"),
        ({"pictures": PICTURES[0]}, r"pictures must be \(image, y, x\)"),
        ({"pictures": PICTURES[:5]}, r"images.npy holds 5 images"),
        ({"responses": [[1, 2], [3]]}, "responses must be an array"),
        ({"responses": np.array([["a"]])}, "responses must be numbers"),
        ({"responses": BY_REPEAT[0], "image": np.arange(6) + 0.5}, "whole numbers or names"),
        (
            {"responses": BY_REPEAT.reshape(24, 9)},
            r"shape \(24, 9\) without image must be \(image, cell\), but there are 6 pictures. "
            "If each row is a presentation, say with image=",
        ),
        ({"mouse": 3}, r"mouse = 3 cannot be used\..*name of the animal.*in quotes"),
        ({"mouse": "x" * 5000}, "mouse = .* cannot be used"),
        ({"pictures": "C:\new"}, r"\[source\] images"),
        ({"responses": np.ma.masked_less(BY_REPEAT, 1.0)}, "responses has masked values"),
        ({"responses": BY_REPEAT[0], "image": [0, 1, 2, 3, 4, np.inf]}, "whole numbers or names"),
        ({"groups": [1, 2]}, "a group for each of the 6 pictures"),
        (
            {"responses": BY_REPEAT[0], "image": [0, 1, 2, 3, 4, 9]},
            "the image index is 9, but the 6",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(tmp_path, given, told):
    with pytest.raises((UsageError, ResponseError), match=told):
        made(tmp_path, **given)
    assert not (tmp_path / "S").exists()


def test_a_wrong_name_is_an_argument_error(tmp_path):
    with pytest.raises(ArgumentError, match="mouse"):
        made(tmp_path, mouse=3)


@pytest.mark.parametrize("pictures", [np.zeros((6, 16, 16)), np.repeat(PICTURES[:1], 6, axis=0)])
def test_pictures_that_are_all_the_same_are_refused(tmp_path, pictures):
    with pytest.raises(StimulusImageError, match="all 6 pictures are the same"):
        made(tmp_path, pictures=pictures)
    assert not (tmp_path / "S").exists()
    two = PICTURES.copy()
    two[1:] = two[0]
    two[5] = 255 - two[5]
    made(tmp_path, pictures=two)


def test_a_folder_with_files_is_left_alone(tmp_path):
    (tmp_path / "S").mkdir()
    (tmp_path / "S" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        made(tmp_path)
    assert [each.name for each in (tmp_path / "S").iterdir()] == ["mine.txt"]
