"""Text in the cells of a spreadsheet: text, never a formula."""

from __future__ import annotations

from typing import Final

from twophoton_decode.visible import storable

_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠")


def plain_cell(text: str) -> str:
    """`text` with an apostrophe in front where a spreadsheet would compute with it.

    So ``=1+1.png`` stands as ``'=1+1.png``; a number, such as ``-5``, stays as it is. Carriage
    returns, which end a row for some readers, and what UTF-8 cannot hold become escapes.
    """
    text = storable(text).replace("\r", "\\r")
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii() and text.strip() == text
