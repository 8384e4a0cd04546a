"""One fold: a decoder fitted to the training images, and its reconstructions of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from twophoton_decode.decoding.deletion import (
    MOST_IMAGES,
    has_closed_form,
    ridge_scores_without,
)
from twophoton_decode.decoding.fitting.affine import choosing
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.fitting.transform import NONE, transformed
from twophoton_decode.decoding.folds.trials import Trials
from twophoton_decode.decoding.ridge.permuted import PermutedRidge, permutes_at_once
from twophoton_decode.decoding.scoring.scores import correlation
from twophoton_decode.kernels.threads import in_threads
from twophoton_decode.statistics.by_image import mean_by_image


@dataclass(frozen=True, eq=False)
class FoldFit:
    """An affine decoder in pixels, and what it makes of the test presentations.

    `deviation` (test presentations, pixels) is the reconstruction minus `mean_picture`.
    `share` is what each presentation contributes to the reconstruction from its image's
    trial average, which is the mean of the shares: the same array as `deviation`, unless
    the decoder reads averages by other weights than single trials. `posterior_sd` is, for each
    number of trials of a test image, how unsure each pixel of its average is, (pixels,);
    empty if the decoder does not say. `deletion` (2, test images, images) is R of averages and
    of single trials minus what they would be without each image in training, NaN for images
    not trained on; None if that is not known for this decoder.
    """

    mean_picture: np.ndarray
    mean_response: np.ndarray
    reverse_filter: np.ndarray
    deviation: np.ndarray
    share: np.ndarray
    strength: float
    warnings: list[str]
    transform: str = NONE
    posterior_sd: dict[int, np.ndarray] = field(default_factory=dict)
    deletion: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Fold:
    """A split of the trials by image, with everything that any assignment of images shares."""

    trials: Trials
    known: np.ndarray
    test: np.ndarray
    training: TrainingResponses
    choose: Callable[[np.ndarray], tuple[Any, str]]
    chooses: bool

    @classmethod
    def split(
        cls,
        trials: Trials,
        is_test: np.ndarray,
        make: Callable[[], Any],
        transforms: Sequence[str] = (NONE,),
    ) -> Fold:
        """Put the images of `is_test` (images,) aside; `make` gives an unfitted decoder.

        Which of the `transforms` of the responses it reads is chosen inside training.
        """
        test = np.flatnonzero(is_test[trials.image])
        train = np.flatnonzero(~is_test[trials.image])
        known, target = np.unique(trials.image[train], return_inverse=True)
        group = trials.group(known)[target]
        training = TrainingResponses(trials.response[train], target, group)
        choose = choosing(make, training, transforms)
        return cls(trials, known, test, training, choose, len(transforms) > 1)

    def fit(self) -> FoldFit:
        """Fit to the images as they were shown; m is the mean over training presentations."""
        trials = self.trials
        decoder, response = self._fitted
        reverse_filter = trials.decode(decoder.coef_)
        deviation = response.values @ reverse_filter
        mean_picture = self.training.mean_target(trials.pixels[self.known])
        share = self._shares(decoder, response.values, trials.image[self.test], deviation)
        return FoldFit(
            mean_picture=mean_picture,
            mean_response=decoder.response_mean_,
            reverse_filter=reverse_filter,
            deviation=deviation,
            share=share,
            strength=float(decoder.strength_),
            warnings=list(decoder.warnings_),
            transform=response.transform,
            posterior_sd=self._posterior_sd(decoder),
            deletion=self._deletion(decoder, response, np.stack([share, deviation]), mean_picture),
        )

    def chance(self, orders: np.ndarray, refits: int) -> np.ndarray:
        """R per trial and of trial averages with images permuted, (2, orders, test images).

        Of `orders` (permutations, images), decoders that must be refitted for each take the
        first `refits`.
        """
        decoder, response = self._fitted
        images = len(self.trials.pixels)
        if not self.chooses and permutes_at_once(decoder, self.training, images):
            permuted = PermutedRidge(
                self.training.read_as(response.transform),
                decoder,
                response.values,
                self.trials.image[self.test],
                self.known,
                self.trials.products,
                self.trials.feature_products,
            )
            return permuted.scores(orders)
        made = in_threads(self.permuted_r, orders[:refits])
        tested = len(np.unique(self.trials.image[self.test]))
        return np.array(made).reshape(len(made), 2, tested).swapaxes(0, 1)

    def permuted_r(self, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """R per trial and of the trial average, with image ``order[i]`` in place of i.

        R does not see how large a reconstruction is, so amplitudes are not learned.

        Returns
        -------
        single, average : ndarray, shape (test images,), images in ascending order
        """
        trials = self.trials
        decoder, response = self._refit(trials.features[order[self.known]])
        mean = self.training.mean_target(trials.pixels[order[self.known]])
        deviation = self._deviation(decoder, response.values, order)
        images, image = np.unique(trials.image[self.test], return_inverse=True)
        shown = trials.pixels[order[images]] - mean
        single = correlation(shown[image], deviation)
        # Averaged before decoding: there are fewer images than presentations.
        mean_response = mean_by_image(response.values, image, len(images))
        mean_deviation = mean_by_image(deviation, image, len(images))
        average = self._shares(decoder, mean_response, images, mean_deviation, scaled=False)
        return mean_by_image(single, image, len(images)), correlation(shown, average)

    @cached_property
    def _fitted(self) -> tuple[Any, _TestResponses]:
        """`_refit` to the images as they were shown."""
        return self._refit(self.trials.features[self.known])

    def _refit(self, targets: np.ndarray) -> tuple[Any, _TestResponses]:
        """A fitted decoder, and the test responses as it reads them, minus their training mean."""
        decoder, transform = self.choose(targets)
        if transform not in self._read:
            read = transformed(self.trials.response[self.test], transform)
            self._read[transform] = _TestResponses(read - decoder.response_mean_, transform)
        return decoder, self._read[transform]

    @cached_property
    def _read(self) -> dict[str, _TestResponses]:
        """Test responses by transform: the same array for all targets, which mixtures notice."""
        return {}

    def _shares(
        self,
        decoder: Any,
        response: np.ndarray,
        image: np.ndarray,
        deviation: np.ndarray,
        *,
        scaled: bool = True,
    ) -> np.ndarray:
        """Responses through the weights for the mean over all trials of their image.

        Where these are the weights for a single trial, that is their `deviation`.
        """
        if getattr(decoder, "coef_for", None) is None:
            return deviation
        trials = np.bincount(self.trials.image)[image]
        share = np.empty((len(response), self.trials.pixels.shape[1]))
        for count in np.unique(trials):
            rows = trials == count
            share[rows] = self._read_out(decoder, response[rows], int(count), scaled=scaled)
        return share

    def _read_out(
        self, decoder: Any, response: np.ndarray, trials: int, *, scaled: bool
    ) -> np.ndarray:
        """Responses through the weights for so many trials, by the shorter way if there is one."""
        readout_for = getattr(decoder, "readout_for", None)
        if readout_for is None:
            return self.trials.decode(response @ decoder.coef_for(trials))
        along = response @ readout_for(trials)
        amplitude_for = getattr(decoder, "amplitude_for", None)
        if scaled and amplitude_for is not None:
            along *= amplitude_for(trials)
        return along @ self.trials.decode_directions(decoder.axes)

    def _posterior_sd(self, decoder: Any) -> dict[int, np.ndarray]:
        """Standard deviation of pixels given averages, with what no feature shows of pictures."""
        posterior_for = getattr(decoder, "posterior_for", None)
        if posterior_for is None:
            return {}
        trials = self.trials
        hidden = trials.pixels[self.known] - trials.decoded[self.known]
        left_out = hidden.var(axis=0)
        counts = np.unique(np.bincount(trials.image)[trials.image[self.test]]).tolist()
        spread = {count: trials.decode(posterior_for(count)) for count in counts}
        return {n: np.sqrt((rows**2).sum(axis=0) + left_out) for n, rows in spread.items()}

    def _deletion(
        self, decoder: Any, response: _TestResponses, made: np.ndarray, mean_picture: np.ndarray
    ) -> np.ndarray | None:
        """What each training image does to R; `made` are the shares and the deviations."""
        trials = self.trials
        if not has_closed_form(decoder) or len(trials.pixels) > MOST_IMAGES:
            return None
        training = self.training.read_as(response.transform)
        shown = trials.image[self.test]
        images, image = np.unique(shown, return_inverse=True)
        average, single = (mean_by_image(made[0], image, len(images)), made[1])
        r_average = correlation(trials.pixels[images] - mean_picture, average)
        r_trial = correlation(trials.pixels[shown] - mean_picture, single)
        r = np.stack([r_average, mean_by_image(r_trial, image, len(images))])
        without = ridge_scores_without(
            training, decoder.strength_, response.values, shown, self.known, trials.products
        )
        deletion = np.full((2, len(images), len(trials.pixels)), np.nan)
        deletion[:, :, self.known] = r[:, :, None] - np.stack(without)
        return deletion

    def _deviation(self, decoder: Any, response: np.ndarray, order: np.ndarray) -> np.ndarray:
        """Test reconstructions minus m, by the shorter way if the decoder mixes targets."""
        mixture = getattr(decoder, "mixture_", None)
        if getattr(decoder, "readout_for", None) is not None:
            return self._read_out(decoder, response, 1, scaled=False)
        if mixture is None:
            return self.trials.decode(response @ decoder.coef_)
        targets = self.trials.decoded[order[self.known]]
        return (response @ mixture) @ (targets - self.training.mean_target(targets))


@dataclass(frozen=True, eq=False)
class _TestResponses:
    """Test responses minus their training mean, (presentations, cells), both transformed."""

    values: np.ndarray
    transform: str
