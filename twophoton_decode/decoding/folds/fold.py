"""One fold: a decoder fitted to the training images, and its reconstructions of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.decoding.deletion import MOST_IMAGES, deletion_effects
from twophoton_decode.decoding.fitting.readout import AffineReadout, Readout, RidgeMixing
from twophoton_decode.decoding.fitting.refitting import Choice, choosing
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.fitting.transform import NONE, transformed
from twophoton_decode.decoding.folds.trials import Pictures, Trials
from twophoton_decode.decoding.ridge.permuted import PermutedRidge, permutes_at_once
from twophoton_decode.decoding.scoring.scores import correlation
from twophoton_decode.kernels.threads import in_threads
from twophoton_decode.statistics.by_image import mean_by_image


@dataclass(frozen=True, eq=False)
class FoldFit:
    """A decoder in pixels, and what it makes of the test presentations.

    `deviation` (test presentations, pixels) is the reconstruction minus `mean_picture`;
    `average` (test images as named, pixels) that from each trial-averaged response, likewise.
    Where the decoder is affine, `reverse_filter` is its weights as pictures, (cells, pixels),
    and `average_contribution` what each presentation contributes to `average`, which is the mean
    of the contributions: the same array as `deviation`, unless the decoder reads averages by
    other weights than single trials. Both are None for other decoders. `posterior_sd` is, for
    each number of trials of a test image, how unsure each pixel of its average is, (pixels,);
    empty if the decoder does not say. `deletion` (2, test images, images) is R of averages and
    of single trials minus what they would be without each image in training, NaN for images
    not trained on; None if that is not known for this decoder. `finer` (test images as named,
    side, side) are finer pictures from trial-averaged responses, of decoders that make them;
    `seconds_per_picture` of slow ones.
    """

    mean_picture: np.ndarray
    mean_response: np.ndarray
    deviation: np.ndarray
    average: np.ndarray
    strength: float
    warnings: list[str]
    reverse_filter: np.ndarray | None = None
    average_contribution: np.ndarray | None = None
    transform: str = NONE
    posterior_sd: dict[int, np.ndarray] = field(default_factory=dict)
    deletion: np.ndarray | None = None
    finer: np.ndarray | None = None
    seconds_per_picture: float | None = None


@dataclass(frozen=True, eq=False)
class Fold:
    """A split of the trials by image, with everything that any assignment of images shares.

    `run` is what a decoder that trains for long is given.
    """

    trials: Trials
    known: np.ndarray
    test: np.ndarray
    training: TrainingResponses
    choose: Choice
    chooses: bool
    run: TrainingRun

    @classmethod
    def split(
        cls,
        trials: Trials,
        is_test: np.ndarray,
        make: Callable[[], Any],
        transforms: Sequence[str] = (NONE,),
        run: TrainingRun | None = None,
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
        chooses = len(transforms) > 1
        return cls(trials, known, test, training, choose, chooses, run or TrainingRun())

    @property
    def readout(self) -> Readout:
        """The decoder fitted to the images as they were shown."""
        return self._fitted[0]

    def fit(self) -> FoldFit:
        """Fit to the images as they were shown; m is the mean over training presentations."""
        readout, transform = self._fitted
        given: dict[str, Any] = {
            "mean_picture": self.training.mean_target(self.trials.pixels[self.known]),
            "mean_response": self.training.read_as(transform).mean,
            "strength": readout.strength,
            "warnings": list(readout.warnings),
            "transform": transform,
            "posterior_sd": self._posterior_sd(readout),
        }
        if isinstance(readout, AffineReadout):
            return self._affine_fit(readout, given)
        R, pictures = self._tested(transform), self.pictures
        single = readout.apply(R, 1, pictures)
        return FoldFit(
            deviation=single,
            average=self._from_averages(readout, R, self._named, pictures),
            finer=readout.finer(mean_by_image(R, *_numbered(self._named))),
            seconds_per_picture=readout.seconds_per_picture(),
            **given,
        )

    def _affine_fit(self, readout: AffineReadout, given: dict[str, Any]) -> FoldFit:
        """With the reverse filters, and what follows from them without refits."""
        trials, R = self.trials, self._tested(given["transform"])
        shown = trials.image[self.test]
        reverse_filter = trials.decode(readout.weights())
        response = R - given["mean_response"]
        deviation = response @ reverse_filter
        contribution = self._contributions(readout, R, deviation)
        deletion = None
        if isinstance(readout, RidgeMixing) and len(trials.pixels) <= MOST_IMAGES:
            training = self.training.read_as(given["transform"])
            made = contribution, deviation
            pictures = trials.pixels - given["mean_picture"], trials.products
            deletion = deletion_effects(
                training, readout.strength, response, shown, self.known, made, *pictures
            )
        return FoldFit(
            reverse_filter=reverse_filter,
            deviation=deviation,
            average=mean_by_image(contribution, *_numbered(self._named)),
            average_contribution=contribution,
            deletion=deletion,
            **given,
        )

    def chance(self, orders: np.ndarray, refits: int) -> np.ndarray:
        """R per trial and of trial averages with images permuted, (2, orders, test images).

        Of `orders` (permutations, images), decoders that must be refitted for each take the
        first `refits`.
        """
        readout, transform = self._fitted
        training = self.training.read_as(transform)
        if not self.chooses and permutes_at_once(readout, self.training, len(self.trials.pixels)):
            permuted = PermutedRidge(
                training,
                readout,
                training.centring(self._tested(transform)),
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
        run = replace(self.run, checkpoint=None)
        readout, transform = self.choose(trials.features[order[self.known]], run)
        R = self._tested(transform)
        pictures = self._pictures_of(order)
        mean = self.training.mean_target(trials.pixels[order[self.known]])
        deviation = readout.apply(R, 1, pictures, scaled=False)
        images, image = np.unique(trials.image[self.test], return_inverse=True)
        shown = trials.pixels[order[images]] - mean
        single = correlation(shown[image], deviation)
        if isinstance(readout, AffineReadout) and not readout.averages:
            average = mean_by_image(deviation, image, len(images))
        else:
            average = self._from_averages(readout, R, image, pictures, scaled=False)
        return mean_by_image(single, image, len(images)), correlation(shown, average)

    @cached_property
    def pictures(self) -> Pictures:
        """The way to pictures, with the images as they were shown."""
        return self._pictures_of(np.arange(len(self.trials.pixels)))

    def _pictures_of(self, order: np.ndarray) -> Pictures:
        weight = self.training.repeats / self.training.presentations
        return self.trials.pictures(order[self.known], weight)

    @cached_property
    def _fitted(self) -> tuple[Readout, str]:
        """The readout of the images as they were shown, and the transform that it reads."""
        return self.choose(self.trials.features[self.known], self.run)

    def _tested(self, transform: str) -> np.ndarray:
        """Test responses as a decoder reads them: the same array for all targets."""
        if transform not in self._read:
            self._read[transform] = transformed(self.trials.response[self.test], transform)
        return self._read[transform]

    @cached_property
    def _read(self) -> dict[str, np.ndarray]:
        """Test responses by transform, which thin weights notice."""
        return {}

    @property
    def _named(self) -> np.ndarray:
        """The image of each test presentation, as it is named."""
        trials = self.trials
        return (trials.image if trials.named is None else trials.named)[self.test]

    @property
    def _shown_as_often(self) -> np.ndarray:
        """How often the image of each test presentation was shown under its name."""
        number, _ = _numbered(self._named)
        return np.bincount(number)[number]

    def _contributions(
        self,
        readout: AffineReadout,
        R: np.ndarray,
        deviation: np.ndarray,
    ) -> np.ndarray:
        """Responses through the weights for the mean over all trials of their image, as named.

        Where these are the weights for a single trial, that is their `deviation`.
        """
        if not readout.averages:
            return deviation
        trials = self._shown_as_often
        made = np.empty_like(deviation)
        for count in np.unique(trials):
            rows = trials == count
            made[rows] = readout.apply(R[rows], int(count), self.pictures)
        return made

    def _from_averages(
        self,
        readout: Readout,
        R: np.ndarray,
        image: np.ndarray,
        pictures: Pictures,
        *,
        scaled: bool = True,
    ) -> np.ndarray:
        """Reconstructions from the mean response to each image of `image` (rows,), less m."""
        number, images = _numbered(image)
        # Averaged before decoding: there are fewer images than presentations.
        mean, trials = mean_by_image(R, number, images), np.bincount(number)
        made = np.empty((images, self.trials.pixels.shape[1]))
        for count in np.unique(trials):
            rows = trials == count
            made[rows] = readout.apply(mean[rows], int(count), pictures, scaled=scaled)
        return made

    def _posterior_sd(self, readout: Readout) -> dict[int, np.ndarray]:
        """Standard deviation of pixels given averages, with what no feature shows of pictures."""
        trials = self.trials
        counts = np.unique(self._shown_as_often).tolist()
        factors = {count: readout.covariance(count) for count in counts}
        spread = {n: trials.decode(each) for n, each in factors.items() if each is not None}
        hidden = trials.pixels[self.known] - trials.decoded[self.known]
        left_out = hidden.var(axis=0)
        return {n: np.sqrt((rows**2).sum(axis=0) + left_out) for n, rows in spread.items()}


def _numbered(image: np.ndarray) -> tuple[np.ndarray, int]:
    """Images numbered 0…n − 1 in ascending order, and n."""
    images, number = np.unique(image, return_inverse=True)
    return number, len(images)
