"""Pictures that a column of the log puts into groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twophoton_decode.errors import StimulusLogError
from twophoton_decode.stimulus.tables.table import LogTable


def groups_in_log(
    table: LogTable, column: str, rows: Sequence[int], image: np.ndarray, images: int
) -> np.ndarray:
    """The group of each picture, shape (images,), -1 where its rows leave the column empty.

    Parameters
    ----------
    column : str
        As `group_column` names it.
    rows : sequence of int
        Rows of the table that show a picture.
    image : ndarray of int, shape (rows of the table,)
        The picture of each row of the table.

    Raises
    ------
    SettingsError
        There is no such column.
    StimulusLogError
        A picture stands in two groups.
    """
    texts = table.column(table.named(column, "[log] group_column"))
    first: dict[int, int] = {}
    for row in rows:
        known = first.setdefault(int(image[row]), row)
        if texts[known] != texts[row]:
            raise StimulusLogError(
                f"{table.where(row)}: the picture is in group {texts[row]!r}, but in group "
                f"{texts[known]!r} in {table.line_word} {table.lines[known]}. group_column under "
                "[log] names a column that says the same at every presentation of a picture."
            )
    names = dict.fromkeys(texts[row] for row in first.values() if texts[row])
    number = {name: place for place, name in enumerate(names)}
    group = np.full(images, -1, dtype=np.int64)
    for picture, row in first.items():
        group[picture] = number.get(texts[row], -1)
    return group
