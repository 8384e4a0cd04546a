"""Logs with bytes changed, cut and inserted: read, or refused in words."""

import random

import numpy as np
import openpyxl
import pytest
import scipy.io
from matlab_files import write_object, write_version_7_3

from twophoton_decode.errors import TpDecodeError
from twophoton_decode.stimulus.log import read_log

NAMES = [f"{k:03d}.png" for k in range(1, 13)]
SHOWN = [(NAMES[k % 12], 4 + 1.3 * k) for k in range(20)]
INSERTED = [
    b",", b";", b"\t", b"\n", b'"', b"nan", b"-1", b"1e400", b"\0", b"1,234.5", b"sep=;\n", b"#",
    b"blank", b"\xff\xfe", b"12:00:01", b"onset", b"image",
]  # fmt: skip
CASES = 120


def text_log(path):
    path.write_text("image,onset_s\n" + "".join(f"{i},{t:.3f}\n" for i, t in SHOWN))


def workbook(path):
    book = openpyxl.Workbook()
    for row in (["image", "onset_s"], *SHOWN):
        book.active.append(row)
    book.save(path.with_suffix(".xlsx"))
    path.with_suffix(".xlsx").rename(path)


def variables():
    image = np.empty(len(SHOWN), dtype=object)
    image[:] = [name for name, _ in SHOWN]
    return {"log": {"image": image, "onset_s": np.array([onset for _, onset in SHOWN])}}


def version_5(path):
    scipy.io.savemat(path.with_suffix(".mat"), variables())
    path.with_suffix(".mat").rename(path)


def compressed(path):
    scipy.io.savemat(path.with_suffix(".mat"), variables(), do_compression=True)
    path.with_suffix(".mat").rename(path)


def version_7_3(path):
    log = variables()["log"]
    write_version_7_3(path, {"log": {"image": list(log["image"]), "onset_s": log["onset_s"]}})


def matlab_table(path):
    write_object(path, "T", "table")


def damaged(content, rng):
    """The bytes with one to four of them changed, cut off, inserted or taken out."""
    content = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 4])):
        at = rng.randrange(len(content) or 1)
        kind = rng.randrange(4)
        if kind == 0 and content:
            content[at] = rng.randrange(256)
        elif kind == 1:
            del content[at:]
        elif kind == 2:
            content[at:at] = rng.choice(INSERTED)
        else:
            del content[at : at + rng.randrange(1, 9)]
    return bytes(content)


@pytest.mark.parametrize(
    "write", [text_log, workbook, version_5, compressed, version_7_3, matlab_table]
)
def test_damage_ends_in_a_message_or_in_presentations(tmp_path, write):
    path, rng = tmp_path / "shown", random.Random(write.__name__)
    write(path)
    whole, read = path.read_bytes(), 0
    for _ in range(CASES):
        path.write_bytes(damaged(whole, rng))
        try:
            log = read_log(path, NAMES, frame_rate_hz=8)
        except TpDecodeError:
            continue
        read += 1
        assert np.isfinite(log.onset_s).all()
        assert (np.diff(log.onset_s) > 0).all()
        assert ((log.image >= 0) & (log.image < len(NAMES))).all()
    assert read < CASES
