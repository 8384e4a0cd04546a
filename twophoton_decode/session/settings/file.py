"""``session.toml``: written with every default and its comment, read with clear errors."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import BaseModel, ValidationError
from tomlkit.items import Table

from twophoton_decode.errors import SettingsError
from twophoton_decode.files.atomic import write_text
from twophoton_decode.session.settings.errors import explained
from twophoton_decode.session.settings.text import parsed
from twophoton_decode.settings import Settings, Source
from twophoton_decode.settings.former import said_of_former, without_former


def write_settings(path: Path, settings: Settings) -> None:
    """Write every section with its description and every key with its comment."""
    document = tomlkit.document()
    document.add(tomlkit.comment("Settings of this session, every key with its default. After a"))
    document.add(tomlkit.comment("change, `tpdecode status` shows which results are stale."))
    for name in type(settings).model_fields:
        document.add(name, _table(getattr(settings, name)))
    write_text(path, tomlkit.dumps(document))


def read_settings(path: Path) -> Settings:
    """Read and check `path`; `SettingsError` names section, key, value and what is expected."""
    text, document = parsed(path)
    return _checked(without_former(document.unwrap()), str(path), text)


def without_effect(path: Path) -> list[str]:
    """One sentence for each setting in `path` that an earlier version had and that did nothing."""
    return [f"{path.name}: {said}" for said in said_of_former(parsed(path)[1].unwrap())]


def with_changes(settings: Settings, changes: Mapping[str, Any], where: str) -> Settings:
    """`settings` with each ``section.key`` of `changes` set, checked as a file's values are.

    Raises
    ------
    SettingsError
        There is no such setting, or it cannot have this value; `where` says who set it.
    """
    values = settings.model_dump(exclude_unset=True)
    for name, value in changes.items():
        section, _, key = name.partition(".")
        values.setdefault(section, {})[key] = list(value) if isinstance(value, tuple) else value
    return _checked(values, where)


def source_of(command: str, **values: Any) -> Source:
    """The ``[source]`` that a command's options name, checked; the rest is not set."""
    changes = {f"source.{key}": value for key, value in values.items()}
    return with_changes(Settings(), changes, command).source


def change_setting(path: Path, section: str, key: str, value: Any) -> None:
    """Set one key and keep everything else in the file, comments included.

    Nothing is written if the file is not valid, or would not be with the change.
    """
    text, document = parsed(path)
    _checked(without_former(document.unwrap()), str(path), text)
    table = _part_with(document, section, key)
    # Asked for by index, true and false would come as Python's own, without a comment.
    comment = table.item(key).trivia.comment if key in table else ""
    table[key] = value
    if comment:
        table.item(key).comment(comment.lstrip("# "))
    text = tomlkit.dumps(document)
    _checked(without_former(tomllib.loads(text)), str(path), text)
    write_text(path, text)


def _part_with(document: tomlkit.TOMLDocument, section: str, key: str) -> Any:
    """The table of a section that has `key`, or where it can stand.

    A section may be written in several: ``[responses]``, and its ``[responses.exclude]`` below
    other sections.
    """
    parts: list[Any] = [
        item for name, item in document.body if name is not None and name.key == section
    ]
    if not parts:
        return document.setdefault(section, tomlkit.table())
    return min(parts, key=lambda part: (key not in part, _has_no_header(part)))


def _has_no_header(part: Any) -> bool:
    return isinstance(part, Table) and part.is_super_table()


def _checked(values: dict[str, Any], where: str, text: str = "") -> Settings:
    """The settings; a number in quotes is no number, and true is not 1."""
    try:
        return Settings.model_validate(values, strict=True)
    except ValidationError as error:
        raise SettingsError(explained(where, error, text)) from error


def _table(section: BaseModel) -> Any:
    table = tomlkit.table()
    table.add(tomlkit.comment((type(section).__doc__ or "").strip().splitlines()[0]))
    for key, field in type(section).model_fields.items():
        value = getattr(section, key)
        item = tomlkit.item(list(value) if isinstance(value, tuple) else value)
        if isinstance(value, dict):
            item = tomlkit.inline_table()
            item.update(value)
        table.add(key, item.comment(field.description or ""))
    return table
