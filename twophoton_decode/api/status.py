"""The state of every result of a session, as a table to look at and a mapping to ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twophoton_decode.pipeline.freshness import Verdict


class Status(Mapping[str, "Verdict"]):
    """Results by name, such as ``"reconstruct:ridge"``.

    Each has a `state` ("fresh", "stale", "missing" or "unavailable") and `changes`, a tuple of
    sentences that say why.
    """

    def __init__(self, verdicts: Mapping[str, Verdict]) -> None:
        self._verdicts = dict(verdicts)

    def __getitem__(self, key: str) -> Verdict:
        return self._verdicts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._verdicts)

    def __len__(self) -> int:
        return len(self._verdicts)

    def __repr__(self) -> str:
        width = max(map(len, self), default=0)
        rows = [f"{key:<{width}}  {each.state:<11}  {'; '.join(each.changes)}"
                for key, each in self.items()]  # fmt: skip
        return "\n".join(row.rstrip() for row in rows)
