"""Movies that are not TIFFs, through the commands that take a raw movie."""

import json

import h5py
import numpy as np
import pytest
import scipy.io
import tifffile

from twophoton_decode.pipeline.inputs.sources import source_paths
from twophoton_decode.recording.levels.plane_movie import PlaneMovie
from twophoton_decode.recording.levels.sixteen_bits import common_mapping, survey
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.session.folder import SessionFolder

FRAMES = np.random.default_rng(0).integers(100, 40000, (12, 40, 60)).astype(np.uint16)


def hdf5(folder):
    with h5py.File(folder / "a.h5", "w") as file:
        file["raw/green"], file["raw/red"] = FRAMES, FRAMES[:3]
    return folder / "a.h5::/raw/green"


def nwb(folder):
    with h5py.File(folder / "a.nwb", "w") as file:
        file.attrs["nwb_version"] = "2.7.0"
        series = file.create_group("acquisition/green")
        series.attrs["neurodata_type"] = "TwoPhotonSeries"
        series["data"] = FRAMES.transpose(0, 2, 1)
        series["starting_time"] = 0.0
        series["starting_time"].attrs["rate"] = 8.0
    return folder / "a.nwb"


def sbx(folder):
    (folder / "a.sbx").write_bytes((65535 - FRAMES).astype("<u2").tobytes())
    info = {"scanbox_version": 2, "scanmode": 1, "resfreq": 320.0, "channels": 2, "volscan": 0}
    scipy.io.savemat(folder / "a.mat", {"info": info | {"sz": np.array([40, 60])}})
    return folder / "a.sbx"


def bruker(folder):
    (folder / "T").mkdir()
    elements = []
    for number, frame in enumerate(FRAMES):
        name = f"T_Cycle00001_Ch2_{number + 1:06d}.ome.tif"
        tifffile.imwrite(folder / "T" / name, frame)
        image = f'<File channel="2" page="1" filename="{name}"/>'
        elements.append(f'<Frame absoluteTime="{number / 8}">{image}</Frame>')
    sequence = f'<Sequence type="TSeries Timed Element">{"".join(elements)}</Sequence>'
    (folder / "T" / "T.xml").write_text(f"<PVScan>{sequence}</PVScan>")
    return folder / "T"


MOVIES = pytest.mark.parametrize(
    ("write", "layout", "by"),
    [
        (hdf5, "HDF5", ""),
        (nwb, "NWB", "NWB rate"),
        (sbx, "Scanbox", "Scanbox header"),
        (bruker, "Bruker's TIFFs", "frame times in Bruker's .xml"),
    ],
)


@MOVIES
def test_inspect_says_what_it_is(tpdecode, tmp_path, write, layout, by):
    code, output, _ = tpdecode("inspect", write(tmp_path))
    assert code == 0
    assert f", {layout}, in this order:" in output
    assert "12 x 1 x 1 x 40 x 60" in output
    rate = f"8 Hz per plane ({by})" if by else "not in the files"
    assert f"rate      {rate}" in output


def test_inspect_names_the_dataset(tpdecode, tmp_path):
    path = hdf5(tmp_path)
    _, output, _ = tpdecode("inspect", path)
    assert f"  {path}: 12 images" in output
    _, output, _ = tpdecode("inspect", path, "--json")
    assert json.loads(output)["layout"] == "hdf5"
    code, _, error = tpdecode("inspect", tmp_path / "a.h5")
    assert code == 2
    assert "2 datasets that could be movies (/raw/green (12, 40, 60), /raw/red" in error


@MOVIES
def test_a_session_takes_path_and_rate(tpdecode, tmp_path, write, layout, by):
    path = write(tmp_path)
    rate = () if by else ("--frame-rate-hz", 8)
    code, output, _ = tpdecode("init", tmp_path / "S", "--movie", path, *rate)
    assert code == 0
    assert (f"frame_rate_hz = 8 is taken from the movie ({by})" in output) == bool(by)
    folder = SessionFolder(tmp_path / "S")
    assert folder.settings().recording.frame_rate_hz == 8
    recording = open_recording(source_paths(folder, folder.settings().source, "movie"))
    movie = PlaneMovie(recording, None, common_mapping([survey(recording, batch_frames=5)]))
    pixels = np.concatenate([frames for frames, _ in movie.chunks(0, 5)])
    assert np.array_equal(pixels.astype(np.int32) + 32768, FRAMES)


def test_a_spilled_glob_of_other_movies_is_understood(tpdecode, tmp_path):
    for name in ("m_1.sbx", "m_2.sbx", "m_3.sbx"):
        sbx(tmp_path)
        (tmp_path / "a.sbx").rename(tmp_path / name)
        (tmp_path / "a.mat").rename((tmp_path / name).with_suffix(".mat"))
    files = sorted(tmp_path.glob("*.sbx"))
    code, _, _ = tpdecode("init", tmp_path / "S", "--movie", files[0], files[1], files[2])
    assert code == 0
    assert SessionFolder(tmp_path / "S").settings().source.movie == [str(file) for file in files]
