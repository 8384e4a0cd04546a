"""One recording with pauses, and its log in every clock: the same frames, the same responses."""

from types import SimpleNamespace

import numpy as np
import pytest

from twophoton_decode.pipeline.page import records as page_records
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.pipeline.stages import respond
from twophoton_decode.records import Traces
from twophoton_decode.report.data.cells import onset_traces
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Ledger
from twophoton_decode.session.netcdf import write_record
from twophoton_decode.settings import Settings

RATE, EACH, IMAGES, REPEATS, CELLS, START = 10.0, 30, 4, 4, 3, 500.0
TRIALS = IMAGES * REPEATS
FRAME = np.arange(TRIALS) * EACH + 8
TIME = np.arange(TRIALS * EACH) / RATE + np.repeat(np.arange(TRIALS) * 60.0, EACH)


def traces():
    """Cell c answers image c for a second."""
    image = np.arange(TRIALS) % IMAGES
    signal = np.random.default_rng(0).normal(20, 0.05, (CELLS, TIME.size))
    for cell in range(CELLS):
        for frame in FRAME[image == cell]:
            signal[cell, frame : frame + 10] += 5.0
    zeros = np.zeros((1, TIME.size))
    return Traces(
        fluorescence=signal,
        neuropil=np.zeros_like(signal),
        deconvolved=np.zeros_like(signal),
        is_cell=np.ones(CELLS, dtype=bool),
        cell_probability=np.ones(CELLS),
        plane=np.zeros(CELLS),
        center_y=np.zeros(CELLS),
        center_x=np.zeros(CELLS),
        pixel_offset=np.arange(CELLS + 1),
        pixel_y=np.zeros(CELLS),
        pixel_x=np.zeros(CELLS),
        pixel_weight=np.ones(CELLS),
        mean_image=np.ones((1, 8, 8)),
        motion_y=zeros,
        motion_x=zeros,
        bad_frame=np.zeros(TIME.size, dtype=bool),
        plane_delay_s=[0.5 / RATE],
        frame_rate_hz=RATE,
        frame_time_s=TIME,
        first_stamp_s=START,
        intensity_offset=0.0,
        intensity_scale=1.0,
    )


def work_of(folder, column, onsets, **recording):
    rows = [f"{number % IMAGES},{onset!r}" for number, onset in enumerate(onsets.tolist())]
    (folder / "log.csv").write_text(f"image,{column}\n" + "\n".join(rows) + "\n")
    np.save(folder / "pictures.npy", np.random.default_rng(1).random((IMAGES, 8, 8)))
    write_record(folder / "traces.nc", traces())
    settings = Settings.model_validate(
        {
            "source": {"movie": ["a.tif"], "log": "log.csv", "images": "pictures.npy"},
            "recording": {"frame_rate_hz": RATE} | recording,
            "responses": {"baseline_window_s": (-1.0, 0.0)},
            "traces": {"signal": "corrected"},
        }
    )
    return StageInput(SessionFolder(folder), settings, Ledger(folder / "ledger.json"))


def result(folder, column, onsets, **recording):
    return respond.run(work_of(folder, column, onsets, **recording))


@pytest.fixture(scope="module")
def by_frames(tmp_path_factory):
    return result(tmp_path_factory.mktemp("frames"), "onset_frame", FRAME)


def test_a_baseline_after_a_pause_holds_the_frames_of_its_own_trial(by_frames):
    """The first presentation's would begin before the movie; eight of ten frames are left."""
    assert np.allclose(by_frames.record.onset_s, TIME[FRAME[1:]])
    responding = np.arange(CELLS)[None] == by_frames.record.image[:, None]
    assert np.allclose(by_frames.record.response, 5.0 * responding, atol=0.1)
    told = "\n".join(by_frames.notes)
    assert "15 pauses or gaps of dropped frames, 900 s in all, count as time" in told
    assert (
        "in 15 of 15 presentations a pause in the recording, or dropped frames, lie in the "
        "baseline window, so it holds 8 frames instead of 10."
    ) in told


@pytest.mark.parametrize(
    ("column", "onsets", "recording", "shift"),
    [
        ("onset_s", TIME[FRAME], {}, 0.0),
        ("onset_s", START + TIME[FRAME], {"onset_clock": "microscope"}, 0.0),
        ("onset_frame", FRAME, {"onset_clock": "microscope"}, 0.0),
        ("onset_s", FRAME / RATE, {"frame_times": "even"}, 60.0),
    ],
    ids=["seconds", "the microscope's seconds", "frames", "seconds without the pauses"],
)
def test_the_clock_of_the_log_does_not_matter(
    tmp_path, by_frames, column, onsets, recording, shift
):
    found = result(tmp_path, column, onsets, **recording).record
    assert np.allclose(found.onset_s, by_frames.record.onset_s - shift * np.arange(1, TRIALS))
    assert np.array_equal(found.response, by_frames.record.response)


@pytest.mark.parametrize(
    ("recording", "height"),
    [({}, 0.25), ({"frame_times": "even"}, 0.25), ({"dark_level": 10.0}, 0.5)],
    ids=["stamps", "even", "dark level"],
)
def test_the_page_takes_traces_as_responses_were_taken(tmp_path, monkeypatch, recording, height):
    """Answers of 5 grey levels over 20, or over 10 above the level without light."""
    onsets = FRAME / RATE if recording.get("frame_times") == "even" else TIME[FRAME]
    work = work_of(tmp_path, "onset_s", onsets, **recording)
    write_record(tmp_path / "responses.nc", respond.run(work).record)
    monkeypatch.setattr(page_records, "_of_decoders", lambda *_: {"ridge": None})
    monkeypatch.setattr(page_records, "best_decoder", lambda *_: "ridge")
    monkeypatch.setattr(page_records, "paired_responses", lambda _, responses: responses)
    found = page_records.page_records(work, {"extract": SimpleNamespace(unavailable="")})
    group = onset_traces(found.traces, found.responses, (-0.5, 2.0))
    arrays, axis = dict(group.arrays), group.facts
    assert arrays["picture"][:, 0].tolist() == list(range(CELLS))
    mean = arrays["trace"][:, 0] * arrays["scale"][:, None]
    time = axis["first_s"] + axis["step_s"] * np.arange(mean.shape[1])
    expected = height * ((time > -0.01) & (time < 0.99))
    np.testing.assert_allclose(mean, np.tile(expected, (CELLS, 1)), atol=0.02)
