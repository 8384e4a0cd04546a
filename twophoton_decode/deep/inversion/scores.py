"""How near a picture comes to the one shown: in pixels, and in layers of the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twophoton_decode.decoding.scoring.scores import correlation, similarity, unit_rows
from twophoton_decode.deep.comparison.decoding.feature_decoding import Standard
from twophoton_decode.deep.inversion.readout.pictures import PictureReadout
from twophoton_decode.errors import AnalysisError

NEAR = ("PixCorr", "SSIM")


def score_names(layers: Sequence[str]) -> list[str]:
    """PixCorr, SSIM, and two-way identification in pixels and in the first and last layer."""
    return [*NEAR, *(f"two-way, {name}" for name in ("pixels", *_ends(layers)))]


def _ends(layers: Sequence[str]) -> list[str]:
    return list(dict.fromkeys((layers[0], layers[-1])))


@dataclass(frozen=True, eq=False)
class Candidates:
    """The images of a fold, none of which trained its readout.

    Attributes
    ----------
    shown : ndarray, shape (images, y, x)
        As the session has them.
    layers : mapping of str to ndarray, shape (images, units)
        Their features, in training SD.
    standard : mapping of str to Standard
    usable : mapping of str to ndarray of int
        Units that vary over training pictures.
    mean : ndarray, shape (pixels,)
        Mean training picture.
    """

    shown: np.ndarray
    layers: Mapping[str, np.ndarray]
    standard: Mapping[str, Standard]
    usable: Mapping[str, np.ndarray]
    mean: np.ndarray

    @classmethod
    def of(
        cls, readout: PictureReadout, image: np.ndarray, shown: np.ndarray, mean: np.ndarray
    ) -> Candidates:
        """Of images numbered `image` (n,) in the studio.

        Raises
        ------
        AnalysisError
            The first or the last layer is the same for all training pictures.
        """
        decoder, usable = readout.features.decoder, readout.features.unit
        chosen = _ends(readout.studio.encoder.names)
        if dead := [name for name in chosen if name not in usable]:
            raise AnalysisError(
                f"pictures are identified in the first and the last layer, but {dead[0]} is the "
                "same for all training pictures. Name other layers with inversion_layers in [deep]."
            )
        standard = {name: decoder[name].standard for name in chosen}
        read = readout.studio.layers(image)
        layers = {name: standard[name](read[name][:, usable[name]]) for name in chosen}
        return cls(shown, layers, standard, usable, mean)

    def scores(
        self, readout: PictureReadout, made: np.ndarray, own: int, wrong: int, other: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Scores of pictures (n, 3, side, side) of one image, and those with a wrong image.

        Parameters
        ----------
        own, wrong : int
            The image, and another one that is taken for it.
        other : ndarray of bool, shape (images,)
            Images that show something else than the own one.

        Returns
        -------
        ndarray, ndarray, shape (n, scores) each
            In the order of `score_names`; the null of two-way identification is one half.
        """
        small = readout.at_working_size(made, self.shown.shape[1:])
        near = [self._near(small, image) for image in (own, wrong)]
        rows = small.reshape(len(small), -1)
        fits = [_fit(rows - self.mean, self.shown.reshape(len(self.shown), -1) - self.mean)]
        read = readout.studio.encoder.read(np.ascontiguousarray(made))
        for name, candidates in self.layers.items():
            found = self.standard[name](read[name][:, self.usable[name]])
            fits.append(_fit(found, candidates))
        two_way = np.stack([_two_way(fit, own, other) for fit in fits], axis=1)
        half = np.full_like(two_way, 0.5)
        true, null = (np.stack(each, axis=1) for each in near)
        return np.hstack([true, two_way]), np.hstack([null, half])

    def _near(self, small: np.ndarray, image: int) -> tuple[np.ndarray, np.ndarray]:
        shown = np.broadcast_to(self.shown[image], small.shape)
        size = float(np.ptp(self.shown))
        flat = (each.reshape(len(small), -1) for each in (small, shown))
        return correlation(*flat), similarity(shown, small, size)


def _fit(made: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Correlation of every picture with every candidate, (n, images)."""
    return np.asarray(unit_rows(made) @ unit_rows(candidates).T)


def _two_way(fit: np.ndarray, own: int, other: np.ndarray) -> np.ndarray:
    """Share of other images that fit worse than the own one, ties half, (n,)."""
    true = fit[:, [own]]
    worse = (fit < true) + 0.5 * (fit == true)
    return np.asarray(worse[:, other].mean(axis=1))
