"""Edits as suite2p's GUI makes them: its own functions, without the windows around them.

The GUI's modules need Qt only to be imported. So single functions are taken out of their
source, and are given what they read from the window.
"""

import ast
import importlib
import importlib.util
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

SAVED = ("F.npy", "Fneu.npy", "spks.npy", "stat.npy", "iscell.npy")


def function(file: str, name: str, **given: Any) -> Any:
    """The GUI's function `name`, with `given` as what it finds in its module."""
    package = importlib.util.find_spec("suite2p")
    assert package
    assert package.origin
    source = (Path(package.origin).parent / "gui" / file).read_text()
    found = [
        each
        for each in ast.walk(ast.parse(source))
        if isinstance(each, ast.FunctionDef) and each.name == name
    ]
    namespace = {"np": np, "os": os} | given
    exec(compile(ast.Module(found[:1], []), file, "exec"), namespace)
    return namespace[name]


def window(plane: Path) -> SimpleNamespace:
    """What the GUI's window holds after it has opened a plane, ``stat.npy`` in it."""
    stat, ops, fluorescence, neuropil, spikes, is_cell, probability, red, red_probability, _ = (
        function("io.py", "load_files")(str(plane / "stat.npy"))
    )
    for roi in stat:
        # Added by the GUI as it opens a folder.
        border = {"yext": roi["ypix"][:3], "xext": roi["xpix"][:3]}
        roi.update(border | {"snr": np.float32(0.5), "inmerge": 0, "imerge": []})
    return SimpleNamespace(
        **{"basename": str(plane), "stat": stat, "ops": ops | {"batch_size": 500}},
        **{"Fcell": fluorescence, "Fneu": neuropil, "Spks": spikes},
        **{"iscell": is_cell, "probcell": probability, "hasred": False},
        **{"redcell": red, "probredcell": red_probability, "notmerged": np.ones(len(stat), bool)},
        **{"Ly": ops["Ly"], "Lx": ops["Lx"], "ichosen": 0, "activityMode": 0},
        **{"mode_change": lambda mode: None, "lcell0": _Label(), "lcell1": _Label()},
    )


def draw_roi(plane: Path, center: tuple[int, int], radius: int = 4) -> None:
    """A disc drawn by hand, its traces taken from the registered movie, and all saved."""
    opened = window(plane)
    rows, columns = np.mgrid[: opened.Ly, : opened.Lx].astype(np.int32)
    inside = (rows - center[0]) ** 2 + (columns - center[1]) ** 2 <= radius**2
    drawn = {"ypix": rows[inside], "xpix": columns[inside], "lam": np.ones(inside.sum())}
    drawn |= {"npix": int(inside.sum()), "med": [float(center[0]), float(center[1])]}
    named = {name: _suite2p(module, name) for name, module in _DRAWING.items()}
    extract = function("drawroi.py", "masks_and_traces", **named, **_modules())
    fluorescence, neuropil, _, _, spikes, _, stat = extract(opened.ops, [drawn], opened.stat)
    dialog = SimpleNamespace(
        **{"parent": opened, "nROIs": 1, "new_stat": stat, "close": lambda: None},
        **{"Fcell": fluorescence, "Fneu": neuropil, "Spks": spikes},
    )
    io = SimpleNamespace(load_proc=lambda parent: None)
    function("drawroi.py", "close_GUI", io=io)(dialog)


def merge_rois(plane: Path, rois: list[int]) -> None:
    """Some ROIs merged to one, which the GUI appends, and all saved."""
    opened = window(plane)
    opened.imerge, opened.ichosen = rois, rois[0]
    named = {name: _suite2p(module, name) for name, module in _MERGING.items()}
    painting = {
        "masks": _Anything(),
        "utils": SimpleNamespace(circle=lambda med, radius: (np.zeros(1), np.zeros(1))),
    }
    merge = function("merge.py", "merge_activity_masks", **named, **_modules() | painting)
    merge(opened)
    function("io.py", "save_merge")(opened)


def toggle_cell(plane: Path, roi: int) -> None:
    """One click: a cell becomes none, or the other way round."""
    opened = window(plane)
    opened.iscell[roi] = ~opened.iscell[roi]
    function("io.py", "save_iscell")(opened)


def open_all_planes(folder: Path) -> SimpleNamespace:
    """What the window holds when a folder was opened: all planes side by side."""
    combined = _suite2p("io.save", "combined")
    *_, is_cell, probability, _, _, _ = combined(str(folder), save=False)
    return SimpleNamespace(
        **{"basename": str(folder / "combined"), "iscell": is_cell, "probcell": probability},
        **{"notmerged": np.ones(len(is_cell), bool), "lcell0": _Label(), "lcell1": _Label()},
    )


def toggle_cell_among_all_planes(folder: Path, roi: int) -> None:
    """One click in the view of all planes."""
    opened = open_all_planes(folder)
    opened.iscell[roi] = 1 - opened.iscell[roi]
    function("io.py", "save_iscell")(opened)


_DRAWING = {
    "roi_stats": "detection.stats",
    "preprocess": "extraction",
    "oasis": "extraction.dcnv",
    "extract_traces": "extraction.extract",
    "BinaryFile": "io.binary",
    "default_settings": "parameters",
    "_assign_torch_device": "run_s2p",
}
_MERGING = {
    "roi_stats": "detection.stats",
    "median_pix": "detection.stats",
    "oasis": "extraction.dcnv",
}


def _modules() -> dict[str, Any]:
    names = {"masks": "suite2p.extraction.masks", "stats": "scipy.stats", "time": "time"}
    return {name: importlib.import_module(module) for name, module in names.items()}


def _suite2p(module: str, name: str) -> Any:
    return getattr(importlib.import_module(f"suite2p.{module}"), name)


class _Label:
    def setText(self, text: str) -> None:  # noqa: N802
        self.text = text


class _Anything:
    """Accepts whatever the window is told to paint."""

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: None
