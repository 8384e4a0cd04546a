"""What a setting may be, in words, read off its declaration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import to_json

_PLAIN: Final = {bool: "true or false", str: "a text in quotes"}
_NUMBERS: Final = {int: "a whole number", float: "a number"}
_MANY: Final = {int: "whole numbers", float: "numbers", str: "texts in quotes"}


def allowed(field: FieldInfo) -> str:
    """Type and limits of a setting, such as "a number from 0 to 50"."""
    return _words(field.annotation, field.metadata)


def choices(field: FieldInfo) -> tuple[str, ...]:
    """The texts that a setting chooses among; empty where it is not such a choice."""
    if get_origin(field.annotation) is not Literal:
        return ()
    return tuple(each for each in get_args(field.annotation) if isinstance(each, str))


def _words(kind: Any, limits: Sequence[Any]) -> str:
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _words(parts[0], parts[1:])
    if origin in (Union, UnionType):
        return " or ".join(_words(part, ()) for part in parts)
    if origin is Literal:
        return _listed([to_json(part).decode() for part in parts])
    if origin is tuple:
        return f"two numbers in brackets, each {_range(get_args(parts[0])[1:])}"
    if origin is list:
        return f"a list in brackets of {_several(parts[0])}{_most(limits)}"
    if origin is dict:
        return 'lists of texts by name, {name = ["text"]}'
    return _PLAIN.get(kind) or f"{_NUMBERS[kind]} {_range(limits)}".strip()


def _several(kind: Any) -> str:
    if get_origin(kind) is Annotated:
        plain, *limits = get_args(kind)
        return f"{_MANY[plain]} {_range(limits)}".strip()
    return _MANY.get(kind) or _words(kind, ())


def _most(limits: Sequence[Any]) -> str:
    least, most = _limit(limits, "min_length"), _limit(limits, "max_length")
    return f", {least} to {most} of them" if least else f", {most} at most" if most else ""


def _range(limits: Sequence[Any]) -> str:
    low, high = _limit(limits, "ge"), _limit(limits, "le")
    return "" if low is None else f"from {_number(low)} to {_number(high)}"


def _limit(limits: Sequence[Any], name: str) -> Any:
    found = (getattr(each, name, None) for each in _flat(limits))
    return next((each for each in found if each is not None), None)


def _flat(limits: Sequence[Any]) -> Iterator[Any]:
    for each in limits:
        yield from each.metadata if isinstance(each, FieldInfo) else [each]


def _number(value: float) -> str:
    return f"{value:.10g}".replace("e+", "e").replace("e-0", "e-")


def _listed(words: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
