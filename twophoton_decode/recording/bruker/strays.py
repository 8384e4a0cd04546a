"""TIFFs given by their names, beside a PrairieView .xml that says what they hold.

Named one by one, they would follow each other in the order of their names, whatever planes
and channels they hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.bruker.opening import MOVIES
from twophoton_decode.recording.bruker.xml import BrukerXml, read_xml
from twophoton_decode.recording.series.paths import MoviePath, bruker_files
from twophoton_decode.words import counted


def notes_beside_bruker(paths: Sequence[MoviePath]) -> list[str]:
    """What to tell of PrairieView's .xml that lie beside TIFFs and are not read.

    Raises
    ------
    MovieError
        By an .xml, the TIFFs are of several planes or channels.
    """
    given: defaultdict[Path, set[str]] = defaultdict(set)
    for path in paths:
        given[path.file.parent].add(path.file.name)
    return [
        note
        for folder, names in given.items()
        for xml in bruker_files(folder)
        for note in _notes(xml, names)
    ]


def _notes(xml: Path, names: set[str]) -> list[str]:
    try:
        images = _images(read_xml(xml))
    except MovieError as error:
        return [f"Bruker's .xml in the same folder, which may say what the TIFFs hold: {error}"]
    named = sorted(names & images.keys())
    if not named:
        return []
    held = set().union(*(images[name] for name in named))
    planes, channels = (len(set(numbers)) for numbers in zip(*held, strict=True))
    if planes > 1 or channels > 1:
        raise MovieError(
            f"{xml} says that the TIFFs given hold {counted(planes, 'plane')} and "
            f"{counted(channels, 'channel')}, which would follow each other as if they were one. "
            "Give the folder, or that .xml, to have them read in their order."
        )
    return [
        f"{xml.name} names {counted(len(named), 'TIFF')} of those given, such as {named[0]}, and "
        "is not read: give the folder, or that .xml, to have its order and times"
    ]


def _images(found: BrukerXml) -> dict[str, set[tuple[int, int]]]:
    """Plane and channel of the images in each file, by its name."""
    images: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
    for sequence in found.sequences:
        one_plane = sequence.type in MOVIES
        for number, frame in enumerate(sequence.frames):
            for channel, (name, _) in frame.images.items():
                images[name].add((0 if one_plane else number, channel))
    return images
