"""What of a folder is the movie: what is left out, what is refused, and what is said."""

import re
from pathlib import Path

import numpy as np
import pytest
import tifffile

from twophoton_decode.errors import MovieError
from twophoton_decode.pipeline.fingerprints import Fingerprints
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.recording.series.belonging import belonging

RANDOM = np.random.default_rng(0)
SERIES = {"f_1.tif": 5, "f_2.tif": 5, "f_3.tif": 5}


def write(folder, files):
    """Movies of noise: {name: frames, or the name of a file of equal content}."""
    for name, frames in files.items():
        file = folder / name
        if isinstance(frames, str):
            file.write_bytes((folder / frames).read_bytes())
        else:
            noise = RANDOM.integers(0, 999, (frames, 32, 32)).astype(np.uint16)
            tifffile.imwrite(file, noise, photometric="minisblack", metadata=None)


def names(recording):
    return [Path(file).name for file in recording.file]


LEFT_OUT = [
    *((f"{prefix}_f.tif", 1, "a projection, by its name") for prefix in ("AVG", "MAX", "STD")),
    ("AVG_f_1.tif", 5, "a projection, by its name"),
    ("f_preview.tif", 1, "a preview, by its name"),
    ("Thumbnail.tif", 5, "a preview, by its name"),
    ("f_2 - Copy.tif", 4, "a copy, by its name"),
    ("f_2 - Copy (3).tif", 4, "a copy, by its name"),
    ("Copy of f_2.tif", 4, "a copy, by its name"),
    ("f_2 copy 2.tif", 4, "a copy, by its name"),
    ("f_2 - Kopie.tif", 4, "a copy, by its name"),
    ("f_2 (Ann's conflicted copy).tif", 4, "a copy, by its name"),
    ("backup.tif", "f_2.tif", "the same bytes as f_2.tif"),
    ("anatomy.tif", 1, "a single frame, not named like the others"),
]


@pytest.mark.parametrize(("name", "frames", "why"), LEFT_OUT, ids=[odd[0] for odd in LEFT_OUT])
@pytest.mark.parametrize("given", ["", "*.tif"], ids=["folder", "glob"])
def test_what_is_certainly_no_frame_is_left_out(tmp_path, name, frames, why, given):
    write(tmp_path, SERIES | {name: frames})
    recording = open_recording([tmp_path / given])
    assert names(recording) == list(SERIES)
    assert recording.frames == 15
    assert recording.warnings == (f"{name} is left out: it is {why}",)
    assert tmp_path / name not in belonging(tmp_path / given, movie=True)


@pytest.mark.parametrize(("name", "frames", "why"), LEFT_OUT, ids=[odd[0] for odd in LEFT_OUT])
def test_what_is_named_is_read_with_a_warning(tmp_path, name, frames, why):
    write(tmp_path, SERIES | {name: frames})
    recording = open_recording([tmp_path / file for file in (*SERIES, name)])
    assert sorted(names(recording)) == sorted((*SERIES, name))
    assert recording.warnings[0] == f"{name} is named, and read, although it is {why}"


def test_a_single_movie_beside_its_projection(tmp_path):
    write(tmp_path, {"rec.tif": 5, "AVG_rec.tif": 1, "MAX_rec.tif": 1})
    recording = open_recording([tmp_path])
    assert names(recording) == ["rec.tif"]
    assert recording.warnings == (
        "AVG_rec.tif and MAX_rec.tif are left out: each is a projection, by its name",
    )


def test_many_that_are_left_out_are_counted(tmp_path):
    write(tmp_path, SERIES | {f"MAX_f_{number}.tif": 1 for number in range(9)})
    assert open_recording([tmp_path]).warnings == (
        "MAX_f_0.tif, MAX_f_1.tif, MAX_f_2.tif and 6 others are left out: each is a projection, by "
        "its name",
    )


@pytest.mark.parametrize("files", [["AVG_1.tif", "AVG_2.tif"], ["preview.tif"]])
def test_where_there_is_nothing_else_it_is_the_movie(tmp_path, files):
    write(tmp_path, dict.fromkeys(files, 5))
    recording = open_recording([tmp_path])
    assert (names(recording), recording.warnings) == (files, ())


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (
            ["rec_1.tif", "rec_2.tif", "ref_1.tif", "ref_2.tif"],
            "2 like rec_1.tif, 2 like ref_1.tif",
        ),
        (["rec.tif", "rec_registered.tif"], "rec.tif, rec_registered.tif"),
        (["left.tif", "right.tif"], "left.tif, right.tif"),
        (["left_1.tif", "right_2.tif", "left_3.tif"], "2 like left_1.tif, right_2.tif"),
        # By its name a copy, but of what is not there.
        (["f_1.tif", "f_2.tif", "g - Copy.tif"], "2 like f_1.tif, g - Copy.tif"),
    ],
)
def test_names_of_several_recordings_are_refused(tmp_path, files, told):
    write(tmp_path, dict.fromkeys(files, 5))
    with pytest.raises(MovieError) as refused:
        open_recording([tmp_path])
    message = str(refused.value)
    assert f"do not form one series ({told}). Name the files that are the movie" in message
    offered = re.search(r"such as '(.*)'\.", message)[1]
    assert names(open_recording([offered]))[0] == files[0]


def test_a_single_frame_among_single_frames_is_refused(tmp_path):
    write(tmp_path, {"f_1.tif": 1, "f_2.tif": 1, "mean.tif": 1})
    with pytest.raises(MovieError, match=r"2 like f_1\.tif, mean\.tif.* such as '.*/f_\*\.tif'"):
        open_recording([tmp_path])


def test_trials_numbered_before_their_names_are_read_and_told(tmp_path):
    files = ["001_left.tif", "002_right.tif", "003_left.tif"]
    write(tmp_path, dict.fromkeys(files, 5))
    recording = open_recording([tmp_path])
    assert names(recording) == files
    assert recording.warnings[0].endswith("they are read in the order of their numbers")


def test_files_named_one_by_one_are_the_users_choice(tmp_path):
    write(tmp_path, {"left.tif": 5, "right.tif": 4, "up.tif": 3})
    recording = open_recording([tmp_path / file for file in ("up.tif", "left.tif", "right.tif")])
    assert names(recording) == ["up.tif", "left.tif", "right.tif"]
    assert recording.warnings == (
        "the names of the files do not form one series (left.tif, right.tif, up.tif): they are "
        "read in the order given",
    )


def test_files_listed_by_a_shell_keep_the_order_of_their_numbers(tmp_path):
    write(tmp_path, {"left.tif": 5, "right_10.tif": 4, "right_9.tif": 3})
    recording = open_recording([tmp_path / f"{n}.tif" for n in ("left", "right_10", "right_9")])
    assert names(recording) == ["left.tif", "right_9.tif", "right_10.tif"]


def test_two_numbers_that_vary(tmp_path):
    files = [f"rec_{a}_{b}.tif" for a in (1, 2) for b in (1, 2)]
    write(tmp_path, dict.fromkeys(files, 5))
    with pytest.raises(MovieError, match=r"more than one number varies .*'.*/rec_1_\*\.tif'; if"):
        open_recording([tmp_path])
    one_after_the_other = open_recording([tmp_path / "rec_1_*.tif", tmp_path / "rec_2_*.tif"])
    assert (names(one_after_the_other), one_after_the_other.warnings) == (files, ())
    named = open_recording([tmp_path / file for file in files])
    assert names(named) == files
    assert len(named.warnings) == 1
    assert named.warnings[0].startswith("more than one number varies in the names of the files")


def test_files_of_one_series_with_equal_content_are_read_and_told(tmp_path):
    write(tmp_path, {"f_1.tif": 5, "f_2.tif": 5, "f_3.tif": "f_1.tif"})
    recording = open_recording([tmp_path])
    assert recording.frames == 15
    assert recording.warnings == (
        "f_1.tif and f_3.tif hold the same bytes: all are read; remove what is a copy",
    )


def test_blank_frames_are_no_copies(tmp_path):
    for number in range(4):
        tifffile.imwrite(tmp_path / f"f_{number}.tif", np.zeros((64, 64), np.uint16))
    recording = open_recording([tmp_path])
    assert (recording.frames, recording.warnings) == (4, ())


def test_a_projection_made_later_leaves_a_session_fresh(tmp_path):
    """A folder's fingerprint is that of what is read of it, for a movie; of all otherwise."""
    write(tmp_path, SERIES)
    known = Fingerprints(tmp_path / ".cache")
    movie, pictures = known.of([tmp_path], movie=True), known.of([tmp_path])
    write(tmp_path, {"AVG_f.tif": 1})
    assert known.of([tmp_path], movie=True) == movie
    assert known.of([tmp_path]) != pictures
    write(tmp_path, {"f_4.tif": 5})
    assert known.of([tmp_path], movie=True) != movie


def test_what_a_glob_finds_beside_movies_is_passed_over(tmp_path):
    write(tmp_path, SERIES)
    for name in ("Thumbs.db", "._f_1.tif", "notes.txt"):
        (tmp_path / name).write_bytes(b"no movie")
    (tmp_path / "suite2p").mkdir()
    assert names(open_recording([tmp_path / "*"])) == list(SERIES)


@pytest.mark.parametrize("suffix", [".TIF", ".tiff", ".ome.tif", ".btf", ".tf8"])
def test_suffixes_of_tiffs(tmp_path, suffix):
    for number in (10, 9):
        tifffile.imwrite(
            tmp_path / f"f_{number}{suffix}",
            np.zeros((number, 8, 9), np.uint16),
            photometric="minisblack",
            metadata={"axes": "TYX"},
        )
    recording = open_recording([tmp_path])
    assert recording.file_frames.tolist() == [9, 10]
