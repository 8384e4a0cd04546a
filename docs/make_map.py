"""Draws which room imports from which, from the code's own imports: ``python docs/make_map.py``.

Writes ``images/architecture.svg``; a test checks that it is what this makes. Every mark lies
below the diagonal: a room uses only rooms that stand before it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).resolve().parent
PACKAGE = DOCS.parent / "twophoton_decode"
PICTURE = DOCS / "images" / "architecture.svg"

# From what everything uses to what uses everything.
ROOMS = (
    "kernels", "settings", "records", "statistics", "files", "recording", "stimulus",
    "extraction", "responses", "features", "decoding", "encoding", "analyses", "formats",
    "simulation", "figures", "deep", "report", "session", "pipeline", "cli", "api",
)  # fmt: skip
LEFT, TOP, SIDE = 96, 92, 24

STYLE = (
    "text{font:13px sans-serif;fill:#1a1a1a}.n{text-anchor:end}line{stroke:#d4dae0}"
    ".m{fill:#3b6ea5}.d{fill:#b9c3cd}"
    "@media (prefers-color-scheme:dark){text{fill:#e8e8e8}line{stroke:#3a434c}.m{fill:#7fb0e0}"
    ".d{fill:#56616c}}"
)


def imports() -> set[tuple[str, str]]:
    """Pairs of rooms: the first imports from the second."""
    return {
        (room, module.split(".")[1])
        for room in ROOMS
        for path in (PACKAGE / room).rglob("*.py")
        for module in _modules(path)
        if module.split(".")[1] in ROOMS and module.split(".")[1] != room
    }


def _modules(path: Path) -> Iterator[str]:
    """The package's modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            names = [node.module]
        else:
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        yield from (name for name in names if name.startswith("twophoton_decode."))


def picture() -> str:
    """A matrix: a mark where the room of the row imports from the room of the column."""
    end = SIDE * len(ROOMS)
    size = f'viewBox="0 0 {LEFT + end + 8} {TOP + end + 8}" width="{LEFT + end + 8}"'
    marks = [_mark(room, used, "m") for room, used in sorted(imports())]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            "<title>Rows import from columns; every mark lies below the diagonal</title>",
            f"<style>{STYLE}</style>",
            *(_names(place, room, end) for place, room in enumerate(ROOMS)),
            *(_mark(room, room, "d") for room in ROOMS),
            *marks,
            "</svg>\n",
        ]
    )


def _names(place: int, room: str, end: int) -> str:
    """The room's name beside its row and above its column, with lines that lead to them."""
    x, y = LEFT + SIDE * (place + 0.5), TOP + SIDE * (place + 0.5)
    return (
        f'<line x1="{LEFT}" y1="{y:g}" x2="{LEFT + end}" y2="{y:g}"/>'
        f'<line x1="{x:g}" y1="{TOP}" x2="{x:g}" y2="{TOP + end}"/>'
        f'<text class="n" x="{LEFT - 8}" y="{y + 4:g}">{room}</text>'
        f'<text transform="translate({x + 4:g} {TOP - 8})rotate(-60)">{room}</text>'
    )


def _mark(room: str, used: str, kind: str) -> str:
    x, y = LEFT + SIDE * ROOMS.index(used) + 5, TOP + SIDE * ROOMS.index(room) + 5
    side = SIDE - 10
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{side}" height="{side}" rx="3"/>'


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
