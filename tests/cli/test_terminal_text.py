"""Names from files cannot steer the terminal, fake a line, or break the JSON that is printed."""

from __future__ import annotations

import ast
import json
import logging
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

import twophoton_decode.cli
from twophoton_decode.cli.console import Console, echo, echo_json

HOSTILE = "a\x1b[31m\u202e\nwarning: none.tif"
SHOWN = r"a\x1b[31m\u202e\nwarning: none.tif"


def steering(text):
    return [each for each in text if each != "\n" and not each.isprintable()]


@pytest.fixture
def raw(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 500, (30, 32, 32), dtype=np.uint16)
    tifffile.imwrite(tmp_path / HOSTILE, pixels)
    return tmp_path


def test_only_the_console_prints():
    folder = Path(twophoton_decode.cli.__file__).parent
    for file in folder.rglob("*.py"):
        calls = [n for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.Call)]
        printing = [
            ast.unparse(n.func) for n in calls if ast.unparse(n.func) in ("print", "click.echo")
        ]
        assert not printing or file.name == "console.py", file


def test_names_of_files_in_inspect(tpdecode, raw):
    code, output, error = tpdecode("inspect", raw)
    assert code == 0, error
    assert f"  {raw}/{SHOWN}: 30 images" in output.splitlines()
    assert not steering(output + error)


def test_inspect_as_json(tpdecode, raw):
    code, output, error = tpdecode("inspect", raw, "--json")
    assert code == 0, error
    assert HOSTILE in json.dumps(json.loads(output), ensure_ascii=False).replace(
        "\\n", "\n"
    ).replace("\\u001b", "\x1b")
    assert not steering(output + error)


def test_names_in_errors(tpdecode, tmp_path):
    (tmp_path / HOSTILE).write_text("no movie")
    code, output, error = tpdecode("inspect", tmp_path)
    assert code == 1
    assert SHOWN in error
    assert len(error.splitlines()) == 1
    assert not steering(output + error)


def test_names_in_wrong_calls(tpdecode, tmp_path):
    code, output, error = tpdecode("run", tmp_path, "--cells", tmp_path / "\x1b[2Jgone")
    assert code == 2
    assert r"\x1b[2Jgone" in error
    assert not steering(output + error)
    code, _, error = tpdecode("\x1b[2J")
    assert (code, steering(error)) == (2, [])


def test_a_name_that_is_no_utf_8(capsys):
    echo(b"caf\xe9.tif".decode("utf-8", "surrogateescape"))
    assert capsys.readouterr().out == "caf\\xe9.tif\n"


def test_a_terminal_of_few_letters(tmp_path, monkeypatch):
    with (tmp_path / "out").open("w", encoding="ascii") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        echo("ΔF/F")
    assert (tmp_path / "out").read_text() == "\\u0394F/F\n"


def test_what_libraries_log_is_shown_as_well(tpdecode):
    tpdecode("--version")
    record = logging.LogRecord("tifffile", logging.WARNING, "", 1, "<%s>", (HOSTILE,), None)
    assert logging.lastResort.format(record) == f"<{SHOWN}>"


def test_json_lines_stay(capsys):
    echo_json('{\n "a\x9b": 1\n}')
    assert capsys.readouterr().out == '{\n "a\\u009b": 1\n}\n'


def test_lines_and_progress_without_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr("twophoton_decode.cli.console.SECONDS_BETWEEN_LINES", -1)
    with Console(0) as console:
        console.say(f"reading {HOSTILE}")
        console.progress(0, 2, HOSTILE)
        console.progress(1, 2, HOSTILE)
    output, error = capsys.readouterr()
    assert output == f"reading {SHOWN}\n"
    assert error == f"  {SHOWN}: 1 of 2\n"


def test_markup_in_names_is_text_in_the_bar(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with Console(0) as console:
        console.progress(0, 2, "[bold]a[/] [/b] :smile: \x1b[31m")
        assert console._bar is not None
        shown = console._bar.columns[0](console._bar.tasks[0]).plain
    assert shown == r"[bold]a[/] [/b] :smile: \x1b[31m"
