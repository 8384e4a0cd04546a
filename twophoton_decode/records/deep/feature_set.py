"""What a network's layers make of the pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.errors import RecordError
from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class FeatureSet(Record):
    """Features of every picture, layer after layer; which units, of which network, how made."""

    value: np.ndarray = array(
        "image unit", dtype=np.float32, doc="activity of each unit, the layers one after the other"
    )
    layer_of_unit: np.ndarray = array("unit", dtype=np.int64, doc="index of the unit's layer")
    place: np.ndarray = array(
        "unit", dtype=np.int64, doc="index of the unit in its whole layer, laid out row by row"
    )
    layer: np.ndarray = array("layer", dtype=str, doc="name of each layer, early to late")
    layer_shape: np.ndarray = array(
        "layer side", dtype=np.int64, doc="channels, rows and columns of the whole layer"
    )
    image_name: np.ndarray = array("image", dtype=str, doc="name of each picture")
    network: str = scalar(doc="the network; @random:SEED where its weights are random")
    sha256: str = scalar(doc="of the file of weights; empty where they are random")
    input_px: int = scalar("px", doc="side of the pictures that the network was given")
    source_px: int = scalar("px", doc="the shorter side of the smallest picture, at most input_px")
    grey: bool = scalar(doc="the network was given luma in all three channels")
    values: str = scalar(doc="range and order of the pictures' values")
    resizing: str = scalar(doc="how pictures were brought to size")
    unit_seed: int = scalar(doc="seed of the choice of units")
    units_per_layer: int = scalar(doc="units that a larger layer was cut to; 0: all")
    notes: list[str] = scalar(doc="whatever else was done to the pictures")
    drawn_by: str = scalar(
        doc="libraries that drew random weights, with versions; empty for weights of a file",
        default="",
    )

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers, early to late."""
        return tuple(self.layer.tolist())

    def of(self, layer: str) -> np.ndarray:
        """Activities (image, unit) of one layer."""
        return self.value[:, self.layer_of_unit == self._index(layer)]

    def place_of(self, layer: str) -> np.ndarray:
        """Channel, row and column of each unit of one layer, shape (3, unit)."""
        index = self._index(layer)
        shape = tuple(self.layer_shape[index].tolist())
        return np.stack(np.unravel_index(self.place[self.layer_of_unit == index], shape))

    def _index(self, layer: str) -> int:
        if layer not in self.layers:
            raise RecordError(
                f"{self.network} has no layer {layer!r}; it has {', '.join(self.layers)}."
            )
        return self.layers.index(layer)

    def refuse_other(self, other: FeatureSet) -> None:
        """Decoders must not meet features of another network or preprocessing.

        Raises
        ------
        RecordError
            The two differ in anything but their pictures; both are named.
        """
        names = (
            "network", "sha256", "input_px", "grey", "values", "resizing", "unit_seed",
            "units_per_layer", "drawn_by",
        )  # fmt: skip
        for name in names:
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                raise RecordError(
                    f"features of {self.network} and {other.network} cannot be used together: "
                    f"{name} is {mine!r} for one and {theirs!r} for the other."
                )
        if self.layers != other.layers or not np.array_equal(self.place, other.place):
            raise RecordError(
                f"features of {self.network} cannot be used together: their layers or units differ."
            )
