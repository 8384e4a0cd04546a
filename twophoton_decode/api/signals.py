"""ΔF/F of ROIs, as the session's settings have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from twophoton_decode.errors import ArgumentError
from twophoton_decode.records import Traces
from twophoton_decode.settings import Settings

if TYPE_CHECKING:
    import xarray


def dff_of_rois(
    recorded: Traces, rois: int | Sequence[int] | None, settings: Settings
) -> xarray.DataArray:
    """ΔF/F with the axes roi and frame; see `Session.dff`."""
    import xarray

    from twophoton_decode.extraction.signals.delta_f import signal_of
    from twophoton_decode.pipeline.inputs.session_traces import as_set

    traces = as_set(recorded, settings.recording)
    count = len(traces.is_cell)
    chosen = np.flatnonzero(traces.is_cell)
    if rois is not None:
        # An empty list has no type of its own.
        chosen = np.atleast_1d(rois if np.size(rois) else np.empty(0, int))
    whole = np.issubdtype(chosen.dtype, np.integer) and chosen.ndim == 1
    if not whole or (len(chosen) and not 0 <= chosen.min() <= chosen.max() < count):
        raise ArgumentError(
            f"rois must be numbers of ROIs, 0 to {count - 1}, found "
            f"{np.array2string(chosen, threshold=6)}."
        )
    dff = settings.traces.model_copy(update={"signal": "dff"})
    signal, usable = signal_of(traces, chosen, dff)
    began = traces.began_s(np.arange(signal.shape[1]))
    return xarray.DataArray(
        signal,
        dims=("roi", "frame"),
        coords={
            "roi": ("roi", chosen, {"long_name": "number of the ROI"}),
            "usable": ("roi", usable, {"long_name": "ΔF/F has a baseline to refer to"}),
            "time_s": ("frame", began, {"long_name": "when the frame began", "units": "s"}),
        },
        name="dff",
        attrs={"long_name": "change of fluorescence over the baseline", "units": "ΔF/F"},
    )
