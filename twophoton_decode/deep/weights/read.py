"""Tensors of a file of weights. Nothing that a file holds is ever run."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.deep.extra import imported, torch_or_error
from twophoton_decode.errors import WeightsError

_IN_CHECKPOINT = ("model_state_dict", "state_dict")
"""Where the checkpoints of training scripts hold the network beside their own state."""


def read_weights(path: Path) -> dict[str, Any]:
    """The tensors of a .pth, .npz or .onnx file by name, in the order of the file.

    Raises
    ------
    WeightsError
        The file is damaged, holds anything but tensors, or would have to run code.
    """
    read = {".npz": _read_npz, ".onnx": _read_onnx}.get(path.suffix.lower(), _read_pth)
    return read(path)


def _read_pth(path: Path) -> dict[str, Any]:
    torch = torch_or_error()
    try:
        with warnings.catch_warnings():
            # PyTorch remarks on pickles of other programs, which are refused or fine.
            warnings.simplefilter("ignore")
            held = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise WeightsError(
            f"{path} holds more than tensors, and reading it could run code: it is refused. Save "
            "the network's state_dict alone."
        ) from error
    except Exception as error:
        # PyTorch reads what a damaged file says without checking it, and fails in many ways.
        raise WeightsError(f"{path} cannot be read as weights: {error}.") from error
    for part in _IN_CHECKPOINT:
        if isinstance(held, dict) and isinstance(held.get(part), dict):
            held = held[part]
    if not isinstance(held, dict) or not all(
        isinstance(name, str) and torch.is_tensor(each) for name, each in held.items()
    ):
        raise WeightsError(
            f"{path}: expected a state_dict, names with tensors alone, or a checkpoint with one "
            f"under {' or '.join(_IN_CHECKPOINT)}."
        )
    return dict(held)


def _read_npz(path: Path) -> dict[str, Any]:
    torch = torch_or_error()
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            return {name: torch.from_numpy(held[name]) for name in held.files}
    except Exception as error:
        raise WeightsError(f"{path} cannot be read as arrays of numbers: {error}.") from error


def _read_onnx(path: Path) -> dict[str, Any]:
    """The initialisers of the graph; the graph itself is not used."""
    torch, onnx = torch_or_error(), imported("onnx")
    try:
        graph = onnx.load(str(path), load_external_data=False).graph
        arrays = {each.name: onnx.numpy_helper.to_array(each) for each in graph.initializer}
    except Exception as error:
        raise WeightsError(f"{path} cannot be read as ONNX: {error}.") from error
    return {name: torch.from_numpy(each.copy()) for name, each in arrays.items()}
