"""Whether a session shows pictures or clips, where a command is for one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twophoton_decode.errors import SessionError, UsageError

if TYPE_CHECKING:
    from twophoton_decode.pipeline.run import Session
    from twophoton_decode.pipeline.session_view import SessionView


def decode_clips(session: Session, others: tuple[str, ...] = ()) -> None:
    """Take responses at every frame of clips, and decode the clips.

    Raises
    ------
    UsageError
        Decoders of single pictures, `others`, are asked for too.
    SessionError
        The session shows no clips.
    """
    refuse_other_stimuli(session, others)
    session.run_only("deep-movie")


def refuse_other_stimuli(view: SessionView, others: tuple[str, ...]) -> None:
    """That the session shows clips, and no decoder of single pictures is asked for.

    Raises
    ------
    UsageError
        `others` names such decoders.
    SessionError
        The session shows no clips.
    """
    if not any(stage.name == "deep-movie" for stage, _ in view.steps()):
        raise SessionError(
            f"{view.folder.path} shows no clips, which the movie decoder is for. Name them by "
            "clips under [source] in session.toml, in place of images."
        )
    if others:
        raise UsageError(
            f"{', '.join(others)} decodes single pictures, but {view.folder.path} shows clips: "
            "leave --decoder out, or give --decoder movie alone."
        )
