"""NWB files as other programs write them, small, made with pynwb or, of NWB 1, with h5py."""

from datetime import UTC, datetime

import h5py
import numpy as np
from hdmf.common import VectorData
from pynwb import NWBHDF5IO, NWBFile
from pynwb.base import Images
from pynwb.image import Image, IndexSeries
from pynwb.ophys import (
    DfOverF,
    Fluorescence,
    ImageSegmentation,
    OpticalChannel,
    PlaneSegmentation,
    RoiResponseSeries,
)

RATE_HZ, CELLS, FRAMES = 10.0, 4, 400
SCENES, REPEATS = 5, 4
FIRST_S = 3.0
"""When the first frame was taken, in the file's clock."""
BLANK = 2**32 - 1
"""-1 as an unsigned number, as the Allen Institute's blank sweeps are in NWB 2."""


def empty_file():
    return NWBFile(
        session_description="test",
        identifier="test",
        session_start_time=datetime(2020, 1, 1, tzinfo=UTC),
    )


def write(path, file):
    with NWBHDF5IO(str(path), "w") as stream:
        stream.write(file)
    return path


def imaging_plane(file, name="ImagingPlane"):
    device = file.devices.get("m") or file.create_device(name="m", description="microscope")
    channel = OpticalChannel(name="c", description="c", emission_lambda=520.0)
    return file.create_imaging_plane(
        name=name, optical_channel=channel, description="p", device=device, imaging_rate=RATE_HZ,
        excitation_lambda=910.0, indicator="GCaMP6f", location="VISp",
    )  # fmt: skip


def segmentation(module, plane, name="PlaneSegmentation", cells=CELLS, masks=True):
    """ROIs of two pixels one beside the other: (x, y) = (2 roi, 1), (2 roi + 1, 1)."""
    table = PlaneSegmentation(name=name, description="ROIs", imaging_plane=plane)
    for roi in range(cells):
        mask = [(2 * roi, 1, 1.0), (2 * roi + 1, 1, 0.5)]
        table.add_roi(**({"pixel_mask": mask} if masks else {"image_mask": image_mask(roi)}))
    holder = module.data_interfaces.get("ImageSegmentation")
    if holder is None:
        holder = ImageSegmentation()
        module.add(holder)
    holder.add_plane_segmentation(table)
    return table


def image_mask(roi):
    mask = np.zeros((12, 6), np.float32)
    mask[2 * roi : 2 * roi + 2, 1] = 1
    return mask


def series(table, name, data, **timed):
    timed = timed or {"starting_time": FIRST_S, "rate": RATE_HZ}
    region = table.create_roi_table_region(description="all", region=list(range(np.shape(data)[1])))
    return RoiResponseSeries(name=name, data=data, unit="a.u.", rois=region, **timed)


def shown_scenes():
    """Scenes in turn, with a blank before each round, and their onsets, s, every 1.5 s."""
    order = np.tile([-1, *range(SCENES)], REPEATS)
    return order, FIRST_S + 2.0 + 1.5 * np.arange(order.size)


def driven(base, step, seed=0):
    """Signals (frame, cell): `step` for a second after each onset of the cell's own scene."""
    order, onset = shown_scenes()
    frames = int((onset[-1] - FIRST_S + 3) * RATE_HZ)
    signal = base + np.random.default_rng(seed).normal(0, 0.01, (frames, CELLS))
    for scene, second in zip(order, onset, strict=True):
        if 0 <= scene < CELLS:
            first = round((second - FIRST_S) * RATE_HZ)
            signal[first : first + 10, scene] += step
    return signal.astype(np.float32)


def allen_like(path, blank=BLANK):
    """The layout of Visual Coding two-photon files in NWB 2: several series, natural scenes."""
    file = empty_file()
    module = file.create_processing_module(name="ophys", description="processed")
    table = segmentation(module, imaging_plane(file))
    signal = driven(100.0, 100.0)
    fluorescence, dff = Fluorescence(name="Fluorescence"), DfOverF(name="DfOverF")
    module.add([fluorescence, dff])
    stamps = FIRST_S + np.arange(len(signal)) / RATE_HZ
    corrected = series(table, "Corrected", signal, timestamps=stamps)
    fluorescence.add_roi_response_series(corrected)
    for name in ("Neuropil", "Demixed"):
        fluorescence.add_roi_response_series(series(table, name, signal, timestamps=corrected))
    dff.add_roi_response_series(series(table, "DfOverF", driven(0.0, 1.0), timestamps=corrected))
    module.add(Images(name="SummaryImages", images=[
        Image(name="maximum_intensity_projection", data=np.ones((6, 12))),
    ]))  # fmt: skip
    add_scenes(file, blank)
    return write(path, file)


def scenes():
    return np.random.default_rng(5).integers(0, 256, (SCENES, 16, 20), dtype=np.uint8)


def add_scenes(file, blank=BLANK):
    names = [f"NaturalScene{place + 6}" for place in range(SCENES)]
    images = [Image(name=name, data=each) for name, each in zip(names, scenes(), strict=True)]
    template = Images(name="natural_scenes_template", description="scenes", images=images)
    file.add_stimulus_template(template)
    order, onset = shown_scenes()
    file.add_stimulus(IndexSeries(
        name="natural_scenes_stimulus", data=np.where(order < 0, blank, order).astype(np.uint32),
        indexed_images=template, unit="N/A", timestamps=onset,
    ))  # fmt: skip


def two_planes(path, apart_s=0.05, frames=(FRAMES, FRAMES), names=("plane0", "plane1")):
    """Two planes as suite2p's own export has them, each with a table."""
    file = empty_file()
    module = file.create_processing_module(name="ophys", description="processed")
    holders = {name: Fluorescence(name=name) for name in ("Fluorescence", "Neuropil")}
    module.add(list(holders.values()))
    for place, name in enumerate(names):
        table = segmentation(module, imaging_plane(file, f"p{place}"), f"rois{place}", 2 + place)
        for kind, holder in enumerate(holders.values()):
            data = np.full((frames[place], 2 + place), 10.0 * place + kind, np.float32)
            timed = {"starting_time": place * apart_s, "rate": RATE_HZ}
            holder.add_roi_response_series(series(table, name, data, **timed))
    return write(path, file)


def one_series(path, data=None, masks=True, columns=None, **timed):
    """A single series of fluorescence, and nothing else; `columns` of its table by name."""
    file = empty_file()
    module = file.create_processing_module(name="ophys", description="processed")
    table = segmentation(module, imaging_plane(file), masks=masks)
    for name, values in (columns or {}).items():
        table.add_column(name=name, description=name, data=values, col_cls=VectorData)
    fluorescence = Fluorescence(name="Fluorescence")
    module.add(fluorescence)
    data = np.ones((FRAMES, CELLS), np.float32) if data is None else data
    fluorescence.add_roi_response_series(series(table, "RoiResponseSeries", data, **timed))
    return write(path, file)


def nwb1(path):
    """The Allen Institute's own files: NWB 1, ROIs first, scenes in a stack of float."""
    signal, dff = driven(100.0, 100.0).T, driven(0.0, 1.0).T
    order, onset = shown_scenes()
    stamps = FIRST_S + np.arange(signal.shape[1]) / RATE_HZ
    pipeline = "processing/brain_observatory_pipeline"
    with h5py.File(path, "w") as file:
        file["nwb_version"] = "NWB-1.0.6"
        for holder, name, data in (
            ("Fluorescence", "imaging_plane_1", signal),
            ("Fluorescence", "imaging_plane_1_neuropil_response", signal),
            ("DfOverF", "imaging_plane_1", dff),
        ):
            group = file.create_group(f"{pipeline}/{holder}/{name}")
            group.attrs["neurodata_type"] = "TimeSeries"
            group.attrs["ancestry"] = np.array([b"TimeSeries", b"RoiResponseSeries"])
            group["data"], group["timestamps"] = data, stamps
            group["roi_names"] = np.array([b"roi_%d" % roi for roi in range(CELLS)])
        rois = file.create_group(f"{pipeline}/ImageSegmentation/imaging_plane_1")
        for roi in range(CELLS):
            rois[f"roi_{roi}/img_mask"] = image_mask(roi).T
        projection = "reference_images/maximum_intensity_projection_image/data"
        rois[projection] = np.ones((6, 12))
        moved = file.create_group(f"{pipeline}/MotionCorrection/2p_image_series/xy_translation")
        moved["data"] = np.tile([1.0, -2.0], (stamps.size, 1))
        stack = file.create_group("stimulus/templates/natural_scenes_image_stack")
        stack.attrs["neurodata_type"] = "TimeSeries"
        stack["data"] = scenes().astype(np.float32)
        shown = file.create_group("stimulus/presentation/natural_scenes_stimulus")
        shown.attrs["neurodata_type"] = "TimeSeries"
        shown.attrs["ancestry"] = np.array([b"TimeSeries", b"IndexSeries"])
        shown["data"], shown["timestamps"] = order, onset
        shown["indexed_timeseries"] = h5py.SoftLink(
            "/stimulus/templates/natural_scenes_image_stack"
        )
    return path
