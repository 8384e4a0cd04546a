"""Learning to correct ridge, and deciding on held-out training images whether to do so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.deep.device import device_of
from twophoton_decode.deep.end_to_end.examples import Examples, parts
from twophoton_decode.deep.end_to_end.loss import picture_loss
from twophoton_decode.deep.end_to_end.unet import correction_network
from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.training.loop import Budget, Trained, train
from twophoton_decode.statistics.by_image import mean_by_image
from twophoton_decode.words import counted

if TYPE_CHECKING:
    import torch

BATCH = 32
AT_ONCE = 32
"""Pictures; 256 of 36 × 64 px took twice as long, for they leave the cache."""
HELD_OUT_PARTS = 8
"""Of the training images, one part in so many says when to stop, and another one whether the
correction is used."""
FEWEST = 64
"""Different training images, near-duplicates counted once: eight in each of these parts."""
DRAWS = 4
"""Random numbers of trials of each held-out image that are looked at."""
CERTAIN = 2.0
"""Standard errors by which the correction must be better than ridge on held-out images: 2 leave
one in forty useless corrections."""


@dataclass(frozen=True, eq=False)
class Correction:
    """A network that corrects pictures in a range of 1."""

    model: Any
    device: Any

    def __call__(self, made: np.ndarray) -> np.ndarray:
        """What it adds to pictures (n, y, x)."""
        with torch_or_error().no_grad():
            found = [
                (self.model(part) - part)[:, 0].cpu().numpy() for part in _parts(made, self.device)
            ]
        return np.concatenate(found).astype(float)


class Learnt(NamedTuple):
    """The correction, None where ridge stays as it is, and what a reader must know."""

    correction: Correction | None
    warnings: list[str]


@dataclass(frozen=True, eq=False)
class _HeldOut:
    """Training images that train nothing: several draws of what ridge made of each.

    `made` (draws, images, y, x), `shown` (images, y, x), `group` (images,).
    """

    made: np.ndarray
    shown: np.ndarray
    group: np.ndarray

    @classmethod
    def of(cls, examples: Examples, image: np.ndarray) -> _HeldOut:
        rng = np.random.default_rng(0)
        made = np.stack([examples.some(image, rng) for _ in range(DRAWS)])
        return cls(made, examples.shown[image], examples.group[image])

    def of_others(self) -> _HeldOut:
        """The same pictures with what ridge made of an image of another group."""
        rng = np.random.default_rng(1)
        other = [rng.choice(np.flatnonzero(self.group != own)) for own in self.group]
        return replace(self, made=self.made[:, other])

    def losses(self, model: Any, device: Any) -> torch.Tensor:
        """Of every picture as `model` gives it, (draws · images,)."""
        torch = torch_or_error()
        shown = np.broadcast_to(self.shown, self.made.shape)
        pairs = zip(*(_parts(_joined(each), device) for each in (self.made, shown)), strict=True)
        return torch.cat([picture_loss(model(made), true) for made, true in pairs])

    def gain(self, model: Any, device: Any) -> np.ndarray:
        """How much smaller `model` makes the loss, a mean for each group, (groups,)."""
        with torch_or_error().no_grad():
            gain = self.losses(lambda made: made, device) - self.losses(model, device)
        by_image = gain.cpu().numpy().astype(float).reshape(DRAWS, -1).mean(axis=0)
        groups, label = np.unique(self.group, return_inverse=True)
        return mean_by_image(by_image, label, groups.size)


def too_few(group: np.ndarray) -> str:
    """What is said where images of these groups cannot train a network; empty: they can."""
    images = np.unique(group).size
    if images >= FEWEST:
        return ""
    return (
        f"ridge stays as it is: {counted(images, 'training image')} cannot train a network and "
        f"show that it helps; at least {FEWEST} are needed, near-duplicates counted once."
    )


def learn(
    examples: Examples, budget: Budget, run: TrainingRun, more: Examples | None = None
) -> Learnt:
    """Fit a correction to most training images; the others say when to stop and whether it helps.

    Parameters
    ----------
    examples : Examples
        Of enough images, as `too_few` says.
    budget : Budget
    run : TrainingRun
    more : Examples, optional
        Of other pictures, to train on beside these; those of a group that is held out are not.
    """
    part = parts(examples.group, HELD_OUT_PARTS, run.seed)
    stop, decide = (_HeldOut.of(examples, np.flatnonzero(part == number)) for number in (0, 1))
    training, device = np.flatnonzero(part > 1), device_of(run.device)
    model = correction_network(run.seed).to(device)
    known = examples
    if more is not None:
        allowed = np.flatnonzero(np.isin(more.group, examples.group[training]))
        training = np.concatenate([training, len(examples.shown) + allowed])
        known = examples.joined(more)

    def loss(rng: np.random.Generator) -> torch.Tensor:
        image = rng.choice(training, min(BATCH, training.size), replace=False)
        made = _tensor(known.some(image, rng), device)
        return picture_loss(model(made), _tensor(known.shown[image], device)).mean()

    def held_out() -> torch.Tensor:
        return stop.losses(model, device).mean()

    trained = train(model, loss, held_out, budget, run, _identity(known))
    return _decided(model, decide, trained, device)


def _decided(model: Any, decide: _HeldOut, trained: Trained, device: Any) -> Learnt:
    """Whether the correction helps, and helps because of the responses.

    A network can lower the loss of any picture by what pictures have in common. So its gain with
    an image's own responses must also exceed that with the responses to another image [ours].
    """
    own, other = (each.gain(model, device) for each in (decide, decide.of_others()))
    if min(_lower_end(own), _lower_end(own - other)) > 0:
        return Learnt(Correction(model, device), list(trained.notes))
    said = (
        f"ridge stays as it is: on {own.size} held-out training images the network's correction is "
        f"not shown to help (its loss is {own.mean():.2g} smaller than that of ridge, and "
        f"{other.mean():.2g} smaller with the responses to another image)."
    )
    return Learnt(None, [*trained.notes, said])


def _lower_end(gain: np.ndarray) -> float:
    return float(gain.mean() - CERTAIN * gain.std(ddof=1) / np.sqrt(gain.size))


def _joined(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(-1, *pictures.shape[2:])


def _parts(pictures: np.ndarray, device: Any) -> Iterator[torch.Tensor]:
    """Pictures (n, y, x), so many at once as fit into memory."""
    for start in range(0, len(pictures), AT_ONCE):
        yield _tensor(pictures[start : start + AT_ONCE], device)


def _tensor(pictures: np.ndarray, device: Any) -> torch.Tensor:
    held = np.ascontiguousarray(pictures[:, None], np.float32)
    return torch_or_error().from_numpy(held).to(device)


def _identity(examples: Examples) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for values in (examples.made, examples.shown, examples.edges, examples.group):
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()
