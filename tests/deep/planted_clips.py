"""Small simulated sessions of clips, as after extraction."""

import functools

import numpy as np
from extracted_session import pretend_extracted
from planted_traces import traces_of_signal

from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import Settings
from twophoton_decode.simulation.clips.responses import ClipParameters, simulate_clips

SMALL = ClipParameters(clips=14, frames=40, cells=40, side=12, noise=0.3, mean_hz=8.0, decay_s=0.4)


@functools.cache
def planted(**changed):
    """A simulated session of 14 clips of 4 s that 40 cells see well."""
    return simulate_clips(ClipParameters(**(vars(SMALL) | changed)))


def write_clips(folder, session, kind=".npy"):
    """The clips as files of a folder, clip_00.npy and so on; their names."""
    folder.mkdir()
    names = [f"clip_{number:02d}{kind}" for number in range(len(session.picture))]
    for name, clip in zip(names, session.picture, strict=True):
        np.save(folder / name, clip)
    return names


def log_rows(session, names):
    """A row for each showing: clip, onset, duration, and the source of the clip."""
    rate, frames = session.parameters.rate_hz, session.parameters.frames
    return [
        {
            "clip": names[clip],
            "onset_s": f"{start / rate:.3f}",
            "duration_s": f"{frames / rate:g}",
            "source": f"source {clip}",
        }
        for clip, start in zip(session.clip, session.start, strict=True)
    ]


def write_log(file, rows):
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    file.write_text("\n".join(lines) + "\n")


def clip_session(folder, session=None, rows=None, settings=None, spikes=True):
    """A session as after extraction; gives its path."""
    session = session or planted()
    names = write_clips(folder / "clips", session)
    write_log(folder / "log.csv", rows(session, names) if rows else log_rows(session, names))
    rate, given = session.parameters.rate_hz, settings or {}
    SessionFolder.create(
        folder / "S",
        Settings.model_validate({
            "source": {"movie": ["../movie.tif"], "log": "../log.csv", "clips": "../clips"},
            "recording": {"frame_rate_hz": rate},
            "images": {"size_px": session.parameters.side},
            "traces": {"baseline_window_s": 30.0, **given.get("traces", {})},
            "extraction": {"indicator_decay_s": session.parameters.decay_s},
            "decoding": {"features": "pixels", "folds": 5, **given.get("decoding", {})},
            "deep": given.get("deep", {}),
            "log": given.get("log", {}),
        }),
    )  # fmt: skip
    (folder / "movie.tif").write_bytes(b"never read")
    signal = 100 * (1 + 0.1 * session.dff)
    traces = traces_of_signal(signal, rate)
    # The middle of a frame of a clip is then that of a frame of the recording.
    object.__setattr__(traces, "plane_delay_s", np.array([0.5 / rate]))
    if spikes:
        object.__setattr__(traces, "deconvolved", session.spikes.astype(np.float32))
    pretend_extracted(SessionFolder.open(folder / "S"), traces)
    return folder / "S"
