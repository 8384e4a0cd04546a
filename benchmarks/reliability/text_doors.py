"""What people and programs write as text: logs, lists of ROIs, settings; and lists in .npy."""

import csv
import io
import re

import numpy as np
from reading import Door, Reading, digest

from twophoton_decode.extraction.curation.cell_list import read_cell_list
from twophoton_decode.session.settings.file import read_settings
from twophoton_decode.stimulus.log import read_log

NAMES = ["a.png", "b.png", "c.png"]
HEADER = ["image", "onset_s", "duration_s"]
ROIS = 12
PLANE = np.repeat([0, 1], 6)
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?")


def written(name, text):
    def make(folder):
        (folder / name).write_bytes(text.encode())
        return folder / name

    return make


def table(separator):
    rows = [HEADER, *([NAMES[i % 3], f"{1.5 * i + 1:.3f}", "0.5"] for i in range(9))]
    return "\n".join(separator.join(row) for row in rows) + "\n"


def frames():
    return "image,onset_frame\n" + "".join(f"{i % 3},{12 * i + 7}\n" for i in range(9))


def read_shown(file):
    found = read_log(file, NAMES, frame_rate_hz=8.0)
    return _shown(found.image, found.onset_s, found.duration_s, getattr(found, "notes", ()))


def _shown(image, onset, duration, notes=()):
    values = digest(np.asarray(image, np.int64), *(np.asarray(v, float) for v in (onset, duration)))
    return Reading({"rows": len(image)}, values, frozenset(map(str, notes)))


def plain_log(content):
    """What a log of the plainest kind says: its own header, known names, rising onsets."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode("ascii"))))
    except (UnicodeDecodeError, csv.Error):
        return None
    rows = [row for row in rows if row]
    if not rows or rows[0] != HEADER or not all(_plain_row(row) for row in rows[1:]):
        return None
    image, onset, duration = (list(column) for column in zip(*rows[1:], strict=True))
    onset, duration = [float(text) for text in onset], [float(text) for text in duration]
    if any(b <= a + max(d, 0) for a, b, d in zip(onset, onset[1:], duration, strict=False)):
        return None
    return _shown([NAMES.index(name) for name in image], onset, duration)


def _plain_row(row):
    return (
        len(row) == len(HEADER)
        and row[0] in NAMES
        and all(_NUMBER.fullmatch(text) for text in row[1:])
    )


def read_list(file):
    found = read_cell_list(file, PLANE)
    return Reading({"rois": len(found)}, digest(found))


def plain_list(content):
    """Indices, one a line, of digits only."""
    try:
        lines = content.decode("ascii").split("\n")
    except UnicodeDecodeError:
        return None
    lines = [line for line in lines if line]
    if not lines or not all(line.isdecimal() and len(line) < 4 for line in lines):
        return None
    return Reading({"rois": len(lines)}, digest(np.sort(np.array(lines, dtype=np.int64))))


def array_list(values):
    def make(folder):
        np.save(folder / "cells.npy", values)
        return folder / "cells.npy"

    return make


def read_toml(file):
    found = read_settings(file)
    return Reading({}, digest(np.frombuffer(repr(found).encode(), np.uint8)))


SETTINGS = """\
[source]
kind = "movie"
movie = ["raw/*.tif"]
log = "log.csv"
images = "pictures"

[recording]
frame_rate_hz = 15.0
planes = 2
first_index = 1

[images]
size_px = 32

[responses]
response_window_s = [0.0, 1.0]
false_discovery_rate = 0.05

[decoding]
folds = 10
seed = 7
"""
CELLS = np.isin(np.arange(ROIS), [0, 2, 7, 11])
DOORS = [
    Door("log csv", "logs", written("log.csv", table(",")), read_shown, says=plain_log),
    Door("log tsv", "logs", written("log.tsv", table("\t")), read_shown),
    Door("log semicolons", "logs", written("log.csv", table(";")), read_shown),
    Door("log frames", "logs", written("log.csv", frames()), read_shown),
    Door("roi text", "ROI lists", written("c.txt", "7\n2\n0\n11\n"), read_list, says=plain_list),
    Door(
        "roi csv", "ROI lists", written("c.csv", "roi,plane\n0,0\n2,0\n7,1\n11,1\n"), read_list
    ),
    Door("roi npy", "ROI lists", array_list(np.array([7, 0, 2, 11])), read_list),
    Door("roi truth values", "ROI lists", array_list(CELLS), read_list),
    Door(
        "iscell", "ROI lists", array_list(np.stack([CELLS, np.full(ROIS, 0.9)], axis=1)), read_list
    ),
    Door("session.toml", "settings", written("session.toml", SETTINGS), read_toml),
]  # fmt: skip
