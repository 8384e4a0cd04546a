"""A rating of a session's reconstructions: its page, its key, and its answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from twophoton_decode.errors import SessionError, UsageError
from twophoton_decode.files.atomic import write_text
from twophoton_decode.pipeline.stages.deep.pictures.inversion import FILE
from twophoton_decode.records.deep.pictures.inversion_controls import InversionControls
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.session.own_files import refuse_link_on_the_way

if TYPE_CHECKING:
    from twophoton_decode.report.rating.answers import Judged

KEY = "deep/rating.json"


def make_rating(session: Path, page: Path, seed: int) -> int:
    """Write the page, and its key into the session; how many choices it has.

    Raises
    ------
    SessionError
        `tpdecode deep inversion` has not run.
    UsageError
        The page cannot be written there.
    """
    from twophoton_decode.report.rating.page import rating_page
    from twophoton_decode.report.rating.trials import trials_of

    folder = SessionFolder.open(session)
    file = folder.path / FILE
    if not file.exists():
        raise SessionError(
            f"{file} is missing: pictures to judge are made by `tpdecode deep inversion {session}`."
        )
    found = read_record(file, InversionControls)
    key = trials_of(found, seed)
    refuse_link_on_the_way(folder.path, folder.path / KEY)
    try:
        write_text(page, rating_page(found, key, folder.path.resolve().name))
        write_text(folder.path / KEY, key.text())
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be written: {error.strerror}.") from error
    return len(key.trials)


def read_rating(session: Path, answers: Sequence[Path]) -> list[Judged]:
    """What people chose, by question.

    Raises
    ------
    SessionError
        The session has no key.
    AnalysisError
        The key is damaged.
    UsageError
        Answers cannot be read, or are of another page.
    """
    from twophoton_decode.report.rating.answers import judged, read_answers
    from twophoton_decode.report.rating.trials import Key

    file = SessionFolder.open(session).path / KEY
    if not file.exists():
        raise SessionError(
            f"{file} is missing: `tpdecode deep rating {session} -o PAGE` makes the page and its "
            "key."
        )
    key = Key.read(_text(file))
    return judged(key, [read_answers(_text(each), key, str(each)) for each in answers])


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
