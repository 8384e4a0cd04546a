"""Commands, options and settings that the pages mention exist."""

import re

import pytest
from conftest import ROOT
from pages import blocks
from test_reference import COMMANDS

from twophoton_decode.cli.main import tpdecode
from twophoton_decode.settings import Settings

PAGES = ["README.md", "sample_data/README.md",
         *(str(p.relative_to(ROOT)) for p in sorted((ROOT / "docs").rglob("*.md")))]  # fmt: skip
INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
CALL = re.compile(
    r"^tpdecode (?P<command>(?:(?:import|export|deep|weights) )?[a-z][a-z0-9-]*)(?P<rest>.*)$", re.M
)
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z0-9-]*")


def calls(text):
    """Every call of the program in code, continued lines joined, as command and options."""
    fenced = [block.text for block in blocks(text) if block.language not in ("python", "toml")]
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    code = [*fenced, *(span.replace("\n", " ") for span in INLINE.findall(prose))]
    for piece in code:
        joined = re.sub(r"\\\n\s*", "", piece)
        lines = [line.strip().removeprefix("$ ") for line in joined.splitlines()]
        for call in CALL.finditer("\n".join(lines)):
            unquoted = re.sub(r'"[^"]*"', "", call["rest"])
            yield call["command"].strip(), set(OPTION.findall(unquoted))


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_options_exist(page):
    for command, options in calls((ROOT / page).read_text(encoding="utf-8")):
        if command in ("import", "deep", "weights"):
            continue
        assert f"tpdecode {command}" in COMMANDS, command
        params = [*COMMANDS[f"tpdecode {command}"].params, *tpdecode.params]
        known = {opt for each in params for opt in each.opts} | {"-h", "--help"}
        assert options <= known, f"tpdecode {command}"


def test_the_readme_shows_calls_of_the_main_commands():
    found = list(calls((ROOT / "README.md").read_text(encoding="utf-8")))
    assert ("init", {"--movie", "--log", "--images", "--frame-rate-hz"}) in found
    assert ("import arrays", {"--responses", "--axes", "--images", "-o"}) in found
    assert {"demo", "run", "extract"} <= {command for command, _ in found}


@pytest.mark.parametrize("page", ["docs/tutorial.md", "docs/concepts.md", "docs/extending.md"])
def test_settings_mentioned_as_key_and_value_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    keys = {
        key for field in Settings.model_fields.values() for key in field.annotation.model_fields
    }
    mentioned = set(re.findall(r"`(\w+) = ", text))
    assert mentioned <= keys
    sections = set(re.findall(r"^\[(\w+)\]$", text, flags=re.M))
    assert sections <= set(Settings.model_fields)


def test_a_command_that_does_not_exist_would_be_noticed():
    assert list(calls("`tpdecode fly S --high`")) == [("fly", {"--high"})]
    assert "tpdecode fly" not in COMMANDS
