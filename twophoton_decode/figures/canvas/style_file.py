"""A user's matplotlib style file, read as text: only looks, nothing that runs or reaches out."""

from __future__ import annotations

import ast
import difflib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib
from matplotlib.rcsetup import cycler

from twophoton_decode.errors import UsageError

_LOOKS: Final = (
    "axes.", "axes3d.", "boxplot.", "errorbar.", "font.", "grid.", "hatch.", "hist.", "image.",
    "legend.", "lines.", "markers.", "mathtext.", "patch.", "scatter.", "text.", "xaxis.",
    "xtick.", "yaxis.", "ytick.",
)  # fmt: skip
_ALSO: Final = ("figure.facecolor", "figure.edgecolor", "savefig.facecolor", "savefig.edgecolor")
_NOT: Final = ("text.usetex", "text.latex.", "text.parse_math", "axes.formatter.use_mathtext")
"""LaTeX is a program of its own, and names of pictures are no formulas."""
_CYCLE: Final = "axes.prop_cycle"
_HARDLY_USED: Final = (
    "axes.prop_cycle", "axes3d.", "boxplot.", "errorbar.", "hatch.", "hist.", "image.cmap",
    "lines.color", "lines.linewidth", "lines.markeredgewidth", "lines.markersize",
    "patch.edgecolor", "patch.facecolor", "patch.linewidth", "scatter.",
)  # fmt: skip
"""What the figures set themselves for all or nearly all that they draw."""
_LARGEST_BYTES: Final = 100_000
_LONGEST_CYCLE: Final = 1000
_CLOSE: Final = 0.8
"""How alike a key must be to be what was meant: a slip in a letter or two."""
_LONGEST_SHOWN: Final = 40


def read_style(path: Path) -> dict[str, Any]:
    """The settings of a matplotlib style file, each checked by matplotlib.

    Sizes of figures, fonts kept as text in PDF and SVG, and all that is not about looks stay as
    the program has them.

    Raises
    ------
    UsageError
        It cannot be read, names a key that matplotlib has not or that is not about looks, or
        holds a value that does not fit its key.
    """
    found: dict[str, Any] = {}
    for number, line in enumerate(_text(path).splitlines(), start=1):
        line = _without_comment(line).strip()
        if not line:
            continue
        where = f"{path}, line {number}"
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not colon:
            raise UsageError(f"{where}: expected `key: value`, found {line!r}.")
        _require_looks(key, where)
        if key in found:
            raise UsageError(f"{where}: {key} is there twice. Remove one of them.")
        found[key] = _checked(key, _unquoted(value), where)
    return found


def hardly_used(style: Mapping[str, Any]) -> list[str]:
    """The settings of a style that change few marks of the figures or none."""
    return [key for key in style if key.startswith(_HARDLY_USED)]


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise UsageError(
                f"--style {path} is larger than {_LARGEST_BYTES} bytes; a style file has a line "
                "for each setting."
            )
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"--style {path} cannot be read as text ({error}). Name a matplotlib style file, such "
            "as one that ends in .mplstyle."
        ) from error


def _without_comment(line: str) -> str:
    """`line` up to a ``#`` that does not stand between double quotes, as matplotlib reads it."""
    quoted = False
    for place, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif letter == "#" and not quoted:
            return line[:place]
    return line


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _require_looks(key: str, where: str) -> None:
    if key not in matplotlib.rcParams:
        settable = [each for each in matplotlib.rcParams if _is_look(each)]
        near = difflib.get_close_matches(key, settable, n=1, cutoff=_CLOSE)
        meant = f"; did you mean {near[0]}?" if near else "."
        raise UsageError(f"{where}: matplotlib {matplotlib.__version__} has no key {key!r}{meant}")
    if not _is_look(key):
        raise UsageError(
            f"{where}: {key} cannot be set here. A style sets fonts, colours, lines, axes, ticks "
            "and legends; remove this line."
        )


def _is_look(key: str) -> bool:
    return not key.startswith(_NOT) and (key in _ALSO or key.startswith(_LOOKS))


def _checked(key: str, value: str, where: str) -> Any:
    try:
        given = _cycle(value) if key == _CYCLE else value
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            checked: Any = matplotlib.RcParams({key: given})
            return checked[key]
    except (ValueError, TypeError, SyntaxError, RecursionError, Warning) as error:
        told = str(error).splitlines()
        raise UsageError(f"{where}: {key} cannot be {value!r}: {told[0] if told else error}") from (
            error
        )


def _cycle(text: str) -> Any:
    """A sum or product of ``cycler('name', [values])``, built from its parts.

    Older matplotlib evaluates the text as Python; here only literals are taken from it.
    """
    if len(text) > _LARGEST_BYTES // 10:
        raise ValueError("it is too long")
    return _built(ast.parse(text, mode="eval").body)


def _built(node: ast.expr) -> Any:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult):
        left, right = _built(node.left), _built(node.right)
        if isinstance(node.op, ast.Add):
            return left + right
        if len(left) * len(right) > _LONGEST_CYCLE:
            raise ValueError(f"it has more than {_LONGEST_CYCLE} entries")
        return left * right
    if not (isinstance(node, ast.Call) and _is_cycler(node.func)):
        raise ValueError("expected cycler(...), or several joined by + or *")
    keywords = {each.arg or "": _literal(each.value) for each in node.keywords}
    values = [_literal(each) for each in node.args]
    if len(values) == 2 and not keywords:
        keywords = {str(values[0]): values[1]}
    elif values or not keywords:
        raise ValueError("expected cycler('name', [values]) or cycler(name=[values])")
    # Strings are sequences too: 'rgb' is three colours.
    return cycler(**{name: list(each) for name, each in keywords.items()})


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError) as error:
        # The error names a node by its place in memory, which tells a reader nothing.
        found = ast.unparse(node)
        shown = found if len(found) <= _LONGEST_SHOWN else f"{found[:_LONGEST_SHOWN]} …"
        raise ValueError(f"expected plain values such as 'r' or [1, 2], found {shown}") from error


def _is_cycler(name: ast.expr) -> bool:
    return isinstance(name, ast.Name) and name.id == "cycler"
