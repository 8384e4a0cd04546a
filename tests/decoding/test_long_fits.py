"""A decoder that trains for long goes on where it was interrupted, and is read back later."""

from importlib.metadata import EntryPoint

import numpy as np
import pytest
from simulated_trials import responses, trials

from twophoton_decode.decoding.folds.again import models_of
from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.progress import silent
from twophoton_decode.registry import DECODERS
from twophoton_decode.settings import DecodingSettings

THEIRS = """
import numpy as np

class Decoder:
    # Least squares by 30 steps of gradient descent, kept after every one of them.
    steps_done, stop_after, runs = 0, None, []

    def fit(self, R, Y, groups=None):
        raise AssertionError("fit_long is called in its place")

    def fit_long(self, R, Y, groups, run):
        type(self).runs.append(run)
        self.R_, self.Y_ = R.mean(axis=0), Y.mean(axis=0)
        X, target = R - self.R_, Y - self.Y_
        self.W_, first = np.zeros((R.shape[1], Y.shape[1])), 0
        if run.checkpoint and run.checkpoint.exists():
            with np.load(run.checkpoint, allow_pickle=False) as kept:
                self.W_, first = kept["weights"], int(kept["step"])
        rate = 0.5 / np.linalg.norm(X, 2) ** 2
        for step in range(first, 30):
            if self.stop_after is not None and self.steps_done >= self.stop_after:
                raise KeyboardInterrupt
            self.W_ += rate * X.T @ (target - X @ self.W_)
            type(self).steps_done += 1
            if run.checkpoint:
                np.savez(run.checkpoint, weights=self.W_, step=step + 1)
            run.progress(step + 1, 30, "steps")

    def predict(self, R):
        return self.Y_ + (R - self.R_) @ self.W_
"""
SETTINGS = DecodingSettings(features="pixels", folds=3, permutations=0, bootstraps=100, seed=7)


@pytest.fixture
def descent(tmp_path, monkeypatch):
    """The plug-in's class, fresh for each test."""
    (tmp_path / f"descent_{tmp_path.name}.py").write_text(THEIRS)
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("descent", f"descent_{tmp_path.name}:Decoder", "tpdecode.decoders")
    monkeypatch.setattr("twophoton_decode.registry.entry_points", lambda group: [point])
    return DECODERS.load("descent")


def recorded(seed=0):
    response, image, pictures = trials(images=9, repeats=3, seed=seed)
    return responses(response, image, pictures.reshape(9, 3, 3))


def test_an_interrupted_fit_goes_on_and_ends_as_if_it_had_not_been(descent, tmp_path):
    shown, folder = recorded(), tmp_path / "kept"
    whole = reconstruct(shown, "descent", SETTINGS)
    assert descent.steps_done == 90
    descent.steps_done, descent.stop_after = 0, 40
    with pytest.raises(KeyboardInterrupt):
        reconstruct(shown, "descent", SETTINGS, session=SessionContext(checkpoints=folder))
    descent.steps_done, descent.stop_after = 0, None
    resumed = reconstruct(shown, "descent", SETTINGS, session=SessionContext(checkpoints=folder))
    assert descent.steps_done == 50
    np.testing.assert_array_equal(resumed.single, whole.single)
    assert {run.seed for run in descent.runs} == {7}
    assert len(list(folder.iterdir())) == 3


def test_later_stages_read_the_finished_fit_back(descent, tmp_path):
    shown, folder = recorded(), tmp_path / "kept"
    made = reconstruct(shown, "descent", SETTINGS, session=SessionContext(checkpoints=folder))
    descent.steps_done = 0
    models = models_of(made, shown, 7, SessionContext(checkpoints=folder), silent)
    tested = made.fold[made.image] == 1
    found = models(1).pictures_of(shown.response[tested])
    expected = (made.single[tested] - made.mean_picture[1]).reshape(len(found), -1)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert descent.steps_done == 0


def test_other_data_are_learned_from_the_beginning(descent, tmp_path):
    folder = tmp_path / "kept"
    reconstruct(recorded(), "descent", SETTINGS, session=SessionContext(checkpoints=folder))
    before = set(folder.iterdir())
    descent.steps_done = 0
    found = reconstruct(
        recorded(seed=1), "descent", SETTINGS, session=SessionContext(checkpoints=folder)
    )
    assert descent.steps_done == 90
    np.testing.assert_array_equal(
        found.single, reconstruct(recorded(seed=1), "descent", SETTINGS).single
    )
    after = set(folder.iterdir())
    assert len(after) == 3
    assert not after & before


def test_permutations_keep_nothing_and_progress_is_told(descent, tmp_path):
    told = []
    settings = SETTINGS.model_copy(update={"non_affine_permutations": 2})
    folder = tmp_path / "kept"
    reconstruct(
        recorded(),
        "descent",
        settings,
        lambda *line: told.append(line),
        session=SessionContext(checkpoints=folder),
    )
    assert len(list(folder.iterdir())) == 3
    assert [run.checkpoint for run in descent.runs].count(None) == 6
    assert (30, 30, "fold 1 of 3: steps") in told


def test_from_the_second_fold_on_the_time_left_is_told(descent, monkeypatch):
    clock, told = [0.0], []

    def passes():
        clock[0] += 60.0
        return clock[0]

    monkeypatch.setattr("twophoton_decode.decoding.folds.splits.time.monotonic", passes)
    reconstruct(recorded(), "descent", SETTINGS, lambda *line: told.append(line[2]))
    folds = list(dict.fromkeys(line for line in told if "steps" in line))
    # A minute passes with every look at the clock: 1, 2, 3 of them after 0, 1, 2 folds.
    assert folds == [
        "fold 1 of 3 (about 3 min left): steps",
        "fold 2 of 3 (about 4 min left): steps",
        "fold 3 of 3 (about 2 min left): steps",
    ]
