"""Damage as disks, networks and hostile hands do it: from one valid file to a changed one.

Every change is drawn from the generator that is handed in, so a case can be made again.
"""

import re

EXTREMES = (0, 1, 2**7 - 1, 2**8 - 1, 2**15 - 1, 2**16 - 1, 2**31 - 1, 2**32 - 1, 2**63 - 1)
NUMBERS = (
    b"0", b"-1", b"1", b"255", b"65536", b"2147483648", b"4294967295", b"9223372036854775808",
    b"99999999999999999999999999", b"1e308", b"1e999", b"-1e-320", b"nan", b"inf", b"0x10", b"",
    b"1" * 5000,
)  # fmt: skip
TOKENS = (
    b"\0", b"\xff\xfe", b"\xc3", b'"', b"'", b",", b";", b"\t", b"\n", b"\r", b"[", b"{", b"(",
    b"<", b"&", b"<!DOCTYPE a>", b"..", b"/", b"\\", b"\x1b[31m", b"=1+1", b"#",
)  # fmt: skip
MOST_CHANGES = 8


def mutated(content, others, rng):
    """`content` after one to eight changes, and their names; `others` are files to splice in."""
    count = 1 if rng.random() < 0.6 else int(rng.integers(2, MOST_CHANGES + 1))
    names = []
    for _ in range(count):
        change = CHANGES[rng.integers(len(CHANGES))]
        content = change(content, others, rng)
        names.append(change.__name__)
    return content, names


def place(content, rng):
    """Somewhere in the file; every second time near its beginning, where headers are."""
    end = min(len(content), 256) if rng.random() < 0.5 else len(content)
    return int(rng.integers(max(1, end)))


def flip_bit(content, others, rng):
    at = place(content, rng)
    changed = bytearray(content)
    if changed:
        changed[at] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def set_byte(content, others, rng):
    at = place(content, rng)
    return content[:at] + bytes([int(rng.integers(256))]) + content[at + 1 :]


def cut_short(content, others, rng):
    return content[: place(content, rng)]


def insert_noise(content, others, rng):
    at = place(content, rng)
    return content[:at] + rng.bytes(int(rng.integers(1, 64))) + content[at:]


def insert_token(content, others, rng):
    at = place(content, rng)
    return content[:at] + TOKENS[rng.integers(len(TOKENS))] + content[at:]


def remove_block(content, others, rng):
    at = place(content, rng)
    return content[:at] + content[at + int(rng.integers(1, 64)) :]


def repeat_block(content, others, rng):
    at, length = place(content, rng), int(rng.integers(1, 256))
    return content[: at + length] + content[at:]


def move_block(content, others, rng):
    at, to, length = place(content, rng), place(content, rng), int(rng.integers(1, 64))
    block, rest = content[at : at + length], content[:at] + content[at + length :]
    return rest[:to] + block + rest[to:]


def blank_block(content, others, rng):
    """A block that was never written, or that a dying disk returns."""
    at, length = place(content, rng), int(rng.integers(1, 512))
    block = content[at : at + length]
    return content[:at] + rng.choice([b"\0", b"\xff"]) * len(block) + content[at + length :]


def extreme_field(content, others, rng):
    """A count, size or offset that is zero, or as large as its field allows."""
    at, width = place(content, rng), int(2 ** rng.integers(4))
    order = "little" if rng.random() < 0.5 else "big"
    value = EXTREMES[rng.integers(len(EXTREMES))] % 2 ** (8 * width)
    return content[:at] + value.to_bytes(width, order) + content[at + width :]


def nudge_field(content, others, rng):
    """A count, size or offset that is a little more or less."""
    at, width = place(content, rng), int(2 ** rng.integers(4))
    order = "little" if rng.random() < 0.5 else "big"
    step = int(rng.integers(-4, 5))
    value = (int.from_bytes(content[at : at + width], order) + step) % 2 ** (8 * width)
    return content[:at] + value.to_bytes(width, order) + content[at + width :]


def turn_bytes(content, others, rng):
    """A number of the other byte order."""
    at, width = place(content, rng), int(2 ** rng.integers(1, 4))
    return content[:at] + content[at : at + width][::-1] + content[at + width :]


def other_number(content, others, rng):
    """A number that is written as text, replaced by one that is not expected there."""
    found = list(re.finditer(rb"-?\d+(?:\.\d+)?", content))
    if not found:
        return extreme_field(content, others, rng)
    at = found[rng.integers(len(found))]
    return content[: at.start()] + NUMBERS[rng.integers(len(NUMBERS))] + content[at.end() :]


def splice(content, others, rng):
    """The beginning of one file and the end of another."""
    other = others[rng.integers(len(others))]
    return content[: place(content, rng)] + other[place(other, rng) :]


CHANGES = (
    flip_bit, flip_bit, set_byte, cut_short, insert_noise, insert_token, remove_block,
    repeat_block, move_block, blank_block, extreme_field, extreme_field, nudge_field,
    nudge_field, turn_bytes, other_number, other_number, splice,
)  # fmt: skip
