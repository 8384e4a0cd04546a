"""A user's own suite2p settings, of ``ops.npy`` or ``settings.npy``: what becomes of each.

Some have a counterpart among this program's settings and are taken over there, where they can
be seen and changed. Others are passed to suite2p as they are. The rest is decided here, motion
correction above all, and is listed where it differs from suite2p's default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.errors import SettingsError
from twophoton_decode.extraction.kept.pickles import UNREADABLE, read_objects

_TAKEN = {
    "tau": "extraction.indicator_decay_s",
    "threshold_scaling": "extraction.threshold_scaling",
    "max_overlap": "extraction.max_overlap",
    "spatial_scale": "extraction.spatial_scale",
    "highpass_neuropil": "extraction.highpass_neuropil_px",
    "nonrigid": "extraction.nonrigid",
    "neuropil_coefficient": "traces.neuropil_coefficient",
}
_WHOLE = ("spatial_scale", "highpass_neuropil")
_PASSED = {
    "detection": ("denoise", "highpass_time", "soma_crop"),
    "detection.sparsery_settings": ("active_percentile", "max_ROIs"),
    "extraction": ("allow_overlap", "inner_neuropil_radius", "lam_percentile",
                   "min_neuropil_pixels", "circular_neuropil", "snr_threshold"),
    "dcnv_preprocess": ("baseline", "win_baseline", "sig_baseline", "prctile_baseline"),
    "classification": ("preclassify",),
}  # fmt: skip
_FORMER = {
    "spatial_hp_detect": "highpass_neuropil",
    "neucoeff": "neuropil_coefficient",
    "high_pass": "highpass_time",
}
"""Names before suite2p 1."""
_DEFAULT: dict[str, Any] = {
    "do_registration": 1, "two_step_registration": False, "keep_movie_raw": False, "1Preg": False,
    "nimg_init": (300, 400), "maxregshift": 0.1, "maxregshiftNR": 5, "subpixel": 10,
    "smooth_sigma": 1.15, "smooth_sigma_time": 0, "th_badframes": 1.0, "norm_frames": True,
    "snr_thresh": 1.2, "spatial_taper": (40, 3.45), "spatial_hp_reg": 42, "pre_smooth": 0,
    "do_bidiphase": False, "bidiphase": 0, "force_refImg": False, "align_by_chan2": False,
    "align_by_chan": 1, "frames_include": -1, "sparse_mode": True, "algorithm": "sparsery",
    "anatomical_only": 0, "roidetect": True, "do_detection": True, "neuropil_extract": True,
    "spikedetect": True, "do_deconvolution": True, "connected": True, "max_iterations": 20,
}  # fmt: skip
"""What is decided here, with suite2p's default, or those of its versions."""


@dataclass(frozen=True)
class UsersSettings:
    """What becomes of a user's settings.

    Attributes
    ----------
    taken : dict
        This program's settings, ``section.key``, with the user's values.
    passed : dict
        suite2p's settings, nested as in suite2p 1.
    overridden : dict
        Others that differ from suite2p's defaults and have no effect.
    """

    taken: dict[str, Any]
    passed: dict[str, Any]
    overridden: dict[str, Any]


def read_users_settings(path: Path) -> UsersSettings:
    """The settings in an ``ops.npy`` of suite2p 0.10 to 0.14, or a ``settings.npy`` of suite2p 1.

    Nothing in the file is run.

    Raises
    ------
    SettingsError
        It cannot be read, is no such file, or a value is none that can be passed on.
    """
    try:
        found = read_objects(path).item()
        if not isinstance(found, Mapping):
            raise ValueError(f"it holds {type(found).__name__}")
    except UNREADABLE as error:
        raise SettingsError(
            f"{path} is no file of suite2p's settings ({error}). Expected ops.npy, or settings.npy "
            "of suite2p 1."
        ) from error
    flat = {_FORMER.get(name, name): value for name, value in _flat(found).items()}
    passed = _passed(flat, path)
    taken = {
        _TAKEN[name]: _plain(flat[name], name, path) for name in _TAKEN if name in flat
    } | _block(flat)
    return UsersSettings(taken, passed, _overridden(flat))


def passed_on(path: str) -> dict[str, Any]:
    """What of the file is passed to suite2p; nothing without a file."""
    return read_users_settings(Path(path)).passed if path else {}


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Nested settings, of which those `above` count."""
    both = dict(below)
    for name, value in above.items():
        under = both.get(name)
        nested = isinstance(value, Mapping) and isinstance(under, Mapping)
        both[name] = laid_over(under or {}, value) if nested else value
    return both


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by their own names; sizes of blocks by those of registration, not of detection."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            inside = _flat(value)
            flat |= {k: v for k, v in inside.items() if (name, k) != ("detection", "block_size")}
        else:
            flat[str(name)] = value
    return flat


def _passed(flat: Mapping[str, Any], path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place, names in _PASSED.items():
        values = {name: _plain(flat[name], name, path) for name in names if name in flat}
        for section in reversed(place.split(".")):
            values = {section: values} if values else {}
        found = laid_over(found, values)
    return found


def _plain(value: Any, name: str, path: Path) -> Any:
    """A number, truth value or text, as JSON has it."""
    plain = (
        value.item() if isinstance(value, np.generic | np.ndarray) and value.size == 1 else value
    )
    if name == "nonrigid":
        return bool(plain)
    if name in _WHOLE and isinstance(plain, int | float):
        return int(plain)
    if isinstance(plain, bool | int | str) or (isinstance(plain, float) and np.isfinite(plain)):
        return float(plain) if name in _TAKEN and not isinstance(plain, str) else plain
    raise SettingsError(f"{path}: {name} is {str(value)[:60]!r}, not a number or text.")


def _block(flat: Mapping[str, Any]) -> dict[str, Any]:
    sides = np.ravel(np.asarray(flat.get("block_size", []), dtype=object)).tolist()
    square = len(set(sides)) == 1 and isinstance(sides[0], int | np.integer)
    return {"extraction.block_size_px": int(sides[0])} if square else {}


def _overridden(flat: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for name, default in _DEFAULT.items():
        usual = default if isinstance(default, tuple) else (default,)
        if name in flat and np.size(flat[name]) == 1 and flat[name] not in usual:
            found[name] = flat[name]
    return found
