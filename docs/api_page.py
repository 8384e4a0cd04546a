"""The page of the front door, from its docstrings: what ``docs/make_reference.py`` writes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import twophoton_decode as tp
from twophoton_decode.api.figure import Figure
from twophoton_decode.api.status import Status
from twophoton_decode.api.stored.by_decoder import ByDecoder
from twophoton_decode.api.stored.record import StoredRecord

INTRODUCTION = """# The program from Python

```python
import twophoton_decode as tp
```

loads nothing heavy and gives the names on this page. They are a promise: what they take and
return changes only with a note in the [changes](../CHANGELOG.md). Everything else in the
package is private and may move. Errors are those of [concepts](concepts.md#errors), in
`tp.errors`; wrong arguments are a `UsageError` that is a `ValueError` too. How it goes together:
[in a notebook](notebook.md).
"""

PAGE: tuple[tuple[str, Any, tuple[tuple[str, Any], ...]], ...] = (
    (
        "Sessions",
        None,
        (("tp.open", tp.open), ("tp.from_arrays", tp.from_arrays), ("tp.Session", tp.Session)),
    ),
    (
        "What a session gives",
        None,
        (("record", StoredRecord), ("records by decoder", ByDecoder), ("status", Status),
         ("figure", Figure)),
    ),
    ("Simulation", None, (("tp.simulate", tp.simulate), ("tp.Simulation", tp.Simulation))),
    ("Decoders", tp.decoders, ()),
    ("Features", tp.features, ()),
    ("Scores", tp.scores, ()),
    ("Folds", tp.folds, ()),
    ("Layers decoded", tp.layer_decoding, ()),
    ("Representation", tp.representation, ()),
    ("Restoration", tp.restoration, ()),
    ("Over sessions", tp.over_sessions, ()),
)  # fmt: skip
_PRIVATE = {"LinearFeatures"}
"""What extensions build on: docs/extending.md."""
_LONGEST_DEFAULT = 20
_SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.M)


def api_page() -> str:
    """The page without its first line, which says where it comes from."""
    return INTRODUCTION + "".join(_part(*each) for each in PAGE)


def _part(heading: str, module: Any, things: tuple[tuple[str, Any], ...]) -> str:
    told = "" if module is None else rendered(inspect.getdoc(module) or "")
    if module is not None:
        short = module.__name__.rpartition(".")[2]
        names = [name for name in module.__all__ if name not in _PRIVATE]
        things = tuple((f"tp.{short}.{name}", getattr(module, name)) for name in names)
    return f"\n## {heading}\n{told}" + "".join(_thing(name, thing) for name, thing in things)


def _thing(name: str, thing: Any) -> str:
    called = name.rpartition(".")[2]
    signature = _signature(called, thing) if name.startswith("tp.") else ""
    parts = [f"\n### `{name}`\n", signature, rendered(inspect.getdoc(thing) or "")]
    if inspect.isclass(thing):
        parts += [_member(key, each) for key, each in _members(thing)]
    return "".join(parts)


def _members(kind: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties that the class itself has, in the order of the file."""
    for key, each in vars(kind).items():
        if not key.startswith("_") and (callable(each) or isinstance(each, property)):
            yield key, each


def _member(name: str, member: Any) -> str:
    call = "" if isinstance(member, property) else _arguments(member, without="self")
    return f"\n#### `.{name}{call}`\n{rendered(inspect.getdoc(member) or '')}"


def _signature(name: str, thing: Any) -> str:
    return f"```python\n{name}{_arguments(thing)}\n```\n"


def _arguments(thing: Any, without: str = "") -> str:
    """Arguments with their defaults; types are in the docstring."""
    signature = inspect.signature(thing)
    kept = [
        each.replace(annotation=inspect.Parameter.empty, default=_shown(each.default))
        for each in signature.parameters.values()
        if each.name != without
    ]
    return str(inspect.Signature(kept))


class _Name:
    """A default that is shown by a name, not by its own text."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


def _shown(default: Any) -> Any:
    if default is inspect.Parameter.empty:
        return default
    if callable(default):
        return _Name(default.__name__)
    if isinstance(default, str) and len(default) <= _LONGEST_DEFAULT:
        return _Name(f'"{default}"')
    return _Name("…") if len(repr(default)) > _LONGEST_DEFAULT else default


def rendered(text: str) -> str:
    """A docstring in numpy's style as markdown."""
    pieces = _SECTION.split(text.replace("``", "`"))
    parts = [_plain(pieces[0])]
    for heading, body in zip(pieces[1::2], pieces[2::2], strict=True):
        parts.append(f"**{heading}**\n\n{_examples(body) if '>>>' in body else _entries(body)}")
    return "\n" + "\n".join(parts)


def _plain(text: str) -> str:
    return f"{text.strip()}\n"


def _examples(body: str) -> str:
    return f"```python\n{body.strip()}\n```\n"


def _entries(body: str) -> str:
    """``name : type`` with what is indented below it, one item each."""
    items: list[str] = []
    for entry in re.split(r"\n(?=\S)", body.strip()):
        head, _, below = entry.partition("\n")
        name, colon, kind = head.partition(" : ")
        told = " ".join(below.split())
        items.append(f"- `{name}` ({kind})" if colon else f"- {head}")
        items[-1] += f": {told}" if told else ""
    return "\n".join(items) + "\n"
