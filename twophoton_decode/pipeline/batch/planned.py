"""A table of sessions to be made: a row each, with movie, log, pictures, mouse and settings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from twophoton_decode.errors import SettingsError, StimulusLogError, UsageError
from twophoton_decode.settings import Settings
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.tables.reading import read_table
from twophoton_decode.stimulus.tables.table import LogTable

SOURCE = ("movie", "log", "images", "clips", "image_shape")
NAMED = {"frame_rate_hz": "recording.frame_rate_hz", "mouse": "subject.mouse"}
"""Columns of settings that people give most, and their full names."""
_SEVERAL = ";"


@dataclass(frozen=True)
class Planned:
    """One row: a session that there is, or that is to be made.

    Attributes
    ----------
    session : Path
        Its folder.
    source : mapping of str to str
        What `SOURCE` names and the row gives; paths as they are found from here.
    settings : mapping of str to object
        ``section.key`` to value.
    """

    session: Path
    source: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def movies(self) -> tuple[str, ...]:
        """Movies, which a semicolon separates."""
        return tuple(each.strip() for each in self.source.get("movie", "").split(_SEVERAL) if each)


def read_planned(file: Path, shared: Mapping[str, Any]) -> tuple[list[Planned], list[str]]:
    """The rows of a table, with settings that all share, and columns that are not used.

    Paths in it are taken from the folder of the table. A cell that is empty says nothing.

    Raises
    ------
    UsageError
        There is no column `session`, a row names none, or two rows name the same.
    SettingsError
        A column looks like a setting, and there is none of that name.
    """
    table = _read(file)
    header = [_as_known(name) for name in table.header]
    unused = [name for name in header if not _is_known(name, file)]
    found: dict[Path, Planned] = {}
    for number, cells in enumerate(table.rows):
        row = {name: cell for name, cell in zip(header, cells, strict=True) if cell}
        if "session" not in row:
            raise UsageError(f"{table.where(number)}: no session is named.")
        planned = _planned(row, file.parent, shared)
        if planned.session.resolve() in found:
            raise UsageError(f"{table.where(number)}: session {row['session']} is named twice.")
        found[planned.session.resolve()] = planned
    return list(found.values()), unused


def read_shared(file: Path) -> dict[str, Any]:
    """Settings in a TOML file with the sections of ``session.toml``, as ``section.key``.

    Raises
    ------
    SettingsError
        It cannot be read, or holds what is no section.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read as TOML: {error}.") from error
    if loose := [name for name, value in document.items() if not isinstance(value, dict)]:
        raise SettingsError(
            f"{file}: {', '.join(loose)} stands outside of a section. Write it under one, such "
            "as [recording]."
        )
    return {
        f"{section}.{key}": value
        for section, values in document.items()
        for key, value in values.items()
    }


def _read(file: Path) -> LogTable:
    if not file.is_file():
        raise UsageError(f"{file}: there is no such table of sessions.")
    try:
        table = read_table(file, LogSettings())
    except StimulusLogError as error:
        raise UsageError(f"this is no table of sessions. {error}") from error
    if "session" not in map(_as_known, table.header):
        raise UsageError(
            f"{file}: expected a column session, which names each session's folder; found "
            f"{', '.join(table.header)}."
        )
    return table


def _planned(row: Mapping[str, str], folder: Path, shared: Mapping[str, Any]) -> Planned:
    source = {name: row[name] for name in SOURCE if name in row}
    for name in ("log", "images", "clips"):
        if name in source:
            source[name] = str(folder / source[name])
    if "movie" in source:
        named = [each.strip() for each in source["movie"].split(_SEVERAL)]
        source["movie"] = _SEVERAL.join(str(folder / each) for each in named if each)
    given = {
        NAMED.get(name, name): _value(NAMED.get(name, name), text)
        for name, text in row.items()
        if name in NAMED or "." in name
    }
    return Planned(folder / row["session"], source, {**shared, **given})


def _value(name: str, text: str) -> Any:
    """A cell as the setting wants it: what is no TOML, or names something, is text."""
    section, _, key = name.partition(".")
    part = type(getattr(Settings(), section)).model_fields
    if key in part and part[key].annotation is str:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _as_known(name: str) -> str:
    """A column's name, small letters where that is one which is known."""
    small = name.casefold()
    return small if small in ("session", *SOURCE, *NAMED) else name


def _is_known(name: str, file: Path) -> bool:
    """Whether a column is used; a name with a dot that is no setting is a mistake."""
    if "." not in name:
        return name in ("session", *SOURCE, *NAMED)
    known = _setting_names()
    if name in known:
        return True
    near = get_close_matches(name, known, 1)
    told = f" Did you mean {near[0]}?" if near else ""
    raise SettingsError(f"{file}: there is no setting {name}.{told}")


def _setting_names() -> Sequence[str]:
    return [f"{section}.{key}" for section, part in Settings() for key in type(part).model_fields]
