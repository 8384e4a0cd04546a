"""Results as sections of a Markdown file, each written by its own benchmark."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path


def write_section(file: Path, lines: Sequence[str]) -> None:
    """Put a section into `file`: in the place of the one with its heading, else at the end.

    Parameters
    ----------
    lines : sequence of str
        The first is the heading, ``## …``.
    """
    new = "\n".join(lines).strip() + "\n"
    text = file.read_text(encoding="utf-8")
    parts = re.split(r"(?m)^(?=## )", text)
    place = next((n for n, each in enumerate(parts) if each.startswith(f"{lines[0]}\n")), None)
    if place is None:
        parts.append(new)
    else:
        parts[place] = new
    file.write_text("\n".join(each.strip() + "\n" for each in parts), encoding="utf-8")
