"""What is off in a recording, with the number and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from twophoton_decode.extraction.signals.noise import SNR_OF_NOISE
from twophoton_decode.records.quality import Quality
from twophoton_decode.records.traces import Traces

# All limits are [ours], except the noise level that Rupprecht (2025) shows as a high one.
BAD_SHARE = 0.05
BLEACHING_PERCENT = 20.0
HIGH_NOISE = 8.0
SNR_LITTLE_ABOVE_NOISE = 3.0
OVER_SUBTRACTED = -0.2
FALLING_CORRELATION_PERCENT = -20.0
MANY_REJECTED, FEWEST_ROIS = 2 / 3, 20


def quality_notes(quality: Quality, traces: Traces) -> tuple[str, ...]:
    """One sentence for each thing that a user should know, most damaging first; may be none."""
    return (
        *_bad_frames(quality, traces),
        *_jumps(quality),
        *_bleaching(quality),
        *_drift(quality, traces),
        *_noise(quality, traces),
        *_neuropil(quality, traces),
        *_without_dff(quality),
    )


def rejection_note(traces: Traces, cell_probability: float) -> list[str]:
    """That an unusual share of the ROIs is called no cell; nothing once a user has judged them."""
    total, rejected = traces.is_cell.size, int((~traces.is_cell).sum())
    if traces.curated or total < FEWEST_ROIS or rejected <= MANY_REJECTED * total:
        return []
    return [
        f"{rejected} of {total} ROIs ({100 * rejected / total:.0f} %) were rejected by the "
        f"classifier (cell_probability {cell_probability:g}). Look at them on the mean image. "
        "Where somata are cut into pieces, set spatial_scale under [extraction] to the size of "
        "your cells (1 to 4 are 6, 12, 24, 48 px). Where whole somata are rejected, lower "
        "cell_probability, mark cells by hand in suite2p's GUI, or list the ROIs to use with "
        "--cells."
    ]


def _bad_frames(quality: Quality, traces: Traces) -> Iterator[str]:
    frames = traces.bad_frame.size
    if quality.bad_frames > BAD_SHARE * frames:
        yield (
            f"{quality.bad_frames} of {frames} frames ({100 * quality.bad_frames / frames:.0f} %) "
            "are flagged for bad motion: presentations that overlap them are left out. Look at the "
            "figure of motion; if the animal ran or the objective drifted, record again or cut "
            "that part away."
        )


def _jumps(quality: Quality) -> Iterator[str]:
    if quality.brightness_jump is None or not quality.brightness_jump.any():
        return
    frames = np.flatnonzero(quality.brightness_jump.any(axis=0))
    which = ", ".join(map(str, frames[:5])) + (" …" if frames.size > 5 else "")
    yield (
        f"the brightness of whole frames jumps {frames.size} times, at frame {which}: a shutter, "
        "stimulus light on the detector, or a detector that switched off. Look at the movie there, "
        "and leave out presentations that overlap such frames."
    )


def _bleaching(quality: Quality) -> Iterator[str]:
    if quality.cell_bleaching > BLEACHING_PERCENT:
        yield (
            f"the median cell loses {quality.cell_bleaching:.0f} % of its brightness over the "
            "recording. ΔF/F follows the slow fall of F0 (baseline_window_s under [traces]), but "
            "noise grows; use less laser power next time."
        )


def _drift(quality: Quality, traces: Traces) -> Iterator[str]:
    radius = _cell_radius(traces)
    if quality.drift > radius:
        yield (
            f"the field of view moves by {quality.drift:.1f} px from the first to the last tenth "
            f"of the recording, more than a cell's radius ({radius:.1f} px). Motion correction "
            "undoes it within the plane; whether the depth changed too, one plane cannot say."
        )
    if quality.correlation_change < FALLING_CORRELATION_PERCENT:
        yield (
            "the correlation of frames with the reference image changes by "
            f"{quality.correlation_change:.0f} % from the first to the last tenth: bleaching, "
            "or a change of depth, which one plane cannot tell apart. Compare the mean image of "
            "the first and the last minutes."
        )


def _cell_radius(traces: Traces) -> float:
    """Of a disc as large as the median ROI, px."""
    sizes = np.diff(traces.pixel_offset)
    return float(np.sqrt(np.median(sizes) / np.pi)) if sizes.size else np.inf


def _noise(quality: Quality, traces: Traces) -> Iterator[str]:
    chosen = traces.is_cell & quality.usable
    if not chosen.any():
        return
    level = float(np.median(quality.noise_level[chosen]))
    if level > HIGH_NOISE:
        yield (
            f"the median noise level of the cells is {level:.1f} %/√Hz; {HIGH_NOISE:.0f} is "
            "already high (Rupprecht 2025). Average over more presentations; next time use more "
            "light, a smaller field of view or a slower scan."
        )
    snr = quality.snr[chosen]
    low = int((snr < SNR_LITTLE_ABOVE_NOISE).sum())
    if low > chosen.sum() / 2:
        advice = (
            "List more certain cells as cells_file under [responses]."
            if traces.imported_from
            else "Raise cell_probability under [extraction] to keep more certain cells."
        )
        yield (
            f"in {low} of {int(chosen.sum())} cells the signal-to-noise ratio is below "
            f"{SNR_LITTLE_ABOVE_NOISE:.0f}, where noise alone has {SNR_OF_NOISE:.1f}: they are "
            f"nearly silent, or lost in noise. {advice}"
        )


def _neuropil(quality: Quality, traces: Traces) -> Iterator[str]:
    known = quality.corrected_correlation[traces.is_cell]
    known = known[np.isfinite(known)]
    if known.size and np.median(known) < OVER_SUBTRACTED:
        yield (
            "after neuropil is subtracted, the median cell correlates with it at "
            f"{np.median(known):.2f}: too much is subtracted. Use a lower neuropil_coefficient "
            "under [traces]."
        )


def _without_dff(quality: Quality) -> Iterator[str]:
    unusable = int((~quality.usable).sum())
    if unusable:
        yield (
            f"{unusable} of {quality.usable.size} ROIs have no noise level: their F0 is not "
            "safely above zero."
        )
    constant = int((quality.usable & np.isnan(quality.snr)).sum())
    if constant:
        yield f"the traces of {constant} ROIs hardly ever change and have no signal-to-noise ratio."
