"""suite2p's folder as traces, without running anything that lies in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.errors import ExtractionError, UsageError
from twophoton_decode.extraction.curation.edits import is_edited
from twophoton_decode.extraction.curation.labels import clicked_in_all_planes
from twophoton_decode.extraction.kept.pickles import UNREADABLE
from twophoton_decode.extraction.suite2p.output import (
    ORIGIN,
    frames_of_all,
    plane_number,
    read_folder,
    rois_of_all,
)
from twophoton_decode.formats.suite2p.layout import CELLS, RED, Layout
from twophoton_decode.formats.suite2p.ops import DEFAULT_RATE_HZ, number
from twophoton_decode.formats.suite2p.plane import Plane, read_plane
from twophoton_decode.records import Traces
from twophoton_decode.words import counted


def read_suite2p(folder: Path, frame_rate_hz: float = 0.0) -> Traces:
    """The traces in suite2p's `folder`, with motion, images and ROIs of all planes.

    The signals stay on disk and are read where they are indexed, in suite2p's grey levels.
    A folder that this program made is read with all that it noted there.

    Parameters
    ----------
    folder : Path
        ``suite2p``, what it lies in, or the folder of one plane.
    frame_rate_hz : float
        Frames per second and plane; 0: as suite2p was told.

    Raises
    ------
    UsageError
        No such folder, or a file is missing; the frame rate is not known.
    ExtractionError
        A file is damaged, holds something that could run, or does not belong to the others.
    """
    layout = Layout.of(folder)
    here = layout.planes[0].parent
    if not layout.is_combined and (here / ORIGIN).is_file():
        return read_folder(here, curated=is_edited(here))
    planes = [_read(plane) for plane in layout.planes]
    rate = _rate(planes[0], layout, frame_rate_hz)
    _take_clicks(layout, planes)
    fields = _equally_long([each.fields for each in planes])
    numbers = [_number_of(plane) for plane in layout.planes]
    notes = [note for each in planes for note in each.notes]
    return Traces(
        **rois_of_all(fields),
        **frames_of_all(_of_one_size(fields, notes)),
        plane_number=np.array(numbers),
        plane_delay_s=_delays(layout, planes[0], numbers, rate),
        frame_rate_hz=rate,
        intensity_offset=0.0,
        intensity_scale=1.0,
        imported_from="suite2p",
        notes=(*notes, *_notes(layout, planes, frame_rate_hz)),
    )


def _read(plane: Path) -> Plane:
    try:
        return read_plane(plane)
    except UNREADABLE as error:
        raise ExtractionError(
            f"suite2p's output in {plane} cannot be read ({error}). Expected F, Fneu, spks, "
            "iscell and stat.npy that belong together, beside ops.npy; restore the folder, or "
            "run suite2p again."
        ) from error


def _rate(plane: Plane, layout: Layout, given: float) -> float:
    rate = given or number(plane.ops, "fs")
    if not rate > 0 or not np.isfinite(rate):
        raise UsageError(
            f"{layout.planes[0]} does not say how many frames were taken per second (fs). Give it "
            "with --frame-rate-hz."
        )
    return rate


def _number_of(plane: Path) -> int:
    digits = plane.name.removeprefix("plane")
    return plane_number(plane.name) if digits.isdigit() and digits != plane.name else 1


def _delays(layout: Layout, plane: Plane, numbers: list[int], rate: float) -> np.ndarray:
    """From the start of a volume to the middle of each plane's frame, planes evenly after
    each other; half a volume for fields of a mesoscope beside each other, and a combined view."""
    if layout.is_combined or number(plane.ops, "mesoscan", 0.0):
        return np.full(len(numbers), 0.5 / rate)
    total = max(int(number(plane.ops, "nplanes", 1)), *numbers)
    return (np.array(numbers) - 0.5) / (total * rate)


def _take_clicks(layout: Layout, planes: list[Plane]) -> None:
    """What was clicked in the view of all planes, where that is newer than the planes' own."""
    if layout.is_combined or len(planes) == 1:
        return
    for name, kinds in ((CELLS, ("is_cell", "cell_probability")),
                        (RED, ("is_red", "red_probability"))):  # fmt: skip
        clicked = clicked_in_all_planes(layout.planes, name)
        if clicked is None:
            continue
        edges = np.cumsum([0, *(len(each.fields["pixels"]) for each in planes)])
        if clicked.shape != (edges[-1], 2):
            raise ExtractionError(
                f"{layout.planes[0].parent / 'combined' / name} is of {len(clicked)} ROIs, the "
                f"planes have {edges[-1]}: ROIs were drawn or merged in the view of all planes. "
                "Do so in the view of one plane, or remove the folder combined."
            )
        for each, begin, end in zip(planes, edges[:-1], edges[1:], strict=True):
            labels = clicked[begin:end]
            each.fields.update(zip(kinds, (labels[:, 0] > 0, labels[:, 1]), strict=True))
            each.notes.append(f"{name} is taken from the view of all planes, which is newer.")


def _equally_long(planes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Frames up to the last that every plane has."""
    frames = min(each["bad_frame"].size for each in planes)
    cut = ("motion_y", "motion_x", "motion_correlation", "block_motion", "bad_frame")
    signals = ("fluorescence", "neuropil", "deconvolved")
    return [
        each
        | {name: each[name][:frames] for name in cut if name in each}
        | {name: each[name].first(frames) for name in signals if name in each}
        for each in planes
    ]


def _of_one_size(planes: list[dict[str, Any]], notes: list[str]) -> list[dict[str, Any]]:
    """Fields of view of different sizes, as a mesoscope has them, filled up with NaN."""
    names = ("mean_image", "correlation_image", "structural_image")
    shapes = [each["mean_image"].shape for each in planes]
    whole = tuple(np.max(shapes, axis=0).tolist())
    if all(shape == whole for shape in shapes):
        return planes
    notes.append(f"Fields of view differ in size; images are filled up to {whole} px.")
    return [
        each | {name: _filled(each[name], whole) for name in names if name in each}
        for each in planes
    ]


def _filled(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    whole = np.full(shape, np.nan, dtype=np.float32)
    whole[: image.shape[0], : image.shape[1]] = image
    return whole


def _notes(layout: Layout, planes: list[Plane], given_rate: float) -> list[str]:
    notes = []
    told = number(planes[0].ops, "fs")
    if not given_rate and told == DEFAULT_RATE_HZ:
        notes.append(
            "suite2p was told 10 frames per second, which is its default: see that it is so, or "
            "set frame_rate_hz under [recording]."
        )
    elif given_rate and np.isfinite(told) and abs(told / given_rate - 1) > 0.001:
        notes.append(
            f"suite2p was told {told:g} frames per second (fs), but frame_rate_hz is "
            f"{given_rate:g}: its deconvolution took the former."
        )
    frames = [each.frames for each in planes]
    if min(frames) != max(frames):
        notes.append(
            f"Planes have {min(frames)} to {max(frames)} frames; only the first {min(frames)} are "
            "used."
        )
    if layout.is_combined:
        notes.append(
            "Planes are read from the view of all of them, as one plane timed at the middle of a "
            "volume: import the folder with plane0, plane1, … for their own times."
        )
    if number(planes[0].ops, "mesoscan", 0.0):
        notes.append("Fields of a mesoscope are timed at the middle of a frame.")
    if linked := layout.linked:
        notes.append(
            f"{counted(len(linked), 'file')} lie elsewhere, where links lead to: "
            f"{linked[0]} is {linked[0].resolve()}."
        )
    return notes
