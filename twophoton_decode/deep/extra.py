"""Packages that only the deep commands need, and how to get them."""

from __future__ import annotations

import importlib
from typing import Any

from twophoton_decode.errors import MissingExtraError


def torch_or_error() -> Any:
    """PyTorch, which comes with suite2p."""
    return imported("torch")


def imported(module: str) -> Any:
    """A module of the extra ``deep``.

    Raises
    ------
    MissingExtraError
        It is not installed; the message says how to add it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"this needs {error.name}, which is not installed. The deep commands need packages "
            'that tpdecode alone does without: pip install "tpdecode[deep]" adds them.'
        ) from error
