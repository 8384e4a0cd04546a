"""Reading a network's layers while pictures run through it, at most so many units of each."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.deep.device import is_out_of_memory
from twophoton_decode.deep.domain import UNIT_SEED
from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.errors import DeviceError

if TYPE_CHECKING:
    import torch

    from twophoton_decode.deep.networks.named import Network


class _AllReadError(Exception):
    """All layers that are wanted have been read: the rest of the network need not run."""


_BATCH = 32
_HALVINGS = 2


@dataclass
class LayerReader:
    """A network on its device, and the units of every layer that are read.

    Parameters
    ----------
    network : Network
    side : int
        Of the pictures, px.
    units : int
        Units that a larger layer is cut to; 0: none is.
    device : torch.device
    """

    network: Network
    side: int
    units: int
    device: torch.device
    notes: list[str] = field(default_factory=list)
    shape: dict[str, tuple[int, ...]] = field(init=False)
    chosen: dict[str, np.ndarray] = field(init=False)
    _batch: int = field(init=False, default=_BATCH)
    _halvings: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.network.module.to(self.device)
        self.shape, self.chosen = {}, {}
        blank = np.zeros((1, 3, self.side, self.side), np.float32)
        for place, (name, output) in enumerate(self._outputs(blank).items()):
            size = math.prod(output.shape[1:])
            self.shape[name] = tuple(output.shape[1:])
            self.chosen[name] = chosen_units(size, self.units, place)

    def read(self, pictures: np.ndarray) -> np.ndarray:
        """Activities (picture, unit) of pictures (picture, 3, y, x), all layers in a row.

        Raises
        ------
        DeviceError
            Memory is short even for a quarter of the usual number of pictures at a time.
        """
        read: list[np.ndarray] = []
        done = 0
        while done < len(pictures):
            try:
                read.append(self._read_once(pictures[done : done + self._batch]))
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                self._halve(error)
                continue
            done += len(read[-1])
        return np.concatenate(read)

    def _read_once(self, pictures: np.ndarray) -> np.ndarray:
        outputs = self._outputs(pictures)
        return np.concatenate([outputs[name].numpy(force=True) for name in outputs], axis=1)

    def _halve(self, error: BaseException) -> None:
        if self._halvings == _HALVINGS:
            raise DeviceError(
                f"{self.network.name} has no memory for {self._batch} pictures of {self.side} px "
                f"on {self.device} ({error}). Reduce input_px in [deep], now {self.side}."
            ) from error
        self._halvings += 1
        self._batch //= 2
        self.notes.append(f"memory is short: {self._batch} pictures at a time.")

    def activities(
        self, pictures: torch.Tensor, layers: Collection[str] | None = None
    ) -> dict[str, Any]:
        """Each layer's activities (picture, unit) of a tensor, through which gradients pass.

        Parameters
        ----------
        layers : collection of str, optional
            Those that are read; the network is left when the last of them is known.
        """
        places = self.network.architecture.places(self.network.module)
        wanted = places.keys() if layers is None else layers
        with self._hooked(wanted, leave=layers is not None) as outputs, suppress(_AllReadError):
            self.network.module(self._normalised(pictures))
        return {name: outputs[name] for name in places if name in outputs}

    def _outputs(self, pictures: np.ndarray) -> dict[str, Any]:
        """Each layer's activities; of chosen units alone, once they are chosen."""
        torch = torch_or_error()
        with torch.inference_mode():
            return self.activities(torch.from_numpy(pictures).to(self.device))

    def _normalised(self, pictures: Any) -> Any:
        torch = torch_or_error()
        mean, sd = (
            torch.tensor(each, device=self.device)[:, None, None]
            for each in (self.network.architecture.mean, self.network.architecture.sd)
        )
        return (pictures - mean) / sd

    @contextmanager
    def _hooked(self, layers: Collection[str], *, leave: bool) -> Iterator[dict[str, Any]]:
        outputs: dict[str, Any] = {}
        count = len(layers) if leave else -1
        handles = [
            place.module.register_forward_hook(self._keeper(name, place.read, outputs, count))
            for name, place in self.network.architecture.places(self.network.module).items()
            if name in layers
        ]
        try:
            yield outputs
        finally:
            for handle in handles:
                handle.remove()

    def _keeper(self, name: str, read: Any, outputs: dict[str, Any], count: int) -> Any:
        """Copies what is needed at once: the next module may write over it."""
        torch = torch_or_error()

        def keep(module: Any, given: Any, output: Any) -> None:
            layer = read(output)
            if name not in self.chosen:
                outputs[name] = layer.clone()
                return
            index = torch.from_numpy(self.chosen[name]).to(layer.device)
            outputs[name] = layer.flatten(1).index_select(1, index)
            if len(outputs) == count:
                raise _AllReadError

        return keep


def chosen_units(size: int, units: int, layer: int) -> np.ndarray:
    """Which units of a layer of `size` are read, in order: the same ones in every session.

    Parameters
    ----------
    units : int
        How many at most; 0: all.
    layer : int
        Place of the layer in its network, from 0.
    """
    if not units or size <= units:
        return np.arange(size)
    rng = np.random.default_rng([UNIT_SEED, layer])
    return np.sort(rng.choice(size, units, replace=False))
