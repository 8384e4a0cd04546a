"""Ridge, corrected by a network: from responses straight to a picture."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.decoding.decoders.ridge import Decoder as Ridge
from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.deep.device import device_of
from twophoton_decode.deep.end_to_end.correction import Correction, learn, too_few
from twophoton_decode.deep.end_to_end.examples import Examples, cross_fitted, left_out_fits
from twophoton_decode.deep.end_to_end.synthetic import synthetic_examples
from twophoton_decode.deep.training.loop import Budget
from twophoton_decode.errors import ArgumentError
from twophoton_decode.features import LinearFeatures
from twophoton_decode.statistics.by_image import identical_rows


class Decoder(BaseEstimator):  # type: ignore[misc]
    """Ridge and a U-Net that corrects it (docs/methods/end_to_end.md).

    The network starts as no correction at all and learns from pictures that ridge made of
    responses it was not fitted to [ours; a network on top of a linear read-out as in Shen et al.
    2019b and MEIcoder 2025]. Where held-out training images do not show that it helps, ridge
    stays as it is, which `warnings_` says.

    Parameters
    ----------
    space : LinearFeatures
        The features it decodes: pictures are made from them, and corrections encoded again.
    steps : int
        Of training, at most.
    learning_rate : float
        At first.
    synthetic_pairs : bool
        Learn from mirrored training pictures too, and responses that an encoding model predicts.
    """

    settings_read: ClassVar = ("deep.training_steps", "deep.synthetic_pairs")
    sources_read: ClassVar = ()
    ridge_: Ridge
    correction_: Correction | None
    warnings_: list[str]

    def __init__(
        self,
        space: LinearFeatures | None = None,
        steps: int = 1500,
        learning_rate: float = 1e-3,
        synthetic_pairs: bool = False,
    ) -> None:
        self.space = space
        self.steps = steps
        self.learning_rate = learning_rate
        self.synthetic_pairs = synthetic_pairs

    @classmethod
    def for_features(cls, space: LinearFeatures) -> Self:
        """For pictures of the space's shape."""
        return cls(space)

    @classmethod
    def for_session(cls, space: LinearFeatures, session: SessionContext) -> Self:
        """As the session's ``[deep]`` says; `DeviceError` where its device is not there."""
        device_of(session.deep.device)
        return cls(space, session.deep.training_steps, synthetic_pairs=session.deep.synthetic_pairs)

    def fit(self, R: np.ndarray, Y: np.ndarray, groups: np.ndarray | None = None) -> Self:
        """As `fit_long`, without a checkpoint; groups are identical rows of Y by default."""
        groups = identical_rows(Y)[0] if groups is None else groups
        return self.fit_long(R, Y, groups, TrainingRun())

    def fit_long(self, R: np.ndarray, Y: np.ndarray, groups: np.ndarray, run: TrainingRun) -> Self:
        """Fit ridge, then the network to what ridge makes of responses it was not fitted to.

        Parameters
        ----------
        R : ndarray, shape (presentations, cells)
        Y : ndarray, shape (presentations, features)
        groups : ndarray of int, shape (presentations,)
        run : TrainingRun

        Raises
        ------
        ArgumentError
            The space is not given, or there is no step to train.
        TrainingError
            The loss is not a number.
        """
        space, budget = self._space(), self._budget()

        def ridge() -> Ridge:
            return Ridge.for_features(space)

        self.ridge_ = ridge().fit(R, Y, groups=groups)
        shown = space.decode(Y)
        self.low_, self.range_ = float(shown.min()), float(np.ptp(shown)) or 1.0
        self.correction_, self.warnings_ = None, list(self.ridge_.warnings_)
        if few := too_few(groups):
            self.warnings_.append(few)
            return self
        fits = left_out_fits(ridge, R, Y, groups, run.seed)
        examples = self._examples(cross_fitted(fits, R), Y, np.asarray(groups))
        more = None
        if self.synthetic_pairs:
            more = self._examples(*synthetic_examples(fits, R, Y, groups, space, run.seed))
        self.correction_, warnings = learn(examples, budget, run, more)
        self.warnings_ += warnings
        return self

    def predict(self, R: np.ndarray) -> np.ndarray:
        """Features (n, features) of responses (n, cells)."""
        check_is_fitted(self, "ridge_")
        features = self.ridge_.predict(R)
        if self.correction_ is None:
            return features
        made = self._scaled(self._space().decode(features))
        return features + self._space().encode(self.range_ * self.correction_(made))

    def _examples(self, made: np.ndarray, shown: np.ndarray, groups: np.ndarray) -> Examples:
        """Pairs of pictures in a range of 1, from features (n, features)."""
        space = self._space()
        before, after = (self._scaled(space.decode(each)) for each in (made, shown))
        return Examples.of(before, after, groups)

    def _space(self) -> LinearFeatures:
        if self.space is None:
            raise ArgumentError(
                "end-to-end needs to know the feature space whose pictures it corrects: "
                "tp.decoders.EndToEnd.for_features(space)."
            )
        return self.space

    def _budget(self) -> Budget:
        if self.steps < 1 or not 0 < self.learning_rate < np.inf:
            raise ArgumentError(
                "steps must be 1 or more, and the learning rate above 0; found "
                f"{self.steps} and {self.learning_rate}."
            )
        return Budget(self.steps, self.learning_rate)

    def _scaled(self, pictures: np.ndarray) -> np.ndarray:
        return (pictures - self.low_) / self.range_
