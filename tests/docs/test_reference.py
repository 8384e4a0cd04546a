"""The reference pages are what the code says, and every command explains itself."""

import importlib.util
import re
import sys

import click
import pytest
from conftest import ROOT

import twophoton_decode as tp
from twophoton_decode.cli.main import tpdecode


def _make_reference():
    # As where the script is run: it has the page of the front door from beside it.
    sys.path.insert(0, str(ROOT / "docs"))
    spec = importlib.util.spec_from_file_location("make_reference", ROOT / "docs/make_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = _make_reference()
COMMANDS = dict(reference.commands())


@pytest.mark.parametrize("path", reference.pages(), ids=lambda path: path.name)
def test_the_page_is_what_the_code_says(path):
    assert path.read_text(encoding="utf-8") == reference.pages()[path], "run `make docs`"


def test_every_command_is_found_below_its_groups():
    assert {"tpdecode run", "tpdecode import arrays"} <= COMMANDS.keys()
    assert not any(isinstance(command, click.Group) for command in COMMANDS.values())
    tops = {name.split()[1] for name in COMMANDS}
    assert tops == set(tpdecode.commands)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_has_a_summary_that_fits_a_line(name):
    summary = COMMANDS[name].help.strip().splitlines()[0]
    assert summary.endswith(".")
    assert len(summary) <= 90


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_help_text(name):
    options = [each for each in COMMANDS[name].params if isinstance(each, click.Option)]
    without = [option.opts for option in options if not (option.help or "").strip()]
    assert without == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_calls_this_command_with_options_that_it_has(name):
    _, _, example = COMMANDS[name].help.partition("Example:")
    calls = re.sub(r"\\\n\s*", "", example).strip().splitlines()
    own = [call.strip() for call in calls if call.strip().startswith(name)]
    assert own, f"`{name} --help` shows no example"
    known = {opt for each in COMMANDS[name].params for opt in each.opts}
    for call in own:
        assert set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", call)) <= known


MODULES = {
    "decoders", "errors", "features", "folds", "layer_decoding", "over_sessions", "representation",
    "restoration", "scores",
}  # fmt: skip


def test_the_page_of_the_front_door_has_every_name_with_its_arguments():
    page = reference.pages()[ROOT / "docs/python.md"]
    for name in set(tp.__all__) - MODULES:
        assert f"\n### `tp.{name}`\n" in page
    for module in sorted(MODULES - {"errors"}):
        for name in set(getattr(tp, module).__all__) - {"LinearFeatures"}:
            assert f"\n### `tp.{module}.{name}`\n" in page
    assert "- `repeats` (int): Presentations of each picture.\n" in page
    assert "#### `.run(*stages, decoders=(), networks=(), say=print)`\n" in page


def test_every_setting_and_every_record_field_says_what_it_is():
    for page in (reference.settings_page(), reference.records_page()):
        rows = [line for line in page.splitlines() if line.startswith("| `")]
        assert len(rows) > 30
        assert [row for row in rows if row.rstrip(" |").endswith("|")] == []
        assert [row for row in rows if not row.split("|")[-2].strip()] == []


def test_the_records_page_has_every_record_with_the_axes_of_its_arrays():
    page = reference.records_page()
    for name in ("Recording", "Presentations", *reference.FILES):
        assert f"\n## {name}\n" in page
    assert "| `response` | presentation, cell | as `response_unit` says | float64 |" in page
    assert "(`image_of_presentation`)" in page
