"""What a file itself says about the axes of responses, against what the user says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from twophoton_decode.errors import UsageError
from twophoton_decode.files.arrays.found import FoundArray

_MEANINGS = {
    "repeat": "repeat repeats rep reps repetition repetitions trial trials",
    "presentation": "presentation presentations trial trials",
    "image": "image images picture pictures stimulus stimuli stim",
    "cell": "cell cells neuron neurons unit units roi rois",
}


def check_axis_names(found: FoundArray, words: Sequence[str], path: Path) -> None:
    """That the names in a file do not contradict the axes that were given for it.

    Raises
    ------
    UsageError
        An axis is given as one thing and called another in the file.
    """
    if len(found.axes) != len(words):
        return
    for name, word in zip(found.axes, words, strict=True):
        meant = {each for each, names in _MEANINGS.items() if name.lower() in names.split()}
        if word in _MEANINGS and meant and word not in meant:
            raise UsageError(
                f'{path} calls its axes "{" ".join(found.axes)}", but --axes says '
                f'"{" ".join(words)}". Give --axes in the order of the file.'
            )


def doubt_about_order(found: FoundArray, words: Sequence[str], path: Path) -> list[str]:
    """A note where MATLAB's ``h5write``, which reverses axes, could have written the file too.

    Nothing in such a file tells; lengths do, unless the reversed axes would fit as well. Of
    three axes, more repeats than cells are what makes the reversed order likely [ours].
    """
    shape = found.values.shape
    if found.order != "unmarked" or len(shape) != len(words) or len(shape) not in (2, 3):
        return []
    size = dict(zip(words, shape, strict=True))
    counted = words.index("image" if "image" in size else "presentation")
    fits_reversed = shape[counted] == shape[::-1][counted]
    is_likely = "repeat" not in size or size["repeat"] >= size["cell"]
    if not (fits_reversed and is_likely):
        return []
    named = ", ".join(f"{word} {length}" for word, length in size.items())
    return [
        f"{path.name} does not say whether MATLAB wrote it, so its axes are taken as HDF5 stores "
        f"them: {named}. MATLAB's h5write reverses them: if it wrote the file, give --axes "
        f'"{" ".join(reversed(words))}".'
    ]
