"""The files outside the session that its results come from."""

from __future__ import annotations

import glob
import re
from pathlib import Path

from twophoton_decode.errors import AnalysisError, UsageError
from twophoton_decode.files.arrays.names import SUFFIXES
from twophoton_decode.recording.series.paths import join_dataset, split_dataset
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import Settings, Source

_ARRAYS = "|".join(suffix[1:] for suffix in SUFFIXES)
_KEYED = re.compile(rf"(.+?\.(?:{_ARRAYS}))(?:=|::)(.+)", re.IGNORECASE)


def split_key(text: str) -> tuple[str, str]:
    """``"file.npz=name"`` or ``"file.npz::name"`` as file and key, which may be empty.

    Only a file of arrays has keys, so that an equals sign in a folder's name is none.
    """
    found = _KEYED.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


def source_paths(folder: SessionFolder, source: Source, name: str) -> list[Path]:
    """The existing paths that ``[source]`` names under `name`, globs expanded, in its order.

    The globs of movies stay as they are: what they find is for `open_recording` to sort out.
    Of traces in suite2p's folder, every file that is read.

    Raises
    ------
    UsageError
        One of them does not exist, or a glob finds several where one is needed.
    """
    if name == "movie":
        return [_movie(folder.path, text) for text in source.movie]
    if name == "traces" and source.kind == "suite2p":
        from twophoton_decode.formats.suite2p.layout import Layout

        return Layout.of(folder.path / source.traces).files
    return _one(folder, getattr(source, name), f"[source] {name}")


def input_paths(folder: SessionFolder, settings: Settings, name: str) -> list[Path]:
    """The files a stage reads: those of ``[source]``, or of another setting, ``section.key``.

    Raises
    ------
    UsageError
        As for `source_paths`.
    """
    section, _, key = name.rpartition(".")
    if not section:
        return source_paths(folder, settings.source, name)
    return _one(folder, getattr(getattr(settings, section), key), f"[{section}] {key}")


def require_pictures(source: Source, stage: str) -> None:
    """`AnalysisError` where the session was imported without pictures, which `stage` needs."""
    if source.kind == "arrays" and not source.images:
        raise AnalysisError(
            f"{stage} needs the pictures that were shown, and this session was imported without "
            "them. If there are any, name them as images under [source] in session.toml."
        )


def _one(folder: SessionFolder, given: str, where: str) -> list[Path]:
    text = split_key(given)[0]
    found = _expand(folder.path, text, where) if text else []
    if len(found) > 1:
        raise UsageError(
            f"{where} = {text!r} in session.toml finds {len(found)} files, "
            f"{found[0].name} and {found[1].name} among them. Name one."
        )
    return found


def _expand(base: Path, text: str, where: str) -> list[Path]:
    pattern, dataset = split_dataset(base / text)
    if pattern.exists():
        return [join_dataset(pattern, dataset)]
    found = sorted(join_dataset(Path(match), dataset) for match in glob.glob(str(pattern)))
    if not found:
        place = f" ({where} in session.toml, relative to the session)"
        # While a session is being made, an option named the path, and the file is not there yet.
        named_by_option = where.startswith("[source]") and not (base / "session.toml").is_file()
        raise UsageError(f"{pattern}: no such file or folder{'' if named_by_option else place}.")
    return found


def _movie(base: Path, text: str) -> Path:
    """A movie's path or glob, of which something has to be there, if only a link to nothing."""
    path = split_dataset(base / text).file
    if not path.is_symlink():
        _expand(base, text, "[source] movie")
    return base / text
