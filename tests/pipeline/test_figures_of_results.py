"""Figures are no results: drawn from records, drawn again where gone, never over edits."""

import base64
import hashlib
import itertools
import os
import re
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import linear_population
from PIL import Image

from twophoton_decode.errors import SessionError
from twophoton_decode.figures.canvas.drawing import table_csv
from twophoton_decode.files.atomic import write_bytes
from twophoton_decode.pipeline import chain
from twophoton_decode.pipeline.results.figures import read_figures
from twophoton_decode.pipeline.run import Session
from twophoton_decode.pipeline.stages.respond_from_arrays import RESPOND_FROM_ARRAYS
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.settings.file import change_setting
from twophoton_decode.settings import Settings, Source

FIGURE = "responsiveness"


@pytest.fixture(autouse=True)
def quick_figures(monkeypatch):
    """Pictures that depend on the table alone: what is drawn is not the question here."""

    def tables(drawing):
        table = table_csv(drawing.table)
        picture = hashlib.sha256(table).hexdigest().encode()
        return dict.fromkeys(("pdf", "svg", "png"), picture) | {"csv": table}

    monkeypatch.setattr("twophoton_decode.figures.canvas.rendering.render", tables)


@pytest.fixture
def folder(tmp_path):
    """A session of imported arrays in which `respond` has run."""
    responses, pictures = linear_population(images=6, repeats=3, cells=5, side=6)
    np.save(tmp_path / "R.npy", responses)
    np.save(tmp_path / "I.npy", pictures)
    source = Source(
        kind="arrays", responses=str(tmp_path / "R.npy"), images=str(tmp_path / "I.npy"),
        axes="repeat image cell",
    )  # fmt: skip
    folder = SessionFolder.create(tmp_path / "S", Settings(source=source))
    Session(folder).run_only("respond")
    return folder


@pytest.fixture
def nothing_runs(monkeypatch):
    """Whoever computes the responses again fails the test."""

    def fail(*arguments, **options):
        raise AssertionError("the analysis ran again")

    monkeypatch.setattr("twophoton_decode.formats.arrays.import_arrays", fail)


def again(folder):
    said = []
    Session(folder, say=said.append).run_only("respond")
    return said


def edit(folder, kind="svg", text=b"mine"):
    (folder.figures / f"{FIGURE}.{kind}").write_bytes(text)


def verdict(folder):
    return Session(folder).verdicts()["respond"]


def test_a_deleted_figure_is_drawn_from_the_record(folder, nothing_runs):
    before = (folder.figures / f"{FIGURE}.png").read_bytes()
    finished = Session(folder).ledger["respond"].finished
    (folder.figures / f"{FIGURE}.png").unlink()
    assert verdict(folder).state == "fresh"
    assert again(folder) == [f"respond: unchanged; figures/{FIGURE}.png drawn again"]
    assert (folder.figures / f"{FIGURE}.png").read_bytes() == before
    assert verdict(folder).figures.complete
    assert Session(folder).ledger["respond"].finished == finished
    assert again(folder) == ["respond: unchanged, nothing to do"]


def test_an_edited_figure_stays_and_status_says_so(folder, nothing_runs, tpdecode):
    edit(folder)
    (folder.figures / f"{FIGURE}.pdf").unlink()
    shown = tpdecode("status", folder.path)[1]
    assert f"edited and kept: figures/{FIGURE}.svg" in shown
    assert f"figures/{FIGURE}.pdf will be drawn again" in shown
    again(folder)
    assert (folder.figures / f"{FIGURE}.svg").read_bytes() == b"mine"
    assert (folder.figures / f"{FIGURE}.pdf").is_file()
    assert verdict(folder).figures.edited == (f"figures/{FIGURE}.svg",)


def test_drawing_all_figures_sets_edits_aside(folder, nothing_runs, tpdecode):
    drawn = (folder.figures / f"{FIGURE}.svg").read_bytes()
    for number, text in ((1, b"mine"), (2, b"mine again")):
        edit(folder, text=text)
        code, output, _ = tpdecode("figures", folder.path)
        assert code == 0
        kept = f"{FIGURE}.backup-{number}.svg"
        assert f"figures/{FIGURE}.svg was edited: your version is now figures/{kept}" in output
        assert (folder.figures / kept).read_bytes() == text
        assert (folder.figures / f"{FIGURE}.svg").read_bytes() == drawn
    assert "respond: 3 figures drawn" in output


def test_a_new_result_sets_edits_aside_too(folder):
    edit(folder, "csv")
    change_setting(folder.settings_file, "responses", "false_discovery_rate", 0.2)
    said = again(folder)
    assert any(f"figures/{FIGURE}.csv was edited" in line for line in said)
    assert (folder.figures / f"{FIGURE}.backup-1.csv").read_bytes() == b"mine"
    assert verdict(folder).figures.edited == ()


def test_another_style_draws_anew_and_makes_no_result_stale(folder, nothing_runs, monkeypatch):
    edit(folder)
    styled = replace(RESPOND_FROM_ARRAYS, figure_revision=3)
    monkeypatch.setattr(chain, "RESPOND_FROM_ARRAYS", styled)
    found = verdict(folder)
    assert (found.state, found.figures.outdated) == ("fresh", True)
    said = again(folder)
    assert said[-1] == "respond: unchanged; 3 figures drawn again"
    assert (folder.figures / f"{FIGURE}.backup-1.svg").read_bytes() == b"mine"
    assert verdict(folder).figures.complete


def test_another_style_of_a_result_without_figures_is_nothing_to_do(
    folder, nothing_runs, monkeypatch
):
    styled = replace(RESPOND_FROM_ARRAYS, figure_revision=3, draw=lambda work: [])
    monkeypatch.setattr(chain, "RESPOND_FROM_ARRAYS", styled)
    assert verdict(folder).figures.outdated
    assert again(folder)[-1] == "respond: unchanged, nothing to do"
    assert not (folder.figures / f"{FIGURE}.png").exists()
    assert verdict(folder).figures.complete


def test_killed_while_figures_are_drawn_only_they_are_left_to_do(folder, monkeypatch):
    def interrupted(drawing):
        raise KeyboardInterrupt

    change_setting(folder.settings_file, "responses", "false_discovery_rate", 0.2)
    edit(folder)
    with monkeypatch.context() as killed:
        killed.setattr("twophoton_decode.figures.canvas.rendering.render", interrupted)
        with pytest.raises(KeyboardInterrupt):
            again(folder)
    found = verdict(folder)
    assert (found.state, found.figures.outdated) == ("fresh", True)
    with monkeypatch.context() as patch:
        patch.setattr("twophoton_decode.formats.arrays.import_arrays", interrupted)
        again(folder)
    assert verdict(folder).figures.complete
    # What the user made of the former figure is still there.
    assert (folder.figures / f"{FIGURE}.backup-1.svg").read_bytes() == b"mine"


@pytest.fixture
def killed_draw(folder, monkeypatch):
    """Called, it changes a setting, and kills the run when so many figure files are written."""

    def kill(after, rate):
        left = [after]

        def write(path, data):
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            write_bytes(path, data)

        change_setting(folder.settings_file, "responses", "false_discovery_rate", rate)
        with monkeypatch.context() as killed:
            killed.setattr("twophoton_decode.pipeline.results.figures.write_bytes", write)
            with pytest.raises(KeyboardInterrupt):
                again(folder)

    return kill


@pytest.fixture
def figures_of_their_own(monkeypatch):
    """Figures that look different whenever they are drawn."""
    drawn = itertools.count()

    def render(drawing):
        return dict.fromkeys(("pdf", "svg", "png", "csv"), f"drawing {next(drawn)}".encode())

    monkeypatch.setattr("twophoton_decode.figures.canvas.rendering.render", render)


@pytest.mark.parametrize("after", [0, 1, 5])
def test_what_a_killed_run_drew_is_not_taken_for_edits(
    folder, killed_draw, figures_of_their_own, after
):
    # Two runs that are killed: former figures, and some of either draw, lie there.
    killed_draw(after, 0.1)
    killed_draw(after + 1, 0.2)
    assert verdict(folder).figures.edited == ()
    edit(folder)
    assert verdict(folder).figures.edited == (f"figures/{FIGURE}.svg",)
    said = again(folder)
    assert [line for line in said if "was edited" in line] == [
        f"respond: figures/{FIGURE}.svg was edited: your version is now "
        f"figures/{FIGURE}.backup-1.svg"
    ]
    assert len(list(folder.figures.glob("*.backup-*"))) == 1
    found = verdict(folder)
    assert found.figures.complete
    assert found.figures.edited == ()
    assert Session(folder).ledger["respond"].in_drawing == {}


def test_what_a_killed_run_drew_stays_known_when_others_are_drawn(
    folder, figures_of_their_own, monkeypatch
):
    """`tpdecode figures`, killed at its second file, then `run` for a figure that is gone."""
    written = []

    def write(path, data):
        if written:
            raise KeyboardInterrupt
        written.append(path)
        write_bytes(path, data)

    with monkeypatch.context() as killed:
        killed.setattr("twophoton_decode.pipeline.results.figures.write_bytes", write)
        with pytest.raises(KeyboardInterrupt):
            Session(folder).redraw()
    (other,) = folder.figures.glob("reliability.png")
    assert other not in written
    other.unlink()
    assert again(folder) == ["respond: unchanged; figures/reliability.png drawn again"]
    assert verdict(folder).figures.edited == ()
    Session(folder).redraw()
    assert list(folder.figures.glob("*.backup-*")) == []


def test_a_figure_that_only_a_killed_run_drew_is_removed(folder, killed_draw, monkeypatch):
    for file in folder.figures.iterdir():
        file.unlink()
    entry = Session(folder).ledger["respond"]
    Session(folder).ledger.write("respond", replace(entry, figures={}, captions={}))
    killed_draw(3, 0.1)
    assert len(list(folder.figures.iterdir())) == 3
    styled = replace(RESPOND_FROM_ARRAYS, draw=lambda work: [])
    monkeypatch.setattr(chain, "RESPOND_FROM_ARRAYS", styled)
    again(folder)
    assert list(folder.figures.iterdir()) == []


def test_figures_of_stale_results_are_left_alone(folder, nothing_runs, tpdecode):
    before = (folder.figures / f"{FIGURE}.svg").read_bytes()
    change_setting(folder.settings_file, "responses", "false_discovery_rate", 0.2)
    said = []
    with pytest.raises(SessionError, match="no up-to-date results to draw"):
        Session(folder, say=said.append).redraw()
    assert said[0].startswith("respond: its figures stay as they are, as the result is stale")
    assert (folder.figures / f"{FIGURE}.svg").read_bytes() == before


def test_a_page_that_shows_an_edited_picture_is_laid_out_again(folder):
    Session(folder).run_only("report")
    assert Session(folder).verdicts()["report"].state == "fresh"
    edit(folder, "svg")
    assert Session(folder).verdicts()["report"].state == "fresh"
    # What stands for pictures in these tests is none, and the page says so.
    unreadable = f"figures/{FIGURE}.png cannot be opened as a picture"
    assert unreadable in folder.report.read_text()
    Image.new("RGB", (3, 3), "red").save(folder.figures / f"{FIGURE}.png")
    assert Session(folder).verdicts()["report"].changes == ("figures changed",)
    Session(folder).run_only("report")
    assert unreadable not in folder.report.read_text()
    (folder.figures / f"{FIGURE}.png").unlink()
    Session(folder).run_only("report")
    assert Session(folder).verdicts()["report"].state == "fresh"
    assert unreadable in folder.report.read_text()


def test_a_page_that_holds_an_edited_table_is_laid_out_again(folder):
    Session(folder).run_only("report")
    edit(folder, "csv", b"mine,2\n")
    assert Session(folder).verdicts()["report"].changes == ("figures changed",)
    Session(folder).run_only("report")
    assert Session(folder).verdicts()["report"].state == "fresh"
    packed = re.search(r'id="data-tables">(.*?)</script>', folder.report.read_text())[1]
    assert b"mine,2\n" in zlib.decompress(base64.b64decode(packed))


posix = pytest.mark.skipif(os.name != "posix", reason="links of POSIX")


@posix
@pytest.mark.parametrize("kind", ["png", "csv"])
def test_a_link_among_the_figures_of_a_stranger_is_drawn_over_and_not_followed(folder, kind):
    secret = folder.path.parent / f"private.{kind}"
    figure = folder.figures / f"{FIGURE}.{kind}"
    drawn = figure.read_bytes()
    if kind == "png":
        Image.new("RGB", (3, 3), "red").save(secret)
    else:
        secret.write_bytes(drawn.replace(b"1", b"7") + b"the password\n")
    private = secret.read_bytes()
    figure.unlink()
    figure.symlink_to(secret)
    assert verdict(folder).figures.gone == (f"figures/{FIGURE}.{kind}",)
    assert verdict(folder).figures.edited == ()
    Session(folder).run_only("report")
    page = folder.report.read_text()
    assert "the password" not in page
    # What stands for pictures in these tests is none; the red one would be.
    assert f"figures/{FIGURE}.png cannot be opened as a picture" in page
    assert not figure.is_symlink()
    assert figure.read_bytes() == drawn
    assert secret.read_bytes() == private


@posix
def test_a_link_is_removed_with_the_figures_that_a_result_no_longer_has(folder, monkeypatch):
    secret = folder.path.parent / "private.csv"
    secret.write_text("the password")
    (folder.figures / f"{FIGURE}.csv").unlink()
    (folder.figures / f"{FIGURE}.csv").symlink_to(secret)
    newer = RESPOND_FROM_ARRAYS.figure_revision + 1
    styled = replace(RESPOND_FROM_ARRAYS, figure_revision=newer, draw=lambda work: [])
    monkeypatch.setattr(chain, "RESPOND_FROM_ARRAYS", styled)
    again(folder)
    assert list(folder.figures.iterdir()) == []
    assert secret.read_text() == "the password"


@posix
def test_no_figure_is_read_through_a_link_or_from_another_folder(folder):
    entry = Session(folder).ledger["respond"]
    (folder.path.parent / "private.pdf").write_text("the password")
    with pytest.raises(SessionError, match="is not shown"):
        read_figures(folder, replace(entry, captions={"../../private": ""}))
    for kind in ("png", "csv"):
        (folder.figures / f"{FIGURE}.{kind}").unlink()
        (folder.figures / f"{FIGURE}.{kind}").symlink_to(folder.path.parent / "private.pdf")
    with pytest.raises(SessionError, match="and no links"):
        read_figures(folder, entry)


def test_the_page_reads_pictures_and_tables_and_names_the_other_files(folder, monkeypatch):
    read = []

    def reading(path):
        read.append(path.name)
        return original(path)

    original = Path.read_bytes
    entry = Session(folder).ledger["respond"]
    (folder.figures / f"{FIGURE}.svg").unlink()
    monkeypatch.setattr(Path, "read_bytes", reading)
    found = {shown.name: shown for shown in read_figures(folder, entry)}
    monkeypatch.undo()
    assert sorted(read) == sorted(f"{name}.{kind}" for name in found for kind in ("png", "csv"))
    shown = found[FIGURE]
    assert shown.files == {
        kind: (folder.figures / f"{FIGURE}.{kind}").read_bytes() for kind in ("png", "csv")
    }
    assert shown.beside == ("pdf",)
