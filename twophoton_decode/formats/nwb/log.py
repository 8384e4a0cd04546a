"""Presentations of an NWB file, written as the log and the pictures of a session."""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from twophoton_decode.errors import ExtractionError, UsageError
from twophoton_decode.formats.nwb.contents import Contents
from twophoton_decode.formats.nwb.pictures import (
    Templates,
    all_templates,
    choose_templates,
    templates_at,
    write_pictures,
)
from twophoton_decode.formats.nwb.stimuli import (
    FRAMES,
    Shown,
    all_stimuli,
    choose_stimuli,
    read_shown,
)
from twophoton_decode.progress import Progress, silent

LOG, PICTURES = "log.csv", "images"
BLANK = "blank"
NONE = "none"
_READ_BY_THE_LOG = re.compile(
    r"onset|start|stop|end|time|dur|image|img|stim|pic|file|frame|clip|index|id\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Choices:
    """What the user says of the stimuli of a file.

    Attributes
    ----------
    stimuli : str
        Table or series; ``"none"`` for none at all.
    column : str
        Of a table, the column that names pictures.
    templates : str
        Where the pictures lie.
    transpose : bool
        Pictures are stored as (x, y).
    pictures : bool
        Whether pictures are taken from the file, not from elsewhere.
    """

    stimuli: str = ""
    column: str = ""
    templates: str = ""
    transpose: bool = False
    pictures: bool = True


@dataclass(frozen=True)
class Written:
    """Which files were written, and what is to be said of them."""

    log: bool
    pictures: bool
    notes: list[str]


def write_shown(
    contents: Contents, folder: Path, choices: Choices, progress: Progress = silent
) -> Written:
    """Write ``log.csv`` and ``images/`` in `folder`, which is made, of what a file has shown.

    Raises
    ------
    UsageError
        There are several tables or sets of pictures, and none is named.
    ExtractionError
        A table does not fit its pictures.
    """
    path = Path(contents.file.filename)
    if choices.stimuli == NONE:
        return Written(False, False, [])
    found = all_stimuli(contents, choices.column)
    stimuli = choose_stimuli(found, choices.stimuli, path)
    if stimuli is None:
        return Written(
            False,
            False,
            ["The file has no table or series of stimuli that names pictures: traces alone are "
             "imported. Add a log with --log and --images, or `[source] log`."],
        )  # fmt: skip
    shown = read_shown(contents, stimuli)
    templates = _templates(contents, shown, choices) if choices.pictures else None
    if templates is None and choices.pictures:
        return Written(
            False,
            False,
            [f"{stimuli.words} has no pictures in this file: name them with --images. Traces alone "
             "are imported."],
        )  # fmt: skip
    folder.mkdir(parents=True)
    if templates is not None and stimuli.kind == FRAMES:
        shown, templates = _different(contents, shown, templates)
    if templates is not None:
        write_pictures(contents, templates, folder / PICTURES, transpose=choices.transpose,
                       progress=progress)  # fmt: skip
    names = _names(shown, templates, stimuli.words)
    _write_log(folder / LOG, names, shown)
    blanks = names.count(BLANK)
    notes = [f"Presentations are {stimuli.words}, {blanks} of them blank."]
    if templates is not None:
        how = "(x, y)" if choices.transpose else "(y, x)"
        notes.append(
            f"Pictures are {templates.words}, read as {how}; --transpose-images reads them the "
            "other way."
        )
    return Written(True, templates is not None, notes)


def _templates(contents: Contents, shown: Shown, choices: Choices) -> Templates | None:
    if shown.templates and not choices.templates:
        return templates_at(contents, shown.templates)
    return choose_templates(all_templates(contents), choices.templates)


def _names(shown: Shown, templates: Templates | None, what: str) -> list[str]:
    """The picture of each presentation, as the files of pictures are called."""
    if shown.index is None:
        return _by_label(shown.name or [], templates, what)
    if templates is None:
        return [str(place) if place >= 0 else BLANK for place in shown.index.tolist()]
    last = len(templates.names) - 1
    if shown.index.max(initial=-1) > last:
        row = int(np.argmax(shown.index))
        raise ExtractionError(
            f"{what}: presentation {row} shows picture {shown.index[row]}, but {templates.words} "
            f"end at {last}, counted from 0."
        )
    return [templates.names[place] if place >= 0 else BLANK for place in shown.index.tolist()]


def _by_label(names: list[str], templates: Templates | None, what: str) -> list[str]:
    """Names as they are; those of pictures in the file as their files are called."""
    if templates is None:
        return names
    if not templates.labels:
        raise UsageError(
            f"{what} names pictures, but {templates.words} are a stack without names. Name the "
            "column with their places by --picture-column, or give pictures with --images."
        )
    known = dict(zip(templates.labels, templates.names, strict=True))
    known |= {Path(label).stem: name for label, name in known.items()}
    return [known.get(name, known.get(Path(name).stem, name)) for name in names]


def _different(contents: Contents, shown: Shown, templates: Templates) -> tuple[Shown, Templates]:
    """An image series shows a picture in each frame; equal ones are one picture."""
    data = contents.data(templates.places[0])
    assert data is not None
    seen: dict[bytes, int] = {}
    first: list[int] = []
    index = np.empty(len(data), dtype=np.int64)
    for place in range(len(data)):
        picture = np.ascontiguousarray(data[place])
        digest = hashlib.blake2b(picture.tobytes(), digest_size=16).digest()
        index[place] = seen.setdefault(digest, len(first))
        if index[place] == len(first):
            first.append(place)
    names = tuple(templates.names[place] for place in first)
    kept = replace(templates, names=names, pages=tuple(first))
    return Shown(index, None, shown.onset_s, shown.duration_s), kept


def _write_log(path: Path, names: list[str], shown: Shown) -> None:
    columns = {"image": names, "onset_s": [repr(float(each)) for each in shown.onset_s]}
    if np.isfinite(shown.duration_s).any():
        columns["duration_s"] = [
            repr(float(each)) if np.isfinite(each) else "" for each in shown.duration_s
        ]
    for name, values in shown.columns.items():
        # What the log's reader would take for times or pictures of its own gets another name.
        columns[f"nwb {name}" if _READ_BY_THE_LOG.search(name) else name] = values
    order = np.argsort(shown.onset_s, kind="stable")
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([values[row] for values in columns.values()] for row in order)
