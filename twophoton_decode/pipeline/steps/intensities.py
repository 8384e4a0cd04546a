"""How grey levels become 16 bits: from a look at all of the movie, kept for the next run."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from twophoton_decode.pipeline.stage import Work
from twophoton_decode.recording.frames import chunks, select
from twophoton_decode.recording.intensity import _Range, mapping_for
from twophoton_decode.records import IntensityMapping, Recording
from twophoton_decode.session.atomic import write_text

_KEPT = "intensities.json"


def intensities(work: Work, recording: Recording, movie: str) -> tuple[IntensityMapping, list[str]]:
    """One mapping for all planes and channels, and what is odd about the pixels.

    `movie` is the fingerprint of the files, under which the outcome is kept.
    """
    file = work.folder.private / _KEPT
    numbers = None if recording.plane_number is None else recording.plane_number.tolist()
    key = [movie, recording.channels, numbers, work.settings.recording.planes]
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(file.read_text())
        if kept["key"] == key:
            return IntensityMapping(**kept["mapping"]), list(kept["notes"])
    mapping, notes = _looked_at(work, recording)
    _keep(file, {"key": key, "mapping": asdict(mapping), "notes": notes})
    return mapping, notes


def _keep(file: Path, content: dict[str, Any]) -> None:
    write_text(file, json.dumps(content))


def _looked_at(work: Work, recording: Recording) -> tuple[IntensityMapping, list[str]]:
    low, high, whole = float("inf"), float("-inf"), True
    for plane in range(recording.planes):
        for channel in range(recording.channels):
            one = select(recording, plane, channel)
            seen = _Range(one)
            for frames in chunks(one, work.settings.extraction.batch_frames):
                seen.see(frames)
                work.progress(seen.frames, one.frames, "looking at all frames")
            seen.mapping()
            low, high = min(low, seen.lowest), max(high, seen.highest)
            whole = whole and seen.whole_numbers
    return mapping_for(low, high, whole), []
