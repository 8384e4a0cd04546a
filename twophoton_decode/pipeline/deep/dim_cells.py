"""suite2p's folder to dim cells, plane by plane."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from twophoton_decode.deep.microscope.context.candidates import SOURCES
from twophoton_decode.deep.microscope.context.judge import JudgedPlane, PlaneRois, judge_plane
from twophoton_decode.deep.microscope.context.pictures import BinnedMovie, bin_width
from twophoton_decode.errors import SessionError
from twophoton_decode.extraction.kept.damaged import DAMAGED
from twophoton_decode.extraction.kept.files import MOTION, MOVIE, ROIS
from twophoton_decode.extraction.suite2p.output import (
    plane_folders,
    plane_number,
    read_origin,
    read_rois,
)
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.records.deep.dim_cells import DimCells

ADDED = "tpdecode_dim_cell"
"""In ``stat.npy``: the ROI was added by `extract --add-rois`."""


def find_dim_cells(work: StageInput) -> DimCells:
    """Judge each plane by itself.

    Raises
    ------
    SessionError
        The registered movie is gone.
    AnalysisError
        The movie is too short.
    """
    from twophoton_decode.deep.microscope.context.shipped import SHA256

    folder, settings = work.folder.suite2p, work.settings.dim_cells
    origin = read_origin(folder)
    judged, rois, notes, width = [], [], [], 1
    for plane in plane_folders(folder):
        movie = _movie(plane, origin["frame_rate_hz"], work.settings.extraction.indicator_decay_s)
        known = suite2p_rois(plane, movie.shape)
        found = judge_plane(movie, known, settings, work.settings.decoding.seed, work.progress)
        where = f"plane {plane_number(plane.name)}: " if len(origin["planes"]) > 1 else ""
        notes += [where + note for note in found.notes]
        judged.append(found)
        rois.append(known)
        width = movie.width
    clear = [each.centre[each.is_cell] for each in rois]
    return DimCells(
        **_of_candidates(judged),
        source_name=np.array(SOURCES),
        bin_s=width / origin["frame_rate_hz"],
        null_plane=_numbered([each.null for each in judged]),
        null_activity=np.concatenate([each.null for each in judged]),
        picture=np.stack([each.picture for each in judged]),
        clear_cells=np.array([len(each) for each in clear]),
        plane_number=np.array([plane_number(each.name) for each in plane_folders(folder)]),
        attention=np.array([each.attention for each in judged]),
        clear_y=np.concatenate(clear)[:, 0],
        clear_x=np.concatenate(clear)[:, 1],
        clear_plane=_numbered(clear),
        minimum_probability=settings.minimum_probability,
        false_discovery_rate=settings.false_discovery_rate,
        weights_sha256=SHA256,
        notes=notes,
    )


def suite2p_rois(plane: Path, shape: tuple[int, int]) -> PlaneRois:
    """What suite2p found in a plane, without what was added to it since."""
    rois = read_rois(plane / ROIS)
    is_cell = np.load(plane / "iscell.npy", allow_pickle=False)[:, 0] > 0
    own = np.array([ADDED not in roi for roi in rois], bool)
    kept = [roi for roi, mine in zip(rois, own, strict=True) if mine]
    return PlaneRois(
        centre=np.array([roi["med"] for roi in kept], float).reshape(-1, 2),
        pixels=[roi["ypix"].astype(np.int64) * shape[1] + roi["xpix"] for roi in kept],
        is_cell=is_cell[own],
    )


def _movie(plane: Path, rate: float, decay_s: float) -> BinnedMovie:
    file = plane / MOVIE
    if not file.is_file():
        raise SessionError(
            f"{file} is gone: dim cells are looked for in the registered movie. Run `tpdecode "
            "extract SESSION --discard-curation` to make it again; edited ROIs are backed up."
        )
    try:
        with np.load(plane / MOTION, allow_pickle=False) as motion:
            height, width = motion["mean_image"].shape
            rows, columns = (slice(*map(int, motion[name])) for name in ("rows", "columns"))
    except (*DAMAGED, KeyError) as error:
        raise SessionError(
            f"{plane / MOTION} cannot be read ({error}); restore it, or extract again."
        ) from error
    frames = file.stat().st_size // (2 * height * width)
    return BinnedMovie(file, (height, width), bin_width(frames, rate, decay_s), (rows, columns))


def _of_candidates(judged: list[JudgedPlane]) -> dict[str, np.ndarray]:
    centre = np.concatenate([each.candidates.centre for each in judged])
    names = ("probability", "activity", "trace")
    joined = {name: np.concatenate([getattr(each, name) for each in judged]) for name in names}
    return joined | {
        "plane": _numbered([each.probability for each in judged]),
        "center_y": centre[:, 0],
        "center_x": centre[:, 1],
        "radius": np.repeat(
            [each.radius for each in judged], [len(each.probability) for each in judged]
        ),
        "source": np.concatenate([each.candidates.source for each in judged]),
        "activity_p": np.concatenate([each.p for each in judged]),
        "counts": np.concatenate([each.active for each in judged]),
    }


def _numbered(parts: list[np.ndarray]) -> np.ndarray:
    """The number of the part that each entry belongs to."""
    return np.repeat(np.arange(len(parts)), [len(each) for each in parts])
