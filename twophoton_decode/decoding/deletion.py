"""What leaving one more image out of training does to the scores of the test images.

Needed for the variance of a mean score (`statistics.mean_score`). For ridge regression and
least squares it follows from the fit at hand, without refits: with H the weights that a test
response gives to the training presentations, and E_g the residuals of the presentations of an
image after a fit without it, leaving the image out changes the prediction by −H_g E_g.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.ridge.hat import hat_matrices
from twophoton_decode.decoding.ridge.strength import held_out_residual, members_by_size
from twophoton_decode.decoding.scoring.scores import correlation
from twophoton_decode.statistics.by_image import mean_by_image

MOST_IMAGES = 1000
"""With more, their products and effects are not kept: the variance is then taken as doubled."""
NEARLY_NONE = 1e-9
"""Strength, relative to the mean eigenvalue, that stands for least squares of minimal norm."""


@dataclass(frozen=True, eq=False)
class PictureProducts:
    """Inner products of pictures over pixels, their pixel means removed, as R sees them.

    `raw` (images, images) between pictures, `decoded` between pictures sent through the
    features and back, `mixed` between the latter (rows) and the former (columns).
    """

    raw: np.ndarray
    decoded: np.ndarray
    mixed: np.ndarray

    @classmethod
    def of(cls, pixels: np.ndarray, decoded: np.ndarray) -> PictureProducts:
        """From pictures as rows, (images, pixels)."""
        raw, back = (rows - rows.mean(axis=1, keepdims=True) for rows in (pixels, decoded))
        return cls(raw @ raw.T, back @ back.T, back @ raw.T)


@dataclass(frozen=True, eq=False)
class Refits:
    """The fits without one more group of images each, as far as scores need them.

    Attributes
    ----------
    training : TrainingResponses
        As the decoder reads them; its groups are left out one at a time.
    residual : ndarray, shape (presentations, targets)
        E, as sums of the training targets.
    """

    training: TrainingResponses
    residual: np.ndarray

    @cached_property
    def shift(self) -> np.ndarray:
        """How far m lies from the mean without a group, as sums of targets, (groups, targets)."""
        training = self.training
        share = np.zeros((training.group.max() + 1, len(training.repeats)))
        share[self.group_of_target, np.arange(share.shape[1])] = training.repeats
        share /= training.presentations - share.sum(axis=1, keepdims=True)
        return share - share.sum(axis=1, keepdims=True) * self.mean

    @property
    def mean(self) -> np.ndarray:
        """m as a sum of targets, (targets,)."""
        return self.training.repeats / self.training.presentations

    @cached_property
    def group_of_target(self) -> np.ndarray:
        """The group of each target, (targets,)."""
        group = np.empty(len(self.training.repeats), dtype=np.int64)
        group[self.training.target] = self.training.group
        return group

    def by_group(self, values: np.ndarray) -> np.ndarray:
        """Sums over the presentations of each group, (rows, presentations) to (rows, groups)."""
        order = np.argsort(self.training.group, kind="stable")
        starts = np.cumsum(np.bincount(self.training.group))[:-1]
        return np.add.reduceat(values[:, order], np.concatenate([[0], starts]), axis=1)

    def scores(
        self, hat: np.ndarray, own: np.ndarray, known: np.ndarray, products: PictureProducts
    ) -> np.ndarray:
        """R of test reconstructions without each group in training, (rows, groups).

        With a the weights of the training targets in ŝ − m, d = m − m₋ the shift of the mean
        and u = H_g E_g, the reconstruction without group g is a + d − u about m₋, and the
        picture t + d. Only their inner products are needed.

        Parameters
        ----------
        hat : ndarray, shape (rows, presentations)
            H of the test responses.
        own : ndarray of int, shape (rows,)
            The picture that each should show, an index of `products`.
        known : ndarray of int, shape (targets,)
            The pictures that the targets are, likewise.
        """
        d, E, group = self.shift, self.residual, self.training.group
        decoded, mixed = products.decoded[np.ix_(known, known)], products.mixed[known]
        between = mixed[:, known]
        a = self.training.sum_by_target(hat.T).T - self.mean
        to_shown = mixed[:, own] - (between @ self.mean)[:, None]
        E_decoded = E @ decoded
        # u with t + d, and with a + d; then u with itself.
        u_shown = hat * ((E @ to_shown).T + ((E @ between) * d[group]).sum(axis=1))
        u_made = hat * ((E_decoded @ a.T).T + (E_decoded * d[group]).sum(axis=1))
        made, shown = a @ decoded, between @ d.T
        product = np.einsum("ij,ji->i", a, to_shown)[:, None] + a @ shown + (d @ to_shown).T
        product += np.einsum("gj,jg->g", d, shown) - self.by_group(u_shown)
        square = np.einsum("ij,ij->i", made, a)[:, None] + 2 * made @ d.T
        square += np.einsum("gj,gj->g", d @ decoded, d) - 2 * self.by_group(u_made)
        square += self._squares(hat, E_decoded)
        norm = np.sqrt(square.clip(min=0.0) * self._shown_squares(own, known, products.raw))
        return np.divide(product, norm, out=np.zeros_like(norm), where=norm > 0)

    def _squares(self, hat: np.ndarray, E_decoded: np.ndarray) -> np.ndarray:
        """|u|², (rows, groups)."""
        squares = np.empty((len(hat), self.training.group.max() + 1))
        for rows in members_by_size(self.training.group):
            block = E_decoded[rows] @ self.residual[rows].transpose(0, 2, 1)
            weight = hat[:, rows].transpose(1, 0, 2)
            groups = self.training.group[rows[:, 0]]
            squares[:, groups] = ((weight @ block) * weight).sum(axis=2).T
        return squares

    def _shown_squares(self, own: np.ndarray, known: np.ndarray, raw: np.ndarray) -> np.ndarray:
        """|t + d|², (rows, groups)."""
        d, among = self.shift, raw[np.ix_(known, known)]
        about = among @ self.mean
        t_d = d @ (raw[np.ix_(known, own)] - about[:, None])
        t = raw[own, own] - 2 * self.mean @ raw[np.ix_(known, own)] + self.mean @ about
        return np.asarray(t[:, None] + 2 * t_d.T + np.einsum("gj,gj->g", d @ among, d))


def refits_of_ridge(
    training: TrainingResponses, strength: float, response: np.ndarray
) -> tuple[Refits, np.ndarray]:
    """The refits of ridge at a fixed strength, and H of test responses.

    Parameters
    ----------
    training : TrainingResponses
    strength : float
        Absolute; NaN for least squares of minimal norm.
    response : ndarray, shape (rows, cells)
        Test responses minus the training mean.

    Returns
    -------
    refits : Refits
    hat : ndarray, shape (rows, presentations)
    """
    if np.isnan(strength):
        strength = NEARLY_NONE * training.variance / min(training.cells, training.presentations)
    hat = hat_matrices(training)(strength)
    residual = held_out_residual(hat, members_by_size(training.group), None)
    return Refits(training, np.asarray(residual, dtype=float)), hat.rows(response)


def ridge_scores_without(
    training: TrainingResponses,
    strength: float,
    response: np.ndarray,
    shown: np.ndarray,
    known: np.ndarray,
    products: PictureProducts,
) -> tuple[np.ndarray, np.ndarray]:
    """R without each training image, from trial averages and per trial (then averaged).

    Parameters
    ----------
    training, strength, response
        As for `refits_of_ridge`.
    shown : ndarray of int, shape (rows,)
        The picture of each test response.
    known : ndarray of int, shape (targets,)
        The pictures that were trained on.

    Returns
    -------
    average, single : ndarray, shape (test images, targets)
        Test images in ascending order. Where the training keeps several targets in one group,
        they are left out together.
    """
    refits, hat = refits_of_ridge(training, strength, response)
    images, image = np.unique(shown, return_inverse=True)
    averages = mean_by_image(hat, image, len(images))
    average = refits.scores(averages, images, known, products)
    single = mean_by_image(refits.scores(hat, shown, known, products), image, len(images))
    group = refits.group_of_target
    return average[:, group], single[:, group]


def deletion_effects(
    training: TrainingResponses,
    strength: float,
    response: np.ndarray,
    shown: np.ndarray,
    known: np.ndarray,
    made: tuple[np.ndarray, np.ndarray],
    pictures: np.ndarray,
    products: PictureProducts,
) -> np.ndarray:
    """R of averages and of single trials minus what they would be without each image.

    Parameters
    ----------
    training, strength, response, shown, known, products
        As for `ridge_scores_without`.
    made : two ndarray, shape (rows, pixels)
        What each row contributes to its image's average, and its own reconstruction, less m.
    pictures : ndarray, shape (images, pixels)
        All pictures less m.

    Returns
    -------
    ndarray, shape (2, test images, images)
        NaN for images that were not trained on.
    """
    images, image = np.unique(shown, return_inverse=True)
    average = mean_by_image(made[0], image, len(images))
    single = mean_by_image(correlation(pictures[shown], made[1]), image, len(images))
    r = np.stack([correlation(pictures[images], average), single])
    without = ridge_scores_without(training, strength, response, shown, known, products)
    effects = np.full((2, len(images), len(pictures)), np.nan)
    effects[:, :, known] = r[:, :, None] - np.stack(without)
    return effects
