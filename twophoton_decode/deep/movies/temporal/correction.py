"""Learning to correct decoded clips, and deciding on held-out training clips whether to do so."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.deep.device import device_of
from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.movies.showings import Clips, Showings
from twophoton_decode.deep.movies.temporal.held_out_gain import HeldOutGain, gained
from twophoton_decode.deep.movies.temporal.network import clip_network
from twophoton_decode.deep.training.loop import Budget, train

if TYPE_CHECKING:
    import torch

BATCH = 4
CROP_FRAMES = 16
BUDGET = Budget(steps=400, learning_rate=2e-3)
FEWEST_PARTS = 5
"""One is tested, one says when to stop, one decides, two or more train."""


@dataclass(eq=False)
class Corrector:
    """A network for each fold, trained on what fits that had not seen a clip made of it.

    Attributes
    ----------
    clips : Clips
    showings : Showings
    mean : ndarray, shape (folds, pixels)
        The mean training frames, about which clips are corrected.
    run : TrainingRun
    budget : Budget
    used : ndarray of bool, shape (folds,)
        Whether held-out training clips showed that it helps.
    notes : list of str
    """

    clips: Clips
    showings: Showings
    mean: np.ndarray
    run: TrainingRun = field(default_factory=TrainingRun)
    budget: Budget = BUDGET
    used: np.ndarray = field(init=False)
    notes: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.used = np.zeros(self.clips.folds, bool)

    def tested(
        self, fold: int, made: np.ndarray, training: np.ndarray, tested: np.ndarray
    ) -> np.ndarray:
        """The tested showings (n, frames, pixels), corrected where that was shown to help.

        Parameters
        ----------
        made : ndarray, shape (showings, frames, pixels)
            Decoded clips: training ones by fits to others.
        training, tested : ndarray of int
            Showings.
        """
        parts = self.clips.parts
        if parts < FEWEST_PARTS:
            self._say(f"decoded clips stay as they are: {FEWEST_PARTS} folds are needed.")
            return made[tested]
        part = self.clips.part[self.showings.clip]
        stop, decide = (training[part[training] == (fold + by) % parts] for by in (1, 2))
        learning = np.setdiff1d(training, np.concatenate([stop, decide]))
        one = _Fold(self, fold, made, learning, stop)
        corrected = one.learnt()
        self.used[fold] = self._helps(fold, made, decide, corrected)
        return corrected(tested) if self.used[fold] else made[tested]

    def _helps(self, fold: int, made: np.ndarray, decide: np.ndarray, corrected: Any) -> bool:
        """Whether `HeldOutGain` shows it."""
        about = self.clips, self.showings, self.mean[fold]
        after = corrected(decide) if decide.size else made[decide]
        content = self.clips.content[self.showings.clip[decide]]
        gain = HeldOutGain.of(gained(made[decide], after, decide, about), content)
        if not gain.helps:
            self._say(
                f"fold {fold + 1}: decoded clips stay as they are; on {gain.clips} held-out "
                f"training clips the network raises r by {gain.mean:+.3f}, which does not show "
                "that it helps."
            )
        return gain.helps

    def _say(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)


@dataclass(eq=False)
class _Fold:
    """One fold's network and the clips that it learns from, in units of their spread."""

    corrector: Corrector
    fold: int
    made: np.ndarray
    learning: np.ndarray
    stop: np.ndarray

    def __post_init__(self) -> None:
        own = self.corrector
        self.torch = torch_or_error()
        self.device = device_of(own.run.device)
        self.shape = own.clips.shape
        shown = np.concatenate([own.clips.pixels[c] for c in own.showings.clip[self.learning]])
        self.scale = float((shown - own.mean[self.fold]).std()) or 1.0

    def learnt(self) -> Any:
        """What corrects showings: from their numbers to (n, frames, pixels)."""
        own = self.corrector
        model = clip_network(own.run.seed).to(self.device)

        def loss(rng: np.random.Generator) -> torch.Tensor:
            some = rng.choice(self.learning, min(BATCH, self.learning.size), replace=False)
            length = self.made.shape[1]
            first = int(rng.integers(max(1, length - CROP_FRAMES + 1)))
            return self._error(model, some, slice(first, first + CROP_FRAMES))

        def held_out() -> torch.Tensor:
            errors = [
                self._error(model, self.stop[[p]], slice(None)) for p in range(len(self.stop))
            ]
            return self.torch.stack(errors).mean()

        run = own.run.named(f"fold{self.fold}")
        trained = train(model, loss, held_out, own.budget, run, self._identity())
        own.notes += trained.notes
        return lambda showings: np.stack([self._corrected(model, int(s)) for s in showings])

    def _corrected(self, model: Any, showing: int) -> np.ndarray:
        with self.torch.no_grad():
            found = model(self._tensor(self.made[[showing]]))[0, 0].cpu().numpy()
        frames = found.reshape(len(found), -1) * self.scale
        return np.asarray(frames + self.corrector.mean[self.fold], np.float32)

    def _error(self, model: Any, some: np.ndarray, frames: slice) -> Any:
        """Mean squared error over the frames that were shown."""
        own = self.corrector
        true = self._tensor(own.showings.frames_with(own.clips, some)[:, frames])
        held = self.torch.from_numpy(own.showings.shown[some][:, frames].astype(np.float32))
        weight = held.to(self.device)[:, None, :, None, None]
        squared = (model(self._tensor(self.made[some][:, frames])) - true) ** 2 * weight
        return squared.sum() / (weight.sum() * squared.shape[-1] * squared.shape[-2]).clamp(min=1)

    def _tensor(self, video: np.ndarray) -> Any:
        """Clips (n, frames, pixels) about the mean training frame, (n, 1, frames, y, x)."""
        about = (video - self.corrector.mean[self.fold]) / self.scale
        held = np.ascontiguousarray(about.reshape(*video.shape[:2], *self.shape), np.float32)
        return self.torch.from_numpy(held[:, None]).to(self.device)

    def _identity(self) -> str:
        digest = hashlib.blake2b(digest_size=16)
        for values in (self.made[self.learning], self.made[self.stop], self.learning):
            digest.update(np.ascontiguousarray(values).tobytes())
        return digest.hexdigest()
