"""Draws which room imports from which, from the code's own imports: ``python docs/make_map.py``.

Writes ``images/architecture.svg``; a test checks that it is what this makes. Rooms that all
others use (errors, settings, records, kernels …) are left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).resolve().parent
PACKAGE = DOCS.parent / "twophoton_decode"
PICTURE = DOCS / "images" / "architecture.svg"

# From the microscope (top) to the command line (bottom).
ROWS = (
    ("files", "statistics"),
    ("recording", "stimulus", "extraction", "responses", "features"),
    ("decoding", "encoding"),
    ("analyses", "formats", "simulation"),
    ("figures", "report", "session"),
    ("pipeline", "cli"),
)
WIDTH, ROW, BOX = 760, 92, (112, 34)

STYLE = (
    "text{font:14px sans-serif;fill:#1a1a1a;text-anchor:middle}"
    "rect{fill:#eef3f8;stroke:#3b5b7a}path{fill:none;stroke:#8796a5;stroke-width:1.2}"
    "@media (prefers-color-scheme:dark){text{fill:#e8e8e8}rect{fill:#1d2b38;stroke:#8fb3d6}}"
)
HEAD = '<marker id="a" viewBox="0 0 6 6" refX="6" refY="3" markerWidth="6" markerHeight="6" orient="auto"><path d="M0,0L6,3L0,6z" style="fill:#8796a5;stroke:none"/></marker>'  # noqa: E501


def imports() -> set[tuple[str, str]]:
    """Pairs of rooms: the first is imported by the second."""
    drawn = {room for row in ROWS for room in row}
    found = {
        (module.split(".")[1], room)
        for room in drawn
        for path in (PACKAGE / room).rglob("*.py")
        for module in _modules(path)
        if module.count(".")
    }
    return {(source, user) for source, user in found if source in drawn and source != user}


def _modules(path: Path) -> Iterator[str]:
    """The package's modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            names = [node.module]
        else:
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        yield from (name for name in names if name.startswith("twophoton_decode."))


def picture() -> str:
    """The rooms in rows, with an arrow from each room to those that import from it."""
    centre = {
        room: (WIDTH * (place + 0.5) / len(row), ROW * (number + 0.5))
        for number, row in enumerate(ROWS)
        for place, room in enumerate(row)
    }
    arrows = [_arrow(centre[source], centre[user]) for source, user in sorted(imports())]
    boxes = [_box(room, *place) for room, place in centre.items()]
    size = f'viewBox="0 0 {WIDTH} {ROW * len(ROWS)}" width="{WIDTH}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            "<title>Rooms of twophoton_decode; arrows lead to the rooms that import them</title>",
            f"<style>{STYLE}</style><defs>{HEAD}</defs>",
            *arrows,
            *boxes,
            "</svg>\n",
        ]
    )


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    """From box to box: down, or in a bow beside the boxes of one row."""
    (x0, y0), (x1, y1) = start, end
    if y0 == y1:
        side = BOX[0] / 2 if x1 > x0 else -BOX[0] / 2
        return (
            f'<path d="M{x0 + side:.0f},{y0:.0f}L{x1 - side:.0f},{y1:.0f}" marker-end="url(#a)"/>'
        )
    half = BOX[1] / 2 if y1 > y0 else -BOX[1] / 2
    lean = 0.5 * (y1 - y0)
    return (
        f'<path d="M{x0:.0f},{y0 + half:.0f}C{x0:.0f},{y0 + lean:.0f} {x1:.0f},{y1 - lean:.0f} '
        f'{x1:.0f},{y1 - half:.0f}" marker-end="url(#a)"/>'
    )


def _box(room: str, x: float, y: float) -> str:
    width, height = BOX
    return (
        f'<rect x="{x - width / 2:.0f}" y="{y - height / 2:.0f}" width="{width}" '
        f'height="{height}" rx="6"/><text x="{x:.0f}" y="{y + 5:.0f}">{room}</text>'
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
