"""suite2p in a process of its own: started by the engine, told what to do in one line.

suite2p is imported while the parent still reads the movie. On standard input arrives one line
of JSON with what will be needed, which is checked at once, and later one with the job. That
pipe is also the lifeline: when it closes, the parent is gone, and so is this process.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.extraction.kept.files import SPATIAL_SCALE
from twophoton_decode.extraction.kept.markers import mark_done
from twophoton_decode.extraction.kept.pickles import read_objects
from twophoton_decode.extraction.suite2p.added import add_rois
from twophoton_decode.extraction.suite2p.classifier import check_classifier
from twophoton_decode.extraction.suite2p.patches import (
    give_pages_back,
    grow_masks_faster,
    keep_reference_from_wrapping,
    leave_out_network,
    load_only_data,
)

_PARENT_IS_GONE = 3
REFUSED = 4
"""Exit code: what the parent told to use cannot be used, and the last line says what."""
_NAMES = {
    "reference": "refImg",
    "low": "rmin",
    "high": "rmax",
    "dy": "yoff",
    "dx": "xoff",
    "correlation": "corrXY",
    "block_dy": "yoff1",
    "block_dx": "xoff1",
    "block_correlation": "corrXY1",
    "mean_image": "meanImg",
    "structural_image": "meanImg_chan2",
    "bad_frame": "badframes",
    "rows": "yrange",
    "columns": "xrange",
}
"""What motion correction found, and what suite2p calls it."""


def main() -> None:
    """Import suite2p, look whether it can do the job, wait for it, do it."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s"
    )
    lines: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    load_only_data()
    leave_out_network()
    import suite2p  # noqa: F401

    grow_masks_faster()
    give_pages_back()

    needed = json.loads(lines.get())
    try:
        check_classifier(needed["classifier"])
        _check_device(needed["device"])
    except ValueError as error:
        print(error, flush=True)
        os._exit(REFUSED)
    print("suite2p is ready", flush=True)
    _run(json.loads(lines.get()))
    sys.stdout.flush()
    # All files are closed; taking torch down in order would only take seconds.
    os._exit(0)


def _listen(lines: queue.Queue[bytes]) -> None:
    """Hand on every line, and end with the parent."""
    received = b""
    while block := os.read(0, 65536):
        *whole, received = (received + block).split(b"\n")
        for line in whole:
            lines.put(line)
    os._exit(_PARENT_IS_GONE)


def _run(job: dict[str, Any]) -> None:
    if "add" in job:
        for name in job["add"]:
            print(f"tpdecode: {name}", flush=True)
            add_rois(Path(job["folder"]) / name)
        return
    if job["offset"]:
        keep_reference_from_wrapping()
    for plane in job["planes"]:
        print(f"tpdecode: {plane['name']}", flush=True)
        _run_plane(job, plane)


def _run_plane(job: dict[str, Any], plane: dict[str, Any]) -> None:
    """What is left to do: registration, detection with extraction, classification."""
    import suite2p

    folder = Path(job["folder"]) / plane["name"]
    settings = _settings(suite2p.default_settings(), job["settings"])
    db = suite2p.default_db() | plane["db"] | _paths(folder)
    db["save_folder"] = Path(job["final_folder"]).name
    if "registered" in plane["to_do"]:
        _register(db, settings, folder)
        mark_done(folder, "registered", plane["keys"]["registered"])
    if "detected" in plane["to_do"]:
        _hand_over_motion(folder, job, settings)
        _save(folder / "db.npy", db)
        _save(folder / "settings.npy", settings)
        suite2p.run_plane(db, settings)
        if not (folder / "F.npy").exists():
            raise ValueError("no ROIs were found")
        _export_what_detection_saw(folder)
        for name in ("ops.npy", "db.npy", "settings.npy"):
            _move_paths(folder / name, job["folder"], job["final_folder"])
        mark_done(folder, "detected", plane["keys"]["detected"])
    elif "classified" in plane["to_do"]:
        _classify(folder, settings["classification"]["classifier_path"])
    if "classified" in plane["to_do"]:
        mark_done(folder, "classified", plane["keys"]["classified"])


def _register(db: dict[str, Any], settings: dict[str, Any], folder: Path) -> None:
    """Let suite2p correct motion, and keep what it found under our names."""
    import suite2p

    run = settings["run"]
    structural = folder / "data_chan2.bin"
    if structural.exists():
        db = db | {"nchannels": 2, "reg_file_chan2": str(structural)}
    suite2p.run_plane(db, settings | {"run": run | {"do_detection": False}})
    found = read_objects(folder / "reg_outputs.npy").item()
    kept = {ours: found[name] for ours, name in _NAMES.items() if found.get(name) is not None}
    np.savez(folder / "motion.npz", **kept)
    # Only its mean is of use from here on.
    structural.unlink(missing_ok=True)


def _hand_over_motion(folder: Path, job: dict[str, Any], settings: dict[str, Any]) -> None:
    """Tell suite2p what motion was corrected, as its own registration would."""
    from suite2p import registration

    with np.load(folder / "motion.npz", allow_pickle=False) as found:
        outputs = {_NAMES[name]: found[name] for name in found.files}
    outputs["bidiphase"] = 0
    outputs["badframes0"] = np.zeros_like(outputs["badframes"])
    for name in ("yrange", "xrange"):
        outputs[name] = outputs[name].tolist()
    if "meanImg_chan2" in outputs:
        # suite2p compares brightness inside and around a cell, which needs a true zero.
        outputs["meanImg_chan2"] = outputs["meanImg_chan2"] * job["scale"] + job["offset"]
    outputs["meanImgE"] = registration.utils.highpass_mean_image(outputs["meanImg"])
    if settings["run"]["do_regmetrics"]:
        _add_metrics(folder, outputs, settings["registration"])
    _save(folder / "reg_outputs.npy", outputs)


def _add_metrics(folder: Path, outputs: dict[str, Any], settings: dict[str, Any]) -> None:
    """How well the first components of the movie still move together, as suite2p's GUI shows."""
    from suite2p import registration

    shape = (len(outputs["yoff"]), *outputs["meanImg"].shape)
    movie = np.memmap(folder / "data.bin", np.int16, "r", shape=shape)
    outputs["tPC"], outputs["regPC"], outputs["regDX"] = registration.get_pc_metrics(
        movie, yrange=outputs["yrange"], xrange=outputs["xrange"], settings=settings
    )


def _settings(defaults: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """suite2p's defaults with `changes`; suite2p itself would drop a section's other keys."""
    for key, value in changes.items():
        section = isinstance(defaults[key], dict)
        defaults[key] = _settings(defaults[key], value) if section else value
    return defaults


def _check_device(device: str) -> None:
    """suite2p itself would go on without the device, and only say so in its log."""
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError('no CUDA device was found. Set device = "cpu" in [extraction].')


def _paths(plane: Path) -> dict[str, Any]:
    return {
        "data_path": [str(plane.parent)],
        # In these two folders suite2p looks for files of bad frames and stacks. What lies in the
        # session is not ours, so it is told of the session only when all is done.
        "save_path0": str(plane.parent),
        "save_path": str(plane),
        "fast_disk": str(plane),
        "reg_file": str(plane / "data.bin"),
        "db_path": str(plane / "db.npy"),
        "settings_path": str(plane / "settings.npy"),
    }


def _classify(folder: Path, classifier: str | None) -> None:
    """Judge the ROIs that are there, by suite2p's classifier or the user's."""
    from suite2p import classification

    rois = read_objects(folder / "stat.npy")
    file = classifier or classification.builtin_classfile
    np.save(folder / "iscell.npy", classification.classify(stat=rois, classfile=file))


def _export_what_detection_saw(folder: Path) -> None:
    """suite2p's correlation map where it looked for ROIs, NaN around it, and the scale at which
    it looked, px, as plain arrays."""
    registration = read_objects(folder / "reg_outputs.npy").item()
    detection = read_objects(folder / "detect_outputs.npy").item()
    image = np.full(registration["meanImg"].shape, np.nan, np.float32)
    rows, columns = (slice(*map(int, registration[name])) for name in ("yrange", "xrange"))
    image[rows, columns] = detection["Vcorr"]
    np.save(folder / "correlation_image.npy", image)
    np.save(folder / SPATIAL_SCALE, np.float64(detection["spatscale_pix"]))


def _move_paths(file: Path, folder: str, final_folder: str) -> None:
    """Write `file` again as if it had been made where the folder will be moved to."""
    values = read_objects(file).item()
    if "save_path0" in values:
        values["save_path0"] = str(Path(final_folder).parent)
    _save(file, _moved(values, folder, final_folder))


def _save(file: Path, values: dict[str, Any]) -> None:
    """A dictionary the way suite2p keeps it: pickled in an array of its own."""
    np.save(file, np.array(values, dtype=object))


def _moved(value: Any, folder: str, final_folder: str) -> Any:
    if isinstance(value, dict):
        return {key: _moved(item, folder, final_folder) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, folder, final_folder) for item in value]
    if isinstance(value, str) and value.startswith(folder):
        return final_folder + value[len(folder) :]
    return value


if __name__ == "__main__":
    main()
