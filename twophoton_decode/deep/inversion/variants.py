"""What is set against a reconstruction: its controls, and its layers one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from twophoton_decode.deep.inversion.critic import Target
from twophoton_decode.deep.inversion.inversion import Inverted
from twophoton_decode.deep.inversion.readout.pictures import PictureReadout

MAIN: Final = "reconstruction"
WRONG: Final = "another image's responses"
TRUE: Final = "true features"
START: Final = "no optimisation"
MEAN_CODE: Final = "generator alone"
PIXELS: Final = "without generator"
TRUE_PIXELS: Final = "true features, without generator"
ALONE, UP_TO = "only", "up to"


@dataclass(frozen=True)
class Variant:
    """One way to make a picture.

    Attributes
    ----------
    name : str
    kind : str
        reconstruction, control, alone or cumulative.
    layers : tuple of str
        Those that are matched; empty: all.
    """

    name: str
    kind: str
    layers: tuple[str, ...] = ()


def variants(layers: Sequence[str], *, generator: bool) -> list[Variant]:
    """The reconstruction, its controls, each layer alone, and the first layers together.

    Without a generator those that need one are left out.
    """
    controls = [TRUE, WRONG]
    if generator:
        controls += [START, MEAN_CODE, PIXELS, TRUE_PIXELS]
    made = [Variant(MAIN, "reconstruction"), *(Variant(name, "control") for name in controls)]
    if len(layers) < 2:
        return made
    made += [Variant(f"{ALONE} {name}", "alone", (name,)) for name in layers]
    return made + [
        Variant(f"{UP_TO} {layers[count - 1]}", "cumulative", tuple(layers[:count]))
        for count in range(2, len(layers))
    ]


@dataclass(frozen=True, eq=False)
class Tested:
    """One image that the readout was not fitted to.

    Attributes
    ----------
    readout : PictureReadout
    response, other : ndarray, shape (cells,)
        Mean response to the image, and to another one that was not trained on either.
    true : Target
        The image's own features.
    """

    readout: PictureReadout
    response: np.ndarray
    other: np.ndarray
    true: Target

    def made(self, variant: Variant) -> tuple[np.ndarray, str]:
        """The picture (3, side, side) of a variant, and the doubt about it."""
        if variant.name == START:
            return self._generated(self.readout.latent(self.response[None]).start), ""
        if variant.name == MEAN_CODE:
            assert self.readout.code is not None
            return self._generated(self.readout.code.mean), ""
        found = self._optimised(variant)
        return found.picture, found.doubt

    def _optimised(self, variant: Variant) -> Inverted:
        response = self.other if variant.name == WRONG else self.response
        target = self.readout.features(response[None])
        if variant.name in (TRUE, TRUE_PIXELS):
            target = self.true
        if variant.layers:
            target = target.only(variant.layers)
        generator = variant.name not in (PIXELS, TRUE_PIXELS)
        return self.readout.invert(response, target, generator=generator)

    def _generated(self, code: np.ndarray) -> np.ndarray:
        return np.asarray(self.readout.studio.inversion().generated(code)[0])
