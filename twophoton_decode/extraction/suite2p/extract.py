"""Raw frames to suite2p's folder, and back as traces.

suite2p runs in a process of its own (``suite2p_child.py``, docs/decisions/0010): importing
it takes seconds and brings torch, and a process can be ended, given a home of its own, and
its output followed. The folder is built beside its final place, and takes it only when
everything in it is there; what a killed run has done is found there by the next one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twophoton_decode.errors import ExtractionError, MovieError, SettingsError
from twophoton_decode.extraction.kept.files import Substep
from twophoton_decode.extraction.motion.blocks import block_size
from twophoton_decode.extraction.suite2p.folder import Building, Plane
from twophoton_decode.extraction.suite2p.output import read_folder
from twophoton_decode.extraction.suite2p.process import Suite2pProcess
from twophoton_decode.extraction.suite2p.settings import coarse_bins_note, suite2p_settings
from twophoton_decode.extraction.suite2p.spatial_scale import spatial_scale_note
from twophoton_decode.extraction.suite2p.substeps import Keys
from twophoton_decode.extraction.suite2p.users_settings import laid_over, passed_on
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import IntensityMapping, Traces
from twophoton_decode.records.movie.frame_times import FrameTimes
from twophoton_decode.settings import ExtractionSettings

__all__ = ["Plane", "extract", "read_folder", "register"]

_SMALLEST_FIELD = 32
_FEWEST_FRAMES = 50
_FEWEST_BINS = 5
_REVISION = 1
"""Raised when motion correction or detection computes something else than before."""


def register(
    planes: Sequence[Plane],
    mapping: IntensityMapping,
    *,
    frame_rate_hz: float,
    settings: ExtractionSettings,
    folder: Path,
    suite2p: Suite2pProcess | None = None,
    progress: Progress = silent,
) -> str:
    """Motion-correct the movie, and leave it where `extract` takes it up.

    What an earlier run did under the same settings, in whole or until it was killed, is
    taken up. `folder` itself is not touched: the registered movie waits beside it.

    Parameters
    ----------
    planes, mapping, frame_rate_hz, settings, folder, progress
        As for `extract`.
    suite2p : Suite2pProcess, optional
        Needed where suite2p is to correct motion (`registers_here`).

    Returns
    -------
    str
        Hash of what the registered movies depend on; equal for equal ones.

    Raises
    ------
    MovieError, SettingsError, ExtractionError
        As `extract`.
    """
    task = _task(planes, mapping, frame_rate_hz, settings, folder)
    with _disk_errors_named(task.building):
        if task.building.is_registered():
            task.building.drop_other_work()
        else:
            task.building.prepare()
            _build(task, "registered", suite2p, progress)
    made = json.dumps([keys.registered for keys in task.building.keys], sort_keys=True)
    return hashlib.blake2b(made.encode(), digest_size=20).hexdigest()


def extract(
    planes: Sequence[Plane],
    mapping: IntensityMapping,
    *,
    frame_rate_hz: float,
    settings: ExtractionSettings,
    folder: Path,
    suite2p: Suite2pProcess,
    times: FrameTimes | None = None,
    notes: Sequence[str] = (),
    progress: Progress = silent,
) -> Traces:
    """Motion-correct the movie, detect ROIs, extract and deconvolve their traces.

    What an earlier run did under the same settings, in whole or until it was killed, is
    taken up.

    Parameters
    ----------
    planes : sequence of Plane
        All of one size and length.
    mapping : IntensityMapping
        What was done to grey levels to bring them to 16 bits.
    frame_rate_hz : float
        Frames per second of each plane.
    folder : Path
        Becomes suite2p's folder, which its GUI opens (``plane0/stat.npy``). What it held
        is replaced when everything has been done, and untouched if something fails.
    suite2p : Suite2pProcess
        Takes seconds to be ready, so it is started before; it gets its job here, or none if
        nothing is left to do.
    times : FrameTimes, optional
        When each frame began; without them, frames are evenly spaced.
    notes : sequence of str
        What is odd about the recording; kept in the record.

    Raises
    ------
    MovieError
        The movie is too short or too small.
    SettingsError
        A block does not fit the field of view, or the classifier is no file.
    ExtractionError
        suite2p failed: no ROIs, no memory, no disk space.
    """
    task = _task(planes, mapping, frame_rate_hz, settings, folder)
    building = task.building
    with _disk_errors_named(building):
        building.prepare()
        _build(task, "classified", suite2p, progress)
    coarse = coarse_bins_note(settings, frame_rate_hz, planes[0].movie.shape)
    scale = spatial_scale_note(
        [building.path / plane.name for plane in planes], settings.spatial_scale
    )
    said = [each for each in (*notes, mapping_note(mapping), task.note, coarse, scale) if each]
    building.finish(mapping, frame_rate_hz, settings, times or FrameTimes(), said)
    return read_folder(folder)


@dataclass(frozen=True, eq=False)
class _Task:
    """What is to be built, from what, and what suite2p is told; `blocks` as `block_size` gives
    them, with what there is to `note` about them.
    """

    building: Building
    mapping: IntensityMapping
    settings: ExtractionSettings
    told: dict[str, Any]
    blocks: tuple[int, int] | None
    note: str


def _task(
    planes: Sequence[Plane],
    mapping: IntensityMapping,
    rate: float,
    settings: ExtractionSettings,
    folder: Path,
) -> _Task:
    shape = planes[0].movie.shape
    _check_movie(shape, rate, settings)
    blocks, note = block_size(*shape[1:], settings)
    users = passed_on(settings.suite2p_settings)
    told = laid_over(users, suite2p_settings(settings, rate, blocks, shape[1:]))
    keys = [_keys(plane, told, settings, users) for plane in planes]
    return _Task(Building(folder.resolve(), planes, keys), mapping, settings, told, blocks, note)


@contextmanager
def _disk_errors_named(building: Building) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExtractionError(
            f"{building.path} cannot be written ({error}). Is the disk full? What has been done "
            "so far is kept there, and the next run goes on from it."
        ) from error


def _build(task: _Task, until: Substep, suite2p: Suite2pProcess | None, progress: Progress) -> None:
    """Motion correction here, everything else in suite2p's process, if anything is left."""
    building = task.building
    if not building.orders(until):
        return

    def watched(done: int, total: int, what: str) -> None:
        if suite2p is not None:
            suite2p.check()
        progress(done, total, what)

    building.correct_motion(task.blocks, registers_here(task.settings), watched)
    orders = building.orders(until)
    if not orders:
        return
    assert suite2p is not None, "only suite2p's process does the rest"
    job = {
        "folder": str(building.path),
        "final_folder": str(building.final),
        "settings": task.told,
        "offset": task.mapping.offset,
        "scale": task.mapping.scale,
        "planes": orders,
    }
    suite2p.run(job, progress)


def registers_here(settings: ExtractionSettings) -> bool:
    """Whether motion is corrected by this program, not by suite2p's process."""
    return settings.registration == "tpdecode" and settings.device == "cpu"


def _keys(
    plane: Plane, told: dict[str, Any], settings: ExtractionSettings, users: dict[str, Any]
) -> Keys:
    """What each substep depends on: the movie, and what suite2p is told about it.

    `users` is what the user's own file passes on.

    How many frames are taken at once is left out where it changes no result: suite2p's own
    registration alone makes its reference image from a batch.
    """
    here = registers_here(settings)
    registered = {
        "movie": plane.origin,
        "by": "tpdecode" if here else "suite2p",
        "settings": _without(told["registration"], "batch_size" if here else ""),
        "revision": _REVISION,
    }
    detected = {
        "registered": registered,
        "settings": _without(told, "registration", "extraction", "classification"),
        **({"users": users} if users else {}),
    }
    content = Path(settings.classifier).read_bytes() if settings.classifier else b""
    classifier = hashlib.blake2b(content, digest_size=20).hexdigest()
    classified = {"detected": detected, "classifier": classifier}
    # As they come back from a file: lists for tuples.
    return Keys(*(json.loads(json.dumps(key)) for key in (registered, detected, classified)))


def _without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def mapping_note(mapping: IntensityMapping) -> str:
    """What was done to the movie's intensities, in words; empty if nothing."""
    if mapping == IntensityMapping(0.0, 1.0):
        return ""
    steps = "" if mapping.scale == 1.0 else f", rounded to steps of {mapping.scale:g} grey levels"
    return (
        f"grey levels were mapped to 16 bits for suite2p as (grey - {mapping.offset:g}) / "
        f"{mapping.scale:g}{steps}; this is undone in the traces"
    )


def _check_movie(shape: tuple[int, int, int], rate: float, settings: ExtractionSettings) -> None:
    frames, height, width = shape
    needed = max(_FEWEST_FRAMES, round(_FEWEST_BINS * settings.indicator_decay_s * rate))
    if frames < needed:
        raise MovieError(
            f"the movie has {frames} frames; finding cells needs at least {needed} "
            f"({_FEWEST_BINS} decay times of the indicator at {rate:g} Hz). Were all files named, "
            "and is frame_rate_hz right?"
        )
    if min(height, width) < _SMALLEST_FIELD:
        raise MovieError(
            f"frames are {height} x {width} px; motion correction needs at "
            f"least {_SMALLEST_FIELD} px along each side."
        )
    if settings.classifier and not Path(settings.classifier).is_file():
        raise SettingsError(
            f"classifier = {settings.classifier!r} is no file. Name a suite2p classifier (.npy), "
            "or leave it empty for the built-in one."
        )
