"""How grey levels become 16 bits: from a look at all of the movie, kept for the next run."""

from __future__ import annotations

from twophoton_decode.pipeline.stage import Work
from twophoton_decode.recording.frames import chunks, select
from twophoton_decode.recording.intensity import _Range, mapping_for
from twophoton_decode.records import IntensityMapping, Recording


def intensities(work: Work, recording: Recording, movie: str) -> tuple[IntensityMapping, list[str]]:
    """One mapping for all planes and channels, and what is odd about the pixels.

    `movie` is the fingerprint of the files; what was seen in them is kept under it.
    """
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
