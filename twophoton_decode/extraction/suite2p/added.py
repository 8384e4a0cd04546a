"""ROIs added to those that suite2p found, with signals as suite2p computes them.

Runs in suite2p's process. Signals of ROIs that are there already stay as they are.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.extraction.kept.pickles import read_objects

TO_ADD = "to_add.npy"
"""In a plane's folder: ROIs with ypix, xpix, lam, med and probability."""


def add_rois(folder: Path) -> None:
    """Append what `TO_ADD` holds to the ROIs of a plane, as cells.

    Their pixels that cells share are left out of their signals, and neuropil is taken beside
    cells; rejected ROIs count for neither.
    """
    found = read_objects(folder / "stat.npy")
    added = read_objects(folder / TO_ADD)
    is_cell = np.load(folder / "iscell.npy", allow_pickle=False)
    settings = read_objects(folder / "settings.npy").item()
    described, signals = _measured(folder, found[is_cell[:, 0] > 0], added, settings)
    together = np.empty(len(found) + len(added), object)
    together[: len(found)], together[len(found) :] = found, described
    np.save(folder / "stat.npy", together)
    for name, rows in signals.items():
        former = np.load(folder / name, allow_pickle=False)
        np.save(folder / name, np.concatenate([former, rows.astype(former.dtype)]))
    judged = [[1.0, roi["probability"]] for roi in added]
    np.save(folder / "iscell.npy", np.concatenate([is_cell, judged]).astype(is_cell.dtype))
    red = folder / "redcell.npy"
    if red.exists():
        labels = np.load(red, allow_pickle=False)
        np.save(red, np.concatenate([labels, np.zeros((len(added), 2), labels.dtype)]))
    (folder / TO_ADD).unlink()


def _measured(
    folder: Path, cells: np.ndarray, added: np.ndarray, settings: dict[str, Any]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The added ROIs with suite2p's statistics, and their signals."""
    import torch
    from scipy.stats import skew
    from suite2p import extraction
    from suite2p.detection.stats import assign_overlaps, roi_stats
    from suite2p.io import BinaryFile

    height, width = read_objects(folder / "reg_outputs.npy").item()["meanImg"].shape
    rois = deepcopy(np.concatenate([cells, added]))
    rois = roi_stats(rois, height, width, settings["diameter"], max_overlap=None)
    rois = assign_overlaps(rois, height, width)
    told, device = settings["extraction"], torch.device("cpu")
    with BinaryFile(height, width, str(folder / "data.bin")) as movie:
        F, Fneu, *_ = extraction.extraction_wrapper(rois, movie, settings=told, device=device)
    F, Fneu, new = F[len(cells) :], Fneu[len(cells) :], rois[len(cells) :]
    corrected = F - told["neuropil_coefficient"] * Fneu
    for roi, trace in zip(new, corrected, strict=True):
        roi["skew"], roi["std"] = float(skew(trace)), float(trace.std())
        roi["snr"] = float(1 - 0.5 * np.diff(trace).var() / max(trace.var(), 1e-12))
    dF = extraction.preprocess(
        F=corrected, fs=settings["fs"], batch_size=told["batch_size"], device=device,
        **settings["dcnv_preprocess"],
    )  # fmt: skip
    spikes = extraction.oasis(
        F=dF, batch_size=told["batch_size"], tau=settings["tau"], fs=settings["fs"]
    )
    return new, {"F.npy": F, "Fneu.npy": Fneu, "spks.npy": spikes}
