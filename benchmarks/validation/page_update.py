"""An earlier ``docs/validation.md`` with the rows of some studies made anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from cited import ROWS
from measures import Quantity, Tally
from validation_page import cited_row, made, names_of, page, row_line

SUMMARY, SETTINGS = "## Every interval and every p\n", "## Every setting\n"


def updated(
    text: str,
    tallies: Iterable[Tally],
    registered: Collection[Quantity],
    command: str,
    seconds: float,
) -> str:
    """The page with these rows in place of older ones, or below them, and cited rows anew.

    Rows of quantities that no study registers any more go. The last line says how rows were
    made; one like it stands below for every update.

    Parameters
    ----------
    tallies : iterable of Tally
        All settings of every quantity in them.
    registered : collection of Quantity
        Of all studies.
    """
    head, summary, settings = _parts(text)
    _, new_summary, new_settings = _parts(page(tallies, command, seconds))
    cited = [row_line(cited_row(row)) for row in ROWS]
    measured = [line for line in _rows(new_summary) if line not in cited]
    known = {_key((names_of(each.names), each.what)) for each in registered}
    short = {_key((names_of(each.names[:1]), each.what)) for each in registered}
    notes = [line for line in settings.splitlines() if line.startswith(("Made on ", "Rows of "))]
    own = f"Rows of {', '.join(dict.fromkeys(map(_name, measured)))}: "
    notes = [each for each in notes if not each.startswith(own)]
    notes.append(own + made(command, seconds).replace("Made", "made", 1))
    return "\n".join(
        [
            head + SUMMARY,
            *_table(summary)[:2],
            *_merged(_rows(summary), measured, known),
            *cited,
            "",
            SETTINGS,
            *_table(settings)[:2],
            *_merged(_rows(settings), _rows(new_settings), short),
            "",
            "\n\n".join(notes),
            "",
        ]
    )


def _parts(text: str) -> tuple[str, str, str]:
    head, rest = text.split(SUMMARY)
    return head, *rest.split(SETTINGS)


def _table(part: str) -> list[str]:
    return [line for line in part.splitlines() if line.startswith("| ")]


def _rows(part: str) -> list[str]:
    return _table(part)[2:]


def _merged(old: list[str], new: list[str], known: Collection[str]) -> list[str]:
    """New rows where those of the same quantity stood, else below; what is unknown goes."""
    fresh: dict[str, list[str]] = {}
    for line in new:
        fresh.setdefault(_key(_cells(line)), []).append(line)
    found = []
    for line in old:
        key = _key(_cells(line))
        if key in fresh:
            found += fresh[key]
            fresh[key] = []
        elif key in known:
            found.append(line)
    return found + [line for lines in fresh.values() for line in lines]


def _cells(line: str) -> list[str]:
    return line.strip("| ").split(" | ")


def _key(cells: Collection[str]) -> str:
    """Names and what is measured of them."""
    return " | ".join(list(cells)[:2])


def _name(line: str) -> str:
    return _cells(line)[0].split(", ")[0]
