"""A session whose stimulus clock runs wrong: `respond` names the setting that mends it."""

import re

import numpy as np

from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.pipeline.stages import respond
from twophoton_decode.records import Traces
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Ledger
from twophoton_decode.session.netcdf import write_record
from twophoton_decode.settings import Settings

RATE, CELLS, IMAGES, SECONDS = 10.0, 8, 15, 240.0
ONSETS = 4 + 1.5 * np.arange(150)


def make_session(folder, stamped=False):
    rng = np.random.default_rng(0)
    image = np.concatenate([rng.permutation(IMAGES) for _ in range(10)])
    size = rng.random((IMAGES, CELLS)) * (rng.random((IMAGES, CELLS)) < 0.3)
    began = np.arange(int(SECONDS * RATE)) / RATE
    age = np.maximum(began + 0.05 - ONSETS[:, None] - 0.1, 0)
    shape = (1 - np.exp(-age / 0.1)) * np.exp(-age / 0.4)
    signal = 100 * (1 + size[image].T @ shape + 0.1 * rng.standard_normal((CELLS, began.size)))
    place, still = np.arange(CELLS), np.zeros((1, began.size))
    traces = Traces(
        fluorescence=signal,
        neuropil=np.zeros_like(signal),
        deconvolved=np.zeros_like(signal),
        is_cell=np.ones(CELLS, bool),
        cell_probability=np.ones(CELLS),
        plane=np.zeros(CELLS, int),
        center_y=place,
        center_x=place,
        pixel_offset=np.arange(CELLS + 1),
        pixel_y=place,
        pixel_x=place,
        pixel_weight=np.ones(CELLS),
        mean_image=np.zeros((1, 16, 16)),
        motion_y=still,
        motion_x=still,
        bad_frame=np.zeros(began.size, bool),
        plane_delay_s=[0.5 / RATE],
        frame_rate_hz=RATE,
        frame_time_s=began if stamped else None,
        first_stamp_s=0.0 if stamped else None,
        intensity_offset=0.0,
        intensity_scale=1.0,
    )
    write_record(folder / "traces.nc", traces)
    np.save(folder / "pictures.npy", rng.random((IMAGES, 16, 16)))
    return image


def answer(folder, image, onset_s, **log):
    rows = [f"{k},{float(t)!r}" for k, t in zip(image, onset_s, strict=True)]
    (folder / "shown.csv").write_text("image,onset_s\n" + "\n".join(rows) + "\n")
    source = {"log": "shown.csv", "images": "pictures.npy"}
    settings = Settings.model_validate({"source": source, "log": log})
    return respond.run(StageInput(SessionFolder(folder), settings, Ledger(folder / "ledger.json")))


def warnings(result):
    return [note for note in result.notes if note.startswith("warning: responses come")]


def test_the_factor_that_is_named_mends_the_clock(tmp_path):
    image = make_session(tmp_path, stamped=True)
    right = answer(tmp_path, image, ONSETS)
    assert warnings(right) == []
    assert abs(right.summary["clock_shift_s_per_min"]) < 0.01
    wrong = answer(tmp_path, image, ONSETS * 1.002)
    (warning,) = warnings(wrong)
    assert "runs 0.2 % fast against the movie's" in warning
    assert "frame_rate_hz" not in warning
    low, high = wrong.summary["clock_shift_ci95"]
    assert low < 60 * (1 / 1.002 - 1) < high
    assert "clock_shift" in [drawing.name for drawing in wrong.drawings]
    factor = float(re.search(r"clock_factor = (\S+) under", warning)[1])
    mended = answer(tmp_path, image, ONSETS * 1.002, clock_factor=factor)
    assert warnings(mended) == []
    assert any(note.startswith("responses keep their delay") for note in mended.notes)

    def alike(result):
        return np.corrcoef(result.record.response.ravel(), right.record.response.ravel())[0, 1]

    assert alike(wrong) < 0.97
    assert alike(mended) > 0.99


def test_where_nothing_times_the_frames_their_rate_is_doubted_too(tmp_path):
    image = make_session(tmp_path)
    (warning,) = warnings(answer(tmp_path, image, ONSETS * 0.998))
    rate = float(re.search(r"then set it to (\S+) in \[recording\]", warning)[1])
    assert abs(rate - RATE / 0.998) < 0.005


def test_windows_that_reach_the_next_picture_are_counted_in_the_notes(tmp_path):
    image = make_session(tmp_path)
    onsets = np.delete(ONSETS, 7)
    onsets[20] = onsets[21] - 0.8
    notes = answer(tmp_path, np.delete(image, 7), onsets).notes
    assert any(
        note.startswith("response_window_s = [0.0, 1.0] reaches past the onset of the next picture")
        and "in 1 of 149 presentations" in note
        for note in notes
    )
