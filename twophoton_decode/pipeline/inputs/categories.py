"""What kind of thing each picture shows, as the session's log or a file says."""

from __future__ import annotations

import numpy as np

from twophoton_decode.errors import StimulusLogError
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.records import Presentations, Responses, Traces

COLUMN = "category"
"""Column of the log, in whatever case."""


def categories_of(work: StageInput, responses: Responses) -> np.ndarray | None:
    """The category of each picture of the responses, (images,), "" for none; None without any.

    From the column `category` of the log, or from ``[source] categories`` of imported arrays.

    Raises
    ------
    StimulusLogError
        A picture stands in two categories.
    ResponseError
        A file with categories for another number of pictures.
    """
    if work.settings.source.kind == "arrays":
        return _from_file(work, responses)
    from twophoton_decode.pipeline.plan.log import presentations_of
    from twophoton_decode.pipeline.stages.respond import pictures_of

    names = pictures_of(work).name
    traces = work.read(Traces, "traces.nc")
    log = presentations_of(work.folder, work.settings, names, traces)
    return _from_log(log, responses.image_name)


def _from_log(log: Presentations, image_name: np.ndarray) -> np.ndarray | None:
    named = [name for name in log.columns if name.strip().lower() == COLUMN]
    if not named:
        return None
    found: dict[str, str] = {}
    rows = zip(log.image.tolist(), log.columns[named[0]], log.log_line.tolist(), strict=True)
    for image, text, line in rows:
        name, category = str(log.image_name[image]), text.strip()
        if found.setdefault(name, category) != category:
            raise StimulusLogError(
                f"line {line} of the log: picture {name} has the category {category!r}, but "
                f"{found[name]!r} before. The column {named[0]} must say the same at every "
                "presentation of a picture."
            )
    return np.array([found.get(name, "") for name in image_name.tolist()])


def _from_file(work: StageInput, responses: Responses) -> np.ndarray | None:
    from twophoton_decode.formats.matrices.label_file import read_groups, read_labels
    from twophoton_decode.pipeline.inputs.network_features import pictures_shown
    from twophoton_decode.pipeline.inputs.sources import source_paths, split_key

    source = work.settings.source
    paths = source_paths(work.folder, source, "categories")
    if not paths:
        return None
    images, shown = pictures_shown(work, responses)
    key = split_key(source.categories)[1]
    group = read_groups(paths[0], key, images, "category")[shown]
    label = read_labels(paths[0], key)[shown]
    names = [f"{each:g}" for each in label] if label.dtype.kind in "iuf" else label.astype(str)
    return np.where(group < 0, "", np.char.strip(names))
