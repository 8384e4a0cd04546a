"""Words of messages, and of other people's files."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """``1 plane``, ``2 planes``."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def counted_are(number: int, what: str) -> str:
    """``1 value is``, ``2 values are``."""
    return f"{counted(number, what)} {'is' if number == 1 else 'are'}"


def counted_units(number: int, level: str) -> str:
    """``1 mouse``, ``6 mice``: so many of a level of the study, named in the plural."""
    one = {"mice": "mouse", "sessions": "session", "images": "image"}
    return f"{number} {one[level] if number == 1 else level}"


def decoded(value: object) -> str:
    """Text as files hold it, which may be bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def duration(seconds: float) -> str:
    """A rough length of time: "40 s", "5 min", "3 h"."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 1):.0f} s"


def in_percent(share: float, digits: int = 0) -> str:
    """``19.2 %``: a share between 0 and 1."""
    return true_minus(f"{share:.{digits}%}".replace("%", " %"))


def true_minus(text: str) -> str:
    """A number with a minus sign, as figures and the page have it: ``−0.25``."""
    return text.replace("-", "−")
