"""Pictures by their headers: the same names, order and refusals as when they are read."""

from types import SimpleNamespace

import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.pipeline.plan.pictures import plan_pictures
from twophoton_decode.stimulus.pictures import read_pictures


def both_refuse(folder, size_px, match):
    for read in (plan_pictures, read_pictures):
        with pytest.raises(StimulusImageError, match=match):
            read(folder, size_px)


def test_names_and_notes_are_those_of_the_pictures_read(tmp_path):
    for number in (2, 10, 1):
        Image.new("RGB", (50 + number, 40)).save(tmp_path / f"p{number}.png")
    tifffile.imwrite(tmp_path / "p3.tif", np.ones((45, 40, 3), np.uint8))
    (tmp_path / "list.csv").write_text("x")
    planned, read = plan_pictures(tmp_path, 32), read_pictures(tmp_path, 32)
    assert planned.name.tolist() == read.name.tolist() == ["p1.png", "p2.png", "p3.tif", "p10.png"]
    assert list(planned.notes) == read.notes[:1]


def test_a_stack_has_its_indices(tmp_path):
    np.save(tmp_path / "stack.npy", np.ones((7, 12, 12)))
    assert plan_pictures(tmp_path / "stack.npy", 32).name.tolist() == list("0123456")


def test_sizes_below_the_working_size_must_agree(tmp_path):
    for number, width in enumerate((20, 20, 18)):
        Image.new("L", (width, 20)).save(tmp_path / f"p{number}.png")
    both_refuse(tmp_path, 32, r"p2\.png: expected 20 × 20 pixels")
    assert plan_pictures(tmp_path, 16).name.size == 3


def test_a_picture_that_its_camera_turned_has_the_size_it_is_seen_in(tmp_path):
    turned = Image.Exif()
    turned[ExifTags.Base.Orientation] = 6
    Image.new("L", (20, 24)).save(tmp_path / "a.jpg")
    Image.new("L", (24, 20)).save(tmp_path / "b.jpg", exif=turned)
    assert plan_pictures(tmp_path, 32).name.size == read_pictures(tmp_path, 32).name.size == 2


def test_a_transparent_picture_is_refused(tmp_path):
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[:20, :, 3] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    both_refuse(tmp_path, 32, "transparent")


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_a_file_that_is_no_picture_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"nothing")
    both_refuse(tmp_path, 32, "cannot be read as a (TIFF )?picture")


def test_every_header_is_read_but_few_pictures_are_decoded(tmp_path, monkeypatch):
    for number in range(70):
        Image.new("L", (40, 40)).save(tmp_path / f"p{number}.png")
    decoded = []

    def count(path):
        decoded.append(path.name)
        return SimpleNamespace(pixels=np.zeros((40, 40)))

    monkeypatch.setattr("twophoton_decode.pipeline.plan.pictures.read_picture", count)
    plan_pictures(tmp_path, 32)
    assert len(decoded) == 20
    assert {"p0.png", "p69.png"} <= set(decoded)
    (tmp_path / "p33.png").write_bytes(b"nothing")
    with pytest.raises(StimulusImageError, match=r"p33\.png"):
        plan_pictures(tmp_path, 32)
