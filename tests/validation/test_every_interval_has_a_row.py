"""No interval, p or error that the program prints is without a row in docs/validation.md."""

import re
import sys
from dataclasses import dataclass

import numpy as np
from conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks" / "validation"))

from catalogue import registered, studies, without_row
from cited import ROWS
from declared import declared, names_of

from twophoton_decode.records.declaration import Record, array, scalar

PAGE = ROOT / "docs" / "validation.md"


def summary_rows():
    """Rows of the page's first table: names, measured value, runs, verdict."""
    text = PAGE.read_text(encoding="utf-8")
    table = text.split("## Every interval and every p")[1].split("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def names_in(cell):
    return re.findall(r"`([^`]+)`", cell)


def test_every_declared_name_is_registered_by_a_study_or_a_cited_row():
    found = declared()
    places = {name: found[name] for name in without_row(found, registered())}
    assert not places, f"no study in benchmarks/validation measures {places}"


def test_the_page_has_a_row_for_every_declared_name_and_none_that_is_no_longer_registered():
    shown = {name for row in summary_rows() for name in names_in(row[0])}
    assert not without_row(declared(), shown)
    assert shown == registered(), sorted(shown ^ registered())


def test_every_row_was_measured_or_cites_a_page_that_says_so():
    for row in summary_rows():
        assert row[4] != "–", row
        assert row[6], row


def test_names_are_collected_from_records_tables_and_the_summary():
    found = declared()
    assert {"r_average_ci95", "p_heldout_all", "dropout_r_low", "centre_sd"} <= found.keys()
    assert {"has_field", "posterior_sd", "covered_random_band", "coverage_90"} <= found.keys()
    assert "mean_difference_ci95_low" in found
    assert "p_holm" in found
    assert "feature_overlap_p" in found
    assert {"*_se", "r_octave_from_*_p"} <= found.keys()
    assert not {"r_low", "octave_low", "fitting_error", "prediction_r"} & found.keys()


@dataclass(frozen=True, eq=False)
class Invented(Record):
    gain_low: np.ndarray = array("image", doc="lower end")
    gain_high: np.ndarray = array("image", doc="upper end")
    r_low: np.ndarray = array("image", doc="R of three components")
    offset: np.ndarray = array("image", doc="its standard error is one")
    slope_ci95: tuple[float, float] = scalar(doc="interval")
    p_slope: float = scalar(doc="test")
    slope_p: float = scalar(doc="test")
    mean: float = scalar(doc="a mean")


def test_a_new_field_is_collected_by_its_name_or_by_what_it_says():
    assert set(names_of(Invented)) == {
        "gain_low", "gain_high", "offset", "slope_ci95", "p_slope", "slope_p",
    }  # fmt: skip


def test_a_name_with_a_gap_needs_a_row_that_fits():
    assert without_row(["dropout_*_p", "r_p"], {"dropout_r_p", "x"}) == ["r_p"]
    assert without_row(["dropout_*_p"], {"dropout_r"}) == ["dropout_*_p"]


def test_cited_numbers_stand_on_the_pages_that_are_cited():
    for row in ROWS:
        text = (ROOT / "benchmarks" / "results" / row.page).read_text(encoding="utf-8")
        missing = [n for n in re.findall(r"\d+\.\d+|\d{2}", row.measured) if n not in text]
        assert not missing, (row.page, missing)


def test_studies_register_what_they_measure_once_a_setting():
    found = studies()
    assert len(found) > 50
    for study in found:
        assert len(set(study.quantities)) == len(study.quantities), study.setting
