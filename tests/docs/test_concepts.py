"""docs/concepts.md names what there is: files, errors, exit codes, states, axes."""

import re
from typing import get_args

import pytest
from pages import read_page
from test_reference import reference

from twophoton_decode import errors
from twophoton_decode.cli.main import INTERRUPTED
from twophoton_decode.pipeline.freshness import State
from twophoton_decode.session.folder import SessionFolder

PAGE = read_page("concepts.md")


def rows_below(heading):
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:1] == "|"]
    return {row[0].strip("` "): row[1:] for row in rows[2:]}


def error_classes(kind=errors.TpDecodeError):
    for each in kind.__subclasses__():
        if each.__module__ == errors.__name__:
            yield each
            yield from error_classes(each)


def test_every_error_is_listed_with_its_exit_code():
    listed = {name: int(row[0]) for name, row in rows_below("Errors").items()}
    assert listed == {each.__name__: each.exit_code for each in error_classes()}


def test_the_exit_codes_are_those_of_the_program():
    codes = {0, INTERRUPTED, *(each.exit_code for each in error_classes())}
    assert {int(code) for code in rows_below("Exit codes")} == codes


def test_every_state_of_a_result_is_explained():
    assert set(rows_below("The ledger and freshness")) == set(get_args(State))


def test_every_axis_of_the_large_records_is_explained():
    explained = {axis for row in rows_below("Records") for axis in re.findall(r"\w+", row)}
    for name in ("Responses", "Reconstruction", "CellCountCurves", "Stability"):
        kind = getattr(reference.records, name)
        axes = {axis.removesuffix("+1") for _, spec in kind.arrays() for axis in spec.axes}
        assert axes - explained <= {"exclusion"}


@pytest.mark.parametrize("path", ["settings_file", "suite2p", "logs", "figures", "report",
                                  "summary", "private"])  # fmt: skip
def test_the_layout_shows_what_the_session_folder_has(tmp_path, path):
    folder = SessionFolder(tmp_path)
    layout = PAGE.partition("SESSION/\n")[2].partition("```")[0]
    assert f"\n  {folder.relative(getattr(folder, path))}" in f"\n{layout}"


def file_of(file):
    return file.format(decoder="DECODER", network="NETWORK")


def test_the_layout_shows_every_record_file_of_the_stages():
    layout = PAGE.partition("SESSION/\n")[2].partition("```")[0]
    files = {file_of(stage.file) for stage in reference.STAGES if stage.file}
    assert files == set(reference.FILES.values())
    assert [file for file in files if f"  {file} " not in layout] == []
