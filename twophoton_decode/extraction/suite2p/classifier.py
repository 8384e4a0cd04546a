"""Whether a file is a classifier that suite2p can use."""

from __future__ import annotations

from pathlib import Path

from twophoton_decode.extraction.kept.pickles import read_objects


def check_classifier(path: str) -> None:
    """`ValueError` for a file that suite2p would find out about after all its work, cryptically.

    An empty `path` is suite2p's own classifier.
    """
    if not path:
        return
    advice = "Name another as classifier in [extraction], or none for the built-in one."
    try:
        missing = {"keys", "stats", "iscell"} - set(read_objects(Path(path)).item())
    except Exception as error:
        raise ValueError(f"{path} is no suite2p classifier ({error}). {advice}") from error
    if missing:
        lacking = ", ".join(sorted(missing))
        raise ValueError(f"{path} is no suite2p classifier: it lacks {lacking}. {advice}")
