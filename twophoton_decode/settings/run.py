"""The section of ``session.toml`` on what `tpdecode run` does."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from twophoton_decode.settings.section import Section


class RunSettings(Section):
    """What `tpdecode run` does; changes here make no result stale."""

    decoders: list[str] = Field(
        ["all-cells", "cell-selection", "ridge", "bayes"],
        min_length=1,
        max_length=1100,
        description="decoders to run",
    )
    deep: list[
        Literal[
            "features",
            "decode",
            "scores",
            "rsa",
            "encode",
            "degraded",
            "tags",
            "inversion",
            "generated",
            "components",
            "learning-curve",
            "detect",
        ]
    ] = Field([], max_length=12, description="deep commands to run as well")
