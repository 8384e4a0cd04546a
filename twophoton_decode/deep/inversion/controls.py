"""What of a reconstruction the cells did, what the generator, and what each layer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.decoding.folds.crossvalidation import image_folds
from twophoton_decode.decoding.folds.finite import finite_trials
from twophoton_decode.decoding.folds.splits import trials_of
from twophoton_decode.decoding.folds.trials import Trials
from twophoton_decode.deep.inversion.readout.pictures import PictureReadout
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
    work = _Folds.of(responses, settings, session)
    studio, images = work.studio, len(work.shown)
    chosen = work.chosen(session.deep.inversion_images, settings.seed)
    ways = variants(studio.encoder.names, generator=studio.generator is not None)
    if only:
        ways = [each for each in ways if each.name in {MAIN, *only}]
    fields = _scored(work, ways, chosen, progress)
    notes = [*work.said, *fields.pop("notes"), f"{len(chosen)} of {images} images, at random."]
    return InversionControls(
        **fields,
        image_name=work.name[chosen],
        fold=work.fold[chosen],
        network=studio.encoder.reader.network.name,
        generator=studio.generator.name if studio.generator else "pixels",
        knowledge=studio.generator.autoencoder.knowledge if studio.generator else "",
        side=studio.encoder.side,
        images=images,
        notes=notes,
    )


@dataclass(frozen=True, eq=False)
class _Folds:
    """Different images (n,), their mean responses, and the readouts that never saw them."""

    trials: Trials
    name: np.ndarray
    shown: np.ndarray
    fold: np.ndarray
    content: np.ndarray
    studio: Studio
    said: Sequence[str]

    @classmethod
    def of(
        cls, responses: Responses, settings: DecodingSettings, session: SessionContext
    ) -> _Folds:
        """In the folds in which the images are reconstructed."""
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
                f"controls of feature inversion need {FEWEST_IMAGES} different images or more; "
                f"there are {len(first)}."
            )
        trials = trials_of(shown, pictures, space, folds.identity, first, folds.content)
        name = shown.image_name[first]
        studio = studio_of(session.about(name, pictures[first], trials.features))
        said = [*shown.warnings, *folds.warnings, *studio.finer.notes]
        return cls(
            trials, name, pictures[first], folds.fold[first], folds.content[first], studio, said
        )

    @cached_property
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
    encoder = work.studio.encoder
    names, side = score_names(encoder.names), encoder.side
    made = np.empty((len(ways), len(chosen), side, side), np.float32)
    score, null = np.empty((2, len(ways), len(chosen), len(names)))
    place = {image: at for at, image in enumerate(chosen.tolist())}
    notes: dict[str, None] = {}
    for done, (image, readout, candidates) in enumerate(work.tested(chosen)):
        told = _counted(progress, done * len(ways), len(chosen) * len(ways))
        found, doubts = _made(work, ways, image, readout, told)
        own = place[image]
        score[:, own], null[:, own] = _near(work, readout, candidates, found, image)
        made[:, own] = found.mean(axis=1)
        notes |= dict.fromkeys([*readout.features.notes, *doubts])
    return {
        "picture": np.stack([work.studio.pictures(np.array([each]))[0].mean(0) for each in chosen]),
        "made": made,
        "variant": [way.name for way in ways],
        "kind": [way.kind for way in ways],
        "score_name": names,
        "score": score,
        "null": null,
        **_means(score, null, work.content[chosen]),
        "notes": list(notes),
    }


def _counted(progress: Progress, before: int, total: int) -> Callable[[int], None]:
    return lambda done: progress(before + done, total, "pictures optimised, with all controls")


def _made(
    work: _Folds,
    ways: Sequence[Variant],
    image: int,
    readout: PictureReadout,
    told: Callable[[int], None],
) -> tuple[np.ndarray, list[str]]:
    """Pictures (ways, 3, side, side) of an image in every way, and doubts about them."""
    true = readout.features.true(work.studio.layers(np.array([image])))
    tested = Tested(readout, work.average[image], work.average[work.wrong(image)], true)
    found, doubts = [], []
    for done, way in enumerate(ways):
        told(done)
        picture, doubt = tested.made(way)
        found.append(picture)
        doubts += [f"{way.name}, image {image}: {doubt}."] if doubt else []
    return np.stack(found), doubts


def _near(
    work: _Folds, readout: PictureReadout, candidates: Candidates, found: np.ndarray, image: int
) -> tuple[np.ndarray, np.ndarray]:
    """Scores (ways, scores) of pictures of an image, and those with a wrong one."""
    held = np.flatnonzero(work.fold == work.fold[image])
    other = work.content[held] != work.content[image]
    own, wrong = (int(np.flatnonzero(held == each)[0]) for each in (image, work.wrong(image)))
    return candidates.scores(readout, found, own, wrong, other)


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
