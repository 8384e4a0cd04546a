"""What of a reconstruction the cells did, what the generator, and what each layer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.decoding.folds.crossvalidation import image_folds
from twophoton_decode.decoding.folds.finite import finite_trials
from twophoton_decode.decoding.folds.splits import trials_of
from twophoton_decode.decoding.folds.trials import Trials
from twophoton_decode.deep.inversion.picture_readout import PictureReadout
from twophoton_decode.deep.inversion.scores import Candidates, score_names
from twophoton_decode.deep.inversion.studio import Studio, studio_of
from twophoton_decode.deep.inversion.variants import MAIN, Tested, Variant, variants
from twophoton_decode.errors import AnalysisError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.deep.pictures.inversion_controls import InversionControls
from twophoton_decode.records.responses import Responses
from twophoton_decode.registry import FEATURE_SPACES
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.by_image import mean_by_image
from twophoton_decode.statistics.mean_score import mean_score

FEWEST_IMAGES = 20


def inversion_controls(
    responses: Responses,
    settings: DecodingSettings,
    session: SessionContext,
    progress: Progress = silent,
    *,
    only: Collection[str] = (),
) -> InversionControls:
    """Make pictures of some images in every way, and score them beside their nulls.

    Every image is decoded by a fit that never saw it, in the folds of its reconstruction.

    Parameters
    ----------
    responses : Responses
    settings : DecodingSettings
    session : SessionContext
        How many images: ``[deep] inversion_images``.
    only : collection of str
        Variants that are made beside the reconstruction; none: all.

    Raises
    ------
    AnalysisError
        Fewer than 20 different images.
    UnknownNameError, WeightsError, MissingExtraError, DeviceError
        Network or generator cannot be had.
    """
    shown = finite_trials(responses)
    space = FEATURE_SPACES.load(settings.features)(shown.picture.shape[1:])
    pictures = space.prepare(shown.picture)
    folds = image_folds(
        pictures, settings.folds, settings.seed, settings.near_duplicate_correlation,
        shown.image_group,
    )  # fmt: skip
    first = folds.first
    if len(first) < FEWEST_IMAGES:
        raise AnalysisError(
            f"controls of feature inversion need {FEWEST_IMAGES} different images or more; there "
            f"are {len(first)}."
        )
    trials = trials_of(shown, pictures, space, folds.identity, first, folds.content)
    name = shown.image_name[first]
    studio = studio_of(session.about(name, pictures[first], trials.features))
    work = _Folds(trials, pictures[first], folds.fold[first], folds.content[first], studio)
    chosen = work.chosen(session.deep.inversion_images, settings.seed)
    ways = variants(studio.encoder.names, generator=studio.generator is not None)
    if only:
        ways = [each for each in ways if each.name in {MAIN, *only}]
    fields = _scored(work, ways, chosen, progress)
    notes = [
        *shown.warnings, *folds.warnings, *studio.finer.notes, *fields.pop("notes"),
        f"{len(chosen)} of {len(first)} images, at random.",
    ]  # fmt: skip
    return InversionControls(
        **fields,
        image_name=name[chosen],
        fold=work.fold[chosen],
        network=studio.encoder.reader.network.name,
        generator=studio.generator.name if studio.generator else "pixels",
        knowledge=studio.generator.autoencoder.knowledge if studio.generator else "",
        side=studio.encoder.side,
        images=len(first),
        notes=notes,
    )


@dataclass(frozen=True, eq=False)
class _Folds:
    """Different images (n,), their mean responses, and the readouts that never saw them."""

    trials: Trials
    shown: np.ndarray
    fold: np.ndarray
    content: np.ndarray
    studio: Studio

    @property
    def average(self) -> np.ndarray:
        """Mean response to each image, (images, cells)."""
        return mean_by_image(self.trials.response, self.trials.image, len(self.shown))

    def wrong(self, image: int, seed: int = 0) -> int:
        """Another image of the fold that shows something else; -1 if there is none."""
        others = np.flatnonzero(
            (self.fold == self.fold[image]) & (self.content != self.content[image])
        )
        return int(np.random.default_rng([seed, image]).choice(others)) if others.size else -1

    def chosen(self, count: int, seed: int) -> np.ndarray:
        """So many images at random that have others beside them in their fold, (n,)."""
        usable = [image for image in range(len(self.shown)) if self.wrong(image) >= 0]
        if not usable:
            raise AnalysisError(
                "every fold tests a single image, so that there is no wrong one to compare with. "
                "Set fewer folds in [decoding]."
            )
        rng = np.random.default_rng([seed, 16])
        return np.sort(rng.permutation(usable)[:count])

    def tested(self, chosen: np.ndarray) -> Iterator[tuple[int, PictureReadout, Candidates]]:
        """Each chosen image with its readout and candidates; every fold is fitted once."""
        average = self.average
        for number in np.unique(self.fold[chosen]):
            known, held = np.flatnonzero(self.fold != number), np.flatnonzero(self.fold == number)
            readout = PictureReadout.fit(
                self.studio, known, average[known], self.content[known], self.shown[known]
            )
            mean = self.shown[known].mean(axis=0).ravel()
            candidates = Candidates.of(readout, held, self.shown[held], mean)
            for image in chosen[self.fold[chosen] == number].tolist():
                yield image, readout, candidates


def _scored(
    work: _Folds, ways: Sequence[Variant], chosen: np.ndarray, progress: Progress
) -> dict[str, Any]:
    """Fields of the record that hold pictures and scores."""
    encoder, average = work.studio.encoder, work.average
    names, side = score_names(encoder.names), encoder.side
    made = np.empty((len(ways), len(chosen), side, side), np.float32)
    score, null = np.empty((2, len(ways), len(chosen), len(names)))
    place = {image: at for at, image in enumerate(chosen.tolist())}
    notes, done = [], 0
    for image, readout, candidates in work.tested(chosen):
        wrong, own = work.wrong(image), place[image]
        held = np.flatnonzero(work.fold == work.fold[image])
        true = readout.features.true(work.studio.layers(np.array([image])))
        tested = Tested(readout, average[image], average[wrong], true)
        found = np.empty((len(ways), 3, side, side), np.float32)
        for at, way in enumerate(ways):
            progress(done, len(ways) * len(chosen), "pictures optimised, with all controls")
            found[at], doubt = tested.made(way)
            notes += [f"{way.name}, image {image}: {doubt}."] if doubt else []
            done += 1
        other = work.content[held] != work.content[image]
        at, instead = (int(np.flatnonzero(held == each)[0]) for each in (image, wrong))
        score[:, own], null[:, own] = candidates.scores(readout, found, at, instead, other)
        made[:, own] = found.mean(axis=1)
    return {
        "picture": np.stack([work.studio.pictures(np.array([each]))[0].mean(0) for each in chosen]),
        "made": made,
        "variant": [way.name for way in ways],
        "kind": [way.kind for way in ways],
        "score_name": names,
        "score": score,
        "null": null,
        **_means(score, null, work.content[chosen]),
        "notes": [*readout.features.notes, *notes],
    }


def _means(score: np.ndarray, null: np.ndarray, content: np.ndarray) -> dict[str, np.ndarray]:
    """Means over images, and how much the reconstruction exceeds every other variant."""
    gain = score[:1] - score
    found = [
        [mean_score(gain[way, :, at], None, content) for at in range(score.shape[2])]
        for way in range(len(score))
    ]
    return {
        "mean": score.mean(axis=1),
        "null_mean": null.mean(axis=1),
        "difference": gain.mean(axis=1),
        "difference_ci95": np.array([[each.interval for each in row] for row in found]),
    }
