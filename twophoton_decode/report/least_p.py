"""The least p that each decoder's permutations can give, before and after correction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from twophoton_decode.figures.canvas.numbers import number
from twophoton_decode.statistics.paired import holm

LEVEL = 0.05


def least_p(decoders: Mapping[str, Mapping[str, Any]]) -> str:
    """What p of chance can be at least, in words; empty where nothing was permuted.

    Decoders differ in it, for those that are refitted for every permutation have fewer. Holm's
    correction leaves least to each where all of them reach their least.

    Parameters
    ----------
    decoders : mapping of str to mapping
        By decoder, as under ``reconstruct`` in ``summary.json``; `permutations` is read.
    """
    counts = {name: int(each.get("permutations") or 0) for name, each in decoders.items()}
    counts = {name: times for name, times in counts.items() if times}
    if not counts:
        return ""
    told = "; ".join(
        f"“≤ 1/{1 + times}” is the least that {times} permutations can give "
        f"({', '.join(name for name, own in counts.items() if own == times)})"
        for times in sorted(set(counts.values()), reverse=True)
    )
    return f"{told}.{_out_of_reach(counts)}"


def _out_of_reach(counts: Mapping[str, int]) -> str:
    """Which decoders cannot pass Holm's correction however well they decode, and the remedy."""
    corrected = holm(np.array([1 / (1 + times) for times in counts.values()]))
    beyond = {name: p for name, p in zip(counts, corrected, strict=True) if p > LEVEL}
    if not beyond:
        return ""
    listed = ", ".join(f"{name} ({number(p, 3)})" for name, p in beyond.items())
    return (
        f" After Holm's correction over {len(counts)} decoders the least possible p is above "
        f"{LEVEL:g} for {listed}: no score could pass. More permutations lower it: refits under "
        "[decoding] in session.toml, and permutations for ridge and all-cells."
    )
