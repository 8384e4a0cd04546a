"""Which pictures of a session are degraded, as its log or a table of its pictures says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twophoton_decode.errors import AnalysisError, ResponseError, SettingsError
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.records import Responses, Traces

if TYPE_CHECKING:
    from twophoton_decode.stimulus.presentations.degraded import (
        DegradedColumns,
        DegradedPictures,
        PictureRows,
    )

COLUMNS = (
    "deep.degraded_column", "deep.familiar_column", "deep.phase_column", "deep.degradation_column",
)  # fmt: skip


def degraded_pictures(
    work: StageInput, names: np.ndarray, responses: Responses
) -> tuple[DegradedPictures, np.ndarray]:
    """What is known of each of the session's pictures `names`, and the phase of each presentation.

    Returns
    -------
    DegradedPictures
    ndarray of int, shape (presentations of the responses,)
        0 before and 1 after the animal saw the original, -1 for others.

    Raises
    ------
    SettingsError
        No column is named, or one that is not there.
    StimulusLogError
        As `read_degraded`.
    AnalysisError
        The log has changed since the responses were made.
    """
    from twophoton_decode.stimulus.presentations.degraded import DegradedColumns, read_degraded
    from twophoton_decode.stimulus.presentations.pictures import PictureNames, numbers_of

    settings = work.settings
    columns = DegradedColumns(
        settings.deep.degraded_column, settings.deep.familiar_column, settings.deep.phase_column,
        settings.deep.degradation_column,
    )  # fmt: skip
    if not columns.original:
        raise SettingsError(
            "no column says which pictures are degraded. Name the one with their originals by "
            "--degraded COLUMN (degraded_column under [deep])."
        )
    rows, onset_s = _rows(work, names, columns)
    pictures = PictureNames.of(names)
    numbers = numbers_of(pictures, settings.log.picture_numbers, settings.recording.first_index)
    found = read_degraded(rows, pictures, numbers, columns, settings.log.blank_values)
    if onset_s is None or not columns.phase:
        return found, np.full(responses.presentations, -1)
    row_of = {onset: row for row, onset in enumerate(onset_s.tolist())}
    row = [row_of.get(onset, -1) for onset in responses.onset_s.tolist()]
    if -1 in row:
        raise AnalysisError(
            "the log has other onsets than the responses. Run `tpdecode respond` on the session "
            "again."
        )
    return found, found.phase[row]


def _rows(
    work: StageInput, names: np.ndarray, columns: DegradedColumns
) -> tuple[PictureRows, np.ndarray | None]:
    """The rows of the log with their onsets, or those of the table of pictures."""
    if work.settings.source.kind == "arrays":
        return _rows_of_table(work, names, columns), None
    from twophoton_decode.pipeline.inputs.sources import source_paths
    from twophoton_decode.pipeline.plan.log import presentations_of
    from twophoton_decode.stimulus.presentations.degraded import PictureRows

    log = presentations_of(work.folder, work.settings, names, work.read(Traces, "traces.nc"))
    table = source_paths(work.folder, work.settings.source, "log")[0].name
    where = [f"{table}, line {line}" for line in log.log_line.tolist()]
    return PictureRows(log.image, log.columns, where, table), log.onset_s


def _rows_of_table(work: StageInput, names: np.ndarray, columns: DegradedColumns) -> PictureRows:
    from twophoton_decode.formats.matrices.label_file import read_labels
    from twophoton_decode.pipeline.inputs.sources import source_paths
    from twophoton_decode.stimulus.presentations.degraded import PictureRows

    paths = source_paths(work.folder, work.settings.source, "picture_table")
    if not paths:
        raise SettingsError(
            "imported arrays have no log that could name degraded pictures. Write a table with a "
            "header and a row for each picture, and name it by picture_table under [source]."
        )
    if columns.phase:
        raise SettingsError(
            "phase_column under [deep] needs a log, which says of each presentation when it was; "
            "imported arrays have none. Leave it empty."
        )
    wanted = (columns.original, columns.familiar, columns.degradation)
    found = {name: read_labels(paths[0], name).astype(str).tolist() for name in wanted if name}
    if any(len(each) != len(names) for each in found.values()):
        rows = len(found[columns.original])
        raise ResponseError(
            f"{paths[0]}: expected a row for each of the {len(names)} pictures, found {rows}."
        )
    where = [f"{paths[0].name}, row {row + 1}" for row in range(len(names))]
    return PictureRows(np.arange(len(names)), found, where, paths[0].name)
