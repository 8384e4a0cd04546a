"""The training loop: what it learns, that it goes on where it stopped, and what it says."""

import errno
import pickle

import numpy as np
import pytest
import torch

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.deep.training import loop
from twophoton_decode.deep.training.loop import Budget, train
from twophoton_decode.errors import TrainingError

BUDGET = Budget(steps=60, learning_rate=0.2, check_every=10)


class Line:
    """A straight line learned from points, with what each fit needs."""

    def __init__(self, slope=2.0, stop_at=None, error=KeyboardInterrupt):
        torch.manual_seed(0)
        self.model = torch.nn.Linear(3, 1)
        self.slope, self.stop_at, self.error, self.steps = slope, stop_at, error, 0

    def _loss(self, x):
        return ((self.model(x) - self.slope * x.sum(1, keepdim=True)) ** 2).mean()

    def loss(self, rng):
        if self.steps == self.stop_at:
            raise self.error
        self.steps += 1
        return self._loss(torch.from_numpy(rng.standard_normal((8, 3)).astype(np.float32)))

    def held_out(self):
        return self._loss(torch.eye(3))

    def fit(self, file=None, budget=BUDGET, seed=1):
        run = TrainingRun(checkpoint=file, seed=seed)
        return train(self.model, self.loss, self.held_out, budget, run, "a line")

    @property
    def weights(self):
        return torch.cat([value.detach().flatten() for value in self.model.parameters()]).numpy()


def test_the_weights_with_the_smallest_held_out_loss_are_taken():
    line = Line()
    trained = line.fit()
    assert trained.steps == 60
    assert trained.held_out.shape == (7,)
    assert trained.held_out[-1] < 0.01 * trained.held_out[0]
    assert trained.best_step == 10 * int(np.argmin(trained.held_out))
    with torch.no_grad():
        assert float(line.held_out()) == pytest.approx(trained.held_out.min(), rel=1e-6)


def test_training_stops_when_held_out_examples_gain_nothing():
    line = Line()
    found = iter([1.0, 0.5, *np.linspace(0.6, 1.0, 50)])
    line.held_out = lambda: torch.tensor(next(found))
    trained = line.fit(budget=Budget(steps=600, learning_rate=0.2, check_every=10, patience=3))
    assert trained.steps == 40
    assert trained.best_step == 10


@pytest.mark.parametrize("stop_at", [0, 7, 10, 33, 59])
def test_a_resumed_fit_equals_an_uninterrupted_one_to_the_bit(tmp_path, stop_at):
    whole = Line()
    expected = whole.fit()
    interrupted = Line(stop_at=stop_at)
    with pytest.raises(KeyboardInterrupt):
        interrupted.fit(tmp_path / "kept.npz")
    resumed = Line()
    found = resumed.fit(tmp_path / "kept.npz")
    assert resumed.steps == 60 - stop_at
    np.testing.assert_array_equal(resumed.weights, whole.weights)
    np.testing.assert_array_equal(found.held_out, expected.held_out)
    assert found.notes == ()


def test_a_killed_fit_goes_on_from_what_was_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "KEPT_EVERY_STEPS", 20)
    whole = Line()
    whole.fit()
    with pytest.raises(RuntimeError):
        Line(stop_at=47, error=RuntimeError).fit(tmp_path / "kept.npz")
    resumed = Line()
    resumed.fit(tmp_path / "kept.npz")
    assert resumed.steps == 20
    np.testing.assert_array_equal(resumed.weights, whole.weights)


def test_an_interruption_in_the_midst_of_an_update_keeps_nothing_half_done(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "KEPT_EVERY_STEPS", 20)
    whole = Line()
    whole.fit()
    broken = Line()
    held_out, looks = broken.held_out, []

    def interrupted():
        looks.append(0)
        if len(looks) == 4:
            raise KeyboardInterrupt
        return held_out()

    broken.held_out = interrupted
    with pytest.raises(KeyboardInterrupt):
        broken.fit(tmp_path / "kept.npz")
    resumed = Line()
    resumed.fit(tmp_path / "kept.npz")
    assert resumed.steps == 40
    np.testing.assert_array_equal(resumed.weights, whole.weights)


def test_a_finished_fit_is_read_back(tmp_path):
    first = Line()
    first.fit(tmp_path / "kept.npz")
    again = Line()
    again.fit(tmp_path / "kept.npz")
    assert again.steps == 0
    np.testing.assert_array_equal(again.weights, first.weights)


@pytest.mark.parametrize(
    "changed",
    [{"seed": 2}, {"budget": Budget(steps=60, learning_rate=0.01, check_every=10)}],
)
def test_a_checkpoint_of_other_settings_is_discarded_and_that_is_said(tmp_path, changed):
    Line().fit(tmp_path / "kept.npz", **changed)
    line, fresh = Line(), Line()
    trained = line.fit(tmp_path / "kept.npz")
    fresh.fit()
    assert "training began anew" in trained.notes[0]
    np.testing.assert_array_equal(line.weights, fresh.weights)


class Trap:
    """Touches a file when it is unpickled."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return open, (str(self.file), "w")


def test_damaged_and_hostile_checkpoints_are_not_gone_on_from(tmp_path):
    kept, trap = tmp_path / "kept.npz", tmp_path / "touched"
    fresh = Line()
    fresh.fit()
    Line().fit(kept)
    whole = kept.read_bytes()
    for content in (b"", whole[:-30], b"no archive", pickle.dumps(Trap(trap))):
        kept.write_bytes(content)
        line = Line()
        trained = line.fit(kept)
        assert "training began anew" in trained.notes[0]
        np.testing.assert_array_equal(line.weights, fresh.weights)
    np.savez(kept, format=np.array(Trap(trap), object))
    assert "training began anew" in Line().fit(kept).notes[0]
    assert not trap.exists()


def test_a_full_disk_does_not_stop_training_and_is_said_once(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(loop, "keep", full)
    monkeypatch.setattr(loop, "KEPT_EVERY_STEPS", 10)
    trained = Line().fit(tmp_path / "kept.npz")
    assert trained.steps == 60
    (note,) = trained.notes
    assert "No space left" in note


@pytest.mark.parametrize("where", ["loss", "held_out"])
def test_a_loss_that_is_no_number_stops_with_the_step_and_what_to_change(where):
    line = Line()
    working = getattr(line, where)

    def failing(*given):
        return working(*given) * (float("nan") if line.steps >= 20 else 1.0)

    setattr(line, where, failing)
    with pytest.raises(TrainingError, match=r"step (19|20): .* is not a number.*below 0\.2"):
        line.fit()


def test_progress_counts_steps():
    line, told = Line(), []
    run = TrainingRun(progress=lambda *args: told.append(args), seed=1)
    train(line.model, line.loss, line.held_out, BUDGET, run)
    assert told[-1] == (60, 60, "training steps")
    assert len(told) == 60
