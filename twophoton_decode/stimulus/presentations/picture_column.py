"""What a column of the log says of each picture, the same at all its presentations."""

from __future__ import annotations

import numpy as np

from twophoton_decode.errors import StimulusLogError
from twophoton_decode.records import Presentations


def said_of_pictures(log: Presentations, column: str, what: str) -> np.ndarray:
    """The text that `column` has for each picture of the log, (images,); "" where never shown.

    Parameters
    ----------
    log : Presentations
    column : str
        One of its columns.
    what : str
        What the column says, for the error: "category".

    Raises
    ------
    StimulusLogError
        A picture has two of them.
    """
    found: dict[int, str] = {}
    rows = zip(log.image.tolist(), log.columns[column], log.log_line.tolist(), strict=True)
    for image, text, line in rows:
        said = text.strip()
        if found.setdefault(image, said) != said:
            raise StimulusLogError(
                f"line {line} of the log: picture {log.image_name[image]} has the {what} {said!r}, "
                f"but {found[image]!r} before. The column {column} must say the same at every "
                "presentation of a picture."
            )
    return np.array([found.get(image, "") for image in range(len(log.image_name))], dtype=str)
