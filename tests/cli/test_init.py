"""``tpdecode init`` and the first second of ``run``: what is understood, refused, left behind."""

import json
import subprocess
import sys

import numpy as np
import pytest
import tifffile
from extracted_session import pretend_extracted
from PIL import Image

from twophoton_decode.errors import ExtractionError
from twophoton_decode.pipeline.run import Session
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.settings.file import change_setting

RATE, FRAMES = 8.0, 800


@pytest.fixture
def recording(tmp_path):
    """100 s of 8 × 8 px at 8 Hz, 6 pictures and a log that shows 5 of them, 12 times each."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "pictures").mkdir()
    movie = np.random.default_rng(0).integers(0, 500, (FRAMES, 8, 8), dtype=np.uint16)
    tifffile.imwrite(tmp_path / "raw" / "movie_1.tif", movie)
    for number in range(6):
        Image.new("L", (40, 40), 20 * number).save(tmp_path / "pictures" / f"p{number}.png")
    write_log(tmp_path, [(f"p{k % 5}.png", 4 + 1.5 * k) for k in range(60)])
    return tmp_path


def write_log(folder, rows, header="image,onset_s", name="shown.csv"):
    lines = [",".join(map(str, row)) for row in rows]
    (folder / name).write_text("\n".join([header, *lines]) + "\n")


def init(tpdecode, folder, *more, rate=RATE, movie="raw", log="shown.csv", images="pictures"):
    given = ["--frame-rate-hz", rate] if rate else []
    if log:
        given += ["--log", folder / log, "--images", folder / images]
    return tpdecode("init", folder / "S", "--movie", folder / movie, *given, *more)


def assert_refused(result, folder, code, *words):
    """Told in words, and nothing left behind that blocks the corrected command."""
    assert result[0] == code, result
    for word in words:
        assert word in result[2], result[2]
    assert not (folder / "S").exists()


def test_what_was_understood_is_said_in_one_line(tpdecode, recording):
    code, output, _ = init(tpdecode, recording)
    assert code == 0
    first, *notes, last = output.splitlines()
    assert first == (
        "60 presentations of 5 pictures, 12 repeats each, every 1.50 s, 4.0–92.5 s of 100.0 s; "
        "1 channel; 8 Hz as given"
    )
    assert "note: 1 of 6 pictures is never shown: p5.png." in notes
    assert "warning" not in output
    assert last == (
        f"{recording / 'S' / 'session.toml'} is written. Check it, then: "
        f"tpdecode run {recording / 'S'}"
    )


def test_channels_and_the_source_of_the_rate_are_named(tpdecode, recording):
    movie = np.ones((FRAMES, 2, 8, 8), np.uint16)
    imagej = {"axes": "TCYX", "finterval": 0.125}
    tifffile.imwrite(recording / "raw" / "movie_1.tif", movie, imagej=True, metadata=imagej)
    code, output, _ = init(tpdecode, recording, rate=None)
    assert code == 0
    assert "92.5 s of 100.0 s; 2 channels; 8 Hz from ImageJ\n" in output


def test_without_a_log_the_movie_is_described(tpdecode, recording):
    code, output, _ = init(tpdecode, recording, log="")
    assert code == 0
    assert output.startswith("800 frames of 8 × 8 px, 100.0 s; 1 channel; 8 Hz as given\n")


def test_unequal_repeats_and_intervals(tpdecode, recording):
    onsets = np.cumsum([2.0] + [1.2, 1.5, 3.0, 1.5] * 5)
    write_log(recording, [(f"p{k % 4}.png", f"{t:.2f}") for k, t in enumerate(onsets)])
    _, output, _ = init(tpdecode, recording)
    steps = "every 1.2 to 3.0 s (median 1.5 s)"
    assert f"21 presentations of 4 pictures, 5 to 6 repeats, {steps}, 2.0–38.0 s" in output


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("image,onset_s\np0.png,4\np9.png,6\n", ["shown.csv, line 3", "p9.png"]),
        ("image,when\np0.png,4\n", ["onset_s or onset_frame"]),
        ("image,onset_s\np0.png,four\n", ["line 2", "expected a number"]),
        ("image,onset_s\np0.png,4\np1.png,100.5\n", ["line 3", "the movie ends at 100.0 s"]),
        ("image,onset_s\np0.png,-1\n", ["line 2", "the movie begins at 0 s"]),
    ],
)
def test_a_wrong_log_is_told_and_leaves_nothing(tpdecode, recording, log, words):
    (recording / "shown.csv").write_text(log)
    assert_refused(init(tpdecode, recording), recording, 1, *words)
    write_log(recording, [("p0.png", 4), ("p1.png", 6)])
    assert init(tpdecode, recording)[0] == 0


def test_a_missing_rate_is_told_and_leaves_nothing(tpdecode, recording):
    result = init(tpdecode, recording, rate=None)
    assert_refused(result, recording, 2, "do not say how many frames", "--frame-rate-hz")
    assert init(tpdecode, recording)[0] == 0


def test_a_folder_that_was_there_keeps_what_lies_in_it(tpdecode, recording):
    (recording / "S").mkdir()
    (recording / "S" / "notes.txt").write_text("mine")
    assert init(tpdecode, recording, rate=None)[0] == 2
    assert [path.name for path in (recording / "S").iterdir()] == ["notes.txt"]


def test_missing_pictures_are_told(tpdecode, recording):
    result = init(tpdecode, recording, images="picture")
    assert_refused(result, recording, 2, str(recording / "picture"), "no such file or folder.")
    assert "session.toml" not in result[2]


def test_exchanged_log_and_pictures_are_told(tpdecode, recording):
    result = init(tpdecode, recording, log="pictures", images="shown.csv")
    assert_refused(result, recording, 2, "Were log and images exchanged?")
    result = init(tpdecode, recording, log="pictures")
    assert_refused(result, recording, 2, "named as the stimulus log", "it is a folder")


def test_a_picture_that_does_not_open_is_named(tpdecode, recording):
    (recording / "pictures" / "p3.png").write_bytes(b"no picture")
    assert_refused(init(tpdecode, recording), recording, 1, "p3.png cannot be read as a picture")


def test_what_else_lies_among_the_pictures_is_named(tpdecode, recording):
    (recording / "pictures" / "old").mkdir()
    (recording / "pictures" / "list.csv").write_text("x")
    _, output, _ = init(tpdecode, recording)
    assert "Left out of pictures: 2 entries that are not pictures (list.csv, old/)." in output


def test_the_movies_folder_as_pictures_is_told(tpdecode, recording):
    result = init(tpdecode, recording, images="raw")
    assert_refused(result, recording, 1, "movie_1.tif", "a movie belongs after --movie")


def test_a_session_as_the_movie_is_told(tpdecode, recording):
    assert init(tpdecode, recording)[0] == 0
    code, _, error = tpdecode("init", recording / "T", "--movie", recording / "S")
    assert code == 2
    assert f"{recording / 'S'} is a session, and no movie can be read in it" in error
    assert not (recording / "T").exists()


def test_a_rate_that_is_not_the_files_is_doubted(tpdecode, recording):
    movie = np.ones((FRAMES, 8, 8), np.uint16)
    metadata = {"axes": "TYX", "finterval": 0.125}
    tifffile.imwrite(recording / "raw" / "movie_1.tif", movie, imagej=True, metadata=metadata)
    _, output, _ = init(tpdecode, recording, rate=7)
    assert "warning: frame_rate_hz is 7, but 8 Hz according to ImageJ" in output
    assert "; 7 Hz as given\n" in output


def test_half_the_rate_is_said_with_the_rate_that_fits(tpdecode, recording):
    code, output, _ = init(tpdecode, recording, rate=4)
    assert code == 0
    assert "the movie goes on for 106.5 s (53 % of it) after the last presentation" in output
    assert "it was taken at 8 Hz, not at 4 Hz" in output


def test_twice_the_rate_is_refused_with_the_rate_that_fits(tpdecode, recording):
    result = init(tpdecode, recording, rate=16)
    assert_refused(
        result, recording, 1, "At 8 Hz instead of 16 Hz every presentation", "--frame-rate-hz 30"
    )


def test_presentations_that_settings_exclude_are_counted(tpdecode, recording):
    rows = [(f"p{k % 5}.png", 4 + 1.5 * k, int(k < 7)) for k in range(60)]
    write_log(recording, rows, "image,onset_s,moving")
    code, output, _ = init(tpdecode, recording, "--set", 'responses.exclude={moving = ["1"]}')
    assert code == 0
    assert "note: 7 of 60 presentations will be left out: 7 × moving = 1." in output
    assert SessionFolder(recording / "S").settings().responses.exclude == {"moving": ["1"]}


def test_windows_that_reach_into_the_next_presentation_are_counted(tpdecode, recording):
    rows = [("p0.png", t, 1.2) for t in (4, 6, 7.5, 12)]
    write_log(recording, rows, "image,onset_s,duration_s")
    window = ("--set", "responses.response_window_s=[0, 1.8]")
    _, output, _ = init(tpdecode, recording, *window)
    assert (
        "response_window_s = [0.0, 1.8] reaches past the onset of the next picture in 1 of 4"
        in output
    )
    assert (
        "baseline_window_s = [-0.5, 0.0] begins while the previous picture is shown in 1 of 4"
        in output
    )


def test_a_setting_that_the_log_needs_can_be_given(tpdecode, recording):
    write_log(recording, [(k % 6 + 1, 4 + 1.5 * k) for k in range(12)])
    np.save(recording / "stack.npy", np.random.default_rng(0).random((6, 256)))
    assert_refused(
        init(tpdecode, recording, images="stack.npy"), recording, 2, "--image-shape 16x16"
    )
    shape = ("--image-shape", "16x16")
    result = init(tpdecode, recording, *shape, images="stack.npy")
    assert_refused(result, recording, 1, "first_index", "--set recording.first_index=1")
    more = (*shape, "--set", "recording.first_index=1")
    code, output, _ = init(tpdecode, recording, *more, images="stack.npy")
    assert code == 0
    assert "12 presentations of 6 pictures, 2 repeats each" in output
    settings = SessionFolder(recording / "S").settings()
    assert (settings.recording.first_index, settings.source.image_shape) == (1, "16x16")


def test_the_option_that_a_message_asks_for_is_spelt_out(tpdecode, recording):
    write_log(
        recording, [(f"p{k % 5}.png", 1000 * (4 + 1.5 * k)) for k in range(60)], "image,onset"
    )
    result = init(tpdecode, recording)
    assert_refused(result, recording, 1, "tpdecode init` as --set log.onset_unit=ms.")
    assert "Hz or less" not in result[2]
    assert init(tpdecode, recording, "--set", "log.onset_unit=ms")[0] == 0


def test_a_log_that_counts_from_one_is_told_how(tpdecode, recording):
    write_log(recording, [(k % 6 + 1, 4 + 1.5 * k) for k in range(12)])
    result = init(tpdecode, recording)
    assert_refused(result, recording, 1, "If they count from 1, set first_index = 1")
    assert_refused(result, recording, 1, "as --set recording.first_index=1.")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("first_index=1", ["--set first_index=1: expected SECTION.KEY=VALUE"]),
        ("recording.plans=2", ["the command line, [recording] plans: no such setting", "planes"]),
        (
            "recording.planes=many",
            ['the command line, [recording] planes = "many"', "Expected a whole number"],
        ),
    ],
)
def test_a_wrong_setting_is_told(tpdecode, recording, change, words):
    assert_refused(init(tpdecode, recording, "--set", change), recording, 2, *words)


def test_a_wrong_image_shape_is_told_in_words(tpdecode, recording):
    result = init(tpdecode, recording, "--image-shape", "31")
    assert_refused(
        result, recording, 2, '[source] image_shape = "31" cannot be used', "HEIGHTxWIDTH"
    )


def test_a_log_is_added_to_a_session_of_the_movie_alone(tpdecode, recording):
    assert init(tpdecode, recording, log="")[0] == 0
    session = recording / "S"
    change_setting(session / "session.toml", "subject", "mouse", "m7")
    pretend_extracted(SessionFolder(session))
    # The same movie, named by a glob instead of its folder.
    code, output, _ = init(tpdecode, recording, movie="raw/*.tif", rate=None)
    assert code == 0
    assert (
        f"saved to {session / 'session.toml'}: [source] log = {recording / 'shown.csv'}" in output
    )
    assert "60 presentations of 5 pictures" in output
    work = Session(SessionFolder(session))
    assert work.settings.source.movie == [str(recording / "raw")]
    assert work.settings.subject.mouse == "m7"
    verdicts = work.verdicts()
    assert verdicts["extract"].state == "fresh"
    assert verdicts["respond"].state == "missing"


def test_a_wrong_log_is_not_added(tpdecode, recording):
    assert init(tpdecode, recording, log="")[0] == 0
    before = (recording / "S" / "session.toml").read_text()
    write_log(recording, [("p9.png", 4)])
    assert init(tpdecode, recording)[0] == 1
    assert (recording / "S" / "session.toml").read_text() == before


def test_keys_that_differ_are_named_with_both_values(tpdecode, recording):
    assert init(tpdecode, recording)[0] == 0
    before = (recording / "S" / "session.toml").read_text()
    write_log(recording, [("p0.png", 4)], name="other.csv")
    code, _, error = init(tpdecode, recording, log="other.csv")
    assert code == 2
    shown, other = recording / "shown.csv", recording / "other.csv"
    assert f"[source] log is '{shown}' there, but '{other}' is given" in error
    assert "movie is" not in error
    assert (recording / "S" / "session.toml").read_text() == before


def test_init_twice_changes_nothing(tpdecode, recording):
    assert init(tpdecode, recording)[0] == 0
    change_setting(recording / "S" / "session.toml", "source", "distractors", "others.npy")
    before = (recording / "S" / "session.toml").read_text()
    code, output, _ = init(tpdecode, recording)
    assert code == 0
    assert "exists, and the session keeps its results" in output
    assert (recording / "S" / "session.toml").read_text() == before


def test_a_path_relative_to_where_one_is(tpdecode, recording, monkeypatch):
    monkeypatch.chdir(recording)
    code, _, _ = tpdecode(
        "init", "S", "--movie", "raw", "--log", "shown.csv", "--images", "pictures",
        "--frame-rate-hz", RATE,
    )  # fmt: skip
    assert code == 0
    assert SessionFolder(recording / "S").settings().source.log == str(recording / "shown.csv")


@pytest.fixture
def no_extraction(monkeypatch):
    """Extraction that must not begin, or fails at once."""

    def begin(*arguments, **options):
        raise ExtractionError("motion correction began")

    monkeypatch.setattr("twophoton_decode.extraction.suite2p.extract.register", begin)


def test_run_says_what_is_understood_before_extraction(tpdecode, recording, no_extraction):
    init(tpdecode, recording)
    code, output, error = tpdecode("run", recording / "S")
    assert code == 1
    assert output.startswith("60 presentations of 5 pictures, 12 repeats each, every 1.50 s")
    assert "motion correction began" in error


def test_run_refuses_a_log_that_became_wrong_before_extraction(tpdecode, recording, no_extraction):
    init(tpdecode, recording)
    write_log(recording, [("p9.png", 4)])
    code, _, error = tpdecode("run", recording / "S")
    assert code == 1
    assert "shown.csv, line 2" in error
    assert "motion correction" not in error
    assert "no session yet" not in error


def test_extract_goes_on_without_a_log_that_is_wrong_but_says_so(
    tpdecode, recording, no_extraction
):
    init(tpdecode, recording)
    write_log(recording, [("p9.png", 4)])
    _, output, error = tpdecode("extract", recording / "S")
    assert output.startswith("warning: shown.csv, line 2")
    assert "800 frames of 8 × 8 px, 100.0 s" in output
    assert "motion correction began" in error


def test_run_names_the_file_that_lacks_the_rate(tpdecode, recording, no_extraction):
    init(tpdecode, recording)
    change_setting(recording / "S" / "session.toml", "recording", "frame_rate_hz", 0.0)
    code, _, error = tpdecode("run", recording / "S")
    assert code == 2
    assert f"set frame_rate_hz in [recording] of {recording / 'S' / 'session.toml'}" in error


def test_a_failed_extract_leaves_nothing_in_the_way(tpdecode, recording, no_extraction):
    code, _, _ = tpdecode("extract", recording / "raw", "-o", recording / "S", "--frame-rate-hz", 8)
    assert code == 1
    assert not (recording / "S").exists()


def test_extract_refuses_the_movie_of_another_session(tpdecode, recording, no_extraction):
    init(tpdecode, recording)
    tifffile.imwrite(recording / "other.tif", np.ones((90, 8, 8), np.uint16))
    code, _, error = tpdecode("extract", recording / "other.tif", "-o", recording / "S")
    assert code == 2
    assert "[source] movie is" in error
    assert (recording / "S" / "session.toml").is_file()


def import_options(folder, axes):
    rng = np.random.default_rng(0)
    np.save(folder / "R.npy", rng.random((3, 8, 5)))
    np.save(folder / "I.npy", rng.random((8, 12, 12)))
    return (
        "--responses", folder / "R.npy", "--axes", axes, "--images", folder / "I.npy",
        "-o", folder / "S",
    )  # fmt: skip


def test_a_failed_import_leaves_nothing_in_the_way(tpdecode, tmp_path):
    code, _, error = tpdecode("import", "arrays", *import_options(tmp_path, "image repeat cell"))
    assert code == 1
    assert "repeat image cell" in error
    assert not (tmp_path / "S").exists()
    code, output, _ = tpdecode("import", "arrays", *import_options(tmp_path, "repeat image cell"))
    assert code == 0
    assert "3 repeats × 8 images × 5 cells; images 0 to 7 of I.npy\n" in output
    said = json.loads((tmp_path / "S" / "summary.json").read_text())["respond"]["stimulus"]
    assert said == "3 repeats × 8 images × 5 cells; images 0 to 7 of I.npy"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as on POSIX")
def test_ctrl_c_in_an_import_leaves_nothing_in_the_way(tmp_path):
    script = (
        "import os, signal\n"
        "from twophoton_decode.formats import arrays as step\n"
        "step.import_arrays = lambda *a, **k: os.kill(os.getpid(), signal.SIGINT)\n"
        "from twophoton_decode.cli.main import main; main()"
    )
    options = map(str, import_options(tmp_path, "repeat image cell"))
    command = [sys.executable, "-c", script, "import", "arrays", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 130, done.stderr
    assert not (tmp_path / "S").exists()


def test_a_simulation_that_fails_leaves_nothing_in_the_way(tpdecode, tmp_path, monkeypatch):
    def full(made, folder, progress):
        (folder / "raw").mkdir(parents=True)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("twophoton_decode.simulation.recording.simulate", lambda parameters: None)
    monkeypatch.setattr("twophoton_decode.simulation.writing.write", full)
    assert tpdecode("simulate", tmp_path / "mouse")[0] == 1
    assert not (tmp_path / "mouse").exists()
    (tmp_path / "mouse").write_text("a file")
    code, _, error = tpdecode("simulate", tmp_path / "mouse")
    assert code == 2
    assert "is a file" in error
