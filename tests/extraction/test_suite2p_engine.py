"""The engine on a small simulated movie, with suite2p itself; one run is shared."""

import ast
import importlib.util
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile

from twophoton_decode.errors import ExtractionError, MovieError, SettingsError
from twophoton_decode.extraction.curation.edits import back_up, fingerprint, is_curated, is_edited
from twophoton_decode.extraction.motion.blocks import block_size
from twophoton_decode.extraction.signals.delta_f import corrected_trace
from twophoton_decode.extraction.suite2p.extract import Plane, extract, mapping_note, read_folder
from twophoton_decode.extraction.suite2p.process import Suite2pProcess
from twophoton_decode.recording.levels.plane_movie import PlaneMovie
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.records import IntensityMapping, Recording
from twophoton_decode.settings import ExtractionSettings

SIDE, FRAMES, RATE = 128, 600, 10.0
SETTINGS = ExtractionSettings()
MAPPING = IntensityMapping(32768.0, 1.0)


def simulated(seed=0):
    """Blobs with transients on a textured background, shaken rigidly; saturating uint16."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    places = [(y, x) for y in range(16, SIDE - 12, 24) for x in range(16, SIDE - 12, 24)]
    blobs = np.array([np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 18) for y, x in places])
    spikes = (rng.random((len(places), FRAMES)) < 0.02) * rng.uniform(0.5, 1.5, (len(places), 1))
    activity = np.array([np.convolve(s, np.exp(-np.arange(60) / 10))[:FRAMES] for s in spikes])
    texture = np.kron(rng.random((16, 16)), np.ones((8, 8)))
    movie = 6000 + 4000 * texture + np.tensordot(1 + 2 * activity.T, 8000 * blobs, axes=1)
    movie += rng.normal(0, 1500, movie.shape)
    shifts = np.clip(np.cumsum(rng.integers(-1, 2, (FRAMES, 2)), axis=0), -4, 4)
    moved = [np.roll(frame, shift, (0, 1)) for frame, shift in zip(movie, shifts, strict=True)]
    return np.clip(np.array(moved), 0, 65535).astype(np.uint16), places, activity, shifts


def run(
    folder, movie, settings=SETTINGS, mapping=MAPPING, progress=lambda *report: None, **changes
):
    """`movie` is a recording, or what stands for a plane's movie."""
    if isinstance(movie, Recording):
        movie = PlaneMovie(movie, None, mapping)
    with Suite2pProcess(folder / "logs" / "extract.log", folder / "scratch") as suite2p:
        return extract(
            [Plane(0, movie, 0.5 / RATE, {"files": changes.pop("files", "abc")})],
            mapping,
            frame_rate_hz=changes.pop("frame_rate_hz", RATE),
            settings=settings,
            folder=folder / "suite2p",
            suite2p=suite2p,
            progress=progress,
            **changes,
        )


class Done:
    """A finished extraction, and what was seen on the way."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        monkeypatch.setenv("HOME", str(self.home))
        monkeypatch.setenv("USERPROFILE", str(self.home))
        self.movie, self.places, self.activity, self.shifts = simulated()
        tifffile.imwrite(folder / "raw_1.tif", self.movie[:350], compression="zlib")
        tifffile.imwrite(folder / "raw_2.tif", self.movie[350:], compression="zlib")
        # What an earlier run may have left behind.
        stale = folder / "suite2p" / "plane0"
        stale.mkdir(parents=True)
        (stale / "stale.npy").write_bytes(b"old")
        self.reports: list[tuple[int, int, str]] = []
        self.recording = open_recording([folder / "raw_1.tif", folder / "raw_2.tif"])
        self.traces = run(folder, self.recording, progress=lambda *r: self.reports.append(r))
        self.plane = stale

    def roi_at(self, y: int, x: int) -> int:
        """The ROI nearest to a place."""
        return int(np.argmin(np.hypot(self.traces.center_y - y, self.traces.center_x - x)))


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        return Done(tmp_path_factory.mktemp("extraction"), monkeypatch)


pytestmark = pytest.mark.slow


def test_every_blob_is_found_with_its_activity(done):
    # The reference image may lie shifted as a whole.
    motion = np.stack([done.traces.motion_y[0], done.traces.motion_x[0]], axis=1)
    shift = np.median(done.shifts - motion, axis=0)
    for place, activity in zip(done.places, done.activity, strict=True):
        y, x = place + shift
        if max(y, x) > SIDE - 16 or min(y, x) < 16:
            continue  # Partly outside of what every frame shows.
        roi = done.roi_at(y, x)
        assert np.hypot(done.traces.center_y[roi] - y, done.traces.center_x[roi] - x) < 4
        corrected = corrected_trace(
            done.traces.fluorescence[[roi]], done.traces.neuropil[[roi]], 0.7
        )
        assert np.corrcoef(corrected[0], activity)[0, 1] > 0.9
    assert done.traces.is_cell.sum() >= 0.8 * len(done.places)


def test_traces_are_in_the_grey_levels_of_the_files(done):
    assert (done.traces.intensity_offset, done.traces.intensity_scale) == (32768.0, 1.0)
    assert done.movie.max() > 40000
    inside = (slice(None), slice(10, -10), slice(10, -10))
    expected = done.movie[inside].mean()
    assert done.traces.mean_image[inside].mean() == pytest.approx(expected, rel=0.01)
    roi = done.roi_at(*done.places[0])
    pixels = slice(*done.traces.pixel_offset[roi : roi + 2])
    weights = done.traces.pixel_weight[pixels]
    rows, columns = done.traces.pixel_y[pixels], done.traces.pixel_x[pixels]
    image = done.traces.mean_image[0][rows, columns]
    mean_of_trace = float(np.mean(done.traces.fluorescence[roi]))
    assert mean_of_trace == pytest.approx(np.average(image, weights=weights), rel=0.02)


def test_the_raw_movie_does_not_wrap(done):
    registered = np.memmap(done.plane / "data.bin", np.int16, "r", shape=done.movie.shape)
    inside = (slice(None), slice(10, -10), slice(10, -10))
    grey = registered[inside].astype(np.int64) + 32768
    assert grey.max() <= 65535
    assert np.percentile(grey, [50, 99.9]) == pytest.approx(
        np.percentile(done.movie[inside], [50, 99.9]), rel=0.02
    )


def test_motion_is_found(done):
    for found, true in ((done.traces.motion_y, 0), (done.traces.motion_x, 1)):
        shift = done.shifts[:, true]
        assert np.median(np.abs((found[0] - np.median(found[0])) - (shift - np.median(shift)))) <= 1
        assert np.corrcoef(found[0], shift)[0, 1] > 0.95
    assert done.traces.bad_frame.shape == (FRAMES,)


def test_what_was_adapted_is_noted(done):
    assert len(done.traces.notes) == 3
    assert "(grey - 32768) / 1" in done.traces.notes[0]
    assert "blocks of 64 x 64 px" in done.traces.notes[1]
    assert done.traces.notes[2].startswith("suite2p estimated that cells are about ")


def test_frame_times_are_the_middles_of_frames(done):
    assert done.traces.frame_time(0, np.array([0, 10])) == pytest.approx([0.05, 1.05])


def test_progress_names_the_stages_in_order(done):
    seen = list(dict.fromkeys(what for _, _, what in done.reports))
    assert seen == [
        "motion correction",
        "starting suite2p",
        "ROI detection",
        "fluorescence extraction",
        "deconvolution",
        "classification",
    ]
    assert (600, 600, "motion correction") in done.reports


def test_only_the_finished_folder_is_left(done):
    assert not (done.plane / "stale.npy").exists()
    assert sorted(path.name for path in done.folder.iterdir()) == [
        *("home", "logs", "raw_1.tif", "raw_2.tif", "scratch", "suite2p")
    ]
    assert "ROI CLASSIFICATION" in (done.folder / "logs" / "extract.log").read_text()


def test_no_home_directory_is_left_with_anything(done):
    assert list(done.home.iterdir()) == []
    # suite2p's own home, in which it did make its folder, is gone again.
    assert list((done.folder / "scratch").iterdir()) == []


def gui_loader():
    """suite2p's own loading function; its module needs Qt only for other functions."""
    package = importlib.util.find_spec("suite2p")
    assert package
    assert package.origin
    source = (Path(package.origin).parent / "gui" / "io.py").read_text()
    functions = [f for f in ast.parse(source).body if getattr(f, "name", "") == "load_files"]
    namespace = {"np": np, "os": os}
    exec(compile(ast.Module(functions, []), "io.py", "exec"), namespace)
    return namespace["load_files"]


def test_the_gui_opens_the_folder(done):
    stat, ops, fluorescence, neuropil, spikes, is_cell, probability, *_ = gui_loader()(
        str(done.plane / "stat.npy")
    )
    rois = len(done.traces.is_cell)
    assert len(stat) == len(fluorescence) == len(neuropil) == len(spikes) == rois
    assert np.array_equal(is_cell, done.traces.is_cell)
    assert np.allclose(probability, done.traces.cell_probability)
    assert ops["meanImg"].shape == (SIDE, SIDE)
    for key in ("reg_file", "db_path", "settings_path"):
        assert Path(ops[key]).is_file()
        assert Path(ops[key]).parent == done.plane.resolve()
    assert Path(ops["save_path"]) == done.plane.resolve()
    assert "building" not in repr(ops)


def test_reading_again_gives_the_same_traces(done):
    again = read_folder(done.folder / "suite2p")
    for name, _ in again.arrays():
        assert np.array_equal(
            np.asarray(getattr(again, name)),
            np.asarray(getattr(done.traces, name)),
            equal_nan=name == "correlation_image",
        ), name
    assert not again.curated


def test_signals_are_read_by_row(done):
    signal = done.traces.fluorescence
    assert signal.dtype == np.float32
    whole = np.asarray(signal)
    for index in (3, slice(2, 5), [4, 1], (slice(0, 3), slice(10, 20)), (2, 5)):
        assert np.array_equal(signal[index], whole[index])
    assert len(signal) == len(whole)


def copy_of(done, folder):
    """The finished folder, to be edited; the movie is left out."""
    ignored = shutil.ignore_patterns("data.bin")
    return Path(shutil.copytree(done.folder / "suite2p", folder / "suite2p", ignore=ignored))


def test_a_toggled_cell_is_curation(done, tmp_path):
    folder = copy_of(done, tmp_path)
    written = fingerprint(folder)
    assert written == fingerprint(done.folder / "suite2p")
    assert not is_curated(folder, written)
    assert not is_edited(folder)
    cells = np.load(folder / "plane0" / "iscell.npy")
    cells[0, 0] = 1 - cells[0, 0]
    np.save(folder / "plane0" / "iscell.npy", cells)
    assert is_curated(folder, written)
    assert is_edited(folder)
    traces = read_folder(folder, curated=True)
    assert traces.curated
    assert traces.is_cell[0] != done.traces.is_cell[0]
    assert np.array_equal(traces.is_cell[1:], done.traces.is_cell[1:])


def test_a_drawn_roi_shifts_all_others(done, tmp_path):
    folder = copy_of(done, tmp_path)
    written = fingerprint(folder)
    plane = folder / "plane0"
    stat = np.load(plane / "stat.npy", allow_pickle=True)
    drawn = dict(stat[0], ypix=np.array([5, 5]), xpix=np.array([6, 7]), med=[5, 6])
    drawn["lam"] = np.ones(2)
    drawn["overlap"] = np.zeros(2, bool)
    np.save(plane / "stat.npy", np.array([drawn, *stat], dtype=object))
    for name in ("F", "Fneu", "spks", "iscell"):
        values = np.load(plane / f"{name}.npy")
        np.save(plane / f"{name}.npy", np.concatenate([values[:1], values]))
    assert is_curated(folder, written)
    traces = read_folder(folder, curated=True)
    assert len(traces.is_cell) == len(done.traces.is_cell) + 1
    assert traces.pixel_x[:2].tolist() == [6, 7]
    assert np.array_equal(traces.center_y[1:], done.traces.center_y)


def test_a_back_up_is_made_before_anything_is_lost(done, tmp_path):
    folder = copy_of(done, tmp_path)
    (folder / "plane0" / "data.bin").write_bytes(b"movie")
    first, second = back_up(folder), back_up(folder)
    assert (first.name, second.name) == ("suite2p.backup-1", "suite2p.backup-2")
    assert fingerprint(first) == fingerprint(folder)
    assert not (first / "plane0" / "data.bin").exists()


def test_a_deleted_folder_is_not_curation(tmp_path):
    assert not is_curated(tmp_path / "suite2p", "0" * 40)
    assert not is_edited(tmp_path / "suite2p")
    with pytest.raises(ExtractionError, match="holds no plane"):
        fingerprint(tmp_path / "suite2p")


class Evil:
    def __reduce__(self):
        return os.system, ("true",)


def test_a_pickle_that_would_run_code_is_not_opened(done, tmp_path):
    folder = copy_of(done, tmp_path)
    np.save(folder / "plane0" / "stat.npy", np.array([{"ypix": Evil()}], dtype=object))
    with pytest.raises(ExtractionError, match=r"cannot be read \(it refers to .*system\)"):
        read_folder(folder)


@pytest.mark.parametrize(
    "damage", ["missing", "cut", "fewer rows", "no pickle", "flat cells", "cut motion", "no origin"]
)
def test_a_damaged_folder_is_named(done, tmp_path, damage):
    folder = copy_of(done, tmp_path)
    file = folder / "plane0" / "stat.npy"
    if damage == "missing":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:1000])
    elif damage == "no pickle":
        np.save(file, np.zeros(3))
    elif damage == "flat cells":
        np.save(folder / "plane0" / "iscell.npy", np.ones(5))
    elif damage == "cut motion":
        file = folder / "plane0" / "motion.npz"
        file.write_bytes(file.read_bytes()[:-100])
    elif damage == "no origin":
        (folder / "tpdecode.json").write_text("")
    else:
        cells = np.load(folder / "plane0" / "iscell.npy")
        np.save(folder / "plane0" / "iscell.npy", cells[1:])
    with pytest.raises(ExtractionError, match="cannot be read"):
        read_folder(folder)


def test_a_movie_without_cells(tmp_path):
    noise = np.random.default_rng(0).normal(500, 20, (300, 64, 64))
    tifffile.imwrite(tmp_path / "raw.tif", noise.astype(np.int16))
    (tmp_path / "suite2p").mkdir()
    (tmp_path / "suite2p" / "kept").write_text("earlier result")
    with pytest.raises(ExtractionError, match=r"found no cells.*threshold_scaling.*extract\.log"):
        run(tmp_path, open_recording([tmp_path / "raw.tif"]), mapping=IntensityMapping(0.0, 1.0))
    assert [path.name for path in (tmp_path / "suite2p").iterdir()] == ["kept"]
    # Motion need not be corrected again.
    assert (tmp_path / "suite2p.building" / "plane0" / "registered.json").exists()


# Before suite2p starts


def recording_of(frames=600, height=128, width=128):
    return Recording(
        file=np.array(["raw.tif"]),
        file_frames=np.array([frames]),
        height=height,
        width=width,
        dtype="uint16",
        layout="plain",
    )


@pytest.mark.parametrize(
    ("height", "width", "expected", "said"),
    [
        (512, 512, (128, 128), ""),
        (256, 256, (128, 128), ""),
        (255, 512, (96, 128), "96 x 128"),
        (128, 128, (64, 64), "64 x 64"),
        (64, 500, (32, 128), "32 x 128"),
        (63, 500, None, "rigidly only"),
    ],
)
def test_blocks_fit_the_field_of_view(height, width, expected, said):
    blocks, note = block_size(height, width, SETTINGS)
    assert blocks == expected
    assert (said in note) if said else note == ""


def test_blocks_the_user_chose():
    assert block_size(128, 128, ExtractionSettings(block_size_px=32)) == ((32, 32), "")
    assert block_size(128, 128, ExtractionSettings(nonrigid=False)) == (None, "")
    with pytest.raises(SettingsError, match="block_size_px = 31 is too small"):
        block_size(128, 128, ExtractionSettings(block_size_px=31))
    with pytest.raises(SettingsError, match="block_size_px = 128 leaves no room"):
        block_size(128, 200, ExtractionSettings(block_size_px=128))


@pytest.mark.parametrize(
    ("recording", "changes", "error", "message"),
    [
        (recording_of(40), {}, MovieError, "has 40 frames; finding cells needs at least 50"),
        (
            recording_of(149),
            {"frame_rate_hz": 30.0},
            MovieError,
            "has 149 frames; finding cells needs at least 150",
        ),
        (recording_of(height=31), {}, MovieError, "31 x 128 px; motion correction needs"),
        (
            recording_of(),
            {"settings": ExtractionSettings(classifier="gone.npy")},
            SettingsError,
            r"classifier = 'gone\.npy' is no file",
        ),
        (recording_of(10**12), {}, ExtractionError, "GB are free"),
    ],
)
def test_what_cannot_work_is_refused_at_once(tmp_path, recording, changes, error, message):
    with pytest.raises(error, match=message):
        run(tmp_path, recording, **changes)
    assert not (tmp_path / "suite2p").exists()


def test_mapping_that_keeps_the_levels_is_not_noted():
    assert mapping_note(IntensityMapping(0.0, 1.0)) == ""
    assert "(grey - 0.5) / 0.001" in mapping_note(IntensityMapping(0.5, 0.001))
