"""What the fits of all folds warn of, said once."""

from __future__ import annotations

import re


def gathered(warnings: list[list[str]]) -> list[str]:
    """Warnings of all folds, those that differ in their numbers only told once."""
    kinds: dict[str, list[tuple[int, str]]] = {}
    for fold, texts in enumerate(warnings):
        for text in texts:
            kinds.setdefault(re.sub(r"[\d.]+", "#", text), []).append((fold, text))
    return [f"{found[0][1]} ({_told_by(found, len(warnings))}.)" for found in kinds.values()]


def _told_by(found: list[tuple[int, str]], folds: int) -> str:
    """``In 6 of 10 folds``, and that the numbers are those of the first where they differ."""
    telling = len({fold for fold, _ in found})
    count = f"In all {folds} folds" if telling == folds else f"In {telling} of {folds} folds"
    alike = len({text for _, text in found}) == 1
    return count if alike else f"{count}; the numbers are of the first"
