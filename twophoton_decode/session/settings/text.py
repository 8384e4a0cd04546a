"""The text of a ``session.toml``: read with care, and the lines at which things stand."""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path
from typing import Final

import tomlkit
from tomlkit.exceptions import TOMLKitError

from twophoton_decode.errors import SettingsError

LARGEST_BYTES: Final = 4 * 2**20

_BACKSLASH: Final = re.compile(r'"[^"]*\\')
_LINE: Final = re.compile(r"at line (\d+)")
_HEADER: Final = re.compile(r"\s*\[\s*([\w-]+)\s*\]")
_PATHS: Final = (
    " In double quotes a backslash begins an escape. Write Windows paths in single quotes, "
    r"'C:\data\log.csv', or with forward slashes, \"C:/data/log.csv\"."
)


def parsed(path: Path) -> tuple[str, tomlkit.TOMLDocument]:
    """The text of `path`, and the document that it is.

    Raises
    ------
    SettingsError
        It is no regular file, too large, not UTF-8, or not TOML; with the line where known.
    """
    text = _read(path)
    try:
        tomllib.loads(text)
        return text, tomlkit.parse(text)
    except (ValueError, TOMLKitError, RecursionError) as error:
        raise SettingsError(_not_toml(path, text, error)) from error


def line_of(text: str, section: str, key: str = "") -> int | None:
    """The line, from 1, of `key` in ``[section]``, or of the section; None where it is not said."""
    wanted = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    inside = not section
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            inside = header[1] == section
            if inside and not key:
                return number
        elif inside and key and wanted.match(line):
            return number
    return None


def _read(path: Path) -> str:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            what = "a folder" if stat.S_ISDIR(found.st_mode) else "a pipe, socket or device"
            raise SettingsError(f"{path} is {what}: expected a text file with the settings.")
        if found.st_size > LARGEST_BYTES:
            raise SettingsError(
                f"{path} has {found.st_size / 2**20:.0f} MB, too much for a settings file: "
                f"expected {LARGEST_BYTES // 2**20} MB at most."
            )
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{path} is not in UTF-8 (byte {error.start}): save it as UTF-8 in your editor."
        ) from error


def _not_toml(path: Path, text: str, error: Exception) -> str:
    """Where the text stops being TOML, that line, and what Windows paths need."""
    if isinstance(error, RecursionError):
        return f"{path} cannot be read: its values are nested too deeply."
    if not isinstance(error, tomllib.TOMLDecodeError | TOMLKitError):
        return f"{path} cannot be read: a number in it has thousands of digits."
    place = _LINE.search(str(error))
    if place is None:
        return f"{path} is not valid TOML: {error}."
    number = int(place[1])
    line = (text.splitlines() or [""])[min(number, len(text.splitlines())) - 1]
    what = re.sub(r" \(?at (line|end)[^)]*\)?$", "", str(error))
    shown = line.strip()[:80]
    hint = _PATHS if _BACKSLASH.search(line) else ""
    return f"{path}, line {number} is not valid TOML: {what}, in {shown}.{hint}"
