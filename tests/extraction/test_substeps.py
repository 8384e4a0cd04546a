"""What is done is not done again, whoever did it and wherever it stopped."""

import json
import os

import numpy as np
import pytest

from twophoton_decode.errors import ExtractionError, MovieError
from twophoton_decode.extraction.curation.edits import doubtful_edits, is_edited, refuse_damage
from twophoton_decode.extraction.kept.markers import digests_marked, key_marked, mark_done
from twophoton_decode.extraction.motion import correct as registration
from twophoton_decode.extraction.suite2p import extract as suite2p_engine
from twophoton_decode.extraction.suite2p.extract import Plane, extract, register
from twophoton_decode.extraction.suite2p.output import read_folder
from twophoton_decode.records import IntensityMapping
from twophoton_decode.records.movie.frame_times import FrameTimes
from twophoton_decode.settings import ExtractionSettings

FRAMES, SIDE, RATE, ROIS = 150, 64, 10.0, 4


class Movie:
    """Frames in memory that count how often they are read."""

    def __init__(self, seed=0, fails_at=None, error=KeyboardInterrupt):
        rng = np.random.default_rng(seed)
        picture = 500 + 100 * np.kron(rng.random((16, 16)), np.ones((4, 4)))
        self.pixels = (picture + rng.normal(0, 5, (FRAMES, SIDE, SIDE))).astype(np.int16)
        self.read = 0
        self.fails_at, self.error = fails_at, error

    @property
    def shape(self):
        return self.pixels.shape

    def sample(self, frames):
        return self.pixels[frames]

    def chunks(self, start, size):
        for at in range(start, FRAMES, 25):
            if self.fails_at is not None and at >= self.fails_at:
                raise self.error("stopped")
            self.read += len(self.pixels[at : at + 25])
            yield self.pixels[at : at + 25], None


class Suite2p:
    """Stands for suite2p's process: leaves the files that it would, and keeps its jobs."""

    def __init__(self):
        self.jobs = []
        self.fails_in = None
        self.meanwhile = lambda: None

    def check(self):
        pass

    def run(self, job, progress):
        self.jobs.append(job)
        self.meanwhile()
        for order in job["planes"]:
            folder = suite2p_engine.Path(job["folder"]) / order["name"]
            for substep in order["to_do"]:
                if substep == self.fails_in:
                    raise ExtractionError("suite2p was killed")
                self._do(folder, substep, order)

    def _do(self, folder, substep, order):
        if substep == "registered":
            zeros = np.zeros(FRAMES)
            mean = np.zeros((SIDE, SIDE))
            found = dict.fromkeys(("dy", "dx", "correlation", "bad_frame"), zeros)
            np.savez(folder / "motion.npz", mean_image=mean, **found)
        elif substep == "detected":
            for name in ("F", "Fneu", "spks"):
                np.save(folder / f"{name}.npy", np.ones((ROIS, FRAMES), np.float32))
            pixels = {"ypix": np.array([1, 2]), "xpix": np.array([3, 4]), "lam": np.ones(2)}
            rois = [pixels | {"med": [1, n]} for n in range(ROIS)]
            np.save(folder / "stat.npy", np.array(rois, dtype=object))
            np.save(folder / "correlation_image.npy", np.zeros((SIDE, SIDE)))
            for name in ("ops", "db", "settings", "reg_outputs", "detect_outputs"):
                np.save(folder / f"{name}.npy", np.zeros(1))
        else:
            probability = np.linspace(0.2, 0.8, ROIS)
            np.save(folder / "iscell.npy", np.stack([probability > 0.5, probability], axis=1))
        mark_done(folder, substep, order["keys"][substep])


@pytest.fixture
def suite2p(monkeypatch):
    monkeypatch.setattr(registration, "CHECKPOINT_BYTES", 50 * 2 * SIDE**2)
    return Suite2p()


def run(suite2p, folder, movies, files="abc", notes=(), times=None, **settings):
    planes = [
        Plane(number, movie, (number + 0.5) / (len(movies) * RATE), {"files": files, "n": number})
        for number, movie in enumerate(movies)
    ]
    return extract(
        planes,
        IntensityMapping(0.0, 1.0),
        frame_rate_hz=RATE,
        settings=ExtractionSettings(**settings),
        folder=folder / "suite2p",
        suite2p=suite2p,
        times=times,
        notes=notes,
    )


def register_alone(suite2p, folder, movies, files="abc", **settings):
    planes = [
        Plane(number, movie, (number + 0.5) / (len(movies) * RATE), {"files": files, "n": number})
        for number, movie in enumerate(movies)
    ]
    return register(
        planes,
        IntensityMapping(0.0, 1.0),
        frame_rate_hz=RATE,
        settings=ExtractionSettings(**settings),
        folder=folder / "suite2p",
        suite2p=suite2p,
    )


def orders(suite2p):
    return [[order["to_do"] for order in job["planes"]] for job in suite2p.jobs]


def test_the_first_run_does_everything(tmp_path, suite2p):
    traces = run(suite2p, tmp_path, [Movie()], notes=["odd", ""])
    assert orders(suite2p) == [[["detected", "classified"]]]
    assert traces.is_cell.tolist() == [False, False, True, True]
    assert traces.frame_mean.shape == (1, FRAMES)
    assert traces.notes[0] == "odd"
    assert "" not in traces.notes
    assert [path.name for path in tmp_path.iterdir()] == ["suite2p"]


def test_motion_is_corrected_alone_and_detection_takes_it_up(tmp_path, suite2p):
    movies = [Movie(), Movie(seed=1)]
    register_alone(None, tmp_path, movies)
    assert [movie.read for movie in movies] == [FRAMES, FRAMES]
    assert [path.name for path in tmp_path.iterdir()] == ["suite2p.building"]
    again = [Movie(), Movie(seed=1)]
    run(suite2p, tmp_path, again)
    assert [movie.read for movie in again] == [0, 0]
    assert orders(suite2p) == [[["detected", "classified"]] * 2]


def test_motion_that_is_corrected_already_leaves_nothing_behind(tmp_path, suite2p):
    run(suite2p, tmp_path, [Movie()])
    again = Movie()
    made = register_alone(None, tmp_path, [again])
    assert again.read == 0
    assert [path.name for path in tmp_path.iterdir()] == ["suite2p"]
    assert register_alone(None, tmp_path, [Movie()], threshold_scaling=2.0) == made
    assert register_alone(None, tmp_path, [Movie()], files="others") != made
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["suite2p", "suite2p.building"]


def test_motion_corrected_otherwise_goes_when_it_is_not_wanted_any_more(tmp_path, suite2p):
    run(suite2p, tmp_path, [Movie()])
    register_alone(None, tmp_path, [Movie()], nonrigid=False)
    assert (tmp_path / "suite2p.building" / "plane0" / "data.bin").is_file()
    register_alone(None, tmp_path, [Movie()])
    assert [path.name for path in tmp_path.iterdir()] == ["suite2p"]


def test_a_damaged_registered_movie_is_made_again(tmp_path, suite2p):
    run(suite2p, tmp_path, [Movie()])
    with (tmp_path / "suite2p" / "plane0" / "data.bin").open("r+b") as stream:
        stream.truncate(100)
    again = Movie()
    register_alone(None, tmp_path, [again])
    assert again.read == FRAMES


def test_suite2p_corrects_motion_alone_where_it_should(tmp_path, suite2p):
    register_alone(suite2p, tmp_path, [Movie()], registration="suite2p")
    run(suite2p, tmp_path, [Movie()], registration="suite2p")
    assert orders(suite2p) == [[["registered"]], [["detected", "classified"]]]


def test_equal_movies_and_settings_leave_nothing_to_do(tmp_path, suite2p):
    run(suite2p, tmp_path, [Movie()])
    again = Movie()
    run(suite2p, tmp_path, [again])
    assert (len(suite2p.jobs), again.read) == (1, 0)


def test_detection_settings_do_not_repeat_motion_correction(tmp_path, suite2p):
    run(suite2p, tmp_path, [Movie()])
    again = Movie()
    run(suite2p, tmp_path, [again], threshold_scaling=2.0)
    assert again.read == 0
    assert orders(suite2p)[1] == [["detected", "classified"]]
    # The movie lies on the disk once.
    assert (tmp_path / "suite2p" / "plane0" / "data.bin").stat().st_nlink == 1


@pytest.mark.parametrize("diameter", [12.0, 20.0])
def test_rois_of_a_version_that_named_a_diameter_are_kept(tmp_path, suite2p, diameter):
    run(suite2p, tmp_path, [Movie()])
    for name in ("detected", "classified"):
        file = tmp_path / "suite2p" / "plane0" / f"{name}.json"
        kept = json.loads(file.read_text())
        key = kept["key"]
        settings = (key if name == "detected" else key["detected"])["settings"]
        assert "diameter" not in settings
        settings["diameter"] = [diameter, diameter]
        file.write_text(json.dumps(kept))
    run(suite2p, tmp_path, [Movie()])
    assert len(suite2p.jobs) == 1


@pytest.mark.parametrize("change", [{"spatial_scale": 2}, {"max_overlap": 1.0}])
def test_new_settings_of_detection_detect_anew(tmp_path, suite2p, change):
    run(suite2p, tmp_path, [Movie()])
    run(suite2p, tmp_path, [Movie()], **change)
    assert orders(suite2p)[1] == [["detected", "classified"]]


def test_the_scale_that_suite2p_estimated_is_said(tmp_path, suite2p):
    def estimate():
        folder = tmp_path / "suite2p.building" / "plane0"
        np.save(folder / "spatial_scale_px.npy", np.float64(6))

    suite2p.meanwhile = estimate
    (note,) = [n for n in run(suite2p, tmp_path, [Movie()]).notes if "px wide" in n]
    assert note.startswith("suite2p estimated that cells are about 6 px wide")
    again = run(suite2p, tmp_path, [Movie()], cell_probability=0.7)
    assert note in again.notes
    chosen = run(suite2p, tmp_path, [Movie()], spatial_scale=2)
    assert not [n for n in chosen.notes if "px wide" in n]


def test_another_probability_needs_no_suite2p(tmp_path, suite2p):
    run(suite2p, tmp_path, [Movie()])
    traces = run(suite2p, tmp_path, [Movie()], cell_probability=0.7)
    assert len(suite2p.jobs) == 1
    assert traces.is_cell.tolist() == [False, False, False, True]


def test_another_classifier_only_classifies(tmp_path, suite2p):
    run(suite2p, tmp_path, [Movie()])
    (tmp_path / "classifier.npy").write_bytes(b"one")
    run(suite2p, tmp_path, [Movie()], classifier=str(tmp_path / "classifier.npy"))
    (tmp_path / "classifier.npy").write_bytes(b"two")
    run(suite2p, tmp_path, [Movie()], classifier=str(tmp_path / "classifier.npy"))
    assert orders(suite2p)[1:] == [[["classified"]], [["classified"]]]


@pytest.mark.parametrize("change", [{"nonrigid": False}, {"files": "others"}])
def test_another_movie_or_registration_begins_anew(tmp_path, suite2p, change):
    run(suite2p, tmp_path, [Movie()], block_size_px=32)
    again = Movie(seed=1)
    run(suite2p, tmp_path, [again], **({"block_size_px": 32} | change))
    assert again.read == FRAMES
    assert orders(suite2p)[1] == [["detected", "classified"]]


def test_a_run_stopped_in_motion_correction_goes_on_there(tmp_path, suite2p):
    with pytest.raises(KeyboardInterrupt):
        run(suite2p, tmp_path, [Movie(), Movie(seed=1, fails_at=75)])
    first, second = Movie(), Movie(seed=1)
    traces = run(suite2p, tmp_path, [first, second])
    assert (first.read, second.read) == (0, 100)
    assert traces.plane.tolist() == [0] * ROIS + [1] * ROIS
    assert traces.plane_delay_s.tolist() == [0.025, 0.075]


def test_a_run_stopped_in_detection_goes_on_there(tmp_path, suite2p):
    suite2p.fails_in = "detected"
    with pytest.raises(ExtractionError, match="killed"):
        run(suite2p, tmp_path, [Movie()])
    suite2p.fails_in = None
    again = Movie()
    run(suite2p, tmp_path, [again])
    assert again.read == 0


def test_detection_under_other_settings_forgets_what_it_was_before(tmp_path, suite2p):
    """Files half replaced under one setting are not taken for those of another one."""
    suite2p.fails_in = "classified"
    with pytest.raises(ExtractionError):
        run(suite2p, tmp_path, [Movie()])
    suite2p.fails_in = "detected"
    with pytest.raises(ExtractionError):
        run(suite2p, tmp_path, [Movie()], threshold_scaling=2.0)
    suite2p.fails_in = None
    run(suite2p, tmp_path, [Movie()])
    assert orders(suite2p)[-1] == [["detected", "classified"]]


class Evil:
    def __reduce__(self):
        return os.system, ("true",)


def test_rois_that_would_run_code_are_detected_anew(tmp_path, suite2p):
    suite2p.fails_in = "classified"
    with pytest.raises(ExtractionError):
        run(suite2p, tmp_path, [Movie()])
    file = tmp_path / "suite2p.building" / "plane0" / "stat.npy"
    np.save(file, np.array([{"ypix": Evil()}], dtype=object))
    suite2p.fails_in = None
    run(suite2p, tmp_path, [Movie()])
    assert orders(suite2p)[-1] == [["detected", "classified"]]


def test_what_failed_leaves_the_last_result_in_place(tmp_path, suite2p):
    before = run(suite2p, tmp_path, [Movie()])
    suite2p.fails_in = "detected"
    with pytest.raises(ExtractionError):
        run(suite2p, tmp_path, [Movie()], threshold_scaling=2.0)
    kept = suite2p_engine.read_folder(tmp_path / "suite2p")
    assert np.array_equal(kept.is_cell, before.is_cell)
    assert not is_edited(tmp_path / "suite2p")


def test_a_movie_that_cannot_be_read_for_a_moment_costs_nothing(tmp_path, suite2p):
    with pytest.raises(MovieError):
        run(suite2p, tmp_path, [Movie(fails_at=75, error=MovieError)])
    assert [path.name for path in tmp_path.iterdir()] == ["suite2p.building"]
    again = Movie()
    run(suite2p, tmp_path, [again])
    assert again.read == 100
    assert [path.name for path in tmp_path.iterdir()] == ["suite2p"]


def test_how_many_frames_are_taken_at_once_changes_nothing(tmp_path, suite2p):
    run(suite2p, tmp_path, [Movie()])
    again = Movie()
    run(suite2p, tmp_path, [again], batch_frames=60)
    assert (len(suite2p.jobs), again.read) == (1, 0)


@pytest.mark.parametrize("bytes_kept", [0, 2 * SIDE**2 * 100])
def test_a_registered_movie_that_is_not_whole_is_made_again(tmp_path, suite2p, bytes_kept):
    run(suite2p, tmp_path, [Movie()])
    with (tmp_path / "suite2p" / "plane0" / "data.bin").open("r+b") as stream:
        stream.truncate(bytes_kept)
    again = Movie()
    run(suite2p, tmp_path, [again])
    assert again.read == FRAMES


def test_rois_that_are_edited_during_extraction_are_kept(tmp_path, suite2p):
    run(suite2p, tmp_path, [Movie()])
    plane = tmp_path / "suite2p" / "plane0"
    edited = np.load(plane / "iscell.npy")[:, ::-1]
    suite2p.meanwhile = lambda: np.save(plane / "iscell.npy", edited)
    traces = run(suite2p, tmp_path, [Movie()], threshold_scaling=2.0)
    kept = tmp_path / "suite2p.backup-1" / "plane0"
    assert np.array_equal(np.load(kept / "iscell.npy"), edited)
    assert not (kept / "data.bin").exists()
    assert (plane / "data.bin").exists()
    assert any("edited during extraction are in suite2p.backup-1" in note for note in traces.notes)
    assert not is_edited(tmp_path / "suite2p")


def test_a_full_disk_is_named_and_what_was_done_is_kept(tmp_path, suite2p):
    with pytest.raises(ExtractionError, match=r"suite2p\.building cannot be written.*disk full"):
        run(suite2p, tmp_path, [Movie(fails_at=75, error=OSError)])
    again = Movie()
    run(suite2p, tmp_path, [again])
    assert again.read == 100


def test_edited_rois_are_not_taken_for_what_detection_found(tmp_path, suite2p):
    run(suite2p, tmp_path, [Movie()])
    file = tmp_path / "suite2p" / "plane0" / "iscell.npy"
    np.save(file, np.load(file)[:, ::-1])
    again = Movie()
    run(suite2p, tmp_path, [again])
    assert again.read == 0
    assert orders(suite2p)[1] == [["detected", "classified"]]


def test_a_marker_that_cannot_be_read_counts_for_nothing(tmp_path, suite2p):
    run(suite2p, tmp_path, [Movie()])
    (tmp_path / "suite2p" / "plane0" / "detected.json").write_text("{")
    run(suite2p, tmp_path, [Movie()])
    assert orders(suite2p)[1] == [["detected", "classified"]]


def test_suite2p_registers_where_it_should(tmp_path, suite2p):
    movie = Movie()
    run(suite2p, tmp_path, [movie], registration="suite2p")
    assert orders(suite2p) == [[["registered", "detected", "classified"]]]
    assert movie.read == FRAMES
    suite2p.jobs.clear()
    run(suite2p, tmp_path, [Movie()], files="others", device="cuda")
    assert orders(suite2p) == [[["registered", "detected", "classified"]]]
    assert suite2p.jobs[0]["settings"]["torch_device"] == "cuda"


def test_planes_that_are_no_longer_used_are_left_out(tmp_path, suite2p):
    run(suite2p, tmp_path, [Movie(), Movie(seed=1)])
    run(suite2p, tmp_path, [Movie()])
    assert not (tmp_path / "suite2p" / "plane1").exists()


def test_times_of_frames_are_kept_beside_the_planes_and_alone_renew_nothing(suite2p, tmp_path):
    assert run(suite2p, tmp_path, [Movie()]).frame_time_s is None
    began = np.arange(FRAMES) / RATE + np.repeat([0.0, 60.0], FRAMES // 2)
    times = FrameTimes(began, 12.5, np.array([7]))
    traces = run(suite2p, tmp_path, [Movie()], times=times)
    assert np.array_equal(traces.frame_time_s, began)
    assert (traces.first_stamp_s, traces.unknown_pause.tolist()) == (12.5, [7])
    assert traces.frame_time(0, 75) == began[75] + traces.plane_delay_s[0]
    assert len(suite2p.jobs) == 1


def test_a_folder_of_an_earlier_version_has_evenly_spaced_frames(suite2p, tmp_path):
    run(suite2p, tmp_path, [Movie()], times=FrameTimes(np.arange(FRAMES) / 3.0, 1.0))
    (tmp_path / "suite2p" / "frame_times.npz").unlink()
    traces = read_folder(tmp_path / "suite2p")
    assert (traces.frame_time_s, traces.first_stamp_s, traces.unknown_pause) == (None, None, None)
    assert traces.frame_time(0, 10) == 10 / RATE + traces.plane_delay_s[0]


def test_damaged_times_of_frames_are_an_error(suite2p, tmp_path):
    run(suite2p, tmp_path, [Movie()], times=FrameTimes(np.arange(FRAMES) / 3.0, 1.0))
    (tmp_path / "suite2p" / "frame_times.npz").write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(ExtractionError, match="cannot be read"):
        read_folder(tmp_path / "suite2p")


def flip(file, at=-3):
    content = bytearray(file.read_bytes())
    content[at] ^= 4
    file.write_bytes(bytes(content))


def stopped_in(suite2p, folder, substep):
    """The plane that a run leaves which was killed in `substep`."""
    suite2p.fails_in = substep
    with pytest.raises(ExtractionError):
        run(suite2p, folder, [Movie()])
    suite2p.fails_in = None
    return folder / "suite2p.building" / "plane0"


def test_nothing_planted_beside_finished_work_reaches_suite2p(tmp_path, suite2p):
    plane = stopped_in(suite2p, tmp_path, "detected")
    np.save(plane / "reg_outputs.npy", np.array({"yoff": Evil()}, dtype=object))
    np.save(plane / "zcorr.npy", np.zeros(1))
    (plane / "cache").mkdir()
    (plane.parent / "bad_frames.npy").write_bytes(b"")
    (plane.parent / "plane1").symlink_to(tmp_path)
    found = []
    suite2p.meanwhile = lambda: found.extend(sorted(path.name for path in plane.iterdir()))
    again = Movie()
    run(suite2p, tmp_path, [again])
    assert again.read == 0
    assert found == ["data.bin", "frame_mean.npy", "motion.npz", "registered.json"]
    assert not (tmp_path / "suite2p" / "bad_frames.npy").exists()


def test_links_in_place_of_files_are_not_written_through(tmp_path, suite2p):
    plane = stopped_in(suite2p, tmp_path, "detected")
    (tmp_path / "mine").write_bytes(b"mine")
    for name in ("F.npy", "new-registered.json", "iscell.npy", "redcell.npy"):
        (plane / name).symlink_to(tmp_path / "mine")
    run(suite2p, tmp_path, [Movie()])
    assert (tmp_path / "mine").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["ops.npy", "detect_outputs.npy", "zcorr.npy"])
def test_a_finished_detection_that_would_run_code_is_not_taken_over(tmp_path, suite2p, name):
    """Its digests match: whoever plants a file can plant its digest."""
    run(suite2p, tmp_path, [Movie()])
    plane = tmp_path / "suite2p" / "plane0"
    np.save(plane / name, np.array({"a": Evil()}, dtype=object))
    mark_done(plane, "detected", key_marked(plane, "detected"))
    traces = run(suite2p, tmp_path, [Movie()])
    assert orders(suite2p)[1] == [["detected", "classified"]]
    assert any("(ROIs and traces); that was done again" in note for note in traces.notes)


@pytest.mark.parametrize(
    ("name", "read", "to_do"),
    [
        ("data.bin", FRAMES, ["detected", "classified"]),
        ("frame_mean.npy", FRAMES, ["detected", "classified"]),
        ("motion.npz", FRAMES, ["detected", "classified"]),
        ("correlation_image.npy", 0, ["detected", "classified"]),
    ],
)
@pytest.mark.parametrize("at", [-3, 200])
def test_a_flipped_byte_is_noticed_and_said(tmp_path, suite2p, name, read, to_do, at):
    before = run(suite2p, tmp_path, [Movie()])
    flip(tmp_path / "suite2p" / "plane0" / name, at)
    again = Movie()
    traces = run(suite2p, tmp_path, [again])
    assert (again.read, orders(suite2p)[1]) == (read, [to_do])
    assert any("are not as they were written" in note for note in traces.notes)
    assert np.array_equal(traces.frame_mean, before.frame_mean)
    assert not doubtful_edits(tmp_path / "suite2p")


@pytest.mark.parametrize("name", ["data.bin", "checkpoint.npz"])
@pytest.mark.parametrize("at", [100, -40])
def test_half_done_work_that_was_damaged_begins_anew(tmp_path, suite2p, name, at):
    undisturbed = run(suite2p, tmp_path / "other", [Movie()])
    with pytest.raises(KeyboardInterrupt):
        run(suite2p, tmp_path, [Movie(fails_at=75)])
    plane = tmp_path / "suite2p.building" / "plane0"
    written = (plane / "data.bin").read_bytes()
    # What lies behind the checkpoint is written again anyway.
    flip(plane / name, at if name != "data.bin" else 2 * SIDE**2 * 50 - abs(at))
    again = Movie()
    traces = run(suite2p, tmp_path, [again])
    assert again.read in (FRAMES, 100)
    if name == "data.bin":
        assert again.read == FRAMES
        assert any("motion was corrected from the beginning" in note for note in traces.notes)
    whole = (tmp_path / "suite2p" / "plane0" / "data.bin").read_bytes()
    assert whole == (tmp_path / "other" / "suite2p" / "plane0" / "data.bin").read_bytes()
    assert whole.startswith(written[: 2 * SIDE**2 * 50])
    assert np.array_equal(traces.motion_y, undisturbed.motion_y)


def test_the_digest_of_a_movie_is_the_same_however_often_it_was_interrupted(tmp_path, suite2p):
    run(suite2p, tmp_path / "other", [Movie()])
    for at in (75, 125):
        with pytest.raises(KeyboardInterrupt):
            run(suite2p, tmp_path, [Movie(fails_at=at)])
    run(suite2p, tmp_path, [Movie()])
    one, other = (
        digests_marked(folder / "suite2p" / "plane0", "registered")["data.bin"]
        for folder in (tmp_path, tmp_path / "other")
    )
    assert one == other


def test_work_of_an_earlier_version_is_taken_up_and_gets_digests(tmp_path, suite2p):
    run(suite2p, tmp_path, [Movie()])
    plane = tmp_path / "suite2p" / "plane0"
    for substep in ("registered", "detected", "classified"):
        (plane / f"{substep}.json").write_text(json.dumps(key_marked(plane, substep)))
    again = Movie()
    run(suite2p, tmp_path, [again])
    assert (len(suite2p.jobs), again.read) == (1, 0)
    assert digests_marked(plane, "registered").keys() == {
        "data.bin", "motion.npz", "frame_mean.npy",
    }  # fmt: skip


def test_signals_that_changed_without_their_rois_are_doubted(tmp_path, suite2p):
    run(suite2p, tmp_path, [Movie()])
    folder = tmp_path / "suite2p"
    flip(folder / "plane0" / "F.npy")
    assert is_edited(folder)
    assert "plane0: F.npy alone differ" in doubtful_edits(folder)[0]


def test_what_no_edit_changes_is_damage_where_edits_are_read(tmp_path, suite2p):
    run(suite2p, tmp_path, [Movie()])
    refuse_damage(tmp_path / "suite2p")
    flip(tmp_path / "suite2p" / "plane0" / "frame_mean.npy")
    with pytest.raises(ExtractionError, match=r"frame_mean\.npy is damaged.*--discard-curation"):
        refuse_damage(tmp_path / "suite2p")


@pytest.mark.parametrize(("old", "new"), [(b"10.0", b"11.0"), (b'"rois"', b'"rokr"'), (b"{", b"[")])
def test_a_damaged_origin_is_an_error_in_words(tmp_path, suite2p, old, new):
    run(suite2p, tmp_path, [Movie()])
    file = tmp_path / "suite2p" / "tpdecode.json"
    assert old in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(old, new, 1))
    for reader in (read_folder, is_edited):
        with pytest.raises(ExtractionError, match="cannot be read"):
            reader(tmp_path / "suite2p")


@pytest.mark.parametrize("labels", [[[2, 0.5]], [[1, 3e38]], [[1]], [1, 0]])
def test_labels_that_cannot_be_are_damage(tmp_path, suite2p, labels):
    run(suite2p, tmp_path, [Movie()])
    np.save(tmp_path / "suite2p" / "plane0" / "iscell.npy", np.array(labels * ROIS, float))
    with pytest.raises(ExtractionError, match=r"iscell\.npy"):
        read_folder(tmp_path / "suite2p")
