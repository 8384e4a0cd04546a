import re

import numpy as np
import pytest
import tifffile

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.frames import chunks, select
from twophoton_decode.recording.movie import open_recording

SIZE = {"T": 4, "Z": 3, "C": 2}


def stack(*shape):
    return np.arange(np.prod([*shape, 8, 6]), dtype=np.uint16).reshape(*shape, 8, 6)


def one(recording, plane=0, channel=0):
    return np.concatenate(list(chunks(select(recording, plane, channel), 3)))


def assert_all_planes_and_channels(recording, images):
    """`images`: (frame, plane, channel, height, width)."""
    assert (recording.frames, recording.planes, recording.channels) == images.shape[:3]
    for plane in range(recording.planes):
        for channel in range(recording.channels):
            assert np.array_equal(one(recording, plane, channel), images[:, plane, channel])


@pytest.mark.parametrize("order", ["TZC", "TCZ", "ZTC", "ZCT", "CTZ", "CZT"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_every_order_comes_back(tmp_path, order, compression):
    images = stack(*(SIZE[axis] for axis in order))
    metadata = {"axes": f"{order}YX", "TimeIncrement": 50.0, "TimeIncrementUnit": "ms"}
    tifffile.imwrite(
        tmp_path / "raw.ome.tif", images, ome=True, metadata=metadata, compression=compression
    )
    recording = open_recording([tmp_path / "raw.ome.tif"])
    assert_all_planes_and_channels(recording, images.transpose(*map(order.index, "TZC"), 3, 4))
    assert (recording.layout, recording.frame_rate_hz) == ("ome", 20.0)
    assert recording.source["frame_rate_hz"] == "OME-XML TimeIncrement"


def test_a_movie_of_one_plane_is_read_at_once(tmp_path):
    tifffile.imwrite(tmp_path / "raw.ome.tif", stack(5), ome=True, metadata={"axes": "TYX"})
    recording = open_recording([tmp_path / "raw.ome.tif"])
    assert np.array_equal(np.concatenate(list(chunks(recording, 2))), stack(5))
    assert (recording.frame_rate_hz, "frame_rate_hz" in recording.source) == (0.0, False)


def xml(blocks, frames=4, channels=1, attributes="", planes=""):
    return (
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
        'UUID="urn:uuid:first"><Image><Pixels DimensionOrder="XYCZT" Type="uint16" SizeX="6" '
        f'SizeY="8" SizeZ="1" SizeC="{channels}" SizeT="{frames}" {attributes}>{blocks}{planes}'
        "</Pixels></Image></OME>"
    )


def write(path, images, description):
    tifffile.imwrite(path, images, description=description, metadata=None, photometric="minisblack")


def block(time, page, name, count=1):
    uuid = f'<UUID FileName="{name}">urn:uuid:other</UUID>' if name else ""
    return f'<TiffData FirstT="{time}" IFD="{page}" PlaneCount="{count}">{uuid}</TiffData>'


def test_images_over_several_files_in_any_order(tmp_path):
    images = stack(4)
    blocks = block(3, 0, "a.ome.tif") + block(0, 1, "/somewhere/else/a.ome.tif")
    blocks += block(1, 0, "b.ome.tif", 2)
    write(tmp_path / "a.ome.tif", images[:2], xml(blocks))
    write(tmp_path / "b.ome.tif", images[2:], xml(blocks))
    recording = open_recording([tmp_path])
    assert np.array_equal(one(recording), images[[1, 2, 3, 0]])


@pytest.mark.parametrize("described_in", [0, 2])
def test_one_file_for_each_image_described_in_one_of_them(tmp_path, described_in):
    """The others only point to the file that describes all."""
    blocks = "".join(block(time, 0, f"c_{time}.ome.tif") for time in range(3))
    for time, image in enumerate(stack(3)):
        pointer = f'<OME><BinaryOnly MetadataFile="c_{described_in}.ome.tif"/></OME>'
        text = xml(blocks, frames=3) if time == described_in else pointer
        write(tmp_path / f"c_{time}.ome.tif", image, text)
    recording = open_recording([tmp_path])
    assert recording.file_frames.tolist() == [1, 1, 1]
    assert np.array_equal(one(recording), stack(3))


@pytest.mark.parametrize("each", [1, 2])
def test_files_described_without_page_and_count(tmp_path, each):
    """All images of the file named, not of the recording [OME: the default of PlaneCount]."""
    images = stack(3 * each)
    blocks = "".join(
        f'<TiffData FirstT="{time}"><UUID FileName="c_{time}.ome.tif">urn:{time}</UUID></TiffData>'
        for time in range(0, 3 * each, each)
    )
    for time in range(0, 3 * each, each):
        part = images[time : time + each]
        write(tmp_path / f"c_{time}.ome.tif", part, xml(blocks, frames=3 * each))
    recording = open_recording([tmp_path])
    assert recording.file_frames.tolist() == [each] * 3
    assert np.array_equal(one(recording), images)


def test_files_of_their_own_follow_each_other(tmp_path):
    for name, part in (("a_2", stack(5)[:2]), ("a_10", stack(5)[2:])):
        tifffile.imwrite(tmp_path / f"{name}.ome.tif", part, ome=True, metadata={"axes": "TYX"})
    assert np.array_equal(one(open_recording([tmp_path])), stack(5))


@pytest.mark.parametrize("increment", ["", 'TimeIncrement="0"', 'TimeIncrement="none"'])
def test_the_rate_comes_from_the_times_of_the_images(tmp_path, increment):
    planes = "".join(
        f'<Plane TheZ="0" TheC="0" TheT="{t}" DeltaT="{250 * t}" DeltaTUnit="ms"/>'
        for t in range(4)
    )
    text = xml("<TiffData/>", attributes=increment, planes=planes)
    write(tmp_path / "a.tif", stack(4), text)
    recording = open_recording([tmp_path / "a.tif"])
    assert recording.frame_rate_hz == pytest.approx(4.0)
    assert recording.source["frame_time_s"] == "OME-XML DeltaT"
    assert np.allclose(recording.frame_time_s, [0, 0.25, 0.5, 0.75])


def timed(folder, name, seconds, attributes=""):
    """A file of so many images with the times of their beginnings."""
    planes = "".join(
        f'<Plane TheZ="0" TheC="0" TheT="{t}" DeltaT="{at}"/>' if at is not None else ""
        for t, at in enumerate(seconds)
    )
    text = xml("<TiffData/>", attributes=attributes, planes=planes)
    write(folder / name, stack(len(seconds)), text.replace('SizeT="4"', f'SizeT="{len(seconds)}"'))


def test_a_pause_is_no_part_of_the_rate(tmp_path):
    timed(tmp_path, "a.tif", np.arange(40) / 30 + np.repeat([2.0, 62.0], 20))
    recording = open_recording([tmp_path / "a.tif"])
    assert recording.frame_rate_hz == pytest.approx(30.0)
    assert recording.first_stamp_s == 2.0
    assert recording.frame_time_s[[0, 19, 20]] == pytest.approx([0, 19 / 30, 60 + 20 / 30])
    assert recording.warnings == (
        "1 gap between frames (of 60 s after frame 19, at 0.6333 s): pauses or dropped frames. "
        "Frames are timed by OME-XML DeltaT",
    )


def test_what_was_measured_counts_more_than_what_was_asked_for(tmp_path):
    asked = 'TimeIncrement="10" TimeIncrementUnit="ms"'
    timed(tmp_path, "a.tif", np.arange(30) * 0.05, asked)
    recording = open_recording([tmp_path / "a.tif"])
    assert recording.frame_rate_hz == pytest.approx(20.0)
    assert recording.warnings == ("TimeIncrement says 100 Hz, but DeltaT 20 Hz, which is used",)


def test_times_of_some_images_give_a_rate_but_no_times(tmp_path):
    timed(tmp_path, "a.tif", [0.0, None, None, 0.3])
    recording = open_recording([tmp_path / "a.tif"])
    assert recording.frame_rate_hz == pytest.approx(10.0)
    assert recording.frame_time_s is None
    assert "2 of 4 frames have no time stamp" in recording.warnings[0]


@pytest.mark.parametrize(("second", "unknown"), [(7.0, []), (0.0, [4])])
def test_files_that_follow_each_other_are_timed_where_their_clock_runs_on(
    tmp_path, second, unknown
):
    timed(tmp_path, "a_1.tif", np.arange(4) * 0.1)
    timed(tmp_path, "a_2.tif", second + np.arange(4) * 0.1)
    recording = open_recording([tmp_path])
    assert recording.unknown_pause.tolist() == unknown
    assert recording.frame_time_s[4] == pytest.approx(second or 0.4)
    assert recording.frame_rate_hz == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("begins", "delays"),
    [
        ((0.0, 0.05, 0.1), [0.025, 0.075, 0.125]),
        ((0.0, 0.0, 0.0), None),
        ((0.0, 0.2, 0.4), None),
        ((0.0, "nan", 0.1), None),
    ],
    ids=["in turn", "at once", "longer than a volume", "no number"],
)
def test_planes_are_timed_by_the_times_of_the_images(tmp_path, begins, delays):
    """Four volumes a second, of three planes; the rest of the time passes idly."""
    times = "".join(
        f'<Plane TheZ="{z}" TheC="0" TheT="{t}" DeltaT="{float(begin) + 0.25 * t}"/>'
        for t in range(4)
        for z, begin in enumerate(begins)
    )
    text = xml("<TiffData/>", planes=times).replace('SizeZ="1"', 'SizeZ="3"')
    write(tmp_path / "a.tif", stack(12), text)
    recording = open_recording([tmp_path / "a.tif"])
    assert recording.planes == 3
    assert recording.frame_rate_hz == pytest.approx(4.0)
    found = recording.plane_delay_s
    assert (found is None) if delays is None else np.allclose(found, delays)
    assert recording.source.get("plane_delay_s", "") == ("" if delays is None else "OME-XML")


@pytest.mark.parametrize("blocks", [block(0, 0, "", 3), "<TiffData/>", ""])
def test_images_beyond_the_description_are_told(tmp_path, blocks):
    write(tmp_path / "a.tif", stack(4), xml(blocks, frames=3))
    recording = open_recording([tmp_path / "a.tif"])
    assert recording.frames == 3
    assert recording.warnings == ("1 images are not in the OME-XML, and left out",)


@pytest.mark.parametrize(
    ("description", "message"),
    [
        (xml(block(0, 0, "gone.tif", 4)), r"some images are in gone\.tif, which was not given"),
        (xml(block(0, 0, "/etc/passwd", 4)), "some images are in passwd, which was not given"),
        (xml(block(0, 0, "", 3)), "1 of 4 images have no TiffData"),
        (xml(block(0, 0, "", 2) + block(2, 1, "", 2)), "gives one image several places"),
        (xml(block(0, 1, "", 4)), "truncated: it holds 4 whole frames of 5 announced"),
        (xml(block(0, 0, "", 4), channels=10**15), "those named hold 4 images of 400000000000000"),
        (xml(block(7, 0, "", 1)), "FirstT = 7"),
        (xml(block(2, 0, "", 4)), "goes beyond the last image"),
        (xml("<TiffData/>").replace('SizeX="6"', 'SizeX="16"'), "8 x 16 px"),
        (xml("<TiffData/>").replace('SizeT="4"', 'SizeT="many"'), "SizeT is 'many'"),
        (xml("<TiffData/>").replace("XYCZT", "XYCCT"), "DimensionOrder is 'XYCCT'"),
        (xml("<TiffData/>").replace("</Image>", "</Picture>"), "mismatched tag"),
        ("<!DOCTYPE a><OME></OME>", "declares entities"),
        ('<?xml version="1.0" encoding="TTF-8"?><OME></OME>', "unknown encoding: TTF-8"),
        ('<OME><BinaryOnly MetadataFile="x/set.ome"/></OME>', r"in another file, set\.ome"),
        ("<OME></OME>", "holds 0 OME images"),
    ],
)
def test_descriptions_that_cannot_be_trusted(tmp_path, description, message):
    write(tmp_path / "a.tif", stack(4), description)
    with pytest.raises(MovieError, match=message):
        open_recording([tmp_path / "a.tif"])


@pytest.mark.parametrize(
    ("blocks", "frames"),
    [
        (block(0, 0, "", 9), 9),
        (block(0, 0, "", 4), 10**15),
        ("", 9),
        ("".join(block(t, t, "", 1) for t in range(9)), 9),
    ],
)
def test_a_recording_that_was_ended_early_is_read(tmp_path, blocks, frames):
    write(tmp_path / "a.tif", stack(4), xml(blocks, frames=frames))
    recording = open_recording([tmp_path / "a.tif"])
    assert np.array_equal(one(recording), stack(4))
    assert f"announces {frames} images, but 4 are present" in recording.warnings[0]


def test_a_volume_that_was_not_finished_is_left_out(tmp_path):
    write(tmp_path / "a.tif", stack(5), xml("<TiffData/>", frames=9, channels=2))
    recording = open_recording([tmp_path / "a.tif"])
    assert np.array_equal(one(recording, 0, 1), stack(5)[[1, 3]])
    assert "2 frames are read" in recording.warnings[0]


def test_ome_and_plain_files_are_not_mixed(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", stack(5))
    tifffile.imwrite(tmp_path / "b.tif", stack(5), ome=True, metadata={"axes": "TYX"})
    with pytest.raises(MovieError, match=re.escape("different kinds")):
        open_recording([tmp_path])


@pytest.mark.parametrize("lengths", [(4, 4, 4), (5, 5, 2)])
def test_parts_that_tifffile_wrote_follow_each_other(tmp_path, lengths):
    movie = stack(sum(lengths))
    with tifffile.TiffWriter(tmp_path / "raw.ome.tif") as file:
        for part in np.split(movie, np.cumsum(lengths)[:-1]):
            file.write(part, photometric="minisblack")
    recording = open_recording([tmp_path / "raw.ome.tif"])
    assert recording.frames == sum(lengths)
    assert np.array_equal(np.concatenate(list(chunks(recording, 3))), movie)
    assert any("one after the other in time" in text for text in recording.warnings)


def test_parts_with_channels_are_joined_in_time(tmp_path):
    movie = stack(6, 2)
    with tifffile.TiffWriter(tmp_path / "raw.ome.tif") as file:
        for part in (movie[:4], movie[4:]):
            file.write(part, photometric="minisblack", metadata={"axes": "TCYX"})
    assert_all_planes_and_channels(open_recording([tmp_path / "raw.ome.tif"]), movie[:, None])


def test_fields_of_view_are_refused(tmp_path):
    with tifffile.TiffWriter(tmp_path / "raw.ome.tif") as file:
        for axes in ("TYX", "CYX"):
            file.write(stack(3), photometric="minisblack", metadata={"axes": axes})
    with pytest.raises(MovieError, match="holds 2 OME images"):
        open_recording([tmp_path / "raw.ome.tif"])
