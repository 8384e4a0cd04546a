"""What of a session goes into an NWB file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.errors import SessionError
from twophoton_decode.formats.nwb.export import About, Exported
from twophoton_decode.formats.nwb.export_results import Results
from twophoton_decode.formats.nwb.export_shown import PictureOf
from twophoton_decode.formats.nwb.own import KEPT, is_kept
from twophoton_decode.pipeline.freshness import Verdict
from twophoton_decode.pipeline.inputs.sources import source_paths, split_key
from twophoton_decode.pipeline.plan.log import presentations_of
from twophoton_decode.pipeline.session_view import SessionView
from twophoton_decode.records import Presentations, Reconstruction, Responses, Traces
from twophoton_decode.settings import Settings


def exported_of(work: SessionView, about: About, say: Callable[[str], None]) -> Exported:
    """Traces, presentations, pictures and the results that are up to date; `say` names others.

    Raises
    ------
    SessionError
        The session has no traces, or none that are up to date.
    """
    settings = work.settings
    if settings.source.kind == "arrays":
        raise SessionError(
            f"{work.folder.path} was made of response matrices and has no traces; NWB keeps "
            "recordings. Its records are netCDF, which other programs read as they are."
        )
    verdicts = work.verdicts(work.all_decoders())
    if verdicts["extract"].state != "fresh":
        raise SessionError(
            f"the traces of {work.folder.path} are {verdicts['extract'].state}. Run `tpdecode run "
            f"{work.folder.path}` first."
        )
    found = work.stage_input(next(s for s, _ in work.steps() if s.name == "extract"), "", verdicts)
    traces = found.read(Traces, "traces.nc")
    presentations, pictures = _shown(work, traces, say)
    results = _results(work, verdicts, say)
    if not results.responses:
        say("responses are not exported: there are none that are up to date.")
    for note in _not_kept(settings, traces):
        say(note)
    return Exported(
        about=about,
        traces=traces,
        presentations=presentations,
        pictures=pictures,
        results=results,
        settings=_settings(settings),
    )


def _shown(
    work: SessionView, traces: Traces, say: Callable[[str], None]
) -> tuple[Presentations | None, Mapping[str, PictureOf]]:
    from twophoton_decode.pipeline.inputs.timed import timed

    settings = work.settings
    if not settings.source.log or settings.source.clips:
        say("no presentations are exported: the session has no log of pictures.")
        return None, {}
    pictures = dict(_pictures(work))
    names = np.array(list(pictures))
    frames = timed(traces, settings.recording)
    return presentations_of(work.folder, settings, names, frames), pictures


def _pictures(work: SessionView) -> Iterator[tuple[str, PictureOf]]:
    """Every picture of the session as it lies in its file, by name, in their order."""
    from twophoton_decode.stimulus.pictures import (
        is_folder_of_pictures,
        picture_files,
        read_stack,
    )

    source = work.settings.source
    path = source_paths(work.folder, source, "images")[0]
    if is_folder_of_pictures(path):
        for file in picture_files(path)[0]:
            yield file.name, partial(_levels_of_file, file)
        return
    key, shape = split_key(source.images)[1], source.picture_shape
    stack = read_stack(path, key, axes=source.image_axes, shape=shape)
    for place, picture in enumerate(stack.pictures):
        yield str(place), partial(_levels, picture)


def _levels_of_file(file: Path) -> np.ndarray:
    from twophoton_decode.stimulus.pictures import read_picture

    return _levels(read_picture(file).pixels)


def _levels(pixels: np.ndarray) -> np.ndarray:
    """Pixels as NWB takes them: (y, x) or (y, x, 3), without transparency."""
    pixels = np.asarray(pixels)
    if pixels.dtype == np.float64:
        pixels = pixels.astype(np.float32)
    return pixels[..., :3] if pixels.ndim == 3 and pixels.shape[2] > 3 else pixels


def _results(
    work: SessionView, verdicts: dict[str, Verdict], say: Callable[[str], None]
) -> Results:
    responses, reconstructions = None, {}
    for stage, name in work.steps(work.all_decoders()):
        if stage.name not in ("respond", "reconstruct"):
            continue
        state = verdicts[stage.key(name)].state
        if state != "fresh":
            if state == "stale":
                say(f"{stage.key(name)} is stale and left out; `tpdecode run` renews it.")
            continue
        made = work.stage_input(stage, name, verdicts)
        if stage.name == "respond":
            responses = made.read(Responses, stage.file)
        else:
            reconstructions[name] = made.read(Reconstruction, stage.file)
    return Results(responses, reconstructions)


def _settings(settings: Settings) -> dict[str, Any]:
    dumped = settings.model_dump(mode="json")
    named = {
        f"{section}.{key}": value
        for section, values in dumped.items()
        if isinstance(values, dict)
        for key, value in values.items()
    }
    return {name: value for name, value in named.items() if is_kept(name)}


def _not_kept(settings: Settings, traces: Traces) -> list[str]:
    usual = Settings()
    notes = [
        f"{key} under [{section}] is not kept in the file: imported again, results are as without "
        "it."
        for section, keys in KEPT.items()
        for key in keys
        if getattr(getattr(settings, section), key) != getattr(getattr(usual, section), key)
    ]
    if traces.unknown_pause is not None and traces.unknown_pause.size:
        notes.append(
            "pauses of unknown length are not kept in the file: frames are timed as if there were "
            "none."
        )
    return notes
