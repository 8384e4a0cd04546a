"""Columns of a log that say which pictures are degraded, and what the animal had seen."""

import numpy as np
import pytest

from twophoton_decode.errors import SettingsError, StimulusLogError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.presentations.degraded import (
    DegradedColumns,
    PictureRows,
    read_degraded,
)
from twophoton_decode.stimulus.presentations.pictures import PictureNames, numbers_of

NAMES = ["owl.png", "fox.png", "cat.png", "owl_blur.png", "fox_noise.png"]
COLUMNS = DegradedColumns("original", "seen", "", "how")


def read(rows, columns=COLUMNS, names=NAMES, image=None):
    """`rows` maps a column to one text for each picture, or for each of `image`."""
    image = np.arange(len(names)) if image is None else np.array(image)
    where = [f"log.csv, line {row + 2}" for row in range(len(image))]
    pictures = PictureNames.of(names)
    return read_degraded(
        PictureRows(image, rows, where, "log.csv"), pictures, numbers_of(pictures, "auto", 0),
        columns, LogSettings().blank_values,
    )  # fmt: skip


def rows(original=("", "", "", "owl.png", "fox.png"), seen=("", "", "", "yes", "No"), **more):
    how = more.pop("how", ("", "", "", "blur", "noise"))
    return {"original": original, "seen": seen, "how": how, **more}


def test_originals_familiarity_and_degradation_of_each_picture():
    found = read(rows())
    assert found.original.tolist() == [-1, -1, -1, 0, 1]
    assert found.familiar.tolist() == [-1, -1, -1, 1, 0]
    assert found.degradation.tolist() == ["", "", "", "blur", "noise"]
    assert found.notes == []


def test_stacks_name_originals_by_index_and_columns_come_in_any_capitals():
    names = ["0", "1", "2"]
    found = read(
        {"ORIGINAL": ("", "", " 1 "), "seen": ("", "", "Familiar")},
        DegradedColumns("original", "Seen"), names,
    )  # fmt: skip
    assert found.original.tolist() == [-1, -1, 1]
    assert found.familiar.tolist() == [-1, -1, 1]


def test_a_degraded_picture_without_its_original_is_named():
    gone = ("", "", "", "owl.png", "foxes.png")
    with pytest.raises(StimulusLogError, match=r"original of fox_noise\.png.*'foxes\.png'.*fox"):
        read(rows(original=gone))


def test_a_missing_column_is_named_with_those_that_are_there():
    with pytest.raises(SettingsError, match=r"degraded_column under \[deep\].*'source'.*original"):
        read(rows(), DegradedColumns("source"))
    with pytest.raises(SettingsError, match=r"familiar_column .*'known'"):
        read(rows(), DegradedColumns("original", "known"))
    with pytest.raises(SettingsError, match=r"degradation_column .*'kind'"):
        read(rows(), DegradedColumns("original", "", "", "kind"))


def test_no_degraded_picture_at_all_is_an_error():
    with pytest.raises(StimulusLogError, match="the column original names no original"):
        read(rows(original=("",) * 5))


def test_an_original_that_is_degraded_itself_is_refused():
    chain = ("", "", "", "owl.png", "owl_blur.png")
    with pytest.raises(StimulusLogError, match=r"fox_noise\.png is owl_blur\.png, which is degr"):
        read(rows(original=chain))
    with pytest.raises(StimulusLogError, match=r"original of owl_blur\.png is itself"):
        read(rows(original=("", "", "", "owl_blur.png", "fox.png")))


def test_rows_that_contradict_each_other_are_named():
    twice = {"original": ("owl.png", "fox.png"), "seen": ("yes", "yes"), "how": ("", "")}
    with pytest.raises(StimulusLogError, match=r"line 3: owl_blur\.png has 'fox\.png'.*line 2"):
        read(twice, image=[3, 3])
    both = rows(original=("", "", "", "owl.png", "owl.png"))
    with pytest.raises(StimulusLogError, match=r"have the same original, owl\.png, but only one"):
        read(both)


def test_other_words_for_familiar_are_refused_and_empty_ones_counted():
    with pytest.raises(StimulusLogError, match=r"line 5: expected familiar or.*found 'maybe'"):
        read(rows(seen=("", "", "", "maybe", "no")))
    found = read(rows(seen=("", "", "", "", "no")))
    assert found.familiar.tolist()[3:] == [-1, 0]
    assert "1 degraded picture is neither familiar nor unfamiliar" in found.notes[0]
    assert "owl_blur.png" in found.notes[0]


def test_columns_of_numbers_say_nothing_by_nan_or_minus_one():
    names = ["0", "1", "2", "3"]
    for none in ("nan", "-1", "-1.0", "NA", ""):
        table = {"original": (none, none, "0.0", "1.0"), "seen": (none, none, "1.0", "0.0")}
        found = read(table, DegradedColumns("original", "seen"), names)
        assert found.original.tolist() == [-1, -1, 0, 1]
        assert found.familiar.tolist() == [-1, -1, 1, 0]
    kinds = read(rows(how=("", "", "", "nan", "noise")))
    assert kinds.degradation.tolist()[3:] == ["", "noise"]
    with pytest.raises(StimulusLogError, match=r"the image index is 4"):
        read({"original": ("", "", "", "4")}, DegradedColumns("original"), names)


def test_a_picture_called_none_can_be_an_original():
    found = read({"original": ("", "none")}, DegradedColumns("original"), ["none.png", "blur.png"])
    assert found.original.tolist() == [-1, 0]


def test_what_is_said_of_intact_pictures_may_change_and_capitals_do_not_count():
    table = {
        "original": ("", "", "owl.png", "owl.png"), "seen": ("no", "yes", "Yes", "yes"),
        "how": ("first", "again", "Blur", "blur"),
    }  # fmt: skip
    found = read(table, image=[0, 0, 3, 3])
    assert found.familiar.tolist() == [-1, -1, -1, 1, -1]
    assert found.degradation[3] == "Blur"


def test_a_version_without_a_word_beside_an_unfamiliar_one_is_not_called_familiar():
    half = rows(original=("", "", "", "owl.png", "owl.png"), seen=("", "", "", "", "no"))
    with pytest.raises(StimulusLogError, match="but only one of them is unfamiliar"):
        read(half)


def test_phases_belong_to_presentations_of_degraded_pictures():
    table = {"original": ("", "owl.png", "owl.png"), "phase": ("warm-up", "Before", "after")}
    found = read(table, DegradedColumns("original", phase="phase"), image=[0, 3, 3])
    assert found.phase.tolist() == [-1, 0, 1]
    table["phase"] = ("", "before", "later")
    with pytest.raises(StimulusLogError, match=r"line 4: expected before or after.*'later'"):
        read(table, DegradedColumns("original", phase="phase"), image=[0, 3, 3])
