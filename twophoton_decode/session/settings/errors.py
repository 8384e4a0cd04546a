"""What is wrong with a setting, in words: where it stands, what was expected, what was meant."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Final

import tomlkit
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from twophoton_decode.session.settings.text import line_of
from twophoton_decode.settings import Settings
from twophoton_decode.settings.allowed import allowed, choices

_LONGEST_SHOWN: Final = 80
_RENAMED: Final = {("deep", "autoencoder"): "generator"}


def explained(where: str, error: ValidationError, text: str = "") -> str:
    """The first problem; pydantic's own words speak of models and types.

    `where` names the file or command, `text` is the file's, in which the line is looked up.
    """
    first = error.errors()[0]
    section, *rest = (str(part) for part in first["loc"])
    key = rest[0] if rest else ""
    if first["type"] == "extra_forbidden" and len(rest) < 2:
        found = _unknown_key(section, key) if key else _unknown_section(section, first["input"])
    elif not key:
        found = f"[{section}]{_whole_section(section, first)}"
    else:
        found = f"[{section}] {key}{_wrong_value(_fields(section)[key], key, first)}"
    outside = not key and not isinstance(first["input"], Mapping)
    line = line_of(text, *(("", section) if outside else (section, key)))
    place = f"{where}, line {line}" if line else where
    return f"{place}, {found}"


def _unknown_section(section: str, value: Any) -> str:
    owners = [name for name in Settings.model_fields if section in _fields(name)]
    if not isinstance(value, Mapping):
        belongs = f" It belongs under [{'] or ['.join(owners)}]." if owners else ""
        return f"{section} stands outside any section.{belongs}"
    known = [f"[{name}]" for name in Settings.model_fields]
    meant = _meant(f"[{section}]", known)
    return f"[{section}]: no such section.{meant} Known are {', '.join(known)}."


def _unknown_key(section: str, key: str) -> str:
    owners = [name for name in Settings.model_fields if key in _fields(name)]
    if owners:
        return (
            f"[{section}] {key}: no such setting here. It belongs under [{'] or ['.join(owners)}]."
        )
    if (section, key) in _RENAMED:
        return f"[{section}] {key}: no such setting. It is now called {_RENAMED[section, key]}."
    known = list(_fields(section))
    meant = _meant(key, known) or _meant_elsewhere(key)
    return f"[{section}] {key}: no such setting.{meant} Known are {', '.join(known)}."


def _meant_elsewhere(key: str) -> str:
    places = {name: section for section in Settings.model_fields for name in _fields(section)}
    close = difflib.get_close_matches(key, places, n=1, cutoff=0.8)
    return f" Did you mean {close[0]} under [{places[close[0]]}]?" if close else ""


def _whole_section(section: str, first: ErrorDetails) -> str:
    if first["type"] == "value_error":
        return f": {_own_words(first)}."
    return (
        f" = {_shown(first['input'])} cannot be used. Expected a section: a line [{section}] "
        "with its settings below."
    )


def _wrong_value(field: FieldInfo, key: str, first: ErrorDetails) -> str:
    if first["type"] == "value_error":
        return f": {_own_words(first)}."
    value = first["input"]
    if first["type"] == "string_unicode":
        return f" = {_shown(value)} is not UTF-8 text, which session.toml requires: rename it."
    expected = f"Expected {allowed(field)}: {field.description}."
    return f" = {_shown(value)} cannot be used. {expected}{_hint(field, key, value)}"


def _hint(field: FieldInfo, key: str, value: Any) -> str:
    if not isinstance(value, str):
        plain = field.annotation is str and isinstance(value, bool | int | float)
        return f' Put it in quotes: {key} = "{value}".' if plain else ""
    return _meant(value, [*choices(field)]) or _without_quotes(field, value)


def _without_quotes(field: FieldInfo, value: str) -> str:
    if field.annotation not in (bool, int, float):
        return ""
    try:
        plain = value in ("true", "false") or float(value) is not None
    except ValueError:
        return ""
    return " Leave out the quotes." if plain else ""


def _meant(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean {close[0]}?" if close else ""


def _own_words(first: ErrorDetails) -> str:
    return first["msg"].removeprefix("Value error, ")


def _shown(value: Any) -> str:
    try:
        text = tomlkit.item(value).as_string()
    except (ValueError, TypeError):
        text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]} …"


def _fields(section: str) -> dict[str, FieldInfo]:
    model: Any = Settings.model_fields[section].annotation
    return dict(model.model_fields)
