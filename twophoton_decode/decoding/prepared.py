"""A session's trials as one decoder is given them: pictures, folds, features, permutations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.decoding.folds.crossvalidation import ImageFolds, image_folds
from twophoton_decode.decoding.folds.finite import FiniteTrials, finite_trials
from twophoton_decode.decoding.folds.splits import space_for, trials_of
from twophoton_decode.decoding.folds.trials import Trials
from twophoton_decode.decoding.permuted_images import permuted_images, shown_in_blocks
from twophoton_decode.decoding.scoring.distractors import usable_distractors
from twophoton_decode.errors import ResponseError
from twophoton_decode.features import LinearFeatures
from twophoton_decode.records import Responses
from twophoton_decode.registry import FEATURE_SPACES
from twophoton_decode.settings import DecodingSettings


@dataclass(frozen=True, eq=False)
class Prepared:
    """What is reconstructed: trials, their pictures, and the folds that these are in.

    Attributes
    ----------
    shown : FiniteTrials
        Of images that are used; `pictures` and `folds` are theirs.
    every : ImageFolds
        Of all images that were shown.
    external : ndarray, shape (distractors, y, x)
        Those of the distractors that can be used.
    said : list of str
        Warnings.
    """

    space: LinearFeatures
    shown: FiniteTrials
    pictures: np.ndarray
    folds: ImageFolds
    every: ImageFolds
    external: np.ndarray
    said: list[str]

    @classmethod
    def of(
        cls,
        responses: Responses,
        decoder: str,
        settings: DecodingSettings,
        distractors: np.ndarray | None,
    ) -> Prepared:
        """From a session's responses, for one decoder."""
        shown = finite_trials(responses)
        space = space_for(decoder, FEATURE_SPACES.load(settings.features)(shown.picture.shape[1:]))
        pictures, alike = space.prepare(shown.picture), settings.near_duplicate_correlation
        every = image_folds(
            pictures,
            settings.folds,
            settings.seed,
            alike,
            shown.image_group,
            _given_folds(shown, settings.folds_from),
        )
        used = every.used
        shown, pictures, folds = shown.of(used), pictures[used], every.of(used)
        external, left_out = usable_distractors(distractors, pictures, space, alike)
        said = [*shown.warnings, *folds.warnings, *left_out]
        return cls(space, shown, pictures, folds, every, external, said)

    def trials(self) -> Trials:
        """With features; images are numbered by what is the same picture."""
        folds = self.folds
        return trials_of(
            self.shown, self.pictures, self.space, folds.identity, folds.first, folds.content
        )

    def orders(
        self, trials: Trials, settings: DecodingSettings
    ) -> tuple[np.ndarray, Sequence[str]]:
        """Permutations of the images, and what is to be known of them."""
        content = self.folds.content[self.folds.first]
        block, about_blocks = shown_in_blocks(trials.image, content)
        most = max(settings.permutations, settings.non_affine_permutations)
        return permuted_images(content, block, most, settings.seed), about_blocks

    def context(self, session: SessionContext, trials: Trials) -> SessionContext:
        """What decoders may know of the session, with the names of these images."""
        first = self.folds.first
        return session.about(self.shown.image_name[first], self.pictures[first], trials.features)


def _given_folds(shown: FiniteTrials, column: str) -> np.ndarray | None:
    """The tier or fold of each image by the column that is named; None where none is."""
    if column and shown.image_fold is None:
        raise ResponseError(
            f"folds_from = {column!r} under [decoding], but the responses were made without that "
            "column. Run `tpdecode respond` on the session again."
        )
    return shown.image_fold if column else None
