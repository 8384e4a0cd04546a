"""What was recovered of a simulated movie: cells, traces, responses, receptive fields."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from skimage.transform import resize

from twophoton_decode.extraction.signals.delta_f import signal_of
from twophoton_decode.records import Encoding, Recovery, Responses, Traces
from twophoton_decode.settings import TraceSettings
from twophoton_decode.simulation.matching import match_rois
from twophoton_decode.simulation.truth import PlantedMovie
from twophoton_decode.statistics.defined import medians_of

SMALLEST_IOU = 0.5
_CELLS_AT_ONCE = 50


def recovery(
    planted: PlantedMovie,
    traces: Traces,
    settings: TraceSettings,
    responses: Responses | None = None,
    encoding: Encoding | None = None,
) -> Recovery:
    """Match ROIs with planted cells, and compare what was measured of them with the truth.

    Parameters
    ----------
    planted : PlantedMovie
    traces : Traces
        Of one plane.
    settings : TraceSettings
        What signal is compared with the clean ΔF/F.
    responses, encoding
        Of the same session, as far as they are there.
    """
    shape = (traces.mean_image.shape[1], traces.mean_image.shape[2])
    pixels = (traces.pixel_offset, traces.pixel_y, traces.pixel_x)
    roi = match_rois(planted.masks, pixels, shape, smallest_iou=SMALLEST_IOU)
    found = np.isin(roi, np.flatnonzero(traces.is_cell))
    response_r, notes = _response_r(planted, roi, responses)
    recovered = Recovery(
        roi=roi,
        found=found,
        transients=planted.transients,
        trace_r=_trace_r(planted, roi, found, traces, settings),
        response_r=response_r,
        field_r=_field_r(planted, roi, responses, encoding),
        cells=int(traces.is_cell.sum()),
        true_cells=int(found.sum()),
        smallest_iou=SMALLEST_IOU,
        notes=notes,
    )
    return with_shown(recovered)


def with_shown(found: Recovery) -> Recovery:
    """The record with the medians over planted cells that figures show."""
    return replace(found, medians=medians_of(found, ("trace_r", "response_r", "field_r")))


def _trace_r(
    planted: PlantedMovie,
    roi: np.ndarray,
    found: np.ndarray,
    traces: Traces,
    settings: TraceSettings,
) -> np.ndarray:
    """Correlation of each found cell's signal with its clean ΔF/F; NaN where not found."""
    correlation = np.full(len(roi), np.nan)
    cells = np.flatnonzero(found)
    for start in range(0, cells.size, _CELLS_AT_ONCE):
        block = cells[start : start + _CELLS_AT_ONCE]
        signal, usable = signal_of(traces, roi[block], settings)
        for cell, values in zip(block[usable], signal[usable], strict=True):
            correlation[cell] = _r(values, planted.dff[cell])
    return correlation


def _response_r(
    planted: PlantedMovie, roi: np.ndarray, responses: Responses | None
) -> tuple[np.ndarray, list[str]]:
    """Correlation of responses with planted spikes over the presentations that both have."""
    correlation = np.full(len(roi), np.nan)
    if responses is None:
        return correlation, []
    nearest = abs(planted.onset_s[None] - responses.onset_s[:, None]).argmin(1)
    same = planted.image[nearest] == responses.image
    notes = []
    if not same.all():
        notes.append(
            f"{np.count_nonzero(~same)} of {same.size} presentations are not as simulated (another "
            "picture, or moved onsets); responses are compared over the others."
        )
    if np.count_nonzero(same) > 1:
        place = _places(roi, responses)
        for cell in np.flatnonzero(place >= 0):
            measured = responses.response[same, place[cell]]
            correlation[cell] = _r(measured, planted.response[nearest[same], cell])
    return correlation, notes


def _field_r(
    planted: PlantedMovie,
    roi: np.ndarray,
    responses: Responses | None,
    encoding: Encoding | None,
) -> np.ndarray:
    """Correlation of receptive fields with the planted ones, averaged to the same size."""
    correlation = np.full(len(roi), np.nan)
    if responses is None or encoding is None:
        return correlation
    place, size = _places(roi, responses), encoding.receptive_field.shape[1:]
    for cell in np.flatnonzero(place >= 0):
        if encoding.has_field[place[cell]]:
            true = resize(planted.receptive_field[cell], size, anti_aliasing=True)  # type: ignore[no-untyped-call]
            measured = encoding.receptive_field[place[cell]]
            correlation[cell] = _r(measured.ravel(), true.ravel())
    return correlation


def _places(roi: np.ndarray, responses: Responses) -> np.ndarray:
    """Where each planted cell stands among the cells of the responses; -1: nowhere."""
    place = {number: at for at, number in enumerate(responses.roi.tolist())}
    return np.array([place.get(number, -1) if number >= 0 else -1 for number in roi.tolist()])


def _r(one: np.ndarray, other: np.ndarray) -> float:
    """Pearson's correlation over the finite values; NaN where either is constant."""
    finite = np.isfinite(one) & np.isfinite(other)
    one, other = (values[finite].astype(float) for values in (one, other))
    if one.size < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])
