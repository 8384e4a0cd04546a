"""A movie of two planes and two channels, interleaved in plain TIFFs, through extraction."""

import shutil

import numpy as np
import pytest
import suite2p_gui
import tifffile

from twophoton_decode.errors import ExtractionError
from twophoton_decode.pipeline.chain import DETECT, EXTRACT, REGISTER
from twophoton_decode.pipeline.results.writing import write_output
from twophoton_decode.pipeline.run import Session
from twophoton_decode.pipeline.stage import StageOutput
from twophoton_decode.pipeline.stages.extract import _of_movie
from twophoton_decode.records import Traces
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.session.settings.file import change_setting
from twophoton_decode.settings import Settings

pytestmark = pytest.mark.slow

VOLUMES, SIDE, RATE = 400, 96, 8.0
PLACES = [(y, x) for y in (20, 46, 72) for x in (20, 46, 72)]
RED = {(20, 20), (72, 46)}


def blobs(places):
    rows, columns = np.mgrid[:SIDE, :SIDE]
    return np.array([np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 14) for y, x in places])


def plane(seed):
    """Green movie, red movie and the cells' activity; both shaken alike."""
    rng = np.random.default_rng(seed)
    cells = blobs(PLACES)
    spikes = (rng.random((len(PLACES), VOLUMES)) < 0.03) * rng.uniform(1, 2, (len(PLACES), 1))
    activity = np.array([np.convolve(s, np.exp(-np.arange(40) / 8))[:VOLUMES] for s in spikes])
    texture = np.kron(rng.random((24, 24)), np.ones((4, 4)))
    green = 800 + 300 * texture + np.tensordot(1 + 2 * activity.T, 500 * cells, axes=1)
    red = 200 + 2000 * blobs(sorted(RED)).sum(axis=0) + np.zeros((VOLUMES, 1, 1))
    shifts = rng.integers(-2, 3, (VOLUMES, 2))
    movies = [
        np.stack([np.roll(f, s, (0, 1)) for f, s in zip(movie, shifts, strict=True)])
        + rng.normal(0, 60, movie.shape)
        for movie in (green, red)
    ]
    return *movies, activity


@pytest.fixture(scope="module")
def extracted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planes")
    (first, first_red, one), (second, second_red, two) = plane(1), plane(2)
    # Channels fastest, then planes; the last volume is not whole.
    frames = np.stack([first, first_red, second, second_red], axis=1).reshape(-1, SIDE, SIDE)
    frames = np.clip(frames, 0, None).astype(np.uint16)[:-1]
    tifffile.imwrite(folder / "raw_1.tif", frames[:701])
    tifffile.imwrite(folder / "raw_2.tif", frames[701:])
    session = SessionFolder.create(
        folder / "S",
        Settings.model_validate(
            {
                "source": {"movie": [str(folder)]},
                "recording": {"frame_rate_hz": RATE, "planes": 2, "channels": 2},
            }
        ),
    )
    said = []
    Session(session, say=said.append).run_only("extract")
    return session, read_record(session.path / "traces.nc", Traces), (one, two), said


def test_both_planes_come_with_their_cells(extracted):
    _, traces, activities, _ = extracted
    assert traces.mean_image.shape == (2, SIDE, SIDE)
    assert traces.fluorescence.shape[1] == VOLUMES - 1
    for number, activity in enumerate(activities):
        rois = np.flatnonzero(traces.plane == number)
        signal = traces.fluorescence[rois] - 0.7 * traces.neuropil[rois]
        likeness = np.corrcoef(np.vstack([activity[:, :-1], signal]))[: len(PLACES), len(PLACES) :]
        assert (likeness.max(axis=1) > 0.8).sum() >= 7


def test_each_plane_has_its_own_time(extracted):
    _, traces, _, _ = extracted
    assert traces.plane_delay_s == pytest.approx([0.25 / RATE, 0.75 / RATE])


def test_cells_with_a_label_are_marked_red(extracted):
    _, traces, _, _ = extracted
    assert traces.structural_image.shape == (2, SIDE, SIDE)
    assert 190 < np.median(traces.structural_image) < 260
    centres = np.stack([traces.center_y, traces.center_x], axis=1)
    # The reference image may lie a few pixels aside.
    near = [np.hypot(*(centres - place).T) < 7 for place in RED]
    labelled = np.any(near, axis=0)
    assert labelled.sum() >= 3
    assert traces.is_red[labelled].mean() > 0.7
    assert traces.is_red[~labelled].mean() < 0.2


def test_what_was_left_out_is_said(extracted):
    _, traces, _, _ = extracted
    assert any("no whole volume" in note for note in traces.notes)


@pytest.fixture
def copied(extracted, tmp_path):
    session, before, _, _ = extracted
    shutil.copytree(session.path, tmp_path / "S")
    change_setting(tmp_path / "S" / "session.toml", "source", "movie", session_movie(session))
    return SessionFolder.open(tmp_path / "S"), before


def session_movie(session):
    return [str(session.path.parent)]


def read_again(session):
    said = []
    Session(session, say=said.append).run_only("extract")
    return read_record(session.path / "traces.nc", Traces), said


def test_another_frame_rate_is_told_with_the_movie(copied):
    session, _ = copied

    def told():
        words = Session(session).ledger["extract"].summary
        return words["movie"], words["microscope"]

    assert told() == ("399 frames of 96 × 96 px, 49.9 s", "2 planes; 2 channels; 8 Hz as given")
    change_setting(session.settings_file, "recording", "frame_rate_hz", 4.0)
    _, said = read_again(session)
    assert "register: unchanged, nothing to do" in said
    assert told() == ("399 frames of 96 × 96 px, 99.8 s", "2 planes; 2 channels; 4 Hz as given")


def test_words_that_an_earlier_version_kept_with_motion_correction_are_taken(tmp_path):
    folder = SessionFolder.create(tmp_path / "S", Settings(source={"movie": ["raw.tif"]}))
    work = Session(folder)
    words = {"movie": "9 frames", "microscope": "8 Hz"}
    for stage, own in ((REGISTER, words), (DETECT, {})):
        given = work.stage_input(stage, "", {})
        write_output(stage, "", given, StageOutput(summary=own, content="made"), {}, 1.0)
    assert _of_movie(work.stage_input(EXTRACT, "", {})) == words


def test_looking_at_all_planes_at_once_edits_nothing(copied):
    session, _ = copied
    before = Session(session).verdicts()["extract"]
    suite2p_gui.open_all_planes(session.suite2p)
    assert (session.suite2p / "combined" / "iscell.npy").exists()
    after = Session(session).verdicts()["extract"]
    assert (after.state, after.changes) == (before.state, before.changes)


def test_what_is_clicked_in_the_view_of_all_planes_stays(copied):
    session, before = copied
    one, other = (int(np.flatnonzero(before.plane == plane)[0]) for plane in (1, 0))
    suite2p_gui.toggle_cell_among_all_planes(session.suite2p, one)
    traces, said = read_again(session)
    assert traces.curated
    assert any("ROIs were changed in suite2p's GUI" in line for line in said)
    assert np.flatnonzero(traces.is_cell != before.is_cell).tolist() == [one]
    # suite2p itself would have forgotten the first click by now.
    suite2p_gui.toggle_cell_among_all_planes(session.suite2p, other)
    traces, _ = read_again(session)
    assert np.flatnonzero(traces.is_cell != before.is_cell).tolist() == sorted([one, other])
    suite2p_gui.toggle_cell(session.suite2p / "plane0", 0)
    traces, _ = read_again(session)
    assert np.flatnonzero(traces.is_cell != before.is_cell).tolist() == [one]


def test_rois_merged_over_planes_are_refused_in_words(copied):
    session, before = copied
    suite2p_gui.toggle_cell_among_all_planes(session.suite2p, 0)
    np.save(session.suite2p / "combined" / "iscell.npy", np.ones((len(before.plane) + 1, 2)))
    with pytest.raises(ExtractionError, match="only in the view of one plane"):
        read_again(session)


# What torch says of its own functions, in suite2p's.
@pytest.mark.filterwarnings("ignore:Sparse", "ignore:The given NumPy array is not writable")
def test_a_drawn_roi_has_no_label(copied):
    session, before = copied
    suite2p_gui.draw_roi(session.suite2p / "plane1", (30, 30))
    traces, _ = read_again(session)
    first = int(np.flatnonzero(before.plane == 1)[0])
    assert np.array_equal(traces.is_red, np.insert(before.is_red, first, False))


def test_labels_that_were_changed_are_noticed(copied):
    session, before = copied
    file = session.suite2p / "plane0" / "redcell.npy"
    labels = np.load(file, allow_pickle=False)
    labels[0, 0] = 1 - labels[0, 0]
    np.save(file, labels)
    traces, _ = read_again(session)
    assert np.flatnonzero(traces.is_red != before.is_red).tolist() == [0]


def test_one_plane_can_be_left_out_without_work(extracted):
    session, before, _, _ = extracted
    kept = (session.suite2p / "plane1" / "stat.npy").stat().st_mtime_ns
    change_setting(session.settings_file, "recording", "use_planes", [2])
    Session(session).run_only("extract")
    traces = read_record(session.path / "traces.nc", Traces)
    assert (session.suite2p / "plane1" / "stat.npy").stat().st_mtime_ns == kept
    assert len(traces.plane) == (before.plane == 1).sum()
    assert traces.plane_delay_s == pytest.approx([0.75 / RATE])
    assert traces.plane_number.tolist() == [2]
    assert not (session.suite2p / "plane0").exists()
