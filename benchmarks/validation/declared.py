"""Every interval, p and standard error that the program declares, from its own source.

Three places name them: the fields of records, the keys of ``summary.json`` and the columns of
tables. A name is collected by what it says of itself, so that a new one cannot be forgotten.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import twophoton_decode
from twophoton_decode import records
from twophoton_decode.records.declaration import Record

NAMED = re.compile(
    r"(_ci95|_p|_p_holm|^p|^p_holm|p_value|_band|_sd|_error(_s)?|^coverage_\d+)$|^p_"
)
"""Names of intervals, of p, of bands, of standard deviations and errors of an estimate."""
DOCUMENTED = re.compile(r"\bFDR\b|standard error")
COLUMN = re.compile(r"^([a-z*][a-z0-9_*]*_)?(p|p_holm|p_value|se)$|_ci95(_low|_high)?$|^p_[a-z_]+$")
ROOMS = ("pipeline", "figures", "report", "analyses", "cli")

SCORES = {"fitting_error", "fitting_error_random", "fitting_error_all"}
"""What weights leave over of a picture: scores, not errors of an estimate."""
SPREADS = {"random_low", "random_high"}
"""Where the draws of random cells lie: a range of what was drawn, not of an estimate."""


def declared() -> dict[str, list[str]]:
    """Where each name is declared: records, or files whose tables and keys have it."""
    found: dict[str, list[str]] = {}
    for name, where in (*_of_records(), *_of_tables()):
        if where not in found.setdefault(name, []):
            found[name].append(where)
    return found


def _of_records() -> Iterator[tuple[str, str]]:
    for record in _record_types():
        yield from ((name, record.__name__) for name in names_of(record))


def names_of(record: type[Record]) -> list[str]:
    """The fields of a record that are an interval, a p, a discovery or an error of an estimate."""
    specs = {
        each.name: each.metadata["spec"]
        for each in dataclasses.fields(record)
        if "spec" in each.metadata
    }

    def has_other_end(name: str) -> bool:
        return any(
            name.endswith(one) and name.removesuffix(one) + other in specs
            for one, other in (("_low", "_high"), ("_high", "_low"))
        )

    return [
        name
        for name, spec in specs.items()
        if name not in SCORES | SPREADS
        and (NAMED.search(name) or DOCUMENTED.search(spec.doc) or has_other_end(name))
    ]


def _record_types() -> list[type[Record]]:
    found = []
    for module in pkgutil.walk_packages(records.__path__, f"{records.__name__}."):
        content = vars(importlib.import_module(module.name))
        own = (each for each in content.values() if isinstance(each, type))
        found += [each for each in own if issubclass(each, Record) and each is not Record]
    return sorted(set(found), key=lambda each: each.__name__)


def _of_tables() -> Iterator[tuple[str, str]]:
    """Keys of dictionaries and of items that are set, in the code that makes tables and keys."""
    package = Path(twophoton_decode.__file__).parent
    for room in ROOMS:
        for path in sorted((package / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                for key in _keys(node):
                    if COLUMN.search(key):
                        yield key, str(path.relative_to(package))


def _keys(node: ast.AST) -> list[str]:
    keys: list[ast.expr | None] = []
    if isinstance(node, ast.Dict):
        keys = list(node.keys)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        keys = [node.slice]
    return [text for text in map(_text, keys) if text]


def _text(key: ast.expr | None) -> str:
    """The text of a key, with ``*`` for what the program puts in; empty if it has none."""
    if isinstance(key, ast.JoinedStr):
        parts = (each.value if isinstance(each, ast.Constant) else "*" for each in key.values)
        return "".join(str(part) for part in parts)
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
