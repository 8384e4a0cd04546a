"""A stimulus log's file, read by what it holds rather than by its ending."""

from __future__ import annotations

from pathlib import Path

from twophoton_decode.errors import SettingsError, StimulusLogError, UsageError
from twophoton_decode.files.readable import kind_of
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.tables.table import LogTable
from twophoton_decode.stimulus.tables.text import read_text

_LARGEST_BYTES = 256 * 2**20
_HDF5 = b"\x89HDF\r\n\x1a\n"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


def read_table(path: Path, settings: LogSettings) -> LogTable:
    """The log as a table of text.

    Raises
    ------
    UsageError
        There is no such file, or it is a folder, a pipe or a device.
    StimulusLogError
        It holds no table.
    SettingsError
        The settings name one of several tables, but the file is text.
    """
    if not path.is_file():
        raise UsageError(_no_file(path))
    size = path.stat().st_size
    if size > _LARGEST_BYTES:
        raise StimulusLogError(
            f"{path}: {size / 2**20:.0f} MB is too much for a stimulus log. Name the log itself."
        )
    with path.open("rb") as stream:
        begin = stream.read(512)
    if begin.startswith(b"PK\x03\x04"):
        from twophoton_decode.stimulus.tables.workbook import read_workbook

        return read_workbook(path, settings)
    if begin.startswith((b"MATLAB 5.0", _HDF5)) or path.suffix.lower() == ".mat":
        from twophoton_decode.stimulus.tables.matlab import read_matlab

        return read_matlab(path, settings)
    if begin.startswith(_OLD_OFFICE):
        raise StimulusLogError(f"{path} is an old Excel file. Save it as .xlsx or CSV.")
    if settings.table:
        raise SettingsError(
            f"table = {settings.table!r} under [log] in session.toml names a sheet or a MATLAB "
            f"variable, but {path.name} is text. Leave it empty."
        )
    return read_text(path, path.read_bytes(), settings)


def _no_file(path: Path) -> str:
    if not path.exists():
        return f"{path}: there is no such stimulus log."
    return f"{path} is {kind_of(path.stat().st_mode)}: expected the file of a stimulus log."
