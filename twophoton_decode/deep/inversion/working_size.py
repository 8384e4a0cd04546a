"""From a network's pictures to those that the session is scored in, and their brightness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.inversion.generator import LUMA


def averaged(pictures: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Luma of pictures (n, 3, side, side), averaged over areas, (n, y, x)."""
    torch = torch_or_error()
    luma = np.einsum("ncyx,c->nyx", np.asarray(pictures, np.float64), LUMA)
    area = torch.nn.functional.interpolate(torch.from_numpy(luma[:, None]), shape, mode="area")
    return np.asarray(area[:, 0].numpy())


@dataclass(frozen=True)
class Brightness:
    """What luma from 0 to 1 is in the session's pictures: ``black + range · luma``."""

    black: float
    range: float

    @classmethod
    def of(cls, luma: np.ndarray, shown: np.ndarray) -> Brightness:
        """By least squares over the pixels of training pictures, both (n, y, x)."""
        centred = luma - luma.mean()
        total = float((centred**2).sum())
        slope = float((centred * shown).sum() / total) if total > 0 else 1.0
        return cls(float(shown.mean() - slope * luma.mean()), slope)

    def __call__(self, luma: np.ndarray) -> np.ndarray:
        """Pictures as the session has them."""
        return self.black + self.range * luma
