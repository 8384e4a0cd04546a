"""A session whose movie was restored: refused as a source of responses unless asked for."""

from __future__ import annotations

from pathlib import Path

import tifffile

from twophoton_decode.errors import SettingsError
from twophoton_decode.pipeline.restoration.output import MARK, TIFFS
from twophoton_decode.records import Recording
from twophoton_decode.settings import Settings


def note_on_restored(recording: Recording, settings: Settings) -> str:
    """A sentence for every page where responses come from restored pixels; else empty.

    Raises
    ------
    SettingsError
        The movie was restored and ``[traces] movie`` is raw, or the other way round.
    """
    restored = [str(file) for file in recording.file.tolist() if _is_restored(Path(str(file)))]
    asked = settings.traces.movie == "restored"
    if restored and not asked:
        raise SettingsError(
            f"{restored[0]} was restored by tpdecode, and responses should come from raw pixels: "
            "name the raw movie as movie in [source]. To take them from restored pixels all the "
            'same, set movie = "restored" in [traces]; every page then says so.'
        )
    if asked and not restored:
        raise SettingsError(
            'movie = "restored" in [traces], but no file of the movie was restored by tpdecode. '
            'Set it to "raw", or name the restored movie in [source].'
        )
    if not asked:
        return ""
    return (
        "responses come from restored pixels, not from raw ones: what the network took for noise "
        "is gone from them, and what it invented is in them"
    )


def _is_restored(file: Path) -> bool:
    if file.suffix.lower() not in TIFFS:
        return False
    with tifffile.TiffFile(file, is_scanimage=False) as tiff:
        software = tiff.pages.first.tags.valueof("Software", default="")
    return str(software).startswith(MARK)
