"""What every section of ``session.toml`` is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """One table of ``session.toml``; an unknown key is an error, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
