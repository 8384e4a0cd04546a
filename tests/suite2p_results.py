"""Folders as suite2p leaves them, of the old layout and of suite2p 1, without running it."""

import datetime
import pathlib

import numpy as np

FRAMES, ROWS, COLUMNS = 240, 24, 40
OLD, NEW = "old", "new"


def signals_of(rois, frames=FRAMES, seed=0):
    """Fluorescence about 100 grey levels, neuropil about 50, spikes; (rois, frames) each."""
    rng = np.random.default_rng(seed)
    return {
        "F": (100 + rng.normal(0, 1, (rois, frames))).astype(np.float32),
        "Fneu": (50 + rng.normal(0, 1, (rois, frames))).astype(np.float32),
        "spks": rng.exponential(1, (rois, frames)).astype(np.float32),
    }


def rois_of(rois):
    """Squares of four pixels one beside the other."""
    return [
        {
            "ypix": np.array([2, 2, 3, 3]),
            "xpix": 3 * roi + np.array([1, 2, 1, 2]),
            "lam": np.full(4, 0.25, np.float32),
            "med": [2, 3 * roi + 1],
        }
        for roi in range(rois)
    ]


def registration_of(frames=FRAMES):
    return {
        "yoff": np.arange(frames) % 3,
        "xoff": -(np.arange(frames) % 2),
        "corrXY": np.linspace(0.2, 0.1, frames),
        "badframes": np.arange(frames) == 5,
        "yoff1": np.ones((frames, 6), np.float32),
        "xoff1": np.zeros((frames, 6), np.float32),
        "meanImg": np.arange(ROWS * COLUMNS, dtype=np.float32).reshape(ROWS, COLUMNS),
        "yrange": [1, ROWS - 1],
        "xrange": [2, COLUMNS - 2],
    }


def save_objects(path, values):
    np.save(path, np.array(values, dtype=object), allow_pickle=True)


def write_plane(folder, rois=4, *, layout=OLD, planes=1, frames=FRAMES, signals=None, **more):
    """One plane's folder; `more` stands beside what suite2p noted. What was written."""
    folder.mkdir(parents=True)
    signals = signals or signals_of(rois, frames)
    for name, values in signals.items():
        np.save(folder / f"{name}.npy", values)
    save = {"F": signals["F"], "motion": registration_of(frames)}
    stat = np.empty(rois, dtype=object)
    stat[:] = rois_of(rois)
    np.save(folder / "stat.npy", stat, allow_pickle=True)
    labels = np.stack([np.arange(rois) % 4 != 3, np.linspace(0.9, 0.1, rois)], axis=1)
    np.save(folder / "iscell.npy", labels)
    db = {
        "nplanes": planes,
        "nframes": frames,
        "Ly": ROWS,
        "Lx": COLUMNS,
        "save_path0": pathlib.PosixPath("/somewhere"),
        "data_path": [pathlib.PureWindowsPath("C:/data")],
    }
    settings = {"fs": 10.0 if "fs" not in more else more.pop("fs"), "tau": 0.7}
    found = {"Vcorr": np.ones((ROWS - 2, COLUMNS - 4), np.float32)}
    if layout == OLD:
        noted = {"date_proc": datetime.datetime(2021, 7, 26, 17, 6)}
        ops = db | settings | save["motion"] | found | noted | more
        save_objects(folder / "ops.npy", ops)
    else:
        save_objects(folder / "db.npy", db)
        save_objects(folder / "settings.npy", settings | {"run": {"do_registration": 1}})
        save_objects(folder / "reg_outputs.npy", save["motion"] | more)
        save_objects(folder / "detect_outputs.npy", found)
    return save
