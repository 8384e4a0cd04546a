"""A trained network with the scale of its pixels: frames in, restored frames out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.deep.device import device_of
from twophoton_decode.deep.extra import torch_or_error


@dataclass(frozen=True, eq=False)
class Restorer:
    """A network that is ready to restore frames of one movie.

    Attributes
    ----------
    network : torch.nn.Module
        From windows (n, window, y, x) to frames (n, y, x), both in units of `peak` photons.
    window : int
        Frames that it sees; odd.
    peak : float
        Photons that are 1 to the network: the data range of its SSIM.
    device : str
    """

    network: Any
    window: int
    peak: float
    device: str = "cpu"

    @property
    def beside(self) -> int:
        """Frames that it needs before and after the one it restores."""
        return self.window // 2

    def __call__(self, photons: np.ndarray) -> np.ndarray:
        """Restored frames.

        One frame at a time goes through the network, so that no frame depends on which others
        are asked for with it.

        Parameters
        ----------
        photons : ndarray, shape (frames + 2 * beside, y, x)
            Successive frames.

        Returns
        -------
        ndarray of float32, shape (frames, y, x), photons
        """
        torch = torch_or_error()
        device = device_of(self.device)
        unit = torch.from_numpy(np.asarray(photons, np.float32) / np.float32(self.peak)).to(device)
        network = self.network.to(device).eval()
        with torch.inference_mode():
            made = [
                network(unit[at : at + self.window][None])[0]
                for at in range(len(unit) - self.window + 1)
            ]
            return np.asarray(torch.stack(made).cpu().numpy() * np.float32(self.peak), np.float32)

    def whole(self, photons: np.ndarray) -> np.ndarray:
        """All frames of a short movie (frames, y, x), its ends mirrored in time."""
        return self(mirrored(photons, self.beside))


def mirrored(frames: np.ndarray, beside: int) -> np.ndarray:
    """Frames with `beside` more at either end: those next to it, in reverse."""
    return np.pad(frames, ((beside, beside), (0, 0), (0, 0)), mode="reflect")


def moving_average(photons: np.ndarray, window: int) -> np.ndarray:
    """Every frame's mean with its neighbours, `window` frames in all, ends mirrored.

    The peer of a network: it sees as much, invents nothing, and blurs what is fast.
    """
    wide = mirrored(photons, window // 2).astype(np.float64)
    total = np.cumsum(np.concatenate([np.zeros_like(wide[:1]), wide]), axis=0)
    return np.asarray((total[window:] - total[:-window]) / window, np.float32)
