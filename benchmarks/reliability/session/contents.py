"""What a session holds, as far as it may not differ between two runs of the same.

Left out are times, and what a run says of work that it did again because its result was damaged:
that is how it tells, in notes that a record and the report keep.
"""

import hashlib
import json
import re

import h5py
import numpy as np

from twophoton_decode.extraction.kept.pickles import read_objects

RECORDS = ".nc"
OPS = "ops.npy"
"""suite2p's notes on its work, with the date and how long it took."""
NOTES = "notes"
_PASSING = {"seconds", "finished", "seconds_per_picture"}
_PASSING_OPS = {"date_proc", "plane_times"}
DONE_AGAIN = re.compile(
    r"files in \S+ are not what was written \([^)]*\); that was done again"
    r"|the \d+ frames that an interrupted run had left in \S+ are not what it wrote; motion was "
    r"corrected from the beginning"
)
_CONTENT = re.compile(r"(?<!whole:)\b[0-9a-f]{40}\b")
"""Hashes of records in the report's table: the records themselves are compared."""
_LINE_DONE_AGAIN = re.compile(rf"\s*<li>[^<]*({DONE_AGAIN.pattern})</li>")
_TIMES = re.compile(r"<td>\d{4}-\d\d-\d\dT[^<]*</td><td>[\d.]*</td>")
"""When a stage ended, and its seconds, in the report's table."""


def contents(session):
    """Hashes of records, tables, figures, the summary and suite2p's arrays, by path."""
    found = {}
    for file in sorted(session.rglob("*")):
        name = file.relative_to(session).as_posix()
        if file.is_file() and not name.startswith((".tpdecode", "logs/", "suite2p.")):
            found[name] = _content(file, name, session)
    return found


def differing(before, after):
    """Paths that differ, or are on one side only."""
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def _content(file, name, session):
    try:
        if file.suffix == RECORDS:
            return _of_record(file)
        if file.suffix == ".json":
            return _of_json(json.loads(file.read_text()))
        if file.name == OPS:
            ops = read_objects(file).item()
            return _hash(repr({k: v for k, v in ops.items() if k not in _PASSING_OPS}).encode())
        if file.suffix == ".npz":
            # Its bytes hold the time at which it was written.
            with np.load(file, allow_pickle=False) as held:
                return _hash(b"".join(name.encode() + held[name].tobytes() for name in held.files))
        if file.suffix in (".html", ".svg"):
            text = file.read_text(errors="replace").replace(str(session.parent), "")
            return _hash(_without(text, _TIMES, _CONTENT, _LINE_DONE_AGAIN).encode())
    except Exception as error:
        return f"unreadable: {type(error).__name__}"
    return _hash(file.read_bytes())


def _of_record(file):
    """Values and texts of a record, whatever wrote them to disk."""
    parts = []
    with h5py.File(file, "r", locking=False) as record:
        for name in sorted(set(record) - _PASSING):
            values = np.asarray(record[name])
            content = values.tobytes() if values.dtype != object else repr(values.tolist()).encode()
            parts.append(f"{name}{values.shape}{_hash(content)}")
        attributes = {
            n: str(record.attrs[n]) for n in sorted(set(record.attrs) - _PASSING) if n[0] != "_"
        }
    if NOTES in attributes:
        attributes[NOTES] = _others(json.loads(attributes[NOTES]))
    return _hash("\n".join([*parts, repr(attributes)]).encode())


def _of_json(values):
    """The summary, what lies beside suite2p's planes, and a marker with its digests."""
    if NOTES in values:
        values = {k: v for k, v in values.items() if k != "check"}
        values[NOTES] = _others(values[NOTES])
    if "files" in values:
        values["files"] = {k: v for k, v in values["files"].items() if k != OPS}
    return json.dumps(_lasting(values), sort_keys=True)


def _without(text, *patterns):
    for each in patterns:
        text = each.sub("", text)
    return text


def _others(notes):
    return [each for each in notes if not DONE_AGAIN.fullmatch(each)]


def _lasting(summary):
    if not isinstance(summary, dict):
        return summary
    return {key: _lasting(value) for key, value in summary.items() if key not in _PASSING}


def _hash(content):
    return hashlib.blake2b(content, digest_size=12).hexdigest()
