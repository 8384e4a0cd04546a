"""A session's settings reach the reading of its stimulus log; no movie is needed for that."""

import numpy as np
import pytest

from twophoton_decode.errors import AlignmentError
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.pipeline.stages import respond
from twophoton_decode.records import Traces
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Ledger
from twophoton_decode.session.netcdf import write_record
from twophoton_decode.settings import Settings

RATE, FRAMES, ROIS = 10.0, 900, 4


def make_session(folder, text, **sections):
    rng = np.random.default_rng(0)
    signal = 100 + rng.normal(size=(ROIS, FRAMES)).astype(np.float32)
    traces = Traces(
        fluorescence=signal,
        neuropil=np.zeros_like(signal),
        deconvolved=np.zeros_like(signal),
        is_cell=np.ones(ROIS, bool),
        cell_probability=np.ones(ROIS),
        plane=np.zeros(ROIS, int),
        center_y=np.arange(ROIS),
        center_x=np.arange(ROIS),
        pixel_offset=np.arange(ROIS + 1),
        pixel_y=np.arange(ROIS),
        pixel_x=np.arange(ROIS),
        pixel_weight=np.ones(ROIS),
        mean_image=np.zeros((1, 8, 8)),
        motion_y=np.zeros((1, FRAMES)),
        motion_x=np.zeros((1, FRAMES)),
        bad_frame=np.zeros(FRAMES, bool),
        plane_delay_s=[0.5 / RATE],
        frame_rate_hz=RATE,
        intensity_offset=0.0,
        intensity_scale=1.0,
    )
    write_record(folder / "traces.nc", traces)
    np.save(folder / "pictures.npy", rng.random((3, 16, 16)))
    (folder / "shown.csv").write_text(text)
    source = {"log": "shown.csv", "images": "pictures.npy"}
    settings = Settings.model_validate({"source": source} | sections)
    return StageInput(SessionFolder(folder), settings, Ledger(folder / "ledger.json"))


ROWS = "".join(f"{i % 3},{1000 * (2 + 2 * i)},{int(i == 4)}\n" for i in range(42))
LOG = "picture,shown_at,moving\n" + ROWS + "grey,86000,0\ngrey,88000,0\n0,88500,0\n1,95000,0\n"
SETTINGS = {
    "log": {"onset_column": "shown_at", "onset_unit": "ms", "beyond_movie": "trim"},
    "responses": {"exclude": {"moving": ["1"]}},
}


def test_columns_blanks_exclusions_and_trimming_reach_the_record(tmp_path):
    responses = respond.run(make_session(tmp_path, LOG, **SETTINGS)).record
    assert responses.onset_s[:5].tolist() == [2.0, 4.0, 6.0, 8.0, 12.0]
    assert responses.image[:5].tolist() == [0, 1, 2, 0, 2]
    assert responses.excluded_line.tolist() == [6, 47]
    assert responses.excluded_reason.tolist() == ["moving = 1", "after the movie's end"]
    assert responses.blank_onset_s.tolist() == [86.0, 88.0]
    assert responses.blank_response.shape == (2, ROIS)
    notes = " ".join(responses.notes)
    assert "Log: picture from column picture, onset from column shown_at (ms)." in notes
    assert "2 rows without a picture are left out as blanks (2 × grey)." in notes
    assert "1 of 43 presentations are outside the movie: 1 after the movie's end." in notes
    assert "2 blanks: the mean evoked response is" in notes


def test_without_the_option_a_log_that_goes_on_is_an_error_that_names_it(tmp_path):
    sections = SETTINGS | {"log": {"onset_column": "shown_at", "onset_unit": "ms"}}
    with pytest.raises(AlignmentError, match=r"line 47: .* 95\.0 s, but the movie ends at 90\.0 s"):
        respond.run(make_session(tmp_path, LOG, **sections))
    sections["log"] = {"onset_column": "shown_at"}
    with pytest.raises(AlignmentError, match='set onset_unit = "ms" under'):
        respond.run(make_session(tmp_path, LOG.replace("1,95000,0\n", ""), **sections))
