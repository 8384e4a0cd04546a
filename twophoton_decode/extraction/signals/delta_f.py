"""From fluorescence to the signal that responses are taken from."""

from __future__ import annotations

import numpy as np

from twophoton_decode.errors import SettingsError
from twophoton_decode.extraction.signals.baseline.f0 import baseline
from twophoton_decode.extraction.signals.neuropil import (
    FIXED,
    NOT_USED,
    NeuropilCoefficients,
    estimate_coefficients,
)
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Traces
from twophoton_decode.settings import TraceSettings

# Frames of a signal that neuropil coefficients are estimated from together, float64: 50 MB.
_VALUES_AT_ONCE = 6_000_000
_UNITS = {"dff": "ΔF/F", "corrected": "grey level", "deconvolved": "a.u."}


def signal_unit(settings: TraceSettings) -> str:
    """The unit of the signal that `settings` choose."""
    return _UNITS[settings.signal]


def neuropil_coefficients(
    traces: Traces, rois: np.ndarray, settings: TraceSettings, progress: Progress = silent
) -> NeuropilCoefficients:
    """c in F - c Fneu of some ROIs: the same for all, or each estimated, as `settings` say.

    Parameters
    ----------
    rois : ndarray of int, shape (rois,)
        Indices of the ROIs; only their rows are read, a block at a time.
    """
    given = settings.neuropil_coefficient
    if settings.signal == "deconvolved":
        return NeuropilCoefficients.given(np.nan, NOT_USED, rois.size)
    if traces.neuropil is None:
        return NeuropilCoefficients.given(0.0, NOT_USED, rois.size)
    if given != "estimated":
        return NeuropilCoefficients.given(given, FIXED, rois.size)
    value, error = np.empty((2, rois.size))
    origin = np.empty(rois.size, dtype="<U16")
    step = max(1, _VALUES_AT_ONCE // traces.fluorescence.shape[1])
    for start in range(0, rois.size, step):
        block = slice(start, start + step)
        found = estimate_coefficients(
            _rows(traces.fluorescence, rois[block]),
            _rows(traces.neuropil, rois[block]),
            traces.frame_rate_hz,
        )
        value[block], error[block], origin[block] = found.value, found.error, found.origin
        progress(min(start + step, rois.size), rois.size, "neuropil coefficients")
    return NeuropilCoefficients(value, error, origin)


def signal_of(
    traces: Traces,
    rois: np.ndarray,
    settings: TraceSettings,
    coefficient: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The chosen signal of a block of ROIs, and which of them are usable.

    Parameters
    ----------
    rois : ndarray of int, shape (rois,)
        Indices of the ROIs; only their rows are read.
    coefficient : ndarray, shape (rois,), optional
        c of each ROI from `neuropil_coefficients`, which is asked where none is given.

    Returns
    -------
    signal : ndarray, shape (rois, frames), float32, in `signal_unit`
        NaN for ROIs that are not usable.
    usable : ndarray of bool, shape (rois,)
        False where ΔF/F has no baseline to refer to; see `delta_f_over_f`.

    Raises
    ------
    SettingsError
        Imported traces lack the signal that is chosen.
    """
    if settings.signal == "deconvolved":
        if traces.deconvolved is None:
            raise SettingsError(_lacking(settings.signal, "no deconvolved signal"))
        spikes = np.asarray(_rows(traces.deconvolved, rois), dtype=np.float32)
        return spikes, np.ones(len(rois), dtype=bool)
    if traces.is_dff and settings.signal == "corrected":
        raise SettingsError(_lacking(settings.signal, "only ΔF/F"))
    if coefficient is None:
        coefficient = neuropil_coefficients(traces, rois, settings).value
    corrected = corrected_trace(
        _rows(traces.fluorescence, rois),
        None if traces.neuropil is None else _rows(traces.neuropil, rois),
        coefficient,
    )
    if settings.signal == "corrected":
        return corrected.astype(np.float32), np.ones(len(rois), dtype=bool)
    return dff_of(traces, corrected, settings)


def dff_of(
    traces: Traces, corrected: np.ndarray, settings: TraceSettings
) -> tuple[np.ndarray, np.ndarray]:
    """`delta_f_over_f` of some ROIs, without bad frames and over no long pause.

    A pause is long if it is longer than the window of F0, or of unknown length [ours].
    Traces that were imported as ΔF/F stay as they are; usable are those without gaps.
    """
    if traces.is_dff:
        usable = np.isfinite(corrected).all(axis=1)
        return np.where(usable[:, None], corrected, np.nan).astype(np.float32), usable
    gaps = traces.times.gaps()
    long = ~gaps.known | (np.nan_to_num(gaps.seconds) > settings.baseline_window_s)
    return delta_f_over_f(
        corrected,
        traces.frame_rate_hz,
        settings,
        good=~traces.bad_frame,
        pauses=gaps.frame[long],
    )


def corrected_trace(
    fluorescence: np.ndarray, neuropil: np.ndarray | None, coefficient: float | np.ndarray
) -> np.ndarray:
    """Fluorescence without the neuropil's changes: F - c Fneu + c median(Fneu) [field].

    The median is added back so that the baseline stays where F has it: without it, ΔF/F
    would be divided by what is left of a difference.

    Parameters
    ----------
    fluorescence, neuropil : ndarray, shape (rois, frames), grey levels
        Without neuropil, F stays as it is.
    coefficient : float or ndarray, shape (rois,)
        c, the share of the neuropil signal that leaks into the ROI.

    Returns
    -------
    ndarray, shape (rois, frames), float64, grey levels
    """
    if neuropil is None:
        return np.asarray(fluorescence, dtype=np.float64)
    around = np.asarray(neuropil, dtype=np.float64)
    middle = np.median(around, axis=1, keepdims=True)
    share = np.reshape(coefficient, (-1, 1))
    return np.asarray(fluorescence, dtype=np.float64) - share * (around - middle)


def delta_f_over_f(
    corrected: np.ndarray,
    frame_rate_hz: float,
    settings: TraceSettings,
    good: np.ndarray | None = None,
    pauses: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """ΔF/F = (Fc - F0) / F0 with F0 from `baseline` [field].

    Parameters
    ----------
    corrected : ndarray, shape (rois, frames), grey levels
    settings, good, pauses
        As for `baseline`.

    Returns
    -------
    dff : ndarray, shape (rois, frames), float32, ΔF/F
        NaN for ROIs that are not usable.
    usable : ndarray of bool, shape (rois,)
        Where F0 is safely above zero.
    """
    level = baseline(corrected, frame_rate_hz, settings, good, pauses)
    dff = np.full(corrected.shape, np.nan, dtype=np.float32)
    safe, value = level.safe, level.value[level.safe]
    dff[safe] = (corrected[safe] - value) / value
    return dff, safe


def _lacking(signal: str, held: str) -> str:
    others = {"deconvolved": '"dff" or "corrected"', "corrected": '"dff"'}
    return (
        f'signal = "{signal}" under [traces], but the imported recording has {held}. Choose '
        f"{others[signal]}."
    )


def _rows(signal: np.ndarray, rois: np.ndarray) -> np.ndarray:
    """The rows of `rois`, in their order; files want rising indices, each once."""
    rising, position = np.unique(rois, return_inverse=True)
    return np.asarray(signal[rising])[position]
