"""Clips of one source, or with a frame nearly alike, are tested together."""

import numpy as np
import pytest

from twophoton_decode.deep.movies.folds import clip_folds
from twophoton_decode.errors import AnalysisError

COUNT, FRAMES = 9, 20


def pictures(count=COUNT, seed=0):
    coarse = np.random.default_rng(seed).random((count, FRAMES, 4, 4))
    return np.kron(coarse, np.ones((4, 4)))


def folded(made, group=None, given=None, folds=5):
    count = len(made)
    none = np.full(count, -1)
    return clip_folds(
        made, np.full(count, FRAMES), 10.0, none if group is None else np.array(group),
        None if given is None else np.array(given), folds, 0, 0.95,
    )  # fmt: skip


def test_each_clip_is_tested_once_in_even_folds():
    found = folded(pictures())
    assert found.folds == 5
    assert np.bincount(found.part).tolist() == [2, 2, 2, 2, 1]
    assert len(np.unique(found.content)) == COUNT


def test_clips_of_one_source_share_a_fold():
    found = folded(pictures(), group=[0, 0, 0, 1, 1, -1, -1, 2, 3])
    for source in ([0, 1, 2], [3, 4]):
        assert len(np.unique(found.part[source])) == 1
        assert len(np.unique(found.content[source])) == 1
    assert len(np.unique(found.content)) == 6


def test_one_frame_alike_joins_two_clips():
    made = pictures()
    made[4, 10] = np.roll(made[7, 5], 1, axis=1) * 0.5 + 0.2
    found = folded(made)
    assert found.content[4] == found.content[7]
    assert found.part[4] == found.part[7]
    assert any("2 clips have frames that show nearly the same" in note for note in found.notes)


def test_at_least_three_folds_are_made():
    assert folded(pictures(), folds=2).folds == 3


def test_too_few_clips_are_refused_with_their_number():
    with pytest.raises(AnalysisError, match="at least 6 different clips, found 5 among 5"):
        folded(pictures(5))
    with pytest.raises(AnalysisError, match="found 5 among 9"):
        folded(pictures(), group=[0, 0, 0, 1, 1, 2, 2, 3, 4])


def test_folds_of_the_data_set_are_kept_and_the_rest_only_trains():
    found = folded(pictures(), given=[-1, -1, -1, -1, -1, -1, 3, 3, 7])
    assert found.folds == 2
    assert found.part[6:].tolist() == [0, 0, 1]
    assert (found.part[:6] >= 2).all()
    assert len(np.unique(found.part[:6])) == 5


def test_what_belongs_to_a_tested_clip_never_trains():
    group = [0, -1, -1, -1, -1, -1, 0, -1, -1]
    found = folded(pictures(), group=group, given=[-1, -1, -1, -1, -1, -1, 3, 3, 7])
    assert found.part[0] == found.part[6] == 0
    assert any("1 training clip of the data set" in note for note in found.notes)


def test_folds_that_part_what_belongs_together_are_refused():
    with pytest.raises(AnalysisError, match="belong together in 2 folds"):
        folded(pictures(), group=[-1] * 6 + [0, -1, 0], given=[-1] * 6 + [3, 3, 7])
    with pytest.raises(AnalysisError, match="test no clip"):
        folded(pictures(), given=[-1] * 9)
    with pytest.raises(AnalysisError, match="for training alone"):
        folded(pictures(), given=[0] * 8 + [-1])
