"""Settings that nobody means: random, infinite, of other types, unknown."""

import re
import shutil

import numpy as np
from program import command
from tiny_sessions import set_values

from twophoton_decode.settings import Settings

ODD = (
    "inf", "-inf", "nan", "1e300", "-1e300", "1e-300", "0", "-1", "0.5", "1", "2", "1000000",
    "9223372036854775807", "99999999999999999999", '""', '"none"', '"\\u001b[31m"', "true",
    "false", "[]", "[1]", '["a"]', "[inf, -inf]", "[0.0, 1e300]", "{}", "{a = 1}", "1979-05-27",
)  # fmt: skip
PATIENCE_S = 120
_PROGRESS = re.compile(r": \d+ of \d+\s*\Z")
LAYOUT = ("source",)
"""Sections that say where the inputs are."""


def keys():
    return [
        f"{name}.{key}"
        for name, section in Settings()
        if hasattr(section, "model_fields_set")
        for key in type(section).model_fields
        if name not in LAYOUT
    ]


class OddSettings:
    """Cases on copies of the finished session in `folder`."""

    def __init__(self, folder, scratch):
        self.folder, self.scratch, self.keys = folder, scratch, keys()

    def case(self, seed, number):
        """An odd value of one key, or an unknown key; an error has to name the key."""
        rng = np.random.default_rng([seed, number])
        name = self.keys[number % len(self.keys)]
        if number % 10 == 9:
            name += "s_"
        value = ODD[rng.integers(len(ODD))]
        copy = self.scratch / "case"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.folder, copy, symlinks=True)
        set_values(copy / "session", [f"{name}={value}"])
        ended = command("run", copy / "session", "--decoder", "ridge", patience_s=PATIENCE_S)
        outcome = _outcome(ended, name.split(".")[1])
        return {
            "case": number, "kind": name.split(".")[0], "outcome": outcome,
            "detail": f"{name} = {value}: {ended.text.strip()[-300:]}",
        }  # fmt: skip


def _outcome(ended, key):
    if ended.code is None:
        return "at work" if _PROGRESS.search(ended.text) else "hang"
    if not ended.in_words:
        return "traceback"
    if "Warning:" in ended.text and ".py:" in ended.text:
        return "library warning"
    if ended.code == 0:
        return "taken"
    return "refused" if key in ended.text else "nameless"
