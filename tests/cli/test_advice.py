"""What messages advise exists: every option, command and setting that they name."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import twophoton_decode
from twophoton_decode import errors
from twophoton_decode.cli.main import tpdecode
from twophoton_decode.pipeline.chain import stages_of
from twophoton_decode.registry import DECODERS
from twophoton_decode.settings import Settings

PACKAGE = Path(twophoton_decode.__file__).parent

# Options of other programs that messages name.
FOREIGN = {"--no-deps", "--nthreads", "--resources"}
"""Of pip and of Dask's workers."""


def texts(file: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every string that is no docstring; what is filled in becomes ``{}``."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if id(node) in bare or id(node) in inside:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            parts = [
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
            ]
            yield node.lineno, "".join(parts)


def commands(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for short, each in command.commands.items():
            yield from commands(each, f"{name} {short}".strip())


COMMANDS = dict(commands(tpdecode))
OPTIONS = {
    option
    for command in COMMANDS.values()
    for parameter in command.params
    for option in (*parameter.opts, *parameter.secondary_opts)
} | {"--help", "-h"}
SECTIONS = {
    name: set(field.annotation.model_fields) for name, field in Settings.model_fields.items()
}
FILES = sorted(PACKAGE.rglob("*.py"))

KEY_FIRST = re.compile(
    r"\b([a-z][a-z_]+)(?: = (?:\"[^\"]*\"|[^\s\"]+))?(?: \([^)]*\))? (?:in|under) \[(\w+)\]"
)
SECTION_FIRST = re.compile(r"(?<!in )(?<!under )\[(\w+)\] ([a-z][a-z_]+)")


@functools.cache
def every_text() -> list[tuple[str, str]]:
    return [
        (f"{file.relative_to(PACKAGE)}, line {line}", text)
        for file in FILES
        for line, text in texts(file)
    ]


def found(pattern: str) -> Iterator[tuple[str, re.Match[str]]]:
    for where, text in every_text():
        for match in re.finditer(pattern, text):
            yield f"{where}: {text}", match


def test_options_exist():
    named = list(found(r"(?<![\w-])--[a-z][a-z0-9-]*[a-z0-9]"))
    assert len(named) > 60
    for where, match in named:
        assert match[0] in OPTIONS | FOREIGN, where


def test_options_belong_to_the_command_named_with_them():
    """``tpdecode extract S --frame-rate-hz 8``, and "give --planes to `tpdecode inspect`"."""
    for where, match in found(r"`tpdecode ([a-z-]+)([^`]*)`"):
        options = (
            {o for p in COMMANDS[match[1]].params for o in p.opts}
            if match[1] in COMMANDS
            else set()
        )
        for option in re.findall(r"--[a-z0-9-]+", match[2]):
            assert option in options, where
    for where, match in found(r"give (--[a-z0-9-]+[^.;`]*) to `tpdecode ([a-z-]+)`"):
        options = {o for p in COMMANDS[match[2]].params for o in p.opts}
        for option in re.findall(r"--[a-z0-9-]+", match[1]):
            assert option in options, where


def test_commands_exist():
    named = list(found(r"`tpdecode ([a-z][a-z-]*)"))
    assert len(named) > 20
    for where, match in named:
        assert match[1] in COMMANDS, where


def test_sections_exist():
    named = list(found(r"(?:in|under) \[(\w+)\]"))
    assert len(named) > 40
    for where, match in named:
        assert match[1] in SECTIONS, where


@pytest.mark.parametrize(("pattern", "key", "section"), [(KEY_FIRST, 1, 2), (SECTION_FIRST, 2, 1)])
def test_settings_exist(pattern, key, section):
    named = [
        (where, match) for where, match in found(pattern.pattern) if match[section] in SECTIONS
    ]
    assert len(named) > 5
    for where, match in named:
        assert match[key] in SECTIONS[match[section]], where


def test_the_patterns_find_settings():
    text = 'Set device = "cpu" in [extraction], or cells (none) under [responses]; [source] log'
    assert [m.groups() for m in KEY_FIRST.finditer(text)] == [
        ("device", "extraction"), ("cells", "responses"),
    ]  # fmt: skip
    assert [m.groups() for m in SECTION_FIRST.finditer(text)][-1] == ("source", "log")


ODD_ENGLISH = (
    "in a way it does not know", "So or alike", "stale are", "files says", "times says",
    "Warning: warning", "warning: warning", ", got ", "; got ",
)  # fmt: skip


@pytest.mark.parametrize("words", ODD_ENGLISH)
def test_odd_words_stay_away(words):
    assert not list(found(re.escape(words)))


def test_no_message_repeats_the_prefix_it_is_printed_with():
    """Notes are printed as ``respond: …`` and ``reconstruct:ridge: …``."""
    names = {*DECODERS.names(), *(stage.name for stage in stages_of(Settings()))}
    for where, text in every_text():
        if not where.startswith(("cli", "pipeline")):
            assert text.partition(": ")[0] not in names or ": " not in text, f"{where}: {text}"


def test_errors_do_not_begin_with_their_kind():
    kinds = [name for name in vars(errors) if name.endswith("Error")]
    assert len(kinds) > 10
    for where, text in every_text():
        assert not text.startswith(tuple(f"{kind}: " for kind in kinds)), f"{where}: {text}"
