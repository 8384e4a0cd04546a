"""Two sessions whose stages take a second each: one of arrays, and one of a movie."""

import numpy as np

from twophoton_decode.simulation.microscope.movie import Detector
from twophoton_decode.simulation.parameters import SimulationParameters
from twophoton_decode.simulation.recording import simulate
from twophoton_decode.simulation.session import simulate_responses
from twophoton_decode.simulation.writing import write

SMALL = (
    "decoding.permutations=0",
    "decoding.bootstraps=100",
    "encoding.refits=100",
    "images.size_px=16",
)
RESPONSES = SimulationParameters(cells=20, images=12, repeats=4, seed=872, picture_px=16)
MOVIE = SimulationParameters(
    cells=12, images=9, repeats=3, seed=2020, spontaneous_hz=0.06, picture_px=32, field_px=64,
    files=2, detector=Detector(grey_per_photon=1.0, offset=20.0, read_noise=0.5),
)  # fmt: skip


def make_arrays(folder, command, parameters=RESPONSES):
    """A session of response matrices in `folder`/session, not yet run."""
    responses, images = simulate_responses(parameters)
    np.save(folder / "R.npy", responses)
    np.save(folder / "I.npy", images)
    session = folder / "session"
    _succeed(
        command(
            "import", "arrays", "--responses", folder / "R.npy", "--axes", "repeat image cell",
            "--images", folder / "I.npy", "-o", session,
        )
    )  # fmt: skip
    return _move_with_its_inputs(session, folder)


def make_movie(folder, command):
    """A session of two TIFFs, a log and pictures in `folder`/session, not yet run."""
    write(simulate(MOVIE), folder, compression="zlib")
    session = folder / "session"
    _succeed(
        command(
            "init", session, "--movie", folder / "raw", "--log", folder / "shown.csv",
            "--images", folder / "pictures", "--frame-rate-hz", "8",
        )
    )  # fmt: skip
    return _move_with_its_inputs(session, folder)


def set_values(session, texts):
    """Change settings, given as section.key=value, in session.toml as a user would."""
    file = session / "session.toml"
    text = file.read_text(encoding="utf-8")
    for each in texts:
        text = _changed(text, *each.split("=", 1))
    file.write_text(text, encoding="utf-8")


def _move_with_its_inputs(session, folder):
    """Name inputs relative to the session, so that both can be copied together."""
    file = session / "session.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(f'"{folder}/', '"../'))
    return session


def _changed(text, name, value):
    section, key = name.split(".")
    begin = text.find(f"[{section}]")
    if begin < 0:
        return f"{text}\n[{section}]\n{key} = {value}\n"
    body = text[begin:].split("\n[", 1)[0]
    lines = [line for line in body.splitlines() if line.split("=")[0].strip() != key]
    new = "\n".join([lines[0], f"{key} = {value}", *lines[1:]])
    return text[:begin] + new + text[begin + len(body) :]


def _succeed(ended):
    if ended.code != 0:
        raise RuntimeError(f"a tiny session cannot be made:\n{ended.text}")
