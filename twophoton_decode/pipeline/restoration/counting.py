"""The blind page of a restored movie, and what people counted on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from twophoton_decode.errors import UsageError
from twophoton_decode.files.atomic import write_text
from twophoton_decode.records.deep.restoration import Restoration
from twophoton_decode.report.counting.counts import Inventions, inventions, read_counts
from twophoton_decode.report.counting.crops import crops_of
from twophoton_decode.report.counting.page import counting_page
from twophoton_decode.session.netcdf import read_record


def make_page(record: Path, page: Path) -> int:
    """Write the page; how many crops it has.

    Raises
    ------
    UsageError
        There is no such record, or the page cannot be written.
    RecordError
        The record is damaged, or another one.
    """
    found = _record(record)
    if page.exists():
        raise UsageError(f"{page} is there already. Remove it, or choose another name.")
    try:
        write_text(page, counting_page(found, record.stem))
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be written: {error.strerror}.") from error
    return len(crops_of(found))


def read_answers(record: Path, answers: Sequence[Path]) -> Inventions:
    """What people counted.

    Raises
    ------
    UsageError
        Counts cannot be read, or are of another page.
    """
    found = _record(record)
    return inventions(found, [read_counts(_text(each), found, str(each)) for each in answers])


def _record(file: Path) -> Restoration:
    if not file.is_file():
        raise UsageError(
            f"there is no file {file}: `tpdecode restore` writes one beside the restored movie."
        )
    return read_record(file, Restoration)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
