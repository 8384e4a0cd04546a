"""docs/tutorial.md does what it says: its commands run, and print what it shows."""

import doctest
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import pytest
from conftest import ROOT
from pages import blocks, read_page

from twophoton_decode.session.settings.file import change_setting

PARTS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", read_page("tutorial.md"), re.M | re.S))


def commands_of(console):
    """Each command of a block of a terminal, continued lines joined, and what it prints."""
    for call in re.split(r"^\$ ", console.replace("\\\n", ""), flags=re.M)[1:]:
        command, _, output = call.partition("\n")
        yield command, output.splitlines()


def as_pattern(lines):
    """An expression for the output; … alone on a line stands for any number of lines."""
    patterns = [
        r"(?:.*\n)*?" if line == "…" else re.escape(line.rstrip()).replace("…", ".*?") + r" *\n"
        for line in lines
    ]
    return re.compile("".join(patterns))


def check_console(block, tpdecode):
    for command, shown in commands_of(block.text):
        program, *arguments = shlex.split(command)
        assert program == "tpdecode"
        code, printed, errors = tpdecode(*arguments)
        assert code == 0, f"{command}\n{errors}"
        assert as_pattern(shown).fullmatch(printed), f"{command} printed\n{printed}"


def check_python(block, names):
    """The examples of a block as doctests, … being any text."""
    test = doctest.DocTestParser().get_doctest(
        block.text.replace("…", "..."), names, "tutorial.md", None, None
    )
    assert test.examples
    failures = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    runner.run(test, out=failures.append, clear_globs=False)
    names |= test.globs
    assert failures == []


def change_settings(block):
    """Do with the file what a reader does in an editor."""
    for section, values in tomllib.loads(block.text).items():
        for key, value in values.items():
            change_setting(Path(block.title), section, key, value)


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_the_tutorial_does_what_it_says(part, tmp_path, monkeypatch, tpdecode):
    shutil.copytree(ROOT / "sample_data", tmp_path / "sample_data")
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks(PARTS[part]):
        if block.language == "console":
            check_console(block, tpdecode)
        elif block.language == "python":
            check_python(block, names)
        elif block.language == "toml":
            change_settings(block)
    for figure in re.findall(r"^- `(\w+)`:", PARTS[part], re.M):
        kinds = {path.suffix for path in Path("population/figures").glob(f"{figure}.*")}
        assert kinds == {".pdf", ".svg", ".png", ".csv"}, figure


def test_both_parts_are_there():
    assert list(PARTS) == ["From responses to a report", "From a movie to responses"]


def test_the_log_on_the_page_is_that_of_the_sample_data():
    [shown] = [block.text for block in blocks(read_page("tutorial.md")) if not block.language]
    assert (ROOT / "sample_data/shown.csv").read_text().startswith(shown)


def test_patterns_refuse_what_the_page_does_not_show():
    pattern = as_pattern(["a …", "…", "z = 0.51"])
    assert pattern.fullmatch("a 1\nz = 0.51\n")
    assert pattern.fullmatch("a 1\nb\nc\nz = 0.51\n")
    assert not pattern.fullmatch("a 1\nz = 0.52\n")
    assert not pattern.fullmatch("a 1\nz = 0.51\nmore\n")
