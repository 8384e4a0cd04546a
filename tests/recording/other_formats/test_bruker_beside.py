"""Which files count where a PrairieView .xml lies beside TIFFs and other movies."""

import h5py
import numpy as np
import pytest
import tifffile

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.bruker.xml import read_xml
from twophoton_decode.recording.frames import chunks, select
from twophoton_decode.recording.movie import open_recording

TIMED, VOLUMES = "TSeries Timed Element", "TSeries ZSeries Element"


def images_of(volumes, planes, channels):
    shape = (volumes, planes, channels, 8, 9)
    return np.arange(np.prod(shape), dtype=np.uint16).reshape(shape)


def record(folder, images, name="T-001"):
    """A file for each image as PrairieView saves it; a sequence for each volume."""
    volumes = images.shape[1] > 1
    sequences = []
    for cycle, volume in enumerate(images if volumes else images.swapaxes(0, 1), 1):
        frames = []
        for number, frame in enumerate(volume, 1):
            files = ""
            for channel, image in enumerate(frame, 1):
                file = f"{name}_Cycle{cycle:05d}_Ch{channel}_{number:06d}.ome.tif"
                tifffile.imwrite(folder / file, image, photometric="minisblack", metadata=None)
                files += f'<File channel="{channel}" filename="{file}" page="1"/>'
            time = 0.1 * (cycle * len(volume) + number)
            frames.append(f'<Frame absoluteTime="{time}">{files}</Frame>')
        kind = VOLUMES if volumes else TIMED
        sequences.append(f'<Sequence type="{kind}">{"".join(frames)}</Sequence>')
    (folder / f"{name}.xml").write_text(f"<PVScan>{''.join(sequences)}</PVScan>")


def one(recording, plane=0, channel=0):
    return np.concatenate(list(chunks(select(recording, plane, channel), 3)))


@pytest.mark.parametrize("names", [["a.h5"], ["a.nwb"], ["a.sbx"], ["a.h5", "b.sbx"]])
def test_the_xml_counts_whatever_other_movies_lie_there(tmp_path, names):
    images = images_of(5, 1, 2)
    record(tmp_path, images)
    for name in names:
        (tmp_path / name).write_bytes(b"")
    recording = open_recording([tmp_path])
    assert (recording.layout, recording.frames, recording.channels) == ("bruker", 5, 2)
    for channel in range(2):
        assert np.array_equal(one(recording, 0, channel), images[:, 0, channel])
    told = f"{', '.join(names)} in the same folder is a movie of another kind, and not read"
    assert recording.warnings == (told,)


def test_a_movie_beside_an_xml_whose_tiffs_are_gone_is_read(tmp_path):
    record(tmp_path, images_of(5, 1, 2))
    for file in tmp_path.glob("*.tif"):
        file.unlink()
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["data"] = images_of(5, 1, 1)[:, 0, 0]
    assert open_recording([tmp_path]).layout == "hdf5"


@pytest.mark.parametrize(
    ("planes", "channels", "held"),
    [(1, 2, "1 plane and 2 channels"), (3, 1, "3 planes and 1 channel"), (3, 2, "3 planes and 2")],
)
@pytest.mark.parametrize("listed", [False, True])
def test_planes_and_channels_are_not_strung_together(tmp_path, planes, channels, held, listed):
    record(tmp_path, images_of(4, planes, channels))
    paths = sorted(tmp_path.glob("*.tif")) if listed else [f"{tmp_path}/*.tif"]
    with pytest.raises(MovieError, match=rf"T-001\.xml says that the TIFFs given hold {held}"):
        open_recording(paths)


def test_tiffs_of_one_channel_are_read_and_the_xml_told(tmp_path):
    images = images_of(12, 1, 2)
    record(tmp_path, images)
    recording = open_recording([f"{tmp_path}/*_Ch2_*.tif"])
    assert np.array_equal(one(recording), images[:, 0, 1])
    assert recording.warnings == (
        "T-001.xml names 12 TIFFs of those given, such as T-001_Cycle00001_Ch2_000001.ome.tif, "
        "and is not read: give the folder, or that .xml, to have its order and times",
    )


def test_an_xml_that_names_none_of_them_is_no_matter(tmp_path):
    record(tmp_path, images_of(4, 1, 2))
    tifffile.imwrite(tmp_path / "mine.tif", images_of(4, 1, 1)[:, 0, 0], photometric="minisblack")
    (tmp_path / "notes.xml").write_text("<notes/>")
    recording = open_recording([tmp_path / "mine.tif"])
    assert (recording.frames, recording.warnings) == (4, ())


def test_an_xml_that_cannot_be_read_is_told(tmp_path):
    record(tmp_path, images_of(4, 1, 1))
    xml = tmp_path / "T-001.xml"
    xml.write_text(xml.read_text()[:-20])
    recording = open_recording([f"{tmp_path}/*.tif"])
    assert recording.frames == 4
    assert len(recording.warnings) == 1
    assert recording.warnings[0].startswith("Bruker's .xml in the same folder, which may say what")
    assert "T-001.xml cannot be read: it is truncated" in recording.warnings[0]


def test_frames_of_one_file_share_its_name(tmp_path):
    """A name for each of a million frames would be most of the memory."""
    frames = "".join(
        f'<Frame absoluteTime="{page}"><File channel="1" filename="a.tif" page="{page}"/></Frame>'
        for page in range(1, 4)
    )
    xml = tmp_path / "T.xml"
    xml.write_text(f'<PVScan><Sequence type="{TIMED}">{frames}</Sequence></PVScan>')
    found = read_xml(xml).sequences[0].frames
    assert [frame.images[1] for frame in found] == [("a.tif", 1), ("a.tif", 2), ("a.tif", 3)]
    assert len({id(frame.images[1][0]) for frame in found}) == 1
