"""``tpdecode compare`` over small sessions: read only, told what is left out, numbers by hand."""

import csv
import hashlib
import json
import shutil

import numpy as np
import pytest
from conftest import linear_population

from twophoton_decode.cli.main import main
from twophoton_decode.pipeline.run import Session
from twophoton_decode.records import Reconstruction, Stability
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.session.settings.file import change_setting


def call(*arguments):
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    assert not end.value.code


def make_session(folder, name, seed, decoders):
    responses, pictures = linear_population(images=12, repeats=3, cells=14, side=9, seed=seed)
    np.save(folder / f"R{seed}.npy", responses)
    np.save(folder / f"I{seed}.npy", pictures)
    call(
        "import", "arrays", "--responses", folder / f"R{seed}.npy", "--axes", "repeat image cell",
        "--images", folder / f"I{seed}.npy", "-o", folder / name, "-q",
    )  # fmt: skip
    settings = folder / name / "session.toml"
    for key, value in (
        ("permutations", 2),
        ("bootstraps", 100),
        ("folds", 3),
        ("features", "pixels"),
    ):
        change_setting(settings, "decoding", key, value)
    # Three repeats are few: the default test would find no pair that responds.
    change_setting(settings, "responses", "responsive_test", "t-test")
    change_setting(settings, "cell_count", "minimum_responsive", 1)
    change_setting(settings, "cell_count", "derangements", 200)
    session = Session(SessionFolder.open(folder / name))
    session.run_only("respond")
    session.run_only("reconstruct", decoders)
    for stage in ("sparsity-report", "stability-report"):
        session.run_only(stage, ("ridge",))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Three sessions; two of them have reconstructions by a second decoder."""
    folder = tmp_path_factory.mktemp("study")
    make_session(folder, "a1", 1, ("ridge", "all-cells"))
    make_session(folder, "b1", 2, ("ridge",))
    # The data lie outside, so a copied session is as fresh as the first.
    shutil.copytree(folder / "a1", folder / "a2")
    return folder


@pytest.fixture
def sessions(study, tmp_path):
    """The study's sessions, to be changed at will."""
    for name in ("a1", "a2", "b1"):
        shutil.copytree(study / name, tmp_path / name)
    return [tmp_path / name for name in ("a1", "a2", "b1")]


def fingerprint(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path): (path.stat().st_mtime_ns, hashlib.sha1(path.read_bytes()).hexdigest())
        for path in files
    }


def rows(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_tables_figures_and_page_from_three_sessions(tpdecode, sessions, tmp_path):
    for each, mouse in zip(sessions, ("A", "A", "B"), strict=True):
        change_setting(each / "session.toml", "subject", "mouse", mouse)
    before = {each: fingerprint(each) for each in sessions}
    out = tmp_path / "population"
    code, output, error = tpdecode("compare", *sessions, "-o", out)
    assert code == 0, error
    assert {each: fingerprint(each) for each in sessions} == before

    made = [read_record(each / "reconstruction" / "ridge.nc", Reconstruction) for each in sessions]
    table = {
        (row["session"], row["measure"], row["condition"]): row
        for row in rows(out / "sessions.csv")
        if row["decoder"] == "ridge"
    }
    for each, record in zip(sessions, made, strict=True):
        row = table[each.name, "r_average", ""]
        assert float(row["median"]) == pytest.approx(np.median(record.r_average))
        assert float(row["mean"]) == pytest.approx(record.r_average.mean())
        assert int(row["n"]) == 12
        ends = float(row["mean_ci95_low"]), float(row["mean_ci95_high"])
        assert ends == pytest.approx(record.r_average_ci95)
    assert table["b1", "r_average", ""]["mouse"] == "B"
    assert float(table["b1", "cells", "every cell"]["median"]) == 14

    (mean,) = [
        row for row in rows(out / "population.csv")
        if (row["decoder"], row["measure"]) == ("ridge", "r_average")
    ]  # fmt: skip
    mice = (made[0].r_average.mean() + made[2].r_average.mean()) / 2
    assert float(mean["mean"]) == pytest.approx(mice)
    assert (mean["mice"], mean["resampled"]) == ("2", "mice")

    found = [read_record(each / "stability" / "ridge.nc", Stability) for each in sessions]
    differences = [
        np.nanmedian(each.reconstruction_similarity) - np.nanmedian(each.response_similarity)
        for each in found
    ]
    (test,) = [
        row for row in rows(out / "statistics.csv")
        if row["comparison"] == "similarity, reconstruction − response"
    ]  # fmt: skip
    assert float(test["median_difference"]) == pytest.approx(np.median(differences))
    assert test["p"] == ""
    assert "with fewer than 6" in test["note"]

    for name in ("decoders", "conditions_ridge", "responses"):
        for kind in ("pdf", "svg", "png", "csv"):
            assert (out / "figures" / f"{name}.{kind}").stat().st_size > 0
    page = (out / "population.html").read_text(encoding="utf-8")
    assert "Tests over sessions" in page
    assert page.count("data:image/webp;base64,") == 3
    assert "all-cells is left out: b1 has it not up to date. To compare it: tpdecode run " in output
    assert f"tpdecode run {sessions[2]} --decoder all-cells" in output
    assert f"\n{test['note']}\n" in output


def test_what_is_missing_or_stale_is_named_and_left_out(tpdecode, sessions, tmp_path):
    change_setting(sessions[0] / "session.toml", "cell_count", "minimum_responsive", 2)
    out = tmp_path / "population"
    code, output, _ = tpdecode("compare", *sessions, "-o", out, "--decoder", "all")
    assert code == 0
    assert "b1: reconstruct:all-cells is missing" in output
    assert "bayes is left out: fewer than two sessions have its results" in output
    assert "no mouse is named" in output
    assert "a1: sparsity-report:ridge is stale: setting cell_count.minimum_responsive" in output
    assert "The sessions differ in [cell_count] minimum_responsive: 2 in a1; 1 in a2, b1." in output
    compared = {row["comparison"]: row for row in rows(out / "statistics.csv")}
    assert compared["r_average, all-cells − ridge"]["sessions"] == "2"
    having = {row["session"] for row in rows(out / "sessions.csv") if row["measure"] == "cells"}
    assert having == {"a2", "b1"}
    assert "statistics.csv" in json.loads((out / ".tpdecode.json").read_text())["files"]


def test_bad_calls(tpdecode, sessions, tmp_path):
    out = tmp_path / "population"

    def refused(*arguments, code=2):
        found, _, error = tpdecode("compare", *arguments)
        assert found == code
        assert "Traceback" not in error
        return error

    assert "needs 2 sessions or more, found 1" in refused(sessions[0], "-o", out)
    assert "is named 2 times" in refused(sessions[0], sessions[0], "-o", out)
    assert "there is no folder" in refused(sessions[0], tmp_path / "gone", "-o", out)
    assert "has no session.toml" in refused(sessions[0], sessions[0] / "figures", "-o", out)
    assert "lies in the session" in refused(*sessions, "-o", sessions[0] / "out")
    assert "lies in the session" in refused(*sessions, "-o", sessions[1])
    assert "is a file" in refused(*sessions, "-o", sessions[0] / "session.toml")
    assert "no decoder is called 'rigde'" in refused(*sessions, "-o", out, "--decoder", "rigde")
    assert not out.exists()


def test_nothing_up_to_date_is_said(tpdecode, sessions, tmp_path):
    for each in sessions[1:]:
        change_setting(each / "session.toml", "decoding", "seed", 5)
    code, _, error = tpdecode("compare", *sessions, "-o", tmp_path / "population")
    assert code == 1
    assert "a1 has all-cells, ridge; a2 has none; b1 has none" in error


def test_a_damaged_list_of_files_is_said_before_any_work(tpdecode, sessions, tmp_path):
    out = tmp_path / "population"
    out.mkdir()
    (out / ".tpdecode.json").write_text("[")
    code, _, error = tpdecode("compare", *sessions, "-o", out)
    assert code == 1
    assert "the list of files written here, is damaged" in error


@pytest.mark.usefixtures("whole_figures")
def test_publication_figures_hold_the_medians_of_sessions(sessions, tmp_path, tpdecode):
    out = tmp_path / "population"
    options = ("-o", out, "--decoder", "ridge")
    assert tpdecode("compare", *sessions, *options, "--publication")[0] == 0
    place = out / "publication"
    assert (place / "4_population_ridge.183mm.pdf").read_bytes().startswith(b"%PDF")
    table = rows(place / "4_population_ridge.c_similarity.csv")
    assert [row["session"] for row in table] == ["a1", "a2", "b1"] * 2
    record = read_record(sessions[0] / "stability" / "ridge.nc", Stability)
    medians = {row["measure"]: float(row["median"]) for row in table if row["session"] == "a1"}
    for measure, median in medians.items():
        assert median == pytest.approx(np.nanmedian(getattr(record, measure)))
    assert tpdecode("compare", *sessions, *options)[0] == 0
    assert not place.exists(), "what was not asked for again goes"
