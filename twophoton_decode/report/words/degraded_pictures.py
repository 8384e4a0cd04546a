"""What the page says of degraded pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twophoton_decode.figures.deep.degraded.sentences import degraded_sentence


def deep_degraded(summary: Mapping[str, Any], best: str) -> str:
    """For each network, what the test by design shows."""
    networks = summary.get("deep", {}).get("completion", {})
    return " ".join(
        f"{name}: {degraded_sentence(numbers)}"
        for name, numbers in networks.items()
        if not numbers.get("unavailable")
    )
