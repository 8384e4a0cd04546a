"""Means and medians of a record's own fields, as figures and captions show them."""

from __future__ import annotations

from dataclasses import dataclass

from twophoton_decode.records.declaration import Record, scalar

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Summaries(Record):
    """One number for a field, by the field's name; NaN for what an earlier version did not keep.

    NaN entries of the field are left out. What the mean is over follows from the field's axis.
    """

    means: dict[str, float] = scalar(doc="mean of a field, by its name", factory=dict)
    errors: dict[str, float] = scalar(
        doc="standard error of such a mean, by the field's name; widened where the images train "
        "each other's decoder",
        factory=dict,
    )
    medians: dict[str, float] = scalar(doc="median of a field, by its name", factory=dict)
    quartiles: dict[str, list[float]] = scalar(
        doc="quartiles of a field, by its name: 25, 50 and 75 per cent", factory=dict
    )
    counts: dict[str, int] = scalar(doc="how many there are, by what is counted", factory=dict)

    def mean_of(self, name: str) -> float:
        """Mean of a field."""
        return self.means.get(name, NAN)

    def error_of(self, name: str) -> float:
        """Standard error of the mean of a field."""
        return self.errors.get(name, NAN)

    def median_of(self, name: str) -> float:
        """Median of a field."""
        return self.medians.get(name, NAN)

    def quartiles_of(self, name: str) -> list[float]:
        """Quartiles of a field: low, middle, high."""
        return self.quartiles.get(name, [NAN, NAN, NAN])

    def count_of(self, name: str) -> float:
        """How many there are of something that was counted."""
        return self.counts.get(name, NAN)
