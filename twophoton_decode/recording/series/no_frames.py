"""Files beside a movie that are certainly no frames of it: projections, previews, copies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from twophoton_decode.errors import MovieError
from twophoton_decode.files.natural_order import stem_of
from twophoton_decode.recording.series.copies import equal_files
from twophoton_decode.recording.series.one_series import groups_by_name
from twophoton_decode.recording.tiff.file import understand

_PROJECTION = re.compile(r"(?:AVG|MAX|MIN|SUM|STD|MED)_")
_PREVIEW = re.compile(r"(?:^|[\W_])(?:preview|thumb|thumbnail|thumbs)(?=$|[\W\d_])", re.IGNORECASE)
_COPY_WORD = r"(?:copy|kopie|copie|copia)"
_COPY = re.compile(
    rf"{_COPY_WORD} (?:of|von|de) (.+)"
    rf"|(.+?)[ _\-]+{_COPY_WORD}(?: ?\(?\d+\)?)?"
    rf"|(.+?) ?\([^()]*\b{_COPY_WORD}\)",
    re.IGNORECASE,
)
_MOST_LOOKED_AT = 20
TIFF = "tiff"


def no_frames(files: Sequence[Path], kind: str = TIFF) -> dict[Path, str]:
    """The files that are certainly no frames of the movie that the others are; why, in words.

    Never all of them. `files` are of one folder, all there, in natural order, and of one
    `kind`.
    """
    found: dict[Path, str] = {}
    for look in (_by_their_names, _by_their_content, _by_their_frames):
        rest = [file for file in files if file not in found]
        if look is not _by_their_frames or kind == TIFF:
            found |= look(rest)
    return found if len(found) < len(files) else {}


def _by_their_names(files: Sequence[Path]) -> dict[Path, str]:
    names = {stem_of(file.name).lower() for file in files}
    found = {}
    for file in files:
        stem = stem_of(file.name)
        copy = _COPY.fullmatch(stem)
        if _PROJECTION.match(stem):
            found[file] = "a projection, by its name"
        elif _PREVIEW.search(stem):
            found[file] = "a preview, by its name"
        elif copy and next(filter(None, copy.groups())).lower() in names:
            found[file] = "a copy, by its name"
    return found if len(found) < len(files) else {}


def _by_their_content(files: Sequence[Path]) -> dict[Path, str]:
    """What holds the same bytes as another file, and is not called like most of the files."""
    groups = groups_by_name(files)
    if len(groups) < 2:
        return {}
    first = next(group for group in groups if len(group) == len(groups[0]))
    found = {}
    for equal in equal_files(files):
        kept = next((file for file in equal if file in first), equal[0])
        for file in equal:
            if file != kept and file not in first:
                found[file] = f"the same bytes as {kept.name}"
    return found


def _by_their_frames(files: Sequence[Path]) -> dict[Path, str]:
    """Single frames beside the one series or file of many, that are not called like it."""
    groups = groups_by_name(files)
    if not 1 < len(groups) <= _MOST_LOOKED_AT:
        return {}
    pages = [(_pages(group[0]), group) for group in groups]
    single = [group[0] for count, group in pages if (count, len(group)) == (1, 1)]
    many = [group for count, group in pages if count > 1]
    if len(many) != 1 or len(single) != len(groups) - 1:
        return {}
    return dict.fromkeys(single, "a single frame, not named like the others")


def _pages(file: Path) -> int:
    """How many pages a TIFF has; 0 where that cannot be said."""
    try:
        return understand(file).pages
    except (MovieError, OSError):
        return 0
