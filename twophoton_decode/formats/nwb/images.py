"""Images of the field of view, motion and bad frames in an NWB file, as far as it has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from twophoton_decode.formats.nwb.contents import Contents
from twophoton_decode.formats.nwb.series import Series

_MEAN, _CORRELATION, _RED = ("mean", "average", "avg"), ("corr",), ("structural", "red", "chan2")
_PROJECTION = ("max", "projection")
_MOTION = "xy_translation"


def field_images(
    contents: Contents, planes: int, extent: tuple[int, int], notes: list[str]
) -> dict[str, Any]:
    """Images of every plane, (plane, y, x): fields of `Traces`.

    `extent` is how far ROIs reach, rows and columns. Without a mean image, a projection stands
    for it, and without that a black field; both are said.
    """
    mean = _of_planes(contents, _MEAN, planes, extent)
    if mean is None:
        mean = _of_planes(contents, _PROJECTION, planes, extent)
        what = "the field is drawn black" if mean is None else "a projection stands for it"
        notes.append(f"The file has no mean image of the field of view: {what}.")
    if mean is None:
        mean = np.zeros((planes, *(max(side, 2) for side in extent)), np.float32)
    found = {"mean_image": mean}
    others = {"correlation_image": _CORRELATION, "structural_image": _RED}
    for name, words in others.items():
        image = _of_planes(contents, words, planes, extent)
        if image is not None and image.shape == mean.shape:
            found[name] = image
    return found


def _of_planes(
    contents: Contents, words: Sequence[str], planes: int, extent: Sequence[int]
) -> np.ndarray | None:
    """Images with one of `words` in their name, one for each plane, as large as ROIs reach."""
    found = []
    for path in contents.images:
        data = contents.data(path)
        name = path.removesuffix("/data").rsplit("/", 1)[-1].lower()
        if path.startswith("stimulus/") or data is None or data.ndim != 2:
            continue
        if any(word in name for word in words) and data.dtype.kind in "iuf":
            found.append(np.asarray(data[()], dtype=np.float32))
    if len(found) != planes or len({image.shape for image in found}) != 1:
        return None
    reaches = all(image >= side for image, side in zip(found[0].shape, extent, strict=True))
    return np.stack(found) if reaches else None


def motion(contents: Contents, planes: int, frames: int, notes: list[str]) -> dict[str, Any]:
    """Shifts of every plane along rows and columns, (plane, frame), px; NaN without any."""
    found = []
    for path in contents.types:
        moved = path.rsplit("/", 1)[-1].startswith(_MOTION)
        data = contents.data(f"{path}/data") if moved else None
        if data is not None and data.ndim == 2 and 2 in data.shape:
            shifts = np.asarray(data[()], dtype=float)
            shifts = shifts if shifts.shape[1] == 2 else shifts.T
            if len(shifts) >= frames:
                found.append(shifts[:frames])
    if len(found) != planes:
        notes.append("The file does not say how far the field moved: motion is not known.")
        return dict.fromkeys(("motion_y", "motion_x"), np.full((planes, frames), np.nan))
    stacked = np.stack(found)
    return {"motion_y": stacked[:, :, 1], "motion_x": stacked[:, :, 0]}


def bad_frames(
    contents: Contents, series: Series, began_s: np.ndarray, notes: list[str]
) -> np.ndarray:
    """Frames within the file's invalid times, (frame,); `began_s` counts in the file's clock."""
    bad = np.zeros(began_s.size, dtype=bool)
    begins, ends = (contents.data(f"intervals/invalid_times/{name}")
                    for name in ("start_time", "stop_time"))  # fmt: skip
    if begins is None or ends is None:
        return bad
    for begin, end in zip(begins[()], ends[()], strict=True):
        bad |= (began_s >= begin - 1e-6) & (began_s < end)
    notes.append(f"{int(bad.sum())} frames lie in invalid_times: they count as bad.")
    return bad
