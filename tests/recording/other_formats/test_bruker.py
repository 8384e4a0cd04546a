"""Bruker folders: frames are read where PrairieView's .xml says, each page once."""

import logging

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.movie import chunks, open_recording, read_frames, select, where

HEIGHT, WIDTH = 8, 6
PERIOD = 0.125
TIMED, VOLUMES = "TSeries Timed Element", "TSeries ZSeries Element"
SAME_FOLDER = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def stack(*shape):
    size = [*shape, HEIGHT, WIDTH]
    return np.arange(np.prod(size), dtype=np.uint16).reshape(size)


def file_element(channel, name, page):
    stated = "" if page is None else f'page="{page}" '
    return f'<File channel="{channel}" channelName="Ch{channel}" {stated}filename="{name}" />'


def frame_element(time_s, files, shard=""):
    return (
        f'<Frame relativeTime="0" absoluteTime="{time_s:.6f}" index="1">{"".join(files)}'
        f'<ExtraParameters lastGoodFrame="0" />{shard}</Frame>'
    )


def pvscan(sequences, kind=TIMED, period=PERIOD, attributes=""):
    """`sequences`: frames of each, as elements."""
    inside = "".join(
        f'<Sequence type="{kind}" cycle="{number}" {attributes}>{"".join(frames)}</Sequence>'
        for number, frames in enumerate(sequences, 1)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<PVScan version="5.6.64.400" date="" notes="">'
        f'<PVStateShard><PVStateValue key="framePeriod" value="{period}" />'
        f'<PVStateValue key="linesPerFrame" value="{HEIGHT}" /></PVStateShard>{inside}</PVScan>'
    )


def ome(listed):
    """As in Bruker's first file: every image of the recording, wherever it lies."""
    blocks = "".join(
        f'<TiffData FirstT="{t}" IFD="0"><UUID FileName="{name}">urn:uuid:{t}</UUID></TiffData>'
        for t, name in enumerate(listed)
    )
    return (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2013-06"><Image><Pixels '
        f'DimensionOrder="XYCZT" Type="uint16" SizeX="{WIDTH}" SizeY="{HEIGHT}" SizeZ="1" '
        f'SizeC="1" SizeT="{len(listed)}">{blocks}</Pixels></Image></OME>'
    )


def write_tiff(path, pages, description):
    with tifffile.TiffWriter(path) as writer:
        for page in pages:
            writer.write(page, contiguous=False, metadata=None, description=description)
            description = None


def name_of(cycle, channel, number):
    return f"T-001_Cycle{cycle:05d}_Ch{channel}_{number:06d}.ome.tif"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "T-001").mkdir()
    return tmp_path / "T-001"


def single_pages(folder, images, kind=TIMED, channels=(1, 2), **more):
    """A file for each image; (sequence, frame, channel, height, width)."""
    listed = [name_of(1, channels[0], number + 1) for number in range(images.shape[1])]
    sequences, time = [], 2.5
    for cycle, sequence in enumerate(images, 1):
        frames = []
        for number, frame in enumerate(sequence, 1):
            files = []
            for channel, image in zip(channels, frame, strict=True):
                name = name_of(cycle, channel, number)
                write_tiff(folder / name, [image], ome(listed))
                files.append(file_element(channel, name, 1))
            frames.append(frame_element(time, files))
            time += PERIOD
        sequences.append(frames)
    (folder / "T-001.xml").write_text(pvscan(sequences, kind, **more))
    return folder


def one(recording, plane=0, channel=0):
    return np.concatenate(list(chunks(select(recording, plane, channel), 3)))


@pytest.mark.parametrize("given_as", ["folder", "xml"])
def test_a_file_for_each_image_of_two_channels(folder, given_as):
    images = stack(1, 12, 2)
    single_pages(folder, images)
    recording = open_recording([folder if given_as == "folder" else folder / "T-001.xml"])
    assert (recording.layout, recording.dtype) == ("bruker", "uint16")
    assert (recording.frames, recording.planes, recording.channels) == (12, 1, 2)
    assert recording.frame_rate_hz == pytest.approx(8.0)
    assert recording.source["frame_rate_hz"] == "frame times in Bruker's .xml"
    assert recording.file_frames.tolist() == [1] * 24
    for channel in range(2):
        assert np.array_equal(one(recording, 0, channel), images[0, :, channel])
    assert recording.warnings == ()
    assert where(select(recording, 0, 1), 3) == f"image 0 of {name_of(1, 2, 4)}"


def test_one_channel_needs_no_table(folder):
    recording = open_recording([single_pages(folder, stack(1, 5, 1), channels=(2,))])
    assert recording.page is None
    assert np.array_equal(read_frames(recording, 1, 4), stack(5)[1:4])


def test_pages_of_large_files_are_read_once_each(folder):
    """Each channel in two files; the pages of the second begin at 1 again."""
    images = stack(2, 7)
    frames = []
    for channel, movie in enumerate(images, 1):
        write_tiff(folder / name_of(1, channel, 1), movie[:4], ome(["x.tif"] * 7))
        write_tiff(folder / name_of(1, channel, 2), movie[4:], None)
    for number in range(7):
        part, page = (1, number + 1) if number < 4 else (2, number - 3)
        names = [file_element(c, name_of(1, c, part), page) for c in (1, 2)]
        frames.append(frame_element(number * PERIOD, names))
    (folder / "T-001.xml").write_text(pvscan([frames]))
    recording = open_recording([folder])
    assert recording.file_frames.tolist() == [4, 4, 3, 3]
    for channel in range(2):
        assert np.array_equal(one(recording, 0, channel), images[channel])


def test_every_sequence_is_a_volume(folder):
    images = stack(5, 3, 2)
    recording = open_recording([single_pages(folder, images, VOLUMES)])
    assert (recording.frames, recording.planes, recording.channels) == (5, 3, 2)
    assert recording.frame_rate_hz == pytest.approx(8 / 3)
    assert recording.plane_delay_s == pytest.approx(np.array([0.5, 1.5, 2.5]) * PERIOD)
    for plane in range(3):
        assert np.array_equal(one(recording, plane, 1), images[:, plane, 1])
    assert recording.warnings == ()


def test_an_aborted_volume_is_left_out(folder):
    single_pages(folder, stack(4, 3, 1), VOLUMES, channels=(1,))
    text = (folder / "T-001.xml").read_text()
    last = text.rindex("<Frame")
    (folder / "T-001.xml").write_text(text[:last] + "</Sequence></PVScan>")
    recording = open_recording([folder])
    assert np.array_equal(one(recording, 1), stack(4, 3)[:3, 1])
    assert recording.warnings[0] == "the last volume has 2 of 3 planes, and is left out"


def test_old_recordings_have_a_cycle_for_each_frame(folder):
    recording = open_recording([single_pages(folder, stack(6, 1, 1), channels=(1,))])
    assert np.array_equal(one(recording), stack(6))
    assert (recording.frame_rate_hz, recording.warnings) == (pytest.approx(8), ())


def test_cycles_of_several_frames_are_told(folder):
    recording = open_recording([single_pages(folder, stack(3, 5, 1), channels=(1,))])
    assert np.array_equal(one(recording), stack(15))
    assert recording.warnings[0] == "3 cycles follow each other"


def times_only(folder, times, period=PERIOD, **more):
    write_tiff(folder / "a.tif", stack(len(times)), None)
    frames = [
        frame_element(time, [file_element(1, "a.tif", page)]) for page, time in enumerate(times, 1)
    ]
    (folder / "T.xml").write_text(pvscan([frames], period=period, **more))
    return open_recording([folder])


def test_frame_times_count_more_than_the_period_asked_for(folder):
    recording = times_only(folder, np.arange(9) * 0.5)
    assert recording.frame_rate_hz == pytest.approx(2.0)
    assert "framePeriod says 8 Hz, but the times of the frames 2 Hz" in recording.warnings[0]


def test_gaps_in_time_are_told(folder):
    recording = times_only(folder, np.arange(20) * PERIOD + np.repeat([0, 5], 10))
    assert recording.frame_rate_hz == pytest.approx(8.0)
    assert recording.warnings[0].startswith("1 gap between frames (of 5 s after frame 9,")
    assert recording.frame_time_s[[9, 10]] == pytest.approx([9 * PERIOD, 10 * PERIOD + 5])
    assert recording.source["frame_time_s"] == "frame times in Bruker's .xml"


def test_cycles_timed_from_their_own_beginning_pause_for_an_unknown_time(folder):
    """Without absoluteTime, each cycle counts from 0 on."""
    write_tiff(folder / "a.tif", stack(40), None)
    frames = [frame_element(n % 20 * PERIOD, [file_element(1, "a.tif", n + 1)]) for n in range(40)]
    (folder / "T.xml").write_text(pvscan([frames[:20], frames[20:]]))
    recording = open_recording([folder])
    assert recording.unknown_pause.tolist() == [20]
    assert recording.frame_time_s == pytest.approx(np.arange(40) * PERIOD)
    assert recording.frame_rate_hz == pytest.approx(1 / PERIOD)


@pytest.mark.parametrize(("period", "rate"), [(PERIOD, 8.0), (0, 0.0)])
def test_without_times_the_period_is_taken(folder, period, rate):
    recording = times_only(folder, np.full(4, np.nan), period)
    assert recording.frame_rate_hz == rate


def test_companion_files_are_not_needed(folder):
    """Where OME-XML only points to another file, it is of no use without."""
    pointer = '<OME><BinaryOnly MetadataFile="T-001.companion.ome" UUID="urn:uuid:1"/></OME>'
    write_tiff(folder / "a.ome.tif", stack(3), pointer)
    frames = [frame_element(n, [file_element(1, "a.ome.tif", n + 1)]) for n in range(3)]
    (folder / "T.xml").write_text(pvscan([frames]))
    assert np.array_equal(one(open_recording([folder])), stack(3))


def test_metamorph_tags_in_brukers_files_change_nothing(folder, caplog):
    tag = (33628, "I", 2, (5, 7), True)
    tifffile.imwrite(
        folder / "a.ome.tif", stack(1)[0], description=ome(["a.ome.tif"]), metadata=None,
        extratags=[tag],
    )  # fmt: skip
    (folder / "T.xml").write_text(
        pvscan([[frame_element(0, [file_element(1, "a.ome.tif", None)])]])
    )
    with caplog.at_level(logging.CRITICAL, logger="tifffile"):
        assert np.array_equal(one(open_recording([folder])), stack(1))
        assert np.array_equal(one(open_recording([folder / "a.ome.tif"])), stack(1))


def test_other_xml_and_other_tiffs_of_the_folder(folder):
    single_pages(folder, stack(1, 4, 1), channels=(1,))
    (folder / "T-001_Cycle00001_VoltageRecording_001.xml").write_text("<VRecSessionEntry/>")
    tifffile.imwrite(folder / "mean.tif", stack(1)[0])
    recording = open_recording([folder])
    assert np.array_equal(one(recording), stack(4))
    assert recording.warnings == (
        "1 TIFF in the folder, such as mean.tif, is not named by T-001.xml, and not read",
    )


def test_the_xml_of_two_recordings(folder):
    single_pages(folder, stack(1, 4, 1), channels=(1,))
    (folder / "T-002.xml").write_text((folder / "T-001.xml").read_text())
    with pytest.raises(MovieError, match=r"2 Bruker recordings \(T-001\.xml, T-002\.xml\): name"):
        open_recording([folder])
    with pytest.raises(MovieError, match="2 Bruker recordings were given"):
        open_recording([folder / "T-001.xml", folder / "T-002.xml"])


def test_xml_of_something_else_leaves_the_tiffs_alone(folder):
    write_tiff(folder / "a.tif", stack(4), None)
    (folder / "notes.xml").write_text("<notes/>")
    assert open_recording([folder]).layout == "plain"
    with pytest.raises(MovieError, match="its root is notes, not PVScan"):
        open_recording([folder / "notes.xml"])


# Refused


@pytest.mark.parametrize("number", [1, 3])
def test_missing_files_are_named(folder, number):
    single_pages(folder, stack(1, 4, 1), channels=(1,))
    (folder / name_of(1, 1, number)).unlink()
    message = (
        rf"1 of the 4 files that it names cannot be found in the folder \({name_of(1, 1, number)}\)"
    )
    with pytest.raises(MovieError, match=message):
        open_recording([folder])


def test_a_name_longer_than_names_may_be_is_a_missing_file(folder):
    frames = [frame_element(0, [file_element(1, f"{'a' * 5000}.tif", 1)])]
    (folder / "T.xml").write_text(pvscan([frames]))
    with pytest.raises(MovieError, match="1 of the 1 file that it names cannot be found"):
        open_recording([folder / "T.xml"])


def test_a_folder_whose_tiffs_are_all_missing(folder):
    single_pages(folder, stack(1, 4, 1), channels=(1,))
    for file in folder.glob("*.tif"):
        file.unlink()
    with pytest.raises(MovieError, match="4 of the 4 files that it names cannot be found"):
        open_recording([folder])


@pytest.mark.parametrize(
    "name", ["../a.tif", "/etc/passwd", "sub/a.tif", "C:\\data\\a.tif", "..", "", "a.tif&#0;"]
)
def test_names_stay_in_the_folder(folder, name):
    write_tiff(folder.parent / "a.tif", stack(1), None)
    frames = [frame_element(0, [file_element(1, name, 1)])]
    (folder / "T.xml").write_text(pvscan([frames]))
    with pytest.raises(MovieError, match=r"names a file outside of the folder|damaged"):
        open_recording([folder / "T.xml"])


@pytest.mark.parametrize(
    ("elements", "more", "message"),
    [
        ([[(1, 1)], [(1, 2)], [(1, 2)]], {}, "names one image for several frames"),
        ([[(1, 1)], [(1, 4)]], {}, r"a\.tif is truncated: it holds 3 whole frames, but T\.xml"),
        ([[(1, 1)], [(2, 2)]], {}, r"frame 2 has the channels \[2\], but the first has \[1\]"),
        ([[(1, 1), (1, 2)]], {}, "a frame has channel 1 twice"),
        ([[(1, 0)]], {}, "page is '0', not a number from 1 on"),
        ([[(1, "9" * 5000)]], {}, "page is '9{60}', not a number from 1 on"),
        ([[("one", 1)]], {}, "channel is 'one', not a number from 1 on"),
        ([[]], {}, "names no files"),
        ([], {}, "names no frames"),
        ([[(1, 1)]], {"kind": "ZSeries"}, "describes no movie, but 'ZSeries'"),
        ([[(1, 1)]], {"kind": "Single"}, "describes no movie, but 'Single'"),
        ([[(1, 1)]], {"period": "fast"}, "value is 'fast', not a number"),
        ([[(1, 1)]], {"period": "1e999"}, "value is '1e999', not a number"),
        (
            [[(1, 1)], [(1, 2)]],
            {"kind": VOLUMES, "attributes": 'bidirectionalZ="True"'},
            "downwards and upwards in turn",
        ),
    ],
)
def test_xml_that_cannot_be_trusted(folder, elements, more, message):
    write_tiff(folder / "a.tif", stack(3), None)
    frames = [
        frame_element(number, [file_element(channel, "a.tif", page) for channel, page in files])
        for number, files in enumerate(elements)
    ]
    (folder / "T.xml").write_text(pvscan([frames], **more))
    with pytest.raises(MovieError, match=message):
        open_recording([folder])


def test_a_volume_that_lacks_a_frame(folder):
    single_pages(folder, stack(4, 3, 1), VOLUMES, channels=(1,))
    text = (folder / "T-001.xml").read_text()
    second = text.index('cycle="2"')
    begin = text.index("<Frame", second)
    end = text.index("</Frame>", begin) + len("</Frame>")
    (folder / "T-001.xml").write_text(text[:begin] + text[end:])
    with pytest.raises(MovieError, match="volume 2 has 2 frames, but the first has 3"):
        open_recording([folder])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_when_they_are_declared(folder, encoding):
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(20))
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE PVScan [<!ENTITY e0 "x">{entities}]>'
    )
    (folder / "T.xml").write_bytes(f"{text}<PVScan>&e20;</PVScan>".encode(encoding))
    with pytest.raises(MovieError, match="declares a document type"):
        open_recording([folder / "T.xml"])


# Damage


@given(share=st.floats(0, 0.999))
@SAME_FOLDER
def test_xml_cut_short(folder, share):
    single = folder / "a.tif"
    if not single.exists():
        write_tiff(single, stack(3), None)
    frames = [frame_element(n, [file_element(1, "a.tif", n + 1)]) for n in range(3)]
    text = pvscan([frames])
    (folder / "T.xml").write_text(text[: int(share * len(text))])
    with pytest.raises(MovieError, match="is truncated or damaged"):
        open_recording([folder / "T.xml"])


def test_a_truncated_tiff_is_named(folder):
    single_pages(folder, stack(1, 4, 1), channels=(1,))
    file = folder / name_of(1, 1, 3)
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(MovieError, match=rf"{file.name} is truncated"):
        open_recording([folder])


def test_files_must_agree(folder):
    single_pages(folder, stack(1, 4, 1), channels=(1,))
    tifffile.imwrite(folder / name_of(1, 1, 2), np.zeros((9, 9), np.uint16))
    with pytest.raises(MovieError, match="has frames of 9 x 9 px in uint16, but"):
        open_recording([folder])
