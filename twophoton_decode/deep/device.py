"""Where a network computes: never silently elsewhere than the user asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.errors import DeviceError

if TYPE_CHECKING:
    import torch


def device_of(name: str) -> torch.device:
    """The device called cpu, cuda or mps.

    Raises
    ------
    DeviceError
        It is not there.
    """
    torch = torch_or_error()
    there = {
        "cpu": lambda: True,
        "cuda": torch.cuda.is_available,
        "mps": torch.backends.mps.is_available,
    }
    if name not in there:
        raise DeviceError(f"no device is called {name!r}; known are {', '.join(there)}.")
    if not there[name]():
        raise DeviceError(
            f"{name} was asked for, but PyTorch {torch.__version__} finds no such device here. "
            'Set device = "cpu" in [deep], or give --device cpu.'
        )
    return torch.device(name)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether PyTorch failed for want of memory, on any device."""
    torch = torch_or_error()
    wanting = ("not enough memory", "can't allocate memory", "out of memory")
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and any(word in str(error) for word in wanting)
    )
