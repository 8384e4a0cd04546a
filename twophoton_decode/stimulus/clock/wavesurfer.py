"""WaveSurfer's .h5 files: sweeps, sampling rate, and counts as volts."""

from __future__ import annotations

import re
from collections.abc import Callable

import h5py
import numpy as np

from twophoton_decode.files.hdf5_dataset import item_at

_SWEEP = re.compile(r"sweep_\d+")
_RATE = ("header/AcquisitionSampleRate", "header/Acquisition/SampleRate")
_COEFFICIENTS = ("header/AIScalingCoefficients", "header/Acquisition/AnalogScalingCoefficients")
_SCALES = ("header/AIChannelScales", "header/Acquisition/AnalogChannelScales")


def is_wavesurfer(file: h5py.File) -> bool:
    """Whether WaveSurfer wrote the file."""
    return rate_of(file) > 0 and any(_SWEEP.fullmatch(name) for name in file)


def rate_of(file: h5py.File) -> float:
    """Samples per second; 0 where the header does not say."""
    values = _first(file, _RATE)
    return float(values.ravel()[0]) if values is not None and values.size else 0.0


def scan_names(file: h5py.File) -> list[str]:
    """Where scans lie, analog and digital, of all sweeps."""
    sweeps = sorted(name for name in file if _SWEEP.fullmatch(name))
    return [
        f"{sweep}/{kind}"
        for sweep in sweeps
        for kind in ("analogScans", "digitalScans")
        if isinstance(item_at(file, f"{sweep}/{kind}"), h5py.Dataset)
    ]


def scaling(file: h5py.File, channel: int, channels: int) -> Callable[[np.ndarray], np.ndarray]:
    """From counts of one channel to volts, or counts as they are where the header has no scale."""
    found, scales = _first(file, _COEFFICIENTS), _first(file, _SCALES)
    if found is None or found.ndim != 2 or found.shape[0] < channels:
        return lambda counts: counts
    powers = np.asarray(found[channel], dtype=np.float64)
    has_scale = scales is not None and scales.size >= channels
    scale = float(scales.ravel()[channel]) if has_scale and scales is not None else 1.0
    return lambda counts: np.polyval(powers[::-1], counts.astype(np.float64)) / (scale or 1.0)


def _first(file: h5py.File, names: tuple[str, ...]) -> np.ndarray | None:
    for name in names:
        item = item_at(file, name)
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "biuf" and item.size < 10_000:
            return np.asarray(item[()])
    return None
