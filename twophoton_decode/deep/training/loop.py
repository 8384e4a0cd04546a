"""The one training loop: Adam, a budget in steps, early stopping on held-out training examples.

The random numbers of a step follow from the seed and the step's number alone, so a resumed
fit needs no memory of them, and equals an uninterrupted one to the bit (on the CPU, with the
same number of threads). Networks must have no state but their weights: no running means.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.training.checkpoint import Arrays, Learned, keep, read
from twophoton_decode.errors import TrainingError

if TYPE_CHECKING:
    import torch

KEPT_EVERY_STEPS = 200
KEPT_EVERY_S = 60.0
_MOMENTS = ("exp_avg", "exp_avg_sq")


@dataclass(frozen=True)
class Budget:
    """How long and how fast a network learns.

    Attributes
    ----------
    steps : int
        At most; never a time, which would make results depend on the machine.
    learning_rate : float
        Of Adam at first; it falls to zero along half a cosine.
    check_every : int
        Steps between looks at the held-out examples.
    patience : int
        Looks without a smaller loss after which training stops.
    """

    steps: int
    learning_rate: float
    check_every: int = 50
    patience: int = 8


@dataclass(frozen=True, eq=False)
class Trained:
    """How a fit went; the model has the weights with the smallest held-out loss.

    Attributes
    ----------
    held_out : ndarray, shape (checks,)
        The loss on held-out training examples, the first before any step.
    best_step, steps : int
        The step with the smallest one, and those that were done.
    notes : tuple of str
    """

    held_out: np.ndarray
    best_step: int
    steps: int
    notes: tuple[str, ...] = ()


def train(
    model: torch.nn.Module,
    loss: Callable[[np.random.Generator], torch.Tensor],
    held_out: Callable[[], torch.Tensor],
    budget: Budget,
    run: TrainingRun,
    identity: str = "",
) -> Trained:
    """Fit `model` in place.

    Parameters
    ----------
    model : torch.nn.Module
        On its device, with first weights that follow from the seed.
    loss : callable
        The loss of one step's examples, which it draws with the generator it is given.
    held_out : callable
        The loss of held-out training examples; never of tested ones.
    budget : Budget
    run : TrainingRun
        Checkpoint, progress and seed.
    identity : str
        What else the fit depends on; a checkpoint of another identity is not gone on from.

    Raises
    ------
    TrainingError
        The loss is not a number.
    KeyboardInterrupt
        After what was learned so far has been kept.
    """
    return _Fit(model, loss, held_out, budget, run, identity).go()


class _Fit:
    """One fit: the model, what was learned, and where it is kept."""

    def __init__(
        self,
        model: Any,
        loss: Callable[[np.random.Generator], Any],
        held_out: Callable[[], Any],
        budget: Budget,
        run: TrainingRun,
        identity: str,
    ) -> None:
        self.torch = torch_or_error()
        self.model, self.loss, self.held_out = model, loss, held_out
        self.budget, self.run = budget, run
        self.optimiser = self.torch.optim.Adam(model.parameters(), lr=budget.learning_rate)
        shapes = {name: tuple(value.shape) for name, value in model.named_parameters()}
        self.settings = _digest(asdict(budget), run.seed, run.device, identity, sorted(shapes))
        self.notes: list[str] = []
        self.updating = False
        self.kept_at = time.monotonic()
        self.learned = Learned()
        self._begin(shapes)

    def go(self) -> Trained:
        learned, budget = self.learned, self.budget
        try:
            while not learned.finished:
                self._step()
                if learned.step % budget.check_every == 0 or learned.step >= budget.steps:
                    self._check()
                self.updating = False
                self._keep_in_time()
                self.run.progress(learned.step, budget.steps, "training steps")
        except KeyboardInterrupt:
            # Between a step and its check nothing whole is there; what was kept before is.
            if not self.updating:
                self._keep()
            raise
        self._load(learned.best)
        self.model.eval()
        best = min(learned.best_check * budget.check_every, learned.step)
        return Trained(np.array(learned.held_out), best, learned.step, tuple(self.notes))

    def _begin(self, shapes: dict[str, tuple[int, ...]]) -> None:
        file = self.run.checkpoint
        if file is not None and file.exists():
            kept = read(file, self.settings, shapes)
            if kept is not None:
                self.learned = kept
                self._load(kept.now)
                self._load_moments()
                return
            self.notes.append(
                "what had been learned before was of other settings, or damaged: training began "
                "anew."
            )
        self.learned.held_out = [self._held_out()]
        self.learned.best = self._weights()

    def _step(self) -> None:
        torch, learned = self.torch, self.learned
        along = learned.step / self.budget.steps
        for group in self.optimiser.param_groups:
            group["lr"] = self.budget.learning_rate * 0.5 * (1 + math.cos(math.pi * along))
        self.model.train()
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.loss(np.random.default_rng([self.run.seed, learned.step]))
        if not torch.isfinite(loss.detach()).item():
            raise self._not_a_number("loss")
        loss.backward()
        self.updating = True
        self.optimiser.step()
        learned.step += 1

    def _check(self) -> None:
        learned, budget = self.learned, self.budget
        learned.held_out.append(self._held_out())
        if learned.held_out[-1] < learned.held_out[learned.best_check]:
            learned.best_check = len(learned.held_out) - 1
            learned.best = self._weights()
        waited = len(learned.held_out) - 1 - learned.best_check
        learned.finished = waited >= budget.patience or learned.step >= budget.steps
        if learned.finished:
            self._keep()

    def _held_out(self) -> float:
        self.model.eval()
        with self.torch.no_grad():
            found = float(self.held_out())
        if not math.isfinite(found):
            raise self._not_a_number("loss on held-out training examples")
        return found

    def _not_a_number(self, what: str) -> TrainingError:
        return TrainingError(
            f"training stopped at step {self.learned.step}: the {what} is not a number. A learning "
            f"rate below {self.budget.learning_rate:g} may help, or responses without extreme "
            "values."
        )

    def _keep_in_time(self) -> None:
        late = time.monotonic() - self.kept_at > KEPT_EVERY_S
        if late or self.learned.step % KEPT_EVERY_STEPS == 0:
            self._keep()

    def _keep(self) -> None:
        self.kept_at = time.monotonic()
        if self.run.checkpoint is None:
            return
        self.learned.now = self._weights()
        self.learned.first, self.learned.second = map(self._moment, _MOMENTS)
        try:
            keep(self.run.checkpoint, self.learned, self.settings)
        except OSError as error:
            note = (
                f"what was learned could not be kept ({error.strerror or error}): if training is "
                "interrupted, it begins anew."
            )
            if note not in self.notes:
                self.notes.append(note)

    def _weights(self) -> Arrays:
        return {name: _array(value) for name, value in self.model.named_parameters()}

    def _moment(self, kind: str) -> Arrays:
        """Running means of every weight; zero before the first step."""
        state = self.optimiser.state
        return {
            name: _array(state[value][kind])
            if value in state
            else np.zeros(value.shape, np.float32)
            for name, value in self.model.named_parameters()
        }

    def _load(self, weights: Arrays) -> None:
        with self.torch.no_grad():
            for name, value in self.model.named_parameters():
                value.copy_(self.torch.from_numpy(weights[name]))

    def _load_moments(self) -> None:
        if not self.learned.step:
            return
        step = self.torch.tensor(float(self.learned.step))
        for name, value in self.model.named_parameters():
            found = (self.learned.first[name], self.learned.second[name])
            moments = [self.torch.from_numpy(each).to(value.device) for each in found]
            state = dict(zip(_MOMENTS, moments, strict=True))
            self.optimiser.state[value] = {"step": step.clone(), **state}


def _array(value: Any) -> np.ndarray:
    return np.array(value.detach().cpu().numpy())


def _digest(*parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
