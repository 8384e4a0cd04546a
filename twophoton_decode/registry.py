"""Decoders and feature spaces by name: one file each, or an entry point of another package.

A name is known from the folder listing, so that listing names imports nothing; a module
loads when it is used.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from twophoton_decode.errors import UnknownNameError, UsageError


@dataclass(frozen=True)
class Registry:
    """The things of one kind that can be chosen by name.

    Parameters
    ----------
    kind : str
        What they are called in messages ("decoder").
    folder : str
        The folder below ``twophoton_decode`` whose files define them, one each;
        ``cell_selection.py`` is called ``cell-selection``.
    attribute : str
        The class that each of these files defines.
    group : str
        The entry-point group in which other packages add theirs.
    """

    kind: str
    folder: str
    attribute: str
    group: str

    def names(self) -> tuple[str, ...]:
        """Every known name, sorted; nothing is imported."""
        return tuple(sorted({*self._built_in(), *self._plugged_in()}))

    def require(self, name: str) -> None:
        """`UnknownNameError` that lists the known names, unless `name` is one of them.

        Results are filed under the name, so a plug-in's name must be fit for a file's.
        """
        if name not in self.names():
            raise UnknownNameError(self.kind, name, self.names())
        if not re.fullmatch(r"\w[\w-]*", name):
            raise UsageError(
                f"the {self.kind} {name!r} cannot be used: files are named after it, so its "
                "entry point may have letters, digits, - and _ only."
            )

    def load(self, name: str) -> Any:
        """The class called `name`; `UnknownNameError` lists the known ones."""
        self.require(name)
        if name in self._built_in():
            return getattr(importlib.import_module(self._built_in()[name]), self.attribute)
        return self._plugged_in()[name].load()

    def _built_in(self) -> dict[str, str]:
        package = "twophoton_decode." + self.folder.replace("/", ".")
        files = sorted((Path(__file__).parent / self.folder).glob("*.py"))
        modules = [file.stem for file in files if not file.stem.startswith("_")]
        return {module.replace("_", "-"): f"{package}.{module}" for module in modules}

    def _plugged_in(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=self.group)}


DECODERS = Registry("decoder", "decoding/decoders", "Decoder", "tpdecode.decoders")
FEATURE_SPACES = Registry("feature space", "features", "FeatureSpace", "tpdecode.features")
