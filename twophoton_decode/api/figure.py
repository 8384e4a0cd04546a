"""A figure of a session: its files, its caption, and what is drawn in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Ledger

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Figure:
    """A figure as the session's ``figures/`` has it; a notebook shows it.

    Attributes
    ----------
    name : str
    caption : str
        What it shows, with its numbers; empty where the ledger does not know the figure.
    """

    name: str
    caption: str
    _folder: Path

    @property
    def png(self) -> Path:
        """For slides and notebooks."""
        return self._folder / f"{self.name}.png"

    @property
    def svg(self) -> Path:
        """For editing."""
        return self._folder / f"{self.name}.svg"

    @property
    def pdf(self) -> Path:
        """For papers."""
        return self._folder / f"{self.name}.pdf"

    @property
    def csv(self) -> Path:
        """What is drawn, as numbers."""
        return self._folder / f"{self.name}.csv"

    def to_frame(self) -> pandas.DataFrame:
        """What is drawn, as numbers: the table beside the figure."""
        import pandas

        return pandas.read_csv(self.csv)

    def _repr_png_(self) -> bytes:
        return self.png.read_bytes()

    def __repr__(self) -> str:
        return f"{self.name}: {self.caption}" if self.caption else self.name


def figures_of(folder: SessionFolder) -> dict[str, Figure]:
    """Every figure that is there, by name."""
    captions = {
        name: caption
        for _, entry in Ledger(folder.private / "ledger.json").items()
        for name, caption in entry.captions.items()
    }
    names = sorted(path.stem for path in folder.figures.glob("*.png"))
    return {name: Figure(name, captions.get(name, ""), folder.figures) for name in names}
