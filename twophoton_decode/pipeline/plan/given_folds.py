"""The tier or fold of each picture, as ``[decoding] folds_from`` names a column for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twophoton_decode.errors import SettingsError
from twophoton_decode.pipeline.stage import StageInput

if TYPE_CHECKING:
    import numpy as np

    from twophoton_decode.records import Presentations


def folds_in_log(work: StageInput, log: Presentations) -> np.ndarray | None:
    """What the column says of each picture of the log, (images,); None where none is named.

    Raises
    ------
    SettingsError
        The log has no such column.
    StimulusLogError
        A picture has two tiers.
    """
    from twophoton_decode.stimulus.presentations.picture_column import said_of_pictures

    column = work.settings.decoding.folds_from
    if not column:
        return None
    if column not in log.columns:
        others = ", ".join(log.columns) or "none beside those it was read by"
        raise SettingsError(
            f"folds_from = {column!r} under [decoding]: the log has no such column; its columns "
            f"are {others}."
        )
    return said_of_pictures(log, column, "tier")


def folds_in_table(work: StageInput) -> np.ndarray | None:
    """What the column of ``[source] picture_table`` says of each picture of imported arrays.

    Raises
    ------
    SettingsError
        There is no table.
    UsageError
        It has no such column.
    """
    from twophoton_decode.formats.matrices.label_file import read_labels
    from twophoton_decode.pipeline.inputs.sources import source_paths

    column = work.settings.decoding.folds_from
    if not column:
        return None
    paths = source_paths(work.folder, work.settings.source, "picture_table")
    if not paths:
        raise SettingsError(
            f"folds_from = {column!r} under [decoding]: imported arrays have no log. Write a table "
            "with a header and a row for each picture, and name it by picture_table under [source]."
        )
    return read_labels(paths[0], column).astype(str)
