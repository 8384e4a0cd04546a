"""A session of responses that lie in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.api.changes import run_stages
from twophoton_decode.errors import ArgumentError
from twophoton_decode.words import counted

if TYPE_CHECKING:
    from twophoton_decode.api.session import Session
    from twophoton_decode.settings import Settings

_INPUTS = "arrays"
_BY_LABEL = "presentation cell"
_COUNTED = {"picture_numbers": "index"}
_AXES = {2: "image cell", 3: "repeat image cell"}


def from_arrays(
    session: str | PathLike[str],
    responses: Any,
    pictures: Any = None,
    *,
    image: Sequence[int] | Sequence[str] | np.ndarray | None = None,
    groups: Sequence[int] | Sequence[str] | np.ndarray | None = None,
    mouse: str = "",
    say: Callable[[str], None] | None = print,
) -> Session:
    """Make a session of responses and the pictures they belong to, and average its trials.

    The arrays are written into ``arrays/`` of the session, which needs nothing else from then
    on. ``tpdecode import arrays`` does the same from files.

    Parameters
    ----------
    session : str or path
        The folder to make. It must not be there yet, or be empty.
    responses : array
        With `image`, one row for each presentation: (presentation, cell). Without it, (image,
        cell) or (repeat, image, cell). A presentation that is NaN in every cell is missing.
    pictures : array of shape (image, y, x), or str or path, optional
        Grey pictures in the order that `image` counts them, or a folder or file of them. None:
        conditions without pictures; what needs pictures is then unavailable.
    image : sequence of int or str, optional
        The picture of each presentation: its index from 0, or its name if `pictures` is a
        folder of files; without pictures, any name of the condition. −1 means that none was shown.
    groups : sequence of int or str, optional
        Group of each picture, such as the scene it shows: pictures of one group share a fold.
    mouse : str
        Name of the animal; ``tpdecode compare`` groups sessions by it.
    say : callable or None
        Gets each line of what is done and what must be known, as in `Session.run`.

    Returns
    -------
    Session

    Raises
    ------
    UsageError
        Arrays whose shapes do not fit each other, a name that is no text, or a folder that holds
        files already.
    ResponseError
        Infinite responses, or labels that name no picture.
    StimulusImageError
        Pictures that are all the same.

    Examples
    --------
    >>> made = tp.simulate(cells=30, images=12, repeats=4, picture_px=16, seed=3)
    >>> session = tp.from_arrays("mine", made.responses, made.pictures, image=made.image,
    ...                          mouse="m1", say=None)
    >>> session.responses.response.shape
    (48, 30)
    """
    from twophoton_decode.api.session import Session
    from twophoton_decode.session.folder import SessionFolder
    from twophoton_decode.session.unfinished import taken_back_on_failure

    path = Path(session)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ArgumentError(f"{path} is there already; name a session that is not there yet.")
    arrays = {"responses": _responses(responses, by_label=image is not None)}
    if pictures is not None and not isinstance(pictures, str | PathLike):
        arrays["images"] = _pictures(pictures)
    arrays |= {
        name: _labels(name, given)
        for name, given in (("labels", image), ("groups", groups))
        if given is not None
    }
    if image is None and "images" in arrays:
        _refuse_rows_of_presentations(arrays["responses"], len(arrays["images"]))
    axes = _BY_LABEL if image is not None else _AXES[arrays["responses"].ndim]
    numbers: Any = {} if image is None or arrays["labels"].dtype.kind == "U" else _COUNTED
    with taken_back_on_failure(path):
        stored = _written(arrays, path / _INPUTS)
        if pictures is not None and "images" not in stored:
            stored["images"] = os.path.abspath(pictures)
        source = {"kind": "arrays", "axes": axes, **stored}
        settings = _settings({"source": source, "subject": {"mouse": mouse}, "log": numbers})
        SessionFolder.create(path, settings)
        run_stages(SessionFolder.open(path), ("respond",), (), say)
    return Session(path)


def _responses(values: Any, *, by_label: bool) -> np.ndarray:
    """Numbers with the axes that go with or without labels; unequal lengths are found later."""
    found = _array("responses", values, "biuf")
    if by_label and found.ndim != 2:
        raise ArgumentError(
            "responses must be (presentation, cell) where image tells the picture of each "
            f"presentation, found the shape {found.shape}."
        )
    if found.ndim not in _AXES:
        raise ArgumentError(
            "responses without image must be (repeat, image, cell) or (image, cell), found the "
            f"shape {found.shape}."
        )
    return found


def _refuse_rows_of_presentations(responses: np.ndarray, pictures: int) -> None:
    """Rows of a table that are not as many as there are pictures are most likely presentations."""
    if responses.ndim == 2 and len(responses) != pictures:
        raise ArgumentError(
            f"responses of the shape {responses.shape} without image must be (image, cell), but "
            f"there are {counted(pictures, 'picture')}. If each row is a presentation, say with "
            "image= which picture it showed."
        )


def _settings(sections: dict[str, dict[str, Any]]) -> Settings:
    from pydantic import ValidationError

    from twophoton_decode.session.settings.errors import explained
    from twophoton_decode.settings import Settings

    try:
        return Settings.model_validate(sections)
    except ValidationError as error:
        raise ArgumentError(explained("tp.from_arrays", error)) from error


def _pictures(values: Any) -> np.ndarray:
    found = _array("pictures", values, "biuf")
    if found.ndim != 3:
        raise ArgumentError(f"pictures must be (image, y, x), found the shape {found.shape}.")
    return found


def _labels(name: str, values: Any) -> np.ndarray:
    """Whole numbers or texts, one after the other."""
    told = "image" if name == "labels" else name
    found = _array(told, values, "biufU")
    if found.ndim != 1:
        raise ArgumentError(f"{told} must be a sequence, found the shape {found.shape}.")
    if found.dtype.kind == "f":
        if not np.array_equal(found, np.round(found)) or np.abs(found).max(initial=0) > 2**53:
            raise ArgumentError(f"{told} must be whole numbers or names, found {found.dtype}.")
        found = found.astype(np.int64)
    return found


def _array(name: str, values: Any, kinds: str) -> np.ndarray:
    if np.ma.isMaskedArray(values) and np.ma.getmaskarray(values).any():
        raise ArgumentError(
            f"{name} has masked values, which an array without a mask would show as measured. "
            "Write NaN for responses that are missing."
        )
    try:
        found = np.asarray(values)
    except ValueError as error:
        raise ArgumentError(f"{name} must be an array: {error}") from error
    if found.dtype.kind not in kinds:
        raise ArgumentError(f"{name} must be numbers, found values of the type {found.dtype}.")
    return found


def _written(arrays: dict[str, np.ndarray], folder: Path) -> dict[str, str]:
    """Write the arrays; the path of each as ``session.toml`` keeps it."""
    folder.mkdir(parents=True)
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values, allow_pickle=False)
    return {name: f"{folder.name}/{name}.npy" for name in arrays}
