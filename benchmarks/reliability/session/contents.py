"""What a session holds, as far as it may not differ between two runs of the same."""

import hashlib
import json
import re

import h5py
import numpy as np

RECORDS = ".nc"
_PASSING = {"seconds", "finished"}
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
        if name == "summary.json":
            return json.dumps(_lasting(json.loads(file.read_text())), sort_keys=True)
        if file.suffix in (".html", ".svg"):
            text = file.read_text(errors="replace").replace(str(session.parent), "")
            return _hash(_TIMES.sub("", text).encode())
    except Exception as error:
        return f"unreadable: {type(error).__name__}"
    return _hash(file.read_bytes())


def _of_record(file):
    """Values and texts of a record, whatever wrote them to disk."""
    parts = []
    with h5py.File(file, "r", locking=False) as record:
        for name in sorted(record):
            values = np.asarray(record[name])
            content = values.tobytes() if values.dtype != object else repr(values.tolist()).encode()
            parts.append(f"{name}{values.shape}{_hash(content)}")
        parts += [f"{n}={record.attrs[n]}" for n in sorted(record.attrs) if n[0] != "_"]
    return _hash("\n".join(parts).encode())


def _lasting(summary):
    if not isinstance(summary, dict):
        return summary
    return {key: _lasting(value) for key, value in summary.items() if key not in _PASSING}


def _hash(content):
    return hashlib.blake2b(content, digest_size=12).hexdigest()
