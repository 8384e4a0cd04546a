"""``tpdecode figures --publication`` and what goes with it, from the command line."""

import json
import shutil

import numpy as np
import pytest
from conftest import linear_population

from twophoton_decode.pipeline.run import Session
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.settings.file import change_setting


@pytest.fixture(scope="module")
def decoded(tmp_path_factory):
    """A small session of imported arrays, reconstructed by two decoders."""
    from twophoton_decode.cli.main import main

    folder = tmp_path_factory.mktemp("publication")
    responses, pictures = linear_population(images=12, repeats=3, cells=14, side=9)
    np.save(folder / "R.npy", responses)
    np.save(folder / "I.npy", pictures)
    with pytest.raises(SystemExit) as end:
        main([
            "import", "arrays", "--responses", str(folder / "R.npy"), "--axes",
            "repeat image cell", "--images", str(folder / "I.npy"), "-o", str(folder / "S"), "-q",
        ])  # fmt: skip
    assert not end.value.code
    settings = folder / "S" / "session.toml"
    for key, value in (("permutations", 2), ("bootstraps", 100), ("folds", 3),
                       ("features", "pixels")):  # fmt: skip
        change_setting(settings, "decoding", key, value)
    change_setting(settings, "responses", "responsive_test", "t-test")
    session = Session(SessionFolder.open(folder / "S"))
    session.run_only("respond")
    session.run_only("reconstruct", ("ridge", "all-cells"))
    return folder / "S"


@pytest.fixture
def responses_alone(monkeypatch):
    """One figure is as good as all."""
    from twophoton_decode.pipeline.results import publication

    monkeypatch.setattr(publication, "ALL", ("1",))


@pytest.fixture
def session(decoded, tmp_path):
    """A copy; what it reads lies outside, so it is as fresh."""
    return shutil.copytree(decoded, tmp_path / "S")


def figures_of(session):
    place = session / "figures" / "publication"
    return {path.name.split(".")[0] for path in place.glob("*.pdf")}


def test_what_is_there_is_drawn_and_what_is_not_is_said(session, tpdecode):
    code, output, _ = tpdecode("figures", session, "--publication", "--decoder", "ridge")
    assert code == 0
    assert figures_of(session) == {"1_responses", "3_reconstruction"}
    assert "figure 4 of ridge: left out, as sparsity-report:ridge is not up to date" in output
    assert "figures/publication/1_responses: " in output
    assert not Session(SessionFolder.open(session)).verdicts()["respond"].changes


@pytest.mark.usefixtures("responses_alone")
def test_a_decoder_that_was_not_run_is_said(session, tpdecode):
    code, output, _ = tpdecode("figures", session, "--publication", "--decoder", "lasso")
    assert code == 0
    assert "lasso: left out, as reconstruct:lasso is not up to date" in output


def test_the_reports_write_theirs(session, tpdecode):
    assert tpdecode("sparsity-report", session, "--decoder", "ridge")[0] == 0
    assert "4_cell_counts_ridge" in figures_of(session)
    assert tpdecode("stability-report", session, "--decoder", "ridge")[0] == 0
    assert {"6_contributions_ridge", "7_stability_ridge"} <= figures_of(session)


@pytest.mark.usefixtures("responses_alone")
def test_an_edited_figure_is_set_aside_and_a_drawn_one_replaced(session, tpdecode):
    assert tpdecode("figures", session, "--publication")[0] == 0
    place = session / "figures" / "publication"
    drawn = place / "1_responses.183mm.svg"
    before = drawn.read_bytes()
    drawn.write_bytes(b"mine")
    gone = place / "1_responses.z_former.pdf"
    gone.write_bytes(b"drawn by an earlier version")
    code, output, _ = tpdecode("figures", session, "--publication")
    assert code == 0
    kept = "1_responses.183mm.backup-1.svg"
    assert f"{drawn.name} was edited: your version is now {kept}" in output
    assert (place / kept).read_bytes() == b"mine"
    assert drawn.read_bytes() == before
    assert gone.exists(), "it is not known to be the program's"
    listed = json.loads((place / ".drawn.json").read_text())
    assert drawn.name in listed
    assert not list(place.glob("*.backup-2*"))


@pytest.mark.usefixtures("responses_alone")
def test_a_file_that_is_drawn_no_longer_goes(session, tpdecode):
    from twophoton_decode.pipeline.fingerprints import hash_of

    assert tpdecode("figures", session, "--publication")[0] == 0
    place = session / "figures" / "publication"
    former = place / "1_responses.89mm_9.pdf"
    former.write_bytes(b"page nine")
    listed = json.loads((place / ".drawn.json").read_text())
    listed |= {former.name: hash_of(former), "../../session.toml": "", "1_responses.": "x"}
    (place / ".drawn.json").write_text(json.dumps(listed))
    assert tpdecode("figures", session, "--publication")[0] == 0
    assert not former.exists()
    assert (session / "session.toml").is_file()


@pytest.mark.usefixtures("responses_alone")
def test_a_link_in_the_place_of_the_folder_is_refused(session, tmp_path, tpdecode):
    (tmp_path / "elsewhere").mkdir()
    (session / "figures" / "publication").symlink_to(tmp_path / "elsewhere")
    code, _, error = tpdecode("figures", session, "--publication")
    assert code == 1
    assert "is a link to" in error
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.usefixtures("responses_alone")
@pytest.mark.usefixtures("whole_figures")
def test_a_style_is_used_and_refused_before_anything_is_drawn(session, tmp_path, tpdecode):
    mine = tmp_path / "mine.mplstyle"
    mine.write_text("font.size: 5\naxes.titlesize: 5.25\nlines.linewidth: 3\n")
    code, _, error = tpdecode("figures", session, "--publication", "--style", mine)
    assert code == 0
    svg = (session / "figures" / "publication" / "1_responses.183mm.svg").read_text()
    assert "5.25px" in svg
    assert "lines.linewidth changes few marks or none" in error
    mine.write_text("font.siz: 5\n")
    code, _, error = tpdecode("figures", session, "--publication", "--style", mine)
    assert code == 2
    assert "no key 'font.siz'; did you mean font.size?" in error


@pytest.mark.parametrize("options", [("--style", "x"), ("--decoder", "ridge")])
def test_options_of_publication_figures_need_it(decoded, options, tpdecode):
    code, _, error = tpdecode("figures", decoded, *options)
    assert code == 2
    assert f"{options[0]} is for the figures that --publication writes" in error


def test_without_results_there_is_nothing_to_draw(session, tpdecode):
    change_setting(session / "session.toml", "responses", "false_discovery_rate", 0.2)
    code, _, error = tpdecode("figures", session, "--publication")
    assert code == 1
    assert "has no up-to-date results for these figures" in error
