"""Names and order of axes in a file, against the axes that the user gives."""

from pathlib import Path

import numpy as np
import pytest

from twophoton_decode.errors import UsageError
from twophoton_decode.files.arrays.found import FoundArray
from twophoton_decode.files.arrays.response_axes import check_axis_names, doubt_about_order

PATH = Path("folder/R.h5")


def found(shape, **options):
    return FoundArray(np.zeros(shape), **options)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("trial", "stimulus", "Neuron"), "repeat image cell"),
        (("trial", "neuron"), "presentation cell"),
        (("x", "time", "z"), "repeat image cell"),
        ((), "repeat image cell"),
        (("trial", "stim", "plane", "roi"), "repeat image plane cell"),
    ],
)
def test_names_that_agree_or_say_nothing(names, words):
    check_axis_names(found((1,) * len(words.split()), axes=names), words.split(), PATH)


@pytest.mark.parametrize("words", ["cell image repeat", "image repeat cell"])
def test_names_that_contradict(words):
    array = found((2, 3, 4), axes=("trial", "stimulus", "neuron"))
    with pytest.raises(UsageError, match=f'calls its axes "trial stimulus neuron", .* "{words}"'):
        check_axis_names(array, words.split(), PATH)


@pytest.mark.parametrize(
    ("shape", "words", "told"),
    [
        ((40, 40), "image cell", True),
        ((40, 30), "image cell", False),
        ((40, 40), "presentation cell", True),
        ((100, 40, 6), "repeat image cell", True),
        ((6, 40, 6), "repeat image cell", True),
        ((6, 40, 100), "repeat image cell", False),
        ((100, 40, 6), "cell image repeat", False),
        ((6, 100, 40), "repeat cell image", False),
    ],
)
def test_a_doubt_where_the_reversed_axes_fit_as_well(shape, words, told):
    notes = doubt_about_order(found(shape, order="unmarked"), words.split(), PATH)
    assert bool(notes) == told
    if told:
        assert f'give --axes "{" ".join(reversed(words.split()))}"' in notes[0]
    for order in ("given", "matlab"):
        assert doubt_about_order(found(shape, order=order), words.split(), PATH) == []
