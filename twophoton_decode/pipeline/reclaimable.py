"""Files of a session that take much room and can be made again from the raw movie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from twophoton_decode.errors import TpDecodeError
from twophoton_decode.extraction.kept.files import MOVIE
from twophoton_decode.pipeline.inputs.sources import source_paths
from twophoton_decode.pipeline.session_view import SessionView
from twophoton_decode.recording.series.paths import movie_files


@dataclass(frozen=True)
class Reclaimable:
    """What can be given back.

    Attributes
    ----------
    file : list of Path
        The registered movie of each plane; none where `kept` says why.
    bytes : int
        What they take in all.
    kept : str
        Why nothing can be given back; empty if something can.
    """

    file: list[Path]
    bytes: int
    kept: str = ""


def reclaimable(session: SessionView) -> Reclaimable:
    """The registered movies, where no result lacks them and the raw movie is there.

    A movie that is a link lies elsewhere, and is somebody else's.
    """
    movies = sorted(session.folder.suite2p.glob(f"plane*/{MOVIE}"))
    own = [each for each in movies if each.is_file() and not each.is_symlink()]
    if not own:
        return Reclaimable([], 0, "there is no registered movie in it")
    if why := _why_not(session):
        return Reclaimable([], 0, why)
    return Reclaimable(own, sum(each.stat().st_size for each in own))


def _why_not(session: SessionView) -> str:
    settings = session.settings
    if settings.source.kind != "movie":
        return "it has no raw movie to make the registered one from"
    try:
        movie_files(source_paths(session.folder, settings.source, "movie"))
    except TpDecodeError as error:
        return f"the registered movie could not be made again. {error}"
    verdicts = session.verdicts()
    unfinished = [key for key in ("register", "detect", "extract") if not verdicts[key].done]
    if unfinished:
        return f"{' and '.join(unfinished)} will need the registered movie: not finished yet"
    return ""
