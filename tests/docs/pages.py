"""The fenced blocks of a page of the documentation."""

import re
from dataclasses import dataclass

from conftest import ROOT

FENCE = re.compile(r"^```(?P<language>\w*) *(?P<title>[^\n]*)\n(?P<text>.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """A fenced block; `title` is what follows the language on its first line."""

    language: str
    title: str
    text: str


def read_page(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def blocks(text):
    return [Block(m["language"], m["title"].strip(), m["text"]) for m in FENCE.finditer(text)]
