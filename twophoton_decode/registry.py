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

from twophoton_decode.errors import (
    PlugInError,
    UnknownNameError,
    UsageError,
)


@dataclass(frozen=True)
class PlugIn:
    """A decoder or feature space of another package."""

    kind: str
    point: EntryPoint

    @property
    def package(self) -> str:
        """The name of its outermost package."""
        return self.point.module.split(".")[0]

    @property
    def owner(self) -> str:
        """``the package NAME``, by its distribution where that is known."""
        return f"the package {self.point.dist.name if self.point.dist else self.package}"

    @property
    def told(self) -> str:
        """What it is and whose, in words."""
        return f"the {self.kind} {self.point.name!r} of {self.owner}"


@dataclass(frozen=True)
class Registry:
    """The things of one kind that can be chosen by name.

    Parameters
    ----------
    kind : str
        What they are called in messages ("decoder").
    folders : tuple of str
        The folders below ``twophoton_decode`` whose files define them, one each;
        ``cell_selection.py`` is called ``cell-selection``.
    attribute : str
        The class that each of these files defines.
    group : str
        The entry-point group in which other packages add theirs.
    contract : str
        ``module:function`` that says, in words, what a class of another package lacks; it
        loads with the class.
    """

    kind: str
    folders: tuple[str, ...]
    attribute: str
    group: str
    contract: str

    def names(self) -> tuple[str, ...]:
        """Every known name, sorted; nothing is imported."""
        return tuple(sorted({*self._built_in(), *self._plugged_in()}))

    def require(self, name: str, setting: str = "") -> None:
        """`UnknownNameError` that lists the known names, unless `name` is one of them.

        It says which `setting` has the name, where it comes from one.
        Results are filed under the name, so a plug-in's name must be fit for a file's.
        """
        if name not in self.names():
            raise UnknownNameError(self.kind, name, self.names(), setting)
        if not re.fullmatch(r"\w[\w-]*", name):
            raise UsageError(
                f"the {self.kind} {name!r} cannot be used: files are named after it, so its "
                "entry point may have letters, digits, - and _ only."
            )

    def load(self, name: str) -> Any:
        """The class called `name`; `UnknownNameError` lists the known ones.

        Raises
        ------
        PlugInError
            A class of another package cannot be imported, or lacks what it must have.
        """
        self.require(name)
        if name in self._built_in():
            return getattr(importlib.import_module(self._built_in()[name]), self.attribute)
        point = self._plugged_in()[name]
        owner = PlugIn(self.kind, point).owner
        try:
            found = point.load()
        except Exception as error:
            raise PlugInError(
                f"the {self.kind} {name!r} cannot be loaded from {point.value} "
                f"({type(error).__name__}: {error}). It belongs to {owner}, not to "
                "tpdecode: mend, update or remove that package."
            ) from error
        module, _, function = self.contract.partition(":")
        if lacks := getattr(importlib.import_module(module), function)(found):
            raise PlugInError(
                f"{point.value} of {owner} is not a {self.kind}: {'; '.join(lacks)}. "
                f"docs/extending.md says what a {self.kind} has to have."
            )
        return found

    def plugged_in(self, name: str) -> PlugIn | None:
        """Whose code `name` is; None for what belongs to this package, and what is unknown."""
        if name in self._built_in() or name not in self._plugged_in():
            return None
        return PlugIn(self.kind, self._plugged_in()[name])

    def folder_of(self, name: str) -> str:
        """Which of `folders` defines `name`; empty for those of other packages."""
        module = self._built_in().get(name, "")
        inside = module.removeprefix("twophoton_decode.").rpartition(".")[0]
        return inside.replace(".", "/")

    def _built_in(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for folder in self.folders:
            package = "twophoton_decode." + folder.replace("/", ".")
            files = sorted((Path(__file__).parent / folder).glob("*.py"))
            modules = [file.stem for file in files if not file.stem.startswith("_")]
            found |= {module.replace("_", "-"): f"{package}.{module}" for module in modules}
        return found

    def _plugged_in(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=self.group)}


DECODERS = Registry(
    kind="decoder",
    folders=("decoding/decoders", "deep/decoders"),
    attribute="Decoder",
    group="tpdecode.decoders",
    contract="twophoton_decode.decoding.contract:problems",
)
FEATURE_SPACES = Registry(
    kind="feature space",
    folders=("features",),
    attribute="FeatureSpace",
    group="tpdecode.features",
    contract="twophoton_decode.features:problems",
)
