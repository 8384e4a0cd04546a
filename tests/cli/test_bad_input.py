"""What goes wrong reaches the user in words, with the right exit code and no traceback."""

import errno
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tifffile

from twophoton_decode.session.settings.file import change_setting

RATE = 10.0
FRAMES = 400


def write_movie(path, frames=FRAMES, shape=(64, 64), seed=0):
    rng = np.random.default_rng(seed)
    tifffile.imwrite(path, rng.integers(0, 500, (frames, *shape), dtype=np.uint16))


def write_pictures(path, images=4, side=16):
    np.save(path, np.random.default_rng(1).random((images, side, side), dtype=np.float32))


def write_log(path, rows, header="image,onset_s"):
    path.write_text("\n".join([header, *rows]) + "\n")


@pytest.fixture
def raw(tmp_path):
    """A movie that holds nothing but noise, a log and pictures."""
    (tmp_path / "raw").mkdir()
    write_movie(tmp_path / "raw" / "movie_1.tif")
    write_pictures(tmp_path / "pictures.npy")
    write_log(tmp_path / "shown.csv", [f"{i % 4},{1 + 2 * i}" for i in range(16)])
    return tmp_path


def assert_plain(code, output, expected_code, *words):
    """Exit code as it should be, a message with these words, and no traceback."""
    assert code == expected_code, output
    for word in words:
        assert word in output, output
    assert "Traceback" not in output


def init(tpdecode, folder, *more):
    return tpdecode(
        "init", folder / "S", "--movie", folder / "raw", "--log", folder / "shown.csv",
        "--images", folder / "pictures.npy", "--frame-rate-hz", RATE, *more,
    )  # fmt: skip


def test_no_such_movie(tpdecode, tmp_path):
    code, _, error = tpdecode("init", tmp_path / "S", "--movie", tmp_path / "gone_*.tif")
    assert_plain(code, error, 2, "gone_*.tif", "no such file")
    assert not (tmp_path / "S").exists()


def test_no_such_session(tpdecode, tmp_path):
    assert_plain(
        *pick(tpdecode("run", tmp_path / "none")), 2, "there is no folder", "tpdecode init"
    )


def pick(result):
    code, _, error = result
    return code, error


def test_a_folder_that_is_no_session(tpdecode, tmp_path):
    assert_plain(*pick(tpdecode("run", tmp_path)), 2, "has no session.toml")


def test_a_file_that_is_not_a_tiff(tpdecode, tmp_path):
    (tmp_path / "movie.tif").write_text("hello")
    result = tpdecode(
        "extract", tmp_path / "movie.tif", "-o", tmp_path / "S", "--frame-rate-hz", RATE
    )
    assert_plain(*pick(result), 1, "movie.tif", "TIFF")
    assert not (tmp_path / "S" / "traces.nc").exists()


def test_a_truncated_tiff_says_how_many_whole_frames_it_holds(tpdecode, tmp_path):
    movie = tmp_path / "movie.tif"
    with tifffile.TiffWriter(movie) as writer:
        for _ in range(40):
            writer.write(np.ones((32, 32), np.uint16), contiguous=False)
    with tifffile.TiffFile(movie) as file:
        cut = file.pages[25].dataoffsets[0] + 100
    os.truncate(movie, cut)
    result = tpdecode("extract", movie, "-o", tmp_path / "S", "--frame-rate-hz", RATE)
    assert_plain(*pick(result), 1, "movie.tif", "truncated", "25 whole frames")


def test_frames_of_different_sizes_between_files(tpdecode, raw):
    write_movie(raw / "raw" / "movie_2.tif", shape=(48, 64))
    assert_plain(*pick(init(tpdecode, raw)), 1, "movie_2.tif", "48")
    assert not (raw / "S").exists()


def test_a_constant_movie(tpdecode, raw):
    tifffile.imwrite(raw / "raw" / "movie_1.tif", np.full((FRAMES, 64, 64), 7, np.uint16))
    init(tpdecode, raw)
    assert_plain(*pick(tpdecode("extract", raw / "S")), 1, "same")
    assert not (raw / "S" / "suite2p").exists()


def test_too_few_frames(tpdecode, raw):
    write_movie(raw / "raw" / "movie_1.tif", frames=5)
    result = tpdecode("extract", raw / "raw", "-o", raw / "S", "--frame-rate-hz", RATE)
    assert_plain(*pick(result), 1, "5 frames")


def test_no_frame_rate(tpdecode, raw):
    result = tpdecode("extract", raw / "raw" / "movie_1.tif", "-o", raw / "S")
    assert_plain(*pick(result), 2, "frame_rate_hz", "--frame-rate-hz")


def test_a_classifier_is_looked_for_in_the_session(tpdecode, raw):
    init(tpdecode, raw)
    change_setting(raw / "S" / "session.toml", "extraction", "classifier", "mine.npy")
    result = tpdecode("extract", raw / "S")
    absent = "no such file or folder ([extraction] classifier in session.toml"
    assert_plain(*pick(result), 2, str(raw / "S" / "mine.npy"), absent)


def test_a_fault_of_the_program_is_told_without_a_traceback(tpdecode, raw, monkeypatch):
    def faulty(path):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("twophoton_decode.session.folder.read_settings", faulty)
    init(tpdecode, raw)
    result = tpdecode("status", raw / "S")
    words = ("hit an unexpected error (ZeroDivisionError", "--debug", "report it")
    assert_plain(*pick(result), 1, *words)


def test_tiffs_without_a_session_to_make(tpdecode, raw):
    assert_plain(*pick(tpdecode("extract", raw / "raw" / "movie_1.tif")), 2, "-o SESSION")


def test_log_without_images(tpdecode, raw):
    result = tpdecode(
        "init", raw / "S", "--movie", raw / "raw", "--log", raw / "shown.csv",
        "--frame-rate-hz", RATE,
    )  # fmt: skip
    assert_plain(*pick(result), 2, "--log and --images (or --clips) belong together")


def test_a_session_of_other_data_is_not_overwritten(tpdecode, raw):
    assert init(tpdecode, raw)[0] == 0
    before = (raw / "S" / "session.toml").read_text()
    assert init(tpdecode, raw)[0] == 0
    write_movie(raw / "another.tif", frames=50)
    result = tpdecode("init", raw / "S", "--movie", raw / "another.tif")
    names = ("[source] movie is", str(raw / "raw"), "another.tif")
    assert_plain(*pick(result), 2, "already a session with other data", *names)
    assert (raw / "S" / "session.toml").read_text() == before


def test_another_frame_rate_for_a_session_that_is_there_is_saved_and_said(tpdecode, raw):
    assert init(tpdecode, raw)[0] == 0
    code, output, _ = init(tpdecode, raw, "--frame-rate-hz", 11)
    assert code == 0
    assert "[recording] frame_rate_hz = 11.0" in output
    assert "frame_rate_hz = 11.0" in (raw / "S" / "session.toml").read_text()


def test_a_glob_that_the_shell_expanded(tpdecode, raw, monkeypatch):
    write_movie(raw / "raw" / "movie_2.tif", frames=50)
    monkeypatch.chdir(raw)
    code, _, _ = tpdecode(
        "init", "S", "--movie", "raw/movie_1.tif", "raw/movie_2.tif", "--frame-rate-hz", RATE
    )
    assert code == 0
    text = (raw / "S" / "session.toml").read_text()
    assert text.index("movie_1.tif") < text.index("movie_2.tif")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "cell_probability = 2.0",
            ["[extraction] cell_probability = 2.0", "from 1e-6 to 0.999999"],
        ),
        ("spacial_scale = 2", ["no such setting", "spatial_scale"]),
        ("spatial_scale = ", ["not valid TOML"]),
    ],
)
def test_a_wrong_setting_is_named(tpdecode, raw, line, words):
    init(tpdecode, raw)
    key = line.split(" ")[0]
    file = raw / "S" / "session.toml"
    kept = [each for each in file.read_text().splitlines() if not each.startswith(f"{key} ")]
    kept.insert(kept.index("[extraction]") + 1, line)
    file.write_text("\n".join(kept))
    assert_plain(*pick(tpdecode("run", raw / "S")), 2, str(file), *words)


@pytest.mark.parametrize(
    ("option", "words"),
    [("--decoder", ["no decoder is called 'nope'", "ridge"]), ("--features", ["gabor", "pixels"])],
)
def test_an_unknown_name_lists_the_known_ones(tpdecode, raw, option, words):
    init(tpdecode, raw)
    assert_plain(*pick(tpdecode("reconstruct", raw / "S", option, "nope")), 2, *words)


def import_arrays(tpdecode, folder, responses, axes="repeat image cell", images=None, more=()):
    np.save(folder / "R.npy", responses)
    count = responses.shape[axes.split().index("image")] if images is None else images
    write_pictures(folder / "I.npy", images=count)
    return tpdecode(
        "import", "arrays", "--responses", folder / "R.npy", "--axes", axes,
        "--images", folder / "I.npy", "-o", folder / "S", *more,
    )  # fmt: skip


def test_responses_with_nan_are_refused_where_asked(tpdecode, tmp_path):
    responses = np.random.default_rng(0).random((2, 5, 4))
    responses[1, 2, 3] = np.nan
    refused = import_arrays(tpdecode, tmp_path, responses, more=("--partial", "refuse"))
    assert_plain(*pick(refused), 1, "are missing", "cell 3")
    assert not (tmp_path / "S" / "responses.nc").exists()


def test_infinite_responses(tpdecode, tmp_path):
    responses = np.ones((2, 5, 4))
    responses[0, 0, 0] = np.inf
    assert_plain(*pick(import_arrays(tpdecode, tmp_path, responses)), 1, "infinite")


def test_axes_that_do_not_fit_the_images(tpdecode, tmp_path):
    result = import_arrays(tpdecode, tmp_path, np.ones((2, 5, 4)), images=4)
    assert_plain(*pick(result), 1, "repeat cell image")


def test_no_responsive_cells_still_scores(tpdecode, tmp_path):
    responses = np.random.default_rng(0).random((3, 12, 8))
    assert import_arrays(tpdecode, tmp_path, responses)[0] == 0
    code, output, _ = tpdecode("run", tmp_path / "S", "--decoder", "ridge")
    assert code == 0
    assert "responsive cells" in output
    summary = json.loads((tmp_path / "S" / "summary.json").read_text())
    assert np.isfinite(summary["reconstruct"]["ridge"]["r_average"])
    assert summary["sparsity"]["ridge"]["r_max"] is None


def test_more_cells_than_presentations(tpdecode, tmp_path):
    responses = np.random.default_rng(0).random((2, 12, 60))
    assert import_arrays(tpdecode, tmp_path, responses)[0] == 0
    code, output, _ = tpdecode("reconstruct", tmp_path / "S", "--decoder", "all-cells")
    assert code == 0
    assert "60 cells" in output


LOCKER = """
import sys, time
from pathlib import Path
from twophoton_decode.session.lock import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(60)
"""


def test_a_session_in_use_names_who_uses_it_and_a_killed_user_leaves_nothing(tpdecode, raw):
    init(tpdecode, raw)
    command = [sys.executable, "-c", LOCKER, str(raw / "S" / ".tpdecode")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "locked\n"
        result = tpdecode("respond", raw / "S")
        assert_plain(*pick(result), 1, "in use", f"process {holder.pid}")
        before = (raw / "S" / "session.toml").read_text()
        result = tpdecode("reconstruct", raw / "S", "--folds", 5)
        assert_plain(*pick(result), 1, "nothing was changed")
        assert (raw / "S" / "session.toml").read_text() == before
        holder.kill()
    assert_plain(*pick(tpdecode("respond", raw / "S")), 1, "extract: extract has not run yet")


def test_a_full_disk_leaves_nothing_half_written(tpdecode, tmp_path, small_arrays, monkeypatch):
    assert tpdecode("import", "arrays", *small_arrays, "-o", tmp_path / "S")[0] == 0
    before = sorted(tmp_path.rglob("*"))

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    result = tpdecode("reconstruct", tmp_path / "S", "--decoder", "ridge", "-q")
    assert_plain(*pick(result), 1, "The disk is full")
    after = [path for path in sorted(tmp_path.rglob("*")) if path.name != "reconstruction"]
    assert after == before


def test_debug_shows_the_traceback(tmp_path):
    command = "from twophoton_decode.cli.main import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", command, "--debug", "run", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" in result.stderr
    assert "has no session.toml" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as on POSIX")
def test_ctrl_c_ends_with_130_and_the_next_run_goes_on(tpdecode, tmp_path, small_arrays):
    assert tpdecode("import", "arrays", *small_arrays, "-o", tmp_path / "S")[0] == 0
    command = "from twophoton_decode.cli.main import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", command, "run", str(tmp_path / "S"), "--decoder", "ridge"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert "respond: unchanged" in process.stdout.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert_plain(process.returncode, error, 130, "Interrupted", "run the command again")
    assert tpdecode("status", tmp_path / "S")[0] == 0


def test_extract_of_what_is_not_there(tpdecode, tmp_path):
    code, error = pick(tpdecode("extract", tmp_path / "gone"))
    assert_plain(code, error, 2, f"there is no file or folder {tmp_path / 'gone'}")
    assert "session" not in error.replace(str(tmp_path), "")
