"""Text from files made safe to show: what steers a terminal or breaks XML becomes an escape.

File names, dataset names, columns and log values may hold anything: escape sequences that
recolour or overwrite the screen, line breaks that fake a line of the program, marks that turn
the direction of writing, bytes that are no text at all.
"""

from __future__ import annotations

import re
from typing import Final

# Controls (C0, DEL, C1), surrogates (bytes of names that are not UTF-8), what breaks lines or
# turns the direction of writing, what is invisible, and what XML does not allow. Joiners stay:
# emoji and Persian need them.
_STEERING: Final = (
    "\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f"
)
_ANY: Final = re.compile(f"[{_STEERING}]")
_ANY_BUT_LINES: Final = re.compile(f"(?!\n)[{_STEERING}]")
_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")


def visible(text: str, *, lines: bool = False) -> str:
    r"""`text` with every steering character as an escape, such as ``\x1b``.

    With `lines`, line breaks stay: for text of the program's own that has several lines.
    """
    return (_ANY_BUT_LINES if lines else _ANY).sub(_escape, text)


def visible_json(text: str) -> str:
    r"""JSON `text` that means the same and holds no steering character but line breaks.

    They can stand only within its strings, where ``\u001b`` is the same character.
    """
    return _ANY_BUT_LINES.sub(_json_escape, text)


def storable(text: str) -> str:
    """`text` as UTF-8 and HDF5 can hold it: zero bytes and lone surrogates as escapes."""
    return _NO_TEXT.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    named = {9: "\\t", 10: "\\n", 13: "\\r"}
    if code in named:
        return named[code]
    # A byte of a name that is not UTF-8 reaches Python as U+DC80 to U+DCFF.
    byte = code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code
    if byte < 256:
        return f"\\x{byte:02x}"
    return f"\\u{code:04x}" if code < 2**16 else f"\\U{code:08x}"


def _json_escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 2**16:
        return f"\\u{code:04x}"
    high, low = divmod(code - 2**16, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
