"""`tpdecode align` on files as laboratories keep them, and on what cannot be used."""

import csv

import h5py
import numpy as np
import pytest

from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.clock.log_rows import read_onsets

RATE = 1000.0
OFFSET_S = 6.25
DRIFT = 1e-3
ROWS = 40
FRAME_HZ = 30.01
FIRST_FRAME_S = 3.0


@pytest.fixture
def lab(tmp_path):
    """A log in ms and its trace, as arrays and files."""
    rng = np.random.default_rng(2)
    log_s = np.cumsum(rng.uniform(1.0, 2.0, ROWS))
    onset = OFFSET_S + (1 + DRIFT) * log_s
    time = np.arange(int((onset[-1] + 3) * RATE)) / RATE
    shown = np.zeros(time.size)
    for each in np.delete(onset, 7):
        shown[(time >= each) & (time < each + 0.5)] = 1
    trace = 0.3 + 2.1 * shown + rng.normal(0, 0.05, time.size)
    frames = ((time - FIRST_FRAME_S) * FRAME_HZ % 1 < 0.3) & (time >= FIRST_FRAME_S)
    rows = [f"p{i % 4}.png,{1000 * each:.3f},500,a{i}" for i, each in enumerate(log_s)]
    (tmp_path / "log.csv").write_text("\n".join(["image,onset_ms,duration,tag", *rows]) + "\n")
    np.save(tmp_path / "trace.npy", trace.astype(np.float32))
    return tmp_path, trace, frames, onset


def aligned(path):
    with path.open() as stream:
        return list(csv.DictReader(stream))


def assert_onsets(path, onset, zero_s=0.0):
    rows = aligned(path)
    found = np.array([float(row["onset_s"]) for row in rows])
    assert found == pytest.approx(onset - zero_s, abs=0.002)
    assert [row["onset_from"] for row in rows] == [
        "clock" if i == 7 else "flip" for i in range(ROWS)
    ]


def test_npy_log_keeps_its_columns_and_is_read_by_init(tpdecode, lab):
    folder, _, _, onset = lab
    out, figure = folder / "aligned.csv", folder / "match.png"
    code, output, error = tpdecode(
        "align", folder / "log.csv", "--trace", folder / "trace.npy", "--trace-rate-hz", RATE,
        "-o", out, "--figure", figure,
    )  # fmt: skip
    assert code == 0, error
    assert "39 of 40 rows" in output
    assert "line 9" in output
    assert "ppm" in output
    assert_onsets(out, onset)
    rows = aligned(out)
    assert list(rows[0]) == ["image", "onset_ms_log", "duration_ms", "tag", "onset_s", "onset_from"]
    assert [row["tag"] for row in rows] == [f"a{i}" for i in range(ROWS)]
    assert figure.read_bytes().startswith(b"\x89PNG")
    again = read_onsets(out, LogSettings())
    assert again.columns.onset.name == "onset_s"
    assert again.columns.duration.unit == "ms"
    assert again.onset_s == pytest.approx(onset, abs=0.002)


def wavesurfer(path, trace, frames):
    scale = 3.2e-4
    with h5py.File(path, "w") as file:
        file["header/AcquisitionSampleRate"] = np.array([[RATE]])
        file["header/AIScalingCoefficients"] = np.array([[0, scale, 0, 0]] * 2)
        file["header/AIChannelScales"] = np.ones((2, 1))
        file["sweep_0001/analogScans"] = (np.stack([trace, 5 * frames]) / scale).astype(np.int16)
        file["sweep_0001/digitalScans"] = (frames.astype(np.uint8) << 3)[None]


@pytest.mark.parametrize("clock", ["analog", "digital"])
def test_wavesurfer_with_a_frame_clock(tpdecode, lab, clock):
    folder, trace, frames, onset = lab
    file = folder / "sync.h5"
    wavesurfer(file, trace, frames)
    source, column = (file, 2) if clock == "analog" else (f"{file}=sweep_0001/digitalScans", 4)
    code, output, error = tpdecode(
        "align", folder / "log.csv", "--trace", file, "--frames", source,
        "--frames-column", column, "-o", folder / "aligned.csv",
    )  # fmt: skip
    assert code == 0, error
    # In volts, by the header's coefficients.
    low = float(output.partition("levels ")[2].split()[0])
    assert low == pytest.approx(0.3, abs=0.01)
    assert "first frame" in output
    assert_onsets(folder / "aligned.csv", onset, FIRST_FRAME_S)
    said = output.partition("frame_rate_hz has to be ")[2].split()[0]
    assert float(said) == pytest.approx(FRAME_HZ, abs=0.002)


def test_nwb_by_rate_and_by_timestamps(tpdecode, lab):
    folder, trace, _, onset = lab
    with h5py.File(folder / "sync.nwb", "w") as file:
        series = file.create_group("acquisition/photodiode")
        series["data"] = trace
        series["starting_time"] = 10.0
        series["starting_time"].attrs["rate"] = RATE
        stamped = file.create_group("acquisition/stamped")
        stamped["data"] = trace
        stamped["timestamps"] = 20 + np.arange(trace.size) / RATE
    for name, zero in (("photodiode", -10.0), ("stamped", -20.0)):
        out = folder / f"{name}.csv"
        source = f"{folder / 'sync.nwb'}=acquisition/{name}"
        code, _, error = tpdecode("align", folder / "log.csv", "--trace", source, "-o", out)
        assert code == 0, error
        assert_onsets(out, onset, zero)


def test_raw_binary_and_a_cut_one(tpdecode, lab):
    folder, trace, frames, onset = lab
    table = np.stack([frames * 1000, trace * 1000], axis=1).astype(np.int16)
    call = (
        "align", folder / "log.csv", "--trace", folder / "sync.bin", "--dtype", "int16",
        "--columns", 2, "--column", 2, "--trace-rate-hz", RATE, "-o", folder / "aligned.csv",
    )  # fmt: skip
    (folder / "sync.bin").write_bytes(table.tobytes()[:-3])
    code, _, error = tpdecode(*call)
    assert code == 1
    assert "no whole number of samples" in error
    (folder / "sync.bin").write_bytes(table.tobytes())
    code, _, error = tpdecode(*call)
    assert code == 0, error
    assert_onsets(folder / "aligned.csv", onset)


def test_what_does_not_fit_is_not_written(tpdecode, lab):
    folder, trace, _, _ = lab
    np.save(folder / "half.npy", trace[: trace.size // 2])
    code, _output, error = tpdecode(
        "align", folder / "log.csv", "--trace", folder / "half.npy", "--trace-rate-hz", RATE,
        "-o", folder / "aligned.csv", "--figure", folder / "match.png",
    )  # fmt: skip
    assert code == 1
    assert "rows have a flip" in error
    assert "--min-matched" in error
    assert not (folder / "aligned.csv").exists()
    assert (folder / "match.png").exists()


def test_flips_at_the_ends_of_stimuli_are_pointed_out(tpdecode, lab):
    folder = lab[0]
    code, output, error = tpdecode(
        "align", folder / "log.csv", "--trace", folder / "trace.npy", "--trace-rate-hz", RATE,
        "--edges", "falling",
    )  # fmt: skip
    assert code == 0, error
    assert "use --edges rising" in output


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--trace", "trace.npy"), 2, "--trace-rate-hz"),
        (("--trace", "gone.npy", "--trace-rate-hz", RATE), 2, "no such file"),
        (("--trace", "trace.npy", "--trace-rate-hz", RATE, "--column", 2), 2, "no column 2"),
        (("--trace", "sync.h5=sweep_0009"), 2, "sweep_0009"),
        (("--trace", "pickled.npy", "--trace-rate-hz", RATE), 1, "never loaded"),
        (("--trace", "log.csv=tag", "--trace-rate-hz", RATE), 1, "expected a number"),
        (("--trace", "sync.xyz", "--trace-rate-hz", RATE), 2, "--dtype"),
        (("--trace", "trace.npy", "--trace-rate-hz", RATE, "-o", "log.csv"), 2, "another file"),
        (("--trace", "trace.npy", "--trace-rate-hz", RATE, "--figure", "a.gif"), 2, ".png"),
    ],
)  # fmt: skip
def test_what_is_refused(tpdecode, lab, monkeypatch, options, code, message):
    folder, trace, frames, _ = lab
    monkeypatch.chdir(folder)
    wavesurfer(folder / "sync.h5", trace, frames)
    np.save(folder / "pickled.npy", np.array([{}, None]), allow_pickle=True)
    (folder / "sync.xyz").write_bytes(b"1234")
    found, _, error = tpdecode("align", "log.csv", *options)
    assert (found, message in error) == (code, True), error
    assert "Traceback" not in error
    assert "unexpected" not in error


def test_onsets_that_go_back(tpdecode, lab):
    folder = lab[0]
    (folder / "back.csv").write_text("image,onset_s\na,1\na,3\na,2\n")
    code, _, error = tpdecode(
        "align", folder / "back.csv", "--trace", folder / "trace.npy", "--trace-rate-hz", RATE
    )
    assert code == 1
    assert "back.csv, line 4" in error


def test_times_of_day(tpdecode, lab):
    folder, _, _, onset = lab
    seconds = (onset - OFFSET_S) / (1 + DRIFT)
    rows = [f"p.png,10:{20 + int(s // 60)}:{s % 60:09.6f}" for s in seconds]
    (folder / "day.csv").write_text("\n".join(["image,onset", *rows]) + "\n")
    code, _, error = tpdecode(
        "align", folder / "day.csv", "--trace", folder / "trace.npy", "--trace-rate-hz", RATE,
        "-o", folder / "aligned.csv",
    )  # fmt: skip
    assert code == 0, error
    assert_onsets(folder / "aligned.csv", onset)
