"""Files named like movies that hold none: an error in words, and never a wait."""

import os

import numpy as np
import pytest
import tifffile

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.pipeline.fingerprints import Fingerprints
from twophoton_decode.pipeline.inputs.sources import source_paths
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import Source

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
ANNEX = b"/annex/objects/SHA256E-s1048576--4d7a.tif\n"


@pytest.fixture
def movies(tmp_path):
    """f_1.tif and f_2.tif; the third file is for the test."""
    for number in (1, 2):
        frames = np.full((3, 8, 9), number, np.uint16)
        tifffile.imwrite(tmp_path / f"f_{number}.tif", frames, photometric="minisblack")
    return tmp_path


GIVEN = pytest.mark.parametrize("given", ["", "f_*.tif", "f_3.tif"], ids=["folder", "glob", "name"])


@GIVEN
@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("../.git/annex/objects/Xx/f.tif", r"f_3\.tif stands for .* `git annex get` or `datalad"),
        ("moved/f_3.tif", r"f_3\.tif is a link to moved/f_3\.tif, where there is nothing\. Put"),
        ("f_3.tif", r"f_3\.tif cannot be reached: "),
    ],
)
def test_a_link_to_nothing(movies, given, target, told):
    (movies / "f_3.tif").symlink_to(target)
    with pytest.raises(MovieError, match=told):
        open_recording([movies / given])


@GIVEN
@pytest.mark.parametrize(
    ("content", "told"),
    [(LFS, "Git LFS .* `git lfs pull`"), (ANNEX, "git-annex .* `git annex get`")],
)
def test_content_that_was_not_fetched(movies, given, content, told):
    (movies / "f_3.tif").write_bytes(content)
    with pytest.raises(MovieError, match=rf"f_3\.tif stands for content that {told}"):
        open_recording([movies / given])


@GIVEN
def test_a_pipe_is_not_waited_for(movies, given):
    os.mkfifo(movies / "f_3.tif")
    with pytest.raises(MovieError, match=r"f_3\.tif is a pipe: expected a regular"):
        open_recording([movies / given])


def test_a_device():
    with pytest.raises(MovieError, match=r"/dev/zero is a device: expected"):
        open_recording(["/dev/zero"])


@GIVEN
def test_a_file_that_may_not_be_read(movies, given, monkeypatch):
    (movies / "f_3.tif").write_bytes(b"II*\0")
    allowed = os.access
    monkeypatch.setattr(
        os, "access", lambda file, mode: file.name != "f_3.tif" and allowed(file, mode)
    )
    with pytest.raises(MovieError, match=r"f_3\.tif may not be read by you\. .* `chmod \+r`"):
        open_recording([movies / given])


@GIVEN
def test_an_empty_file_is_named(movies, given):
    (movies / "f_3.tif").write_bytes(b"")
    with pytest.raises(MovieError, match=r"f_3\.tif is not a TIFF file: it is empty"):
        open_recording([movies / given])


def test_a_folder_that_may_not_be_read(movies, monkeypatch):
    def refuse(folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.iterdir", refuse)
    with pytest.raises(MovieError, match=r"the folder .* cannot be read: Permission denied"):
        open_recording([movies])


def test_a_folder_called_like_a_movie_is_none(movies):
    (movies / "f_3.tif").mkdir()
    assert open_recording([movies]).frames == 6


@pytest.mark.parametrize("make", [os.mkfifo, lambda file: file.symlink_to("gone")])
def test_a_session_says_so_too(movies, make):
    """Fingerprints are taken before the movie is opened, and must not wait or break."""
    make(movies / "f_3.tif")
    known = Fingerprints(movies / "cache.json")
    paths = source_paths(SessionFolder(movies), Source(movie=["f_3.tif"]), "movie")
    with pytest.raises(MovieError, match=r"f_3\.tif is "):
        known.of(paths, movie=True)


def test_a_pipe_as_an_array_is_not_called_a_movie(tmp_path):
    os.mkfifo(tmp_path / "r.npy")
    known = Fingerprints(tmp_path / "cache.json")
    with pytest.raises(UsageError, match=r"r\.npy is a pipe: expected a regular file\.$"):
        known.of([tmp_path / "r.npy"])
