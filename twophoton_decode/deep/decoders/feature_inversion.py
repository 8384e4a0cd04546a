"""Pictures that are optimised to have the network features decoded from responses."""

from __future__ import annotations

import hashlib
import time
from typing import ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.decoding.folds.context import NO_SESSION, SessionContext
from twophoton_decode.deep.inversion.kept_pictures import KeptPictures
from twophoton_decode.deep.inversion.readout.pictures import PictureReadout
from twophoton_decode.deep.inversion.studio import Studio, studio_of
from twophoton_decode.deep.inversion.working_size import averaged
from twophoton_decode.errors import ArgumentError
from twophoton_decode.features import LinearFeatures
from twophoton_decode.statistics.by_image import identical_rows, mean_by_image


class Decoder(BaseEstimator):  # type: ignore[misc]
    """Deep image reconstruction [Shen et al. 2019] (docs/methods/feature_inversion.md).

    Ridge decodes every layer of a network from responses. A picture is then optimised until the
    network makes of it what was decoded: its pixels, or the code of an autoencoder, which starts
    at the code decoded from the same responses.

    Parameters
    ----------
    space : LinearFeatures
        The features of the session; pictures are brought to its size and encoded by it.
    session : SessionContext, optional
        Says which network and generator, and has finer pictures. Without it, the defaults of
        ``[deep]`` and the pictures of `space`, enlarged.
    """

    settings_read: ClassVar = (
        "deep.networks", "deep.weights", "deep.colour", "deep.units", "deep.generator",
        "deep.inversion_layers", "deep.inversion_px",
    )  # fmt: skip
    sources_read: ClassVar = ("images",)
    seconds_per_picture_: float

    def __init__(
        self, space: LinearFeatures | None = None, session: SessionContext | None = None
    ) -> None:
        self.space = space
        self.session = session

    @classmethod
    def for_features(cls, space: LinearFeatures) -> Self:
        """With the default network and generator, from pictures of the space's size."""
        return cls(space)

    @classmethod
    def for_session(cls, space: LinearFeatures, session: SessionContext) -> Self:
        """As the session's ``[deep]`` says."""
        return cls(space, session)

    def fit(self, R: np.ndarray, Y: np.ndarray, groups: np.ndarray | None = None) -> Self:
        """As `fit_long`; groups are identical rows of Y by default."""
        groups = identical_rows(Y)[0] if groups is None else groups
        return self.fit_long(R, Y, groups, TrainingRun())

    def fit_long(self, R: np.ndarray, Y: np.ndarray, groups: np.ndarray, run: TrainingRun) -> Self:
        """Fit ridge from mean responses to every layer, and to the generator's code.

        Pictures are optimised when they are predicted, and kept in the run's checkpoint. The
        first one is made here, of the first training response, to know how long they take.

        Parameters
        ----------
        R : ndarray, shape (presentations, cells)
        Y : ndarray, shape (presentations, features)
        groups : ndarray of int, shape (presentations,)
        run : TrainingRun

        Raises
        ------
        AnalysisError
            The pictures look alike to the network.
        ArgumentError
            The space is not given.
        UnknownNameError, WeightsError, MissingExtraError, DeviceError
            Network or generator cannot be had.
        """
        image, first = identical_rows(Y)
        shown = self._space().decode(Y[first])
        self.studio_ = self._studio(Y[first], shown)
        known = self.studio_.finer.image(Y[first])
        average = mean_by_image(R, image, len(first))
        run.progress(0, 1, "features of the training pictures")
        content = np.asarray(groups)[first]
        self.readout_ = PictureReadout.fit(self.studio_, known, average, content, shown)
        self.progress_ = run.progress
        self.kept_ = KeptPictures(run.checkpoint, self._identity(known))
        self.seconds_per_picture_ = self._measured(average[0])
        return self

    def predict(self, R: np.ndarray) -> np.ndarray:
        """Features (n, features) of responses (n, cells)."""
        check_is_fitted(self, "readout_")
        space = self._space()
        return space.encode(self.readout_.at_working_size(self.pictures(R), space.shape))

    def finer_pictures(self, R: np.ndarray) -> np.ndarray:
        """Luma (n, side, side) from 0 to 1 of the pictures that were optimised."""
        pictures = self.pictures(R)
        return averaged(pictures, (pictures.shape[-1],) * 2).clip(0, 1)

    def pictures(self, R: np.ndarray) -> np.ndarray:
        """Pictures (n, 3, side, side) from 0 to 1 of responses (n, cells), each by itself."""
        check_is_fitted(self, "readout_")
        found = [self._picture(row, at, len(R)) for at, row in enumerate(R)]
        self.kept_.write()
        side = self.studio_.encoder.side
        return np.stack(found) if found else np.empty((0, 3, side, side), np.float32)

    @property
    def warnings_(self) -> list[str]:
        """What a reader must know, with what predictions have shown so far."""
        said = [
            *self.studio_.finer.notes,
            *self.studio_.encoder.reader.notes,
            *self.readout_.features.notes,
        ]
        if self.kept_.discarded:
            said.append("pictures kept under other settings, or damaged, were discarded.")
        doubts = self.kept_.doubts.items()
        return [*said, *(f"in {n} of {len(self.kept_)} pictures {why}." for why, n in doubts)]

    def _picture(self, response: np.ndarray, done: int, total: int) -> np.ndarray:
        kept = self.kept_.get(response)
        if kept is None:
            what = f"pictures optimised, about {self.seconds_per_picture_:.0f} s each"
            self.progress_(done, total, what)
            found = self.readout_.invert(response)
            # As it is read back: sums over another order of axes differ in the last digit.
            kept = np.ascontiguousarray(found.picture)
            self.kept_.put(response, kept, found.doubt)
        return kept

    def _identity(self, known: np.ndarray) -> str:
        """What kept pictures follow from beside the responses."""
        shown = hashlib.blake2b(self.studio_.pictures(known).tobytes(), digest_size=16)
        return f"{self.studio_.identity} {shown.hexdigest()}"

    def _measured(self, response: np.ndarray) -> float:
        """Seconds that a picture takes, measured once for all folds."""
        if not self.studio_.seconds:
            begun = time.monotonic()
            self.readout_.invert(response)
            self.studio_.seconds.append(time.monotonic() - begun)
        return self.studio_.seconds[0]

    def _studio(self, features: np.ndarray, shown: np.ndarray) -> Studio:
        if self.session is not None:
            return studio_of(self.session)
        names = np.arange(len(shown)).astype(str)
        return studio_of(NO_SESSION.about(names, shown, features))

    def _space(self) -> LinearFeatures:
        if self.space is None:
            raise ArgumentError(
                "feature-inversion needs to know the feature space of the session's pictures: "
                "tp.decoders.FeatureInversion.for_features(space)."
            )
        return self.space
