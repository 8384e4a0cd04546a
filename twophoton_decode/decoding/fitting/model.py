"""Decoders that are known by their predictions, or by weights that they declare."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from twophoton_decode.decoding.contract import (
    Affine,
    Averages,
    ChoosesTransform,
    Decoder,
    DrawsFiner,
    Regularised,
    Slow,
    Uncertain,
    Warns,
)
from twophoton_decode.decoding.fitting.readout import AffineReadout, Readout
from twophoton_decode.decoding.fitting.scrambled import scrambled
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.errors import ContractError

if TYPE_CHECKING:
    from twophoton_decode.decoding.folds.trials import Pictures

AT_ONCE = 4096
"""Responses that are given to `predict` in one call, at most."""
SCRAMBLED_IF_SLOW = 24
"""Scrambled responses that a slow decoder predicts, at most. Their mean is wanted, whose standard
error is a fifth of the spread of its pictures: it lowers R by 2 % [ours]."""
ROUNDING = 1e-12
"""Deviations below this share of the mean prediction are none, or below `rounding`."""
STEPS = 8
"""Steps between neighbouring numbers of a type that rounding may take."""
CHECKED = 8
"""Training presentations at which declared weights are compared with the predictions."""
AGREEMENT = 1e-6
"""Largest difference between these, by the largest deviation of a prediction from its mean.

Rounding, by the size of what is added up, comes on top.
"""


def readout_of(decoder: Decoder, training: TrainingResponses, targets: np.ndarray) -> Readout:
    """The readout of a fitted decoder, by what it declares.

    Parameters
    ----------
    targets : ndarray, shape (targets, features)
        What it was fitted to, one row for each target of `training`.

    Raises
    ------
    ContractError
        Declared weights do not give the decoder's own predictions.
    """
    mean = training.mean_target(targets)
    strength = float(decoder.strength_) if isinstance(decoder, Regularised) else float("nan")
    warnings = _said(decoder)
    model = ModelReadout(decoder, mean, strength, warnings)
    if not isinstance(decoder, Affine):
        return model.about(training)
    shape = training.cells, len(mean)
    declared = DeclaredWeights(decoder, shape, strength, warnings).about(training.centring)
    _require_agreement(declared, model, training.responses[:CHECKED])
    return declared


class ModelReadout(Readout):
    """A decoder that is known by `predict` alone.

    Parameters
    ----------
    decoder : Decoder
        Fitted.
    mean : ndarray, shape (features,)
        The mean training target over presentations. It counts as no deviation, unless `about`
        says how to find what does.
    """

    def __init__(self, decoder: Decoder, mean: np.ndarray, *more: Any) -> None:
        super().__init__(*more)
        self.decoder, self.mean = decoder, mean
        self._training: TrainingResponses | None = None
        self._anchors: dict[int, np.ndarray] = {}
        self.rounding = 0.0
        self._one_at_a_time = Lock()

    def about(self, training: TrainingResponses) -> Self:
        """The same, with deviations counted from its mean prediction of `scrambled` responses.

        Those of an affine decoder have the mean training target as their mean. Others may be off
        by a constant, which would score above chance though it knows nothing: the mean training
        image lacks the image that is left out, and so does all that is compared with it. The
        training responses do not show that constant: a decoder that interpolates predicts its
        targets there, and falls back to the constant elsewhere only. Scrambled responses show
        most of it; what depends on the response remains, so that a score without permutations
        can be above zero for a decoder that knows nothing [ours].
        """
        self._training = training
        return self

    def apply(
        self,
        R: np.ndarray,
        trials: int = 1,
        pictures: Pictures | None = None,
        *,
        scaled: bool = True,
    ) -> np.ndarray:
        """As `Readout` says; at most 4096 responses are predicted together."""
        anchor = self._anchor(trials)
        features = np.concatenate([self._predict(part, trials) - anchor for part in _parts(R)])
        # What is left of a constant prediction is rounding, which must not become a pattern.
        size = np.abs(features).max(axis=1, initial=0.0)
        floor = max(ROUNDING, self.rounding) * np.abs(anchor).max(initial=0.0)
        features[size <= floor] = 0.0
        return features if pictures is None else pictures.decode(features)

    @property
    def said(self) -> tuple[str, ...]:
        """As `Readout` says."""
        return _said(self.decoder)

    def covariance(self, trials: int) -> np.ndarray | None:
        """As `Readout` says."""
        return _covariance(self.decoder, trials, len(self.mean))

    def finer(self, R: np.ndarray) -> np.ndarray | None:
        """As `Readout` says."""
        if not isinstance(self.decoder, DrawsFiner):
            return None
        found = np.asarray(self.decoder.finer_pictures(R))
        side = found.shape[-1] if found.ndim else 0
        made = checked("finer_pictures", found, (len(R), side, side), "(responses, side, side)")
        return made.astype(np.float32)

    def seconds_per_picture(self) -> float | None:
        """As `Readout` says."""
        if not isinstance(self.decoder, Slow):
            return None
        return float(self.decoder.seconds_per_picture_)

    def inner_error(self) -> float:
        """As `Readout` says."""
        return _inner_error(self.decoder)

    def _anchor(self, trials: int) -> np.ndarray:
        """What counts as no deviation, (features,), for means over so many trials."""
        if self._training is None:
            return self.mean
        if trials not in self._anchors:
            rows = scrambled(self._training, trials)
            if isinstance(self.decoder, Slow):
                rows = rows[:: -(-len(rows) // SCRAMBLED_IF_SLOW)]
            total = sum(self._predict(part, trials).sum(axis=0) for part in _parts(rows))
            self._anchors[trials] = total / len(rows)
        return self._anchors[trials]

    def _predict(self, R: np.ndarray, trials: int) -> np.ndarray:
        # Surrogates are decoded in several threads, which a decoder need not know of.
        with self._one_at_a_time:
            if trials > 1 and isinstance(self.decoder, Averages):
                found, method = self.decoder.predict_mean(R, trials), "predict_mean"
            else:
                found, method = self.decoder.predict(R), "predict"
        shape = len(R), len(self.mean)
        if shape[1] == 1 and np.shape(found) == shape[:1]:
            found = np.asarray(found)[:, None]
        made = checked(method, found, shape, "(responses, features)")
        self.rounding = rounding(found)
        return made


class DeclaredWeights(AffineReadout):
    """A decoder that declares the weights by which it predicts, of the shape (cells, features)."""

    def __init__(
        self, decoder: Affine, shape: tuple[int, int], strength: float, warnings: tuple[str, ...]
    ) -> None:
        super().__init__(strength, warnings, lambda: _inner_error(decoder))
        self.decoder, self.shape = decoder, shape
        self.averages = isinstance(decoder, Averages)
        self._known: dict[int, np.ndarray] = {}
        self.rounding = 0.0

    def weights(self, trials: int = 1) -> np.ndarray:
        """As `AffineReadout` says."""
        trials = trials if self.averages else 1
        if trials not in self._known:
            found = self.decoder.affine_weights(trials)
            axes = "(cells, features)"
            self._known[trials] = checked("affine_weights", found, self.shape, axes)
            self.rounding = rounding(found)
        return self._known[trials]

    def covariance(self, trials: int) -> np.ndarray | None:
        """As `Readout` says."""
        return _covariance(self.decoder, trials, self.shape[1])


def _said(decoder: Any) -> tuple[str, ...]:
    return tuple(map(str, decoder.warnings_)) if isinstance(decoder, Warns) else ()


def _parts(R: np.ndarray) -> list[np.ndarray]:
    """Responses in parts that are predicted together; one empty part if there are none."""
    return [R[start : start + AT_ONCE] for start in range(0, max(len(R), 1), AT_ONCE)]


def checked(method: str, found: Any, shape: tuple[int, ...], axes: str) -> np.ndarray:
    """What a method of a decoder returned, as float64.

    Raises
    ------
    ContractError
        It has another shape, is not numbers, or holds NaN or infinity.
    """
    try:
        values = np.asarray(found, dtype=float)
    except (TypeError, ValueError) as error:
        raise ContractError(f"its {method} does not return numbers: {error}") from error
    if values.shape != shape:
        raise ContractError(
            f"its {method} returned an array of shape {values.shape}; expected {shape}, {axes}"
        )
    bad = values.size - int(np.count_nonzero(np.isfinite(values)))
    if bad:
        raise ContractError(f"its {method} returned NaN or infinity in {bad} of {values.size}")
    return values


def rounding(values: Any) -> float:
    """Share of their size that rounding may take of numbers of this type: 1e-6 in float32."""
    kind = np.asarray(values).dtype
    return STEPS * float(np.finfo(kind if kind.kind == "f" else np.float64).eps)


def _inner_error(decoder: Any) -> float:
    return float(decoder.inner_error()) if isinstance(decoder, ChoosesTransform) else float("nan")


def _covariance(decoder: Any, trials: int, features: int) -> np.ndarray | None:
    if not isinstance(decoder, Uncertain):
        return None
    factor = decoder.posterior_factor(trials)
    return checked("posterior_factor", factor, (len(factor), features), "(any, features)")


def _require_agreement(declared: DeclaredWeights, model: ModelReadout, R: np.ndarray) -> None:
    """The weights must give what `predict` says, or every picture of a cell would be wrong."""
    by_weights, predicted = declared.apply(R), model.apply(R)
    largest = float(np.abs(by_weights - predicted).max())
    # What a prediction adds up may be far larger than its deviation from the mean.
    added = np.abs(model.mean) + np.abs(R) @ np.abs(declared.weights())
    rounded = max(declared.rounding, model.rounding) * float(added.max())
    if largest > AGREEMENT * float(np.abs(predicted).max()) + rounded:
        raise ContractError(
            "its affine_weights do not give its predictions: the mean training target plus "
            "(R − mean training response) @ affine_weights(1) differs from predict(R) by up to "
            f"{largest:.2g}. Without affine_weights it is decoded by its predictions"
        )
