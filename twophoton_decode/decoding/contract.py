"""What a decoder is to the program: `fit` and `predict`. All else it can do, it declares.

A capability is declared by having the methods of a protocol below, and is asked for by
``isinstance`` alone. What a decoder does not declare, the program does without or says that
it is unavailable. docs/extending.md shows decoders that declare nothing, and some that do.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

import numpy as np

from twophoton_decode.progress import Progress, silent

if TYPE_CHECKING:
    from twophoton_decode.decoding.folds.context import SessionContext
    from twophoton_decode.features import LinearFeatures


@runtime_checkable
class Decoder(Protocol):
    """All that a decoder must have. Its class is called without arguments."""

    def fit(self, R: np.ndarray, Y: np.ndarray, groups: np.ndarray | None = None) -> Any:
        """Learn features Y (presentations, features) from responses R (presentations, cells).

        `groups` (presentations,) says which presentations an inner cross-validation keeps
        together. The same input must give the same fit: it is fitted again where a later stage
        needs it.
        """

    def predict(self, R: np.ndarray) -> np.ndarray:
        """Features (n, features) of responses (n, cells), each row for itself."""


@runtime_checkable
class Affine(Protocol):
    """Predicts the mean training target plus (R − mean training response) @ weights.

    So cells can be added one by one exactly, and each has a picture of its own.
    """

    def affine_weights(self, trials: int) -> np.ndarray:
        """Weights (cells, features) for the mean over so many trials.

        Those for one trial, whatever `trials` is, unless the decoder `Averages` too.
        """


@runtime_checkable
class Averages(Protocol):
    """Reads the mean over several trials in another way than a single trial."""

    def predict_mean(self, R: np.ndarray, trials: int) -> np.ndarray:
        """Features (n, features) of responses (n, cells) that are means over 2 or more trials."""


@runtime_checkable
class Uncertain(Protocol):
    """Knows how sure its predictions are."""

    def posterior_factor(self, trials: int) -> np.ndarray:
        """A (any, features) with AᵀA the posterior covariance, given means over so many trials."""


@runtime_checkable
class ChoosesTransform(Protocol):
    """Can say which transform of the responses suits it."""

    def inner_error(self) -> float:
        """Squared error on images left out inside training; the smallest one is chosen."""


@dataclass(frozen=True)
class TrainingRun:
    """What a long fit is given.

    Attributes
    ----------
    checkpoint : Path or None
        File of its own for what has been learned so far; its name follows from the data, so
        that what lies there may be gone on from. None: nothing is kept.
    progress : callable
        Told ``progress(done, total, what)`` as the fit goes on.
    seed : int
        Of every random number.
    device : str
        "cpu", or another one that the user asks for.
    """

    checkpoint: Path | None = None
    progress: Progress = silent
    seed: int = 0
    device: str = "cpu"

    def named(self, word: str) -> TrainingRun:
        """The same with a further word in the name of its file."""
        file = self.checkpoint and self.checkpoint.with_name(f"{self.checkpoint.name}-{word}")
        return replace(self, checkpoint=file)


@runtime_checkable
class Trains(Protocol):
    """Fits for long, tells how far it is, and goes on where it was interrupted."""

    def fit_long(self, R: np.ndarray, Y: np.ndarray, groups: np.ndarray, run: TrainingRun) -> Any:
        """As `fit`, in its place. A resumed fit equals an uninterrupted one."""


@runtime_checkable
class Regularised(Protocol):
    """Tells, once fitted, the strength of its regularisation."""

    strength_: float


@runtime_checkable
class Warns(Protocol):
    """Tells, once fitted, what a reader must know about this fit; the report shows it."""

    warnings_: Sequence[str]


@runtime_checkable
class MadeForFeatures(Protocol):
    """A class that is made knowing the feature space, by ``for_features`` in place of a call."""

    def for_features(self, space: LinearFeatures) -> Self:
        """A class method: the unfitted decoder."""


@runtime_checkable
class MadeForSession(Protocol):
    """A class that is made knowing more of the session, by ``for_session`` in place of a call.

    `settings_read` and `sources_read` name what its reconstructions depend on of session.toml
    (``deep.input_px``, ``images``): where one changes, they are made anew.
    """

    settings_read: tuple[str, ...]
    sources_read: tuple[str, ...]

    def for_session(self, space: LinearFeatures, session: SessionContext) -> Self:
        """A class method: the unfitted decoder."""


@runtime_checkable
class DrawsFiner(Protocol):
    """Makes pictures that are finer than those of the session."""

    def finer_pictures(self, R: np.ndarray) -> np.ndarray:
        """Grey pictures (n, side, side) from 0 to 1, of responses (n, cells)."""


@runtime_checkable
class Slow(Protocol):
    """Takes long to predict and tells, once fitted, how long; less is then predicted by it."""

    seconds_per_picture_: float


@runtime_checkable
class ExtendsFeatures(Protocol):
    """A class that decodes more than the features that ``[decoding] features`` names."""

    def extended(self, space: LinearFeatures) -> LinearFeatures:
        """A static method: the space with more features."""


class RidgePenalty:
    """A base class that declares: the weights are those of ridge (or least squares).

    Their strength is `strength_`, one for all features or the median of several. Such
    decoders are refitted to few cells, images and repeats.
    """


def problems(decoder: Any) -> list[str]:
    """What a class lacks to be a decoder, in words; nothing if it is one."""
    found = [
        *_wrong_method(decoder, "fit(R, Y, groups=None)", ("self", "R", "Y"), ("groups",)),
        *_wrong_method(decoder, "predict(R)", ("self", "R")),
    ]
    told = isinstance(decoder, MadeForFeatures | MadeForSession)
    if not found and not told and not _takes(decoder, ()):
        found.append("it cannot be made without arguments: give every parameter a default")
    return found


def _wrong_method(
    decoder: Any, method: str, given: tuple[str, ...], named: tuple[str, ...] = ()
) -> list[str]:
    name = method.partition("(")[0]
    found = getattr(decoder, name, None)
    if found is None:
        return [f"it has no method {method}"]
    if not callable(found) or not _takes(found, given, named):
        return [f"its {name} cannot be called as {method}"]
    return []


def _takes(function: Any, given: tuple[str, ...], named: tuple[str, ...] = ()) -> bool:
    """Whether the arguments suit the signature; True where it is not known."""
    try:
        inspect.signature(function).bind(*given, **dict.fromkeys(named))
    except TypeError:
        return False
    except ValueError:
        return True
    return True
