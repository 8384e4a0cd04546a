"""What one fit makes of responses: features, or pictures by the shortest way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from twophoton_decode.decoding.fitting.thin_weights import Centring, ThinWeights
from twophoton_decode.errors import ResponseError

if TYPE_CHECKING:
    from twophoton_decode.decoding.folds.trials import Pictures


class Readout(ABC):
    """A fitted decoder.

    Attributes
    ----------
    strength : float
        The regularisation chosen inside training; NaN if there is none.
    warnings : tuple of str
        What a reader must know about this fit.
    """

    def __init__(self, strength: float = float("nan"), warnings: tuple[str, ...] = ()) -> None:
        self.strength, self.warnings = strength, warnings

    @abstractmethod
    def apply(
        self,
        R: np.ndarray,
        trials: int = 1,
        pictures: Pictures | None = None,
        *,
        scaled: bool = True,
    ) -> np.ndarray:
        """Features less their training mean, (n, features), or `pictures` of them, (n, pixels).

        Parameters
        ----------
        R : ndarray, shape (n, cells)
            Responses of single trials, or means over so many `trials`.
        pictures : Pictures, optional
            The way from features to pictures.
        scaled : bool
            False where nothing depends on how large the result is, as R does not.
        """

    def covariance(self, trials: int) -> np.ndarray | None:
        """A (any, features) with AᵀA the posterior covariance of the features; None without."""
        return None

    def finer(self, R: np.ndarray) -> np.ndarray | None:
        """Finer pictures (n, side, side) from 0 to 1; None of decoders that make none."""
        return None

    def seconds_per_picture(self) -> float | None:
        """How long a slow decoder takes for a picture; None of others."""
        return None

    def inner_error(self) -> float:
        """Squared error on images left out inside training; NaN if none is known."""
        return float("nan")


class AffineReadout(Readout):
    """One that is a sum over cells: weights times responses less their training mean.

    Parameters
    ----------
    strength, warnings
        As `Readout`.
    error : float or callable
        See `inner_error`, or how to compute it.
    """

    averages = False
    """Whether means over several trials have weights of their own."""

    def __init__(
        self,
        strength: float = float("nan"),
        warnings: tuple[str, ...] = (),
        error: float | Callable[[], float] = float("nan"),
    ) -> None:
        super().__init__(strength, warnings)
        self._error = error
        self._centre: Centring | None = None

    def about(self, centre: Centring) -> Self:
        """The same, told the mean training response."""
        self._centre = centre
        return self

    def apply(
        self,
        R: np.ndarray,
        trials: int = 1,
        pictures: Pictures | None = None,
        *,
        scaled: bool = True,
    ) -> np.ndarray:
        """As `Readout` says."""
        if self._centre is None:
            raise ResponseError("a readout must be told the mean training response: use `about`.")
        return self._of(self._centre(R), trials, pictures, scaled=scaled)

    @abstractmethod
    def weights(self, trials: int = 1) -> np.ndarray:
        """What one unit of a cell's response adds to each feature, (cells, features)."""

    def inner_error(self) -> float:
        """As `Readout` says."""
        return self._error() if callable(self._error) else self._error

    def _of(
        self, deviation: np.ndarray, trials: int, pictures: Pictures | None, *, scaled: bool
    ) -> np.ndarray:
        features = deviation @ self.weights(trials)
        return features if pictures is None else pictures.decode(features)

    def __getstate__(self) -> dict[str, Any]:
        """What can be copied to another process: an error that was not asked for stays here."""
        return {**vars(self), "_error": float("nan") if callable(self._error) else self._error}


class Weights(AffineReadout):
    """Weights (cells, features), the same for single trials and for means."""

    def __init__(self, weights: np.ndarray, *more: Any, **options: Any) -> None:
        super().__init__(*more, **options)
        self._weights = weights

    def weights(self, trials: int = 1) -> np.ndarray:
        """As `AffineReadout` says."""
        return self._weights


class Mixing(AffineReadout):
    """Weights that mix the training targets, ``mixture @ targets``, made when asked for.

    A reconstruction is then a sum of training pictures and need not pass through features.

    Parameters
    ----------
    mixture : ndarray or ThinWeights, shape (cells, targets)
    targets : ndarray, shape (targets, features)
        The centred targets that the solver was given.
    """

    def __init__(
        self, mixture: np.ndarray | ThinWeights, targets: np.ndarray, *more: Any, **options: Any
    ) -> None:
        super().__init__(*more, **options)
        self.mixture, self._targets = mixture, targets
        self._weights: np.ndarray | None = None

    def weights(self, trials: int = 1) -> np.ndarray:
        """As `AffineReadout` says."""
        if self._weights is None:
            self._weights = np.asarray(self.mixture @ self._targets)
        return self._weights

    def _of(
        self, deviation: np.ndarray, trials: int, pictures: Pictures | None, *, scaled: bool
    ) -> np.ndarray:
        if pictures is None:
            return super()._of(deviation, trials, pictures, scaled=scaled)
        return np.asarray((deviation @ self.mixture) @ pictures.targets)


class RidgeMixing(Mixing):
    """`Mixing` by ridge with one strength, or by least squares of minimal norm.

    What other targets would have given follows without refits: `decoding.deletion`, chance.

    Parameters
    ----------
    choices : sequence of float
        The relative strengths that were chosen among; none for least squares.
    """

    def __init__(self, *given: Any, choices: tuple[float, ...] = (), **options: Any) -> None:
        super().__init__(*given, **options)
        self.choices = choices


class TrialReadout(AffineReadout):
    """Weights that depend on how many trials were averaged: ``first(n) · amplitude(n) @ axes``.

    Parameters
    ----------
    first : callable
        From n to the first factor, (cells, directions).
    axes : ndarray, shape (directions, features), or None
        The second factor; None for the identity.
    amplitude : callable
        From n to factors (directions,) that must not change R: one for all directions, but
        for a mean luminance.
    posterior : callable
        From n to A of `covariance`.
    """

    averages = True

    def __init__(
        self,
        first: Callable[[int], np.ndarray],
        axes: np.ndarray | None,
        amplitude: Callable[[int], np.ndarray],
        posterior: Callable[[int], np.ndarray],
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.first, self.axes, self.amplitude = first, axes, amplitude
        self._posterior = posterior
        self._single: np.ndarray | None = None

    def weights(self, trials: int = 1) -> np.ndarray:
        """As `AffineReadout` says."""
        if trials == 1 and self._single is not None:
            return self._single
        along = self.first(trials) * self.amplitude(trials)
        found = along if self.axes is None else along @ self.axes
        if trials == 1:
            self._single = found
        return found

    def covariance(self, trials: int) -> np.ndarray:
        """As `Readout` says."""
        return self._posterior(trials)

    def _of(
        self, deviation: np.ndarray, trials: int, pictures: Pictures | None, *, scaled: bool
    ) -> np.ndarray:
        if pictures is None:
            return super()._of(deviation, trials, pictures, scaled=scaled)
        along = deviation @ self.first(trials)
        if scaled:
            along *= self.amplitude(trials)
        return np.asarray(along @ pictures.of_directions(self.axes))

    def __getstate__(self) -> dict[str, Any]:
        """Weights for single trials; what is computed on demand stays behind."""
        left = dict.fromkeys(("first", "amplitude", "_posterior"), _left_behind)
        return super().__getstate__() | {"_single": self.weights()} | left


def _left_behind(trials: int) -> np.ndarray:
    raise ResponseError(
        f"what is known of the mean over {trials} trials was left in the process that fitted "
        "this decoder. Fit it again here."
    )
