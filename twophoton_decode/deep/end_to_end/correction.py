"""Learning to correct ridge, and deciding on held-out training images whether to do so."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.deep.device import device_of
from twophoton_decode.deep.end_to_end.examples import Examples, parts
from twophoton_decode.deep.end_to_end.loss import picture_loss
from twophoton_decode.deep.end_to_end.unet import correction_network
from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.training.loop import Budget, Trained, train
from twophoton_decode.words import counted

if TYPE_CHECKING:
    import torch

BATCH = 32
AT_ONCE = 256
HELD_OUT_PARTS = 8
"""Of the training images, one part in so many says when to stop, and another one whether the
correction is used."""
FEWEST = 8
"""Different images in each of these parts."""
DRAWS = 4
"""Random numbers of trials of each held-out image that are looked at."""
CERTAIN = 2.0
"""Standard errors by which the correction must be better than ridge on held-out images: 2 leave
one in forty useless corrections."""


@dataclass(frozen=True, eq=False)
class Correction:
    """A network that corrects pictures in a range of 1; none where ridge stays as it is."""

    model: Any
    device: Any

    def __call__(self, made: np.ndarray) -> np.ndarray:
        """What it adds to pictures (n, y, x)."""
        torch = torch_or_error()
        found = []
        with torch.no_grad():
            for start in range(0, len(made), AT_ONCE):
                part = _tensor(made[start : start + AT_ONCE], self.device)
                found.append((self.model(part) - part)[:, 0].cpu().numpy())
        return np.concatenate(found).astype(float)


class Learnt(NamedTuple):
    """The correction, None where ridge stays as it is, and what a reader must know."""

    correction: Correction | None
    warnings: list[str]


class _Held(NamedTuple):
    """Held-out examples: what ridge made (n, 1, y, x), and what was shown."""

    made: torch.Tensor
    shown: torch.Tensor


def too_few(group: np.ndarray, seed: int) -> str:
    """What is said where the images, with these groups (images,), cannot train; empty: they can."""
    part = parts(group, HELD_OUT_PARTS, seed)
    fewest = int(np.bincount(part, minlength=HELD_OUT_PARTS)[:2].min())
    if fewest >= FEWEST:
        return ""
    images, needed = counted(group.size, "training image"), HELD_OUT_PARTS * FEWEST
    return (
        f"ridge stays as it is: {images} cannot train a network and show that it helps: at least "
        f"{needed} are needed, and {FEWEST} in each of two eighths that are held out, "
        f"near-duplicates together; the smaller one has {fewest}."
    )


def learn(examples: Examples, budget: Budget, run: TrainingRun) -> Learnt:
    """Fit a correction to most training images; the others say when to stop and whether it helps.

    Parameters
    ----------
    examples : Examples
        Of enough images, as `too_few` says.
    budget : Budget
    run : TrainingRun
    """
    part = parts(examples.group, HELD_OUT_PARTS, run.seed)
    device = device_of(run.device)
    stop, decide = (_held(examples, np.flatnonzero(part == number), device) for number in (0, 1))
    training = np.flatnonzero(part > 1)
    model = correction_network(run.seed).to(device)

    def loss(rng: np.random.Generator) -> torch.Tensor:
        image = rng.choice(training, min(BATCH, training.size), replace=False)
        made = _tensor(examples.some(image, rng), device)
        return picture_loss(model(made), _tensor(examples.shown[image], device)).mean()

    def held_out() -> torch.Tensor:
        return _losses(model, stop).mean()

    trained = train(model, loss, held_out, budget, run, _identity(examples))
    return _decided(model, decide, trained, device)


def _decided(model: Any, decide: _Held, trained: Trained, device: Any) -> Learnt:
    """Whether the correction helps, and helps because of the responses.

    A network can lower the loss of any picture by what pictures have in common. So its gain with
    an image's own responses must also exceed that with the responses to another image [ours].
    """
    own, other = _gain(model, decide, 0), _gain(model, decide, 1)
    least = min(_lower_end(own), _lower_end(own - other))
    warnings = list(trained.notes)
    if least > 0:
        return Learnt(Correction(model, device), warnings)
    warnings.append(
        f"ridge stays as it is: on {own.size} held-out training images the network's correction is "
        f"not shown to help (its loss is {own.mean():.2g} smaller than that of ridge, and "
        f"{other.mean():.2g} smaller with the responses to another image)."
    )
    return Learnt(None, warnings)


def _gain(model: Any, held: _Held, shift: int) -> np.ndarray:
    """How much smaller the loss becomes, (images,), with the responses to so many images on."""
    count = len(held.made) // DRAWS
    made = held.made.reshape(DRAWS, count, *held.made.shape[1:]).roll(shift, dims=1)
    moved = _Held(made.reshape(held.made.shape), held.shown)
    model.eval()
    with torch_or_error().no_grad():
        gain = picture_loss(moved.made, moved.shown) - _losses(model, moved)
    return np.asarray(gain.cpu().numpy().astype(float).reshape(DRAWS, -1).mean(axis=0))


def _lower_end(gain: np.ndarray) -> float:
    return float(gain.mean() - CERTAIN * gain.std(ddof=1) / np.sqrt(gain.size))


def _losses(model: Any, held: _Held) -> torch.Tensor:
    torch = torch_or_error()
    steps = range(0, len(held.made), AT_ONCE)
    found = [
        picture_loss(model(held.made[at : at + AT_ONCE]), held.shown[at : at + AT_ONCE])
        for at in steps
    ]
    return torch.cat(found)


def _held(examples: Examples, image: np.ndarray, device: Any) -> _Held:
    rng = np.random.default_rng(0)
    made = np.concatenate([examples.some(image, rng) for _ in range(DRAWS)])
    return _Held(
        _tensor(made, device), _tensor(np.tile(examples.shown[image], (DRAWS, 1, 1)), device)
    )


def _tensor(pictures: np.ndarray, device: Any) -> torch.Tensor:
    held = np.ascontiguousarray(pictures[:, None], np.float32)
    return torch_or_error().from_numpy(held).to(device)


def _identity(examples: Examples) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for values in (examples.made, examples.shown, examples.edges, examples.group):
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()
