"""``docs/validation.md``: what was measured of every interval and every p, in one table."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from cited import ROWS, Cited
from measures import Quantity, Tally

HEAD = """\
# Validation

What this program prints with an interval or a p was measured on simulated recordings whose
truth is known. `benchmarks/validation` makes this page; a short form of it runs with the tests,
and a test fails where an interval or a p of the program has no row here.

- **Nominal** is what the program states. **Measured** is the mean over settings, with the
  lowest and the highest setting in brackets; ± is the Monte Carlo standard error of one setting.
- An interval *holds the expected value* if the mean of the estimates over all runs lies in it:
  the score that these cells and so many training pictures are expected to reach for a new one.
- *As stated*: no setting differs from what is accepted (coverage 93 to 97 %, tests 3 to 7 %) by
  more than two Monte Carlo errors. A verdict names the settings in which it does.
- R = 0: every cell responds to other pictures than those shown, as reliably as at middle R.
- Rows of deep networks: layers are random features of pictures, and cells linear in them, so
  that no network runs. *Nothing seen*: cells respond to other pictures. *Twins carried alike*:
  cells carry the layers with random weights as much as the trained ones.
"""


ENOUGH = 200
"""Runs with which a coverage of 90 % is told from 95 %."""


@dataclass(frozen=True)
class Summary:
    """All settings of one quantity."""

    quantity: Quantity
    tallies: list[Tally]

    @property
    def measured(self) -> str:
        values = np.array([each.measured for each in self.tallies])
        known = values[np.isfinite(values)]
        if not known.size:
            return "–"
        error = np.median([each.error for each in self.tallies if np.isfinite(each.measured)])
        spread = f" ({self._said(known.min())} to {self._said(known.max())})"
        return f"{self._said(known.mean())}{spread if known.size > 1 else ''} ± {self._said(error)}"

    def _said(self, value: float) -> str:
        return f"{100 * value:.1f}" if self.quantity.claim.share else f"{value:.3f}"

    @property
    def verdict(self) -> str:
        """The words for the settings that are not as stated, else for all of them together."""
        claim = self.quantity.claim
        off: dict[str, list[str]] = {}
        for each in self.tallies:
            said = each.verdict.split(";")[0]
            if not said.startswith("as stated"):
                about = f" ({each.about})" if each.about else ""
                off.setdefault(said, []).append(each.setting + about)
        if claim.always or not off:
            return self._together
        parts = [
            f"{said} in {len(where)} of {len(self.tallies)}: {where[0]}"
            + (" …" if len(where) > 1 else "")
            for said, where in off.items()
        ]
        return "; ".join(parts)

    @property
    def _together(self) -> str:
        """The words for the mean over settings; decoders of one setting share recordings."""
        known = [each for each in self.tallies if np.isfinite(each.measured)]
        if not known:
            return "not defined here"
        settings = len({each.setting for each in known})
        error = float(np.median([each.error for each in known]) / np.sqrt(settings))
        mean = float(np.mean([each.measured for each in known]))
        said = self.quantity.claim.verdict(mean, error)
        several = len(self.tallies) > 1 and not self.quantity.claim.always
        return f"on average {said}" if several and not said.startswith("as stated") else said

    @property
    def runs(self) -> str:
        counts = {len(each.found) for each in self.tallies}
        return str(counts.pop()) if len(counts) == 1 else f"{min(counts)} to {max(counts)}"


def page(tallies: Iterable[Tally], command: str, seconds: float) -> str:
    """The whole page."""
    by_quantity: dict[Quantity, list[Tally]] = {}
    for each in tallies:
        by_quantity.setdefault(each.quantity, []).append(each)
    summaries = [Summary(quantity, own) for quantity, own in by_quantity.items()]
    return "\n".join(
        [
            *(HEAD, *_few(summaries)),
            *("## Every interval and every p", "", *_summary_table(summaries), ""),
            *("## Every setting", "", *_settings_table(summaries), ""),
            *(made(command, seconds), ""),
        ]
    )


def _few(summaries: list[Summary]) -> list[str]:
    """A warning where the page was made with too few runs to tell small faults."""
    most = max((len(each.found) for summary in summaries for each in summary.tallies), default=0)
    if most >= ENOUGH:
        return []
    return [f"**Only large faults show in this page: a setting was run {most} times at most.**", ""]


def _summary_table(summaries: list[Summary]) -> list[str]:
    rows = [
        (
            names_of(each.quantity.names), each.quantity.what, f"{len(each.tallies)}",
            each.quantity.claim.nominal, each.measured, each.runs, each.verdict,
        )
        for each in summaries
    ]  # fmt: skip
    rows += [cited_row(row) for row in ROWS]
    return _table(("quantity", "what", "settings", "nominal", "measured", "runs", "verdict"), rows)


def cited_row(row: Cited) -> tuple[str, ...]:
    link = f"{row.verdict} ([{row.page}](../benchmarks/results/{row.page}))"
    return names_of(row.names), row.what, row.setting, row.nominal, row.measured, row.runs, link


def _settings_table(summaries: list[Summary]) -> list[str]:
    rows = []
    for summary in summaries:
        names = names_of(summary.quantity.names[:1])
        for each in summary.tallies:
            setting = f"{each.setting}; {each.about}" if each.about else each.setting
            measured = f"{summary._said(each.measured)} ± {summary._said(each.error)}"
            claim = summary.quantity.claim
            rows.append((names, summary.quantity.what, setting, claim.nominal,
                         measured if np.isfinite(each.measured) else "–",
                         str(len(each.found)), each.verdict))  # fmt: skip
    return _table(("quantity", "what", "setting", "nominal", "measured", "runs", "verdict"), rows)


def names_of(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [row_line(line) for line in (head, ("---",) * len(head), *rows)]


def row_line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(each.replace('|', '/') for each in cells)} |"


def made(command: str, seconds: float) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "numba"))
    return (
        f"Made on {time.strftime('%Y-%m-%d')} by `{command}` in {seconds / 60:.0f} min of one core "
        f"of a {platform.machine()} with {os.cpu_count()}; Python {platform.python_version()}, "
        f"{packages}. Run r of a setting draws from the seed, the setting's name and r."
    )
