"""``tpdecode simulate``: sizes as asked for, responses alone, and the way on."""

import json
import shlex

import numpy as np
import tifffile

from twophoton_decode.session.folder import SessionFolder

TINY = ("--cells", "4", "--images", "3", "--repeats", "2", "--picture-px", "16")


def test_a_movie_of_the_sizes_asked_for(tmp_path, tpdecode):
    folder = tmp_path / "my mouse"
    code, output, error = tpdecode(
        "simulate", folder, *TINY, "--field-px", "40", "--frame-rate-hz", "10", "--shown-s", "0.4",
        "--period-s", "1", "--seed", "5", "-q",
    )  # fmt: skip
    assert (code, output) == (0, ""), error
    frames = [tifffile.imread(file) for file in sorted((folder / "raw").iterdir())]
    # Four seconds before and after six presentations, one a second, at 10 Hz.
    assert np.concatenate(frames).shape == (140, 40, 40)
    assert len(list((folder / "pictures").iterdir())) == 3
    rows = (folder / "shown.csv").read_text().splitlines()
    assert (len(rows), rows[1].split(",")[1:3]) == (7, ["4.000", "0.4"])
    with np.load(folder / "truth.npz") as truth:
        assert truth["dff"].shape == (4, 140)
        assert json.loads(str(truth["parameters"]))["seed"] == 5


def test_the_command_that_is_printed_makes_a_session(tmp_path, tpdecode):
    folder = tmp_path / "my mouse"
    code, output, _ = tpdecode("simulate", folder, *TINY, "--field-px", "40")
    assert code == 0
    assert "simulating 127 frames of 40 x 40 px, 0.3 min at 8 Hz (0 MB), with 4 cells" in output
    program, *arguments = shlex.split(output.splitlines()[-1])
    assert program == "tpdecode"
    session = tmp_path / "S"
    arguments = [session if each == "SESSION" else each for each in arguments]
    code, output, error = tpdecode(*arguments, "--mouse", "M7")
    assert code == 0, error
    assert f"compared with its truth, {folder / 'truth.npz'}" in output
    settings = SessionFolder.open(session).settings()
    assert settings.source.truth == str(folder / "truth.npz")
    assert settings.subject.mouse == "M7"


def test_responses_alone_and_the_command_that_imports_them(tmp_path, tpdecode):
    folder = tmp_path / "population"
    code, output, error = tpdecode(
        "simulate", folder, *TINY, "--informative-cells", "3", "--responses-only"
    )
    assert code == 0, error
    assert sorted(path.name for path in folder.iterdir()) == [
        "images.npy", "responses.npy", "truth.npz",
    ]  # fmt: skip
    responses = np.load(folder / "responses.npy")
    assert responses.shape == (2, 3, 4)
    with np.load(folder / "truth.npz") as truth:
        np.testing.assert_array_equal(responses[truth["repeat"], truth["image"]], truth["response"])
        assert truth["carries"].sum() == 3
        assert truth["receptive_field"].shape == (4, 16, 16)
    assert np.load(folder / "images.npy").shape == (3, 16, 16)
    program, *arguments = shlex.split(output.splitlines()[-1])
    session = tmp_path / "S"
    arguments = [session if each == "SESSION" else each for each in arguments]
    code, output, error = tpdecode(*arguments, "--mouse", "M7")
    assert (program, code) == ("tpdecode", 0), error
    assert SessionFolder.open(session).settings().subject.mouse == "M7"


def test_what_does_not_go_together_is_refused(tmp_path, tpdecode):
    def refused(*options):
        code, _, error = tpdecode("simulate", tmp_path / "new", *options)
        assert code == 2
        assert not (tmp_path / "new").exists()
        return error

    assert "--field-px, --shown-s: --responses-only makes no movie" in refused(
        "--responses-only", "--shown-s", "1", "--field-px", "50"
    )
    assert "there are only 4 cells" in refused(*TINY, "--informative-cells", "5")
    assert "shorter than a presentation, --shown-s 2" in refused("--shown-s", "2")
    assert "TB" not in (error := refused("--repeats", "1000000", "--field-px", "4096"))
    assert "are free on the disk" in error
    assert "of memory" in refused("--cells", "1000000000", "--responses-only")


def test_cells_that_have_no_room_are_said(tmp_path, tpdecode):
    code, output, _ = tpdecode(
        "simulate", tmp_path / "new", "--cells", "20", "--images", "2", "--repeats", "1",
        "--picture-px", "16", "--field-px", "40",
    )  # fmt: skip
    assert code == 0
    assert "20 cells of 9 px do not fit side by side into 40 x 40 px" in output
    assert "About 12 have room." in output
