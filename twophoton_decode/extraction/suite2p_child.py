"""suite2p in a process of its own: started by the engine, told what to do in one line.

Run as a file, so it imports nothing of this package. suite2p is imported while the parent
still converts the movie; the job then arrives as one line of JSON on standard input. That
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

_PARENT_IS_GONE = 3
_FRAMES_FOR_METRICS = 1500
"""suite2p computes its registration metrics from this many frames on."""
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
    "bad_frame": "badframes",
    "rows": "yrange",
    "columns": "xrange",
}
"""What motion correction found, and what suite2p calls it."""


def main() -> None:
    """Import suite2p, wait for the job, do it."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s"
    )
    jobs: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    import suite2p  # noqa: F401

    print("suite2p is ready", flush=True)
    _run(json.loads(jobs.get()))
    sys.stdout.flush()
    # All files are closed; taking torch down in order would only take seconds.
    os._exit(0)


def _listen(jobs: queue.Queue[bytes]) -> None:
    """Hand on the first line, then end with the parent."""
    received = b""
    while block := os.read(0, 65536):
        received += block
        if received.endswith(b"\n"):
            jobs.put(received)
    os._exit(_PARENT_IS_GONE)


def _run(job: dict[str, Any]) -> None:
    import suite2p

    plane = Path(job["folder"]) / "plane0"
    _check_classifier(job["settings"]["classification"]["classifier_path"])
    settings = _settings(suite2p.default_settings(), job["settings"])
    db = suite2p.default_db() | job["db"] | _paths(plane)
    db["save_folder"] = Path(job["final_folder"]).name
    _save(plane / "db.npy", db)
    _save(plane / "settings.npy", settings)
    if job["wide"]:
        _keep_reference_from_wrapping()
    if (plane / "motion.npz").exists():
        _take_motion(plane, settings)
    suite2p.run_plane(db, settings)
    if not (plane / "F.npy").exists():
        raise ValueError("no ROIs were found")
    _classify_again(plane / "iscell.npy", job["cell_probability"])
    _export_registration(plane)
    for name in ("ops.npy", "db.npy", "settings.npy"):
        _move_paths(plane / name, job["folder"], job["final_folder"])


def _take_motion(plane: Path, settings: dict[str, Any]) -> None:
    """Hand suite2p the motion that was corrected already, as its own registration would."""
    from suite2p import registration

    file = plane / "motion.npz"
    with np.load(file, allow_pickle=False) as found:
        outputs = {_NAMES[name]: found[name] for name in found.files}
    outputs["bidiphase"] = 0
    outputs["badframes0"] = np.zeros_like(outputs["badframes"])
    for name in ("yrange", "xrange"):
        outputs[name] = outputs[name].tolist()
    outputs["meanImgE"] = registration.utils.highpass_mean_image(outputs["meanImg"])
    if len(outputs["yoff"]) >= _FRAMES_FOR_METRICS:
        _add_metrics(plane, outputs, settings["registration"])
    _save(plane / "reg_outputs.npy", outputs)
    file.unlink()


def _add_metrics(plane: Path, outputs: dict[str, Any], settings: dict[str, Any]) -> None:
    """How well the first components of the movie still move together, as suite2p's GUI shows."""
    from suite2p import registration

    shape = (len(outputs["yoff"]), *outputs["meanImg"].shape)
    movie = np.memmap(plane / "data.bin", np.int16, "r", shape=shape)
    outputs["tPC"], outputs["regPC"], outputs["regDX"] = registration.get_pc_metrics(
        movie, yrange=outputs["yrange"], xrange=outputs["xrange"], settings=settings
    )


def _settings(defaults: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """suite2p's defaults with `changes`; suite2p itself would drop a section's other keys."""
    for key, value in changes.items():
        section = isinstance(defaults[key], dict)
        defaults[key] = _settings(defaults[key], value) if section else value
    return defaults


def _check_classifier(path: str | None) -> None:
    """Refuse a file that suite2p would find out about after all its work, and cryptically."""
    if path is None:
        return
    try:
        missing = {"keys", "stats", "iscell"} - set(np.load(path, allow_pickle=True).item())
    except Exception as error:
        raise ValueError(f"{path} is no suite2p classifier ({error})") from error
    if missing:
        raise ValueError(f"{path} is no suite2p classifier: it lacks {', '.join(sorted(missing))}")


def _paths(plane: Path) -> dict[str, Any]:
    return {
        "data_path": [str(plane.parent)],
        "save_path0": str(plane.parent.parent),
        "save_path": str(plane),
        "fast_disk": str(plane),
        "reg_file": str(plane / "data.bin"),
        "db_path": str(plane / "db.npy"),
        "settings_path": str(plane / "settings.npy"),
    }


def _keep_reference_from_wrapping() -> None:
    """Halve the frames from which suite2p seeds its reference image.

    It subtracts each frame's mean and casts to int16, which wraps where a pixel lies more
    than 32767 above the mean. Only the seed is affected: the reference is then refined from
    the frames themselves, and phase correlation does not depend on contrast.
    """
    from suite2p.registration import register

    seed = register.pick_initial_reference
    register.pick_initial_reference = lambda frames: seed(frames // 2)


def _classify_again(file: Path, probability: float) -> None:
    """Cells at the wanted probability; suite2p itself always cuts at 0.5."""
    cells = np.load(file)
    cells[:, 0] = cells[:, 1] > probability
    np.save(file, cells)


def _export_registration(plane: Path) -> None:
    """What the parent needs of suite2p's pickled dictionaries, as plain arrays."""
    registration = np.load(plane / "reg_outputs.npy", allow_pickle=True).item()
    found = {
        "motion_y": registration["yoff"],
        "motion_x": registration["xoff"],
        "motion_correlation": registration["corrXY"],
        "bad_frame": registration["badframes"],
        "mean_image": registration["meanImg"],
        "correlation_image": _correlation_image(plane, registration),
    }
    if registration.get("yoff1") is not None:
        squares = registration["yoff1"] ** 2 + registration["xoff1"] ** 2
        found["block_motion"] = np.sqrt(squares.mean(axis=1))
    np.savez(plane / "registration.npz", **found)


def _correlation_image(plane: Path, registration: dict[str, Any]) -> np.ndarray:
    """suite2p's correlation map where it looked for ROIs, NaN around it."""
    detection = np.load(plane / "detect_outputs.npy", allow_pickle=True).item()
    image = np.full(registration["meanImg"].shape, np.nan, np.float32)
    rows, columns = (slice(*map(int, registration[name])) for name in ("yrange", "xrange"))
    image[rows, columns] = detection["Vcorr"]
    return image


def _move_paths(file: Path, folder: str, final_folder: str) -> None:
    """Write `file` again as if it had been made where the folder will be moved to."""
    values = np.load(file, allow_pickle=True).item()
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
