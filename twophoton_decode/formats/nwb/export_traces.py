"""Traces of a session as optical physiology of an NWB file: ROIs, signals, images, motion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Traces

if TYPE_CHECKING:
    from pynwb import NWBFile
    from pynwb.base import ProcessingModule
    from pynwb.ophys import PlaneSegmentation

    from twophoton_decode.formats.nwb.export import About

_CHUNK_FRAMES, _CHUNK_ROIS = 4096, 64
_CONTAINERS = {
    "fluorescence": ("Fluorescence", "Mean over the pixels of each ROI, F."),
    "neuropil": ("Neuropil", "Mean around each ROI, Fneu; nothing is subtracted."),
    "deconvolved": ("Deconvolved", "Deconvolved activity, in arbitrary units."),
}


def plane_name(traces: Traces, plane: int) -> str:
    """``plane01``: what everything of a plane is called, in an order that names keep."""
    return f"plane{int(traces.number_of(plane)):02d}"


def add_traces(file: NWBFile, traces: Traces, about: About, progress: Progress = silent) -> None:
    """Planes, ROIs, signals, images, motion and bad frames."""
    module = file.create_processing_module("ophys", "ROIs, their signals, and motion")
    tables = _tables(file, module, traces, about)
    signals = [name for name in _CONTAINERS if getattr(traces, name) is not None]
    for place, name in enumerate(signals):
        progress(place, len(signals), "signals")
        _add_signals(module, traces, name, tables)
    module.add(_images(traces))
    for plane in range(len(traces.mean_image)):
        if np.isfinite(traces.motion_y[plane]).any():
            module.add(_motion(traces, plane))
    _add_bad_frames(file, traces)


def _tables(
    file: NWBFile, module: ProcessingModule, traces: Traces, about: About
) -> list[PlaneSegmentation]:
    from pynwb.ophys import ImageSegmentation, OpticalChannel

    segmentation = ImageSegmentation()
    module.add(segmentation)
    microscope = file.create_device("microscope", description="two-photon microscope")
    tables = []
    for plane in range(len(traces.mean_image)):
        name = plane_name(traces, plane)
        channel = OpticalChannel(
            name="OpticalChannel",
            description="the channel that shows activity",
            emission_lambda=np.nan,
        )
        grid = {"grid_spacing": [about.pixel_um * 1e-6] * 2, "grid_spacing_unit": "meters"}
        imaged = file.create_imaging_plane(
            name=name,
            optical_channel=channel,
            imaging_rate=float(traces.frame_rate_hz),
            description=f"plane {int(traces.number_of(plane))} of the recording",
            device=microscope,
            excitation_lambda=np.nan,
            indicator=about.indicator or "unknown",
            location=about.location or "unknown",
            **(grid if about.pixel_um else {}),
        )
        table = _table(traces, plane, imaged)
        segmentation.add_plane_segmentation(table)
        tables.append(table)
    return tables


def _table(traces: Traces, plane: int, imaged: Any) -> PlaneSegmentation:
    from hdmf.common import ElementIdentifiers, VectorData, VectorIndex
    from pynwb.ophys import PlaneSegmentation

    rois = np.flatnonzero(traces.plane == plane)
    masks = [_mask(traces, int(roi)) for roi in rois]
    ends = np.cumsum([len(mask) for mask in masks])
    columns: list[Any] = []
    if ends[-1:].sum():
        pixels = VectorData(
            name="pixel_mask",
            description="pixels of each ROI: x, y, weight",
            data=np.concatenate(masks),
        )
        index = VectorIndex(name="pixel_mask_index", data=ends.astype(np.uint64), target=pixels)
        columns += [index, pixels]
    labels = {
        "is_cell": (traces.is_cell, "classified, or curated, as a cell"),
        "cell_probability": (traces.cell_probability, "the classifier's probability of a cell"),
        "is_red": (traces.is_red, "labelled in the second channel"),
        "red_probability": (traces.red_probability, "probability of that label"),
    }
    for name, (values, said) in labels.items():
        if values is not None:
            of_plane = np.asarray(values)[rois]
            columns.append(VectorData(name=name, description=said, data=of_plane))
    return PlaneSegmentation(
        description="ROIs, numbered as in the session",
        imaging_plane=imaged,
        name=f"PlaneSegmentation_{plane_name(traces, plane)}",
        id=ElementIdentifiers(name="id", data=rois.astype(np.int64)),
        columns=columns,
    )


def _mask(traces: Traces, roi: int) -> np.ndarray:
    pixels = slice(int(traces.pixel_offset[roi]), int(traces.pixel_offset[roi + 1]))
    kinds = [("x", np.uint32), ("y", np.uint32), ("weight", np.float32)]
    mask = np.empty(pixels.stop - pixels.start, dtype=kinds)
    mask["x"], mask["y"] = traces.pixel_x[pixels], traces.pixel_y[pixels]
    mask["weight"] = traces.pixel_weight[pixels]
    return mask


def _add_signals(
    module: ProcessingModule, traces: Traces, name: str, tables: list[PlaneSegmentation]
) -> None:
    from pynwb.ophys import DfOverF, Fluorescence, RoiResponseSeries

    container, said = _CONTAINERS[name]
    kind, unit = Fluorescence, "grey level"
    if name == "fluorescence" and traces.is_dff:
        kind, container, said, unit = DfOverF, "DfOverF", "ΔF/F as it was imported.", "ΔF/F"
    held = kind(name=container)
    module.add(held)
    for plane, table in enumerate(tables):
        rois = np.flatnonzero(traces.plane == plane)
        if not rois.size:
            continue
        region = table.create_roi_table_region(
            description="all ROIs of the plane", region=list(range(rois.size))
        )
        series = RoiResponseSeries(
            name=plane_name(traces, plane),
            description=said,
            data=_frames_first(getattr(traces, name), rois),
            unit="a.u." if name == "deconvolved" else unit,
            rois=region,
            **_timed(traces, plane),
        )
        held.add_roi_response_series(series)


def _timed(traces: Traces, plane: int) -> dict[str, Any]:
    """Times of the middle of a plane's frames, since the movie began."""
    delay = float(traces.plane_delay_s[plane])
    if traces.frame_time_s is None:
        return {"starting_time": delay, "rate": float(traces.frame_rate_hz)}
    return {"timestamps": np.asarray(traces.frame_time_s) + delay}


def _frames_first(signal: Any, rois: np.ndarray) -> Any:
    """A signal (ROI, frame) that is written as (frame, ROI), a block of ROIs at a time."""
    from hdmf.backends.hdf5 import H5DataIO
    from hdmf.data_utils import GenericDataChunkIterator

    frames = int(signal.shape[1])
    chunks = (min(_CHUNK_FRAMES, frames), min(_CHUNK_ROIS, rois.size))

    class Blocks(GenericDataChunkIterator):  # type: ignore[misc]
        def _get_data(self, selection: tuple[slice, ...]) -> np.ndarray:
            return np.asarray(signal[rois[selection[1]]][:, selection[0]].T)

        def _get_maxshape(self) -> tuple[int, ...]:
            return frames, int(rois.size)

        def _get_dtype(self) -> np.dtype:
            return np.dtype(np.float32)

    return H5DataIO(Blocks(buffer_shape=(frames, chunks[1]), chunk_shape=chunks))


def _images(traces: Traces) -> Any:
    from pynwb.base import Images
    from pynwb.image import GrayscaleImage

    kinds = {
        "mean": (traces.mean_image, "mean of the registered movie, (y, x)"),
        "correlation": (traces.correlation_image, "correlation map, (y, x)"),
        "structural": (traces.structural_image, "mean of the second channel, (y, x)"),
    }
    images = [
        GrayscaleImage(name=f"{kind}_{plane_name(traces, plane)}", data=stack[plane],
                       description=said)
        for kind, (stack, said) in kinds.items()
        if stack is not None
        for plane in range(len(stack))
    ]  # fmt: skip
    return Images(
        name="SummaryImages", images=images, description="images of the field of view, (y, x)"
    )


def _motion(traces: Traces, plane: int) -> Any:
    from pynwb import TimeSeries

    return TimeSeries(
        name=f"xy_translation_{plane_name(traces, plane)}",
        description="rigid shift of each frame that was corrected: along x, along y",
        data=np.stack([traces.motion_x[plane], traces.motion_y[plane]], axis=1),
        unit="pixels",
        **_timed(traces, plane),
    )


def _add_bad_frames(file: NWBFile, traces: Traces) -> None:
    """Runs of frames flagged for bad motion, as times that are not to be used."""
    bad = np.concatenate([[False], traces.bad_frame, [False]]).astype(np.int8)
    begins, ends = np.flatnonzero(np.diff(bad) == 1), np.flatnonzero(np.diff(bad) == -1)
    half, delay = 0.5 / traces.frame_rate_hz, float(traces.plane_delay_s[0])
    for first, last in zip(begins, ends - 1, strict=True):
        start, stop = traces.began_s(np.array([first, last])) + delay
        file.add_invalid_time_interval(start_time=float(start), stop_time=float(stop + half))
