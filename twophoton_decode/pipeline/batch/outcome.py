"""What became of a session in a batch, and the table that keeps it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

from twophoton_decode.errors import UsageError
from twophoton_decode.files.atomic import write_text

State = Literal["done", "failed", "interrupted"]


@dataclass(frozen=True)
class Outcome:
    """Of one session.

    Attributes
    ----------
    session : str
        Its folder.
    state : str
        ``done``; ``failed``; ``interrupted``: by Ctrl-C, or never begun.
    seconds : float
        For how long it was worked on.
    result : str
        The main result, or what went wrong.
    """

    session: str
    state: State
    seconds: float
    result: str


COLUMNS = tuple(field.name for field in fields(Outcome))


def read_outcomes(file: Path) -> dict[str, Outcome]:
    """The outcomes in a table of `write_outcomes`, by session; none where there is no table.

    Raises
    ------
    UsageError
        The file is something else.
    """
    if not file.exists():
        return {}
    try:
        rows = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise ValueError
        return {row["session"]: _outcome(row) for row in rows}
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise UsageError(
            f"{file} is no table of `tpdecode batch` (expected the columns {', '.join(COLUMNS)}), "
            "so it is not replaced. Name another file with -o."
        ) from error


def _outcome(row: Mapping[str, str]) -> Outcome:
    state = row["state"]
    if state not in get_args(State):
        raise ValueError
    return Outcome(row["session"], state, float(row["seconds"]), row["result"])  # type: ignore[arg-type]


def write_outcomes(file: Path, outcomes: Mapping[str, Outcome]) -> None:
    """Write a row a session; a call that is killed leaves the former table or this one."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for each in outcomes.values():
        table.writerow([each.session, each.state, f"{each.seconds:.1f}", each.result])
    write_text(file, text.getvalue())
