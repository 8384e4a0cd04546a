"""ScanImage's files as the tests write them, with headers as ScanImage writes them."""

import json
import struct

import numpy as np
import tifffile

from twophoton_decode.recording.frames import chunks, select

RATE = 30.0


def stack(*shape):
    return np.arange(np.prod([*shape, 8, 6]), dtype=np.uint16).reshape(*shape, 8, 6)


def one(recording, plane=0, channel=0, size=4):
    return np.concatenate(list(chunks(select(recording, plane, channel), size)))


def modern(prefix="SI.", **changes):
    """A header of ScanImage 2016 and later; a change to None leaves the line out."""
    lines = {
        "hChannels.channelSave": "1",
        "hFastZ.enable": "false",
        "hRoiManager.mroiEnable": "false",
        "hRoiManager.scanFrameRate": f"{RATE}",
        "hRoiManager.scanVolumeRate": f"{RATE}",
        "hScan2D.bidirectional": "true",
        "hScan2D.logAverageFactor": "1",
        "hStackManager.enable": "false",
        "hStackManager.framesPerSlice": "1",
        "hStackManager.numSlices": "1",
        "VERSION_MAJOR": "'2020'",
    }
    lines |= {name.replace("__", "."): value for name, value in changes.items()}
    return "\n".join(f"{prefix}{name} = {value}" for name, value in lines.items() if value)


def volumes(planes, flyback=0, channels="1", **changes):
    return modern(
        hChannels__channelSave=channels,
        hFastZ__enable="true",
        hStackManager__enable="true",
        hStackManager__numSlices="11",
        hStackManager__actualNumSlices=str(planes),
        hStackManager__numFramesPerVolume=str(planes),
        hStackManager__numFramesPerVolumeWithFlyback=str(planes + flyback),
        hRoiManager__scanVolumeRate=f"{RATE / (planes + flyback)}",
        **changes,
    )


def beside(number, stamp, acquisition=1, within=None, as_json=False):
    """What ScanImage writes beside an image; `within` is the number in its acquisition."""
    values = {
        "frameNumbers": number,
        "acquisitionNumbers": acquisition,
        "frameNumberAcquisition": number if within is None else within,
        "frameTimestamps_sec": f"{stamp:.6f}",
        "acqTriggerTimestamps_sec": "-0.000022",
        "nextFileMarkerTimestamps_sec": "-1.000000",
        "endOfAcquisition": 0,
        "endOfAcquisitionMode": 0,
        "dcOverVoltage": 0,
    }
    if as_json:
        lines = [f'  "{name}": {value}' for name, value in values.items()]
        return "{\n" + ",\n".join([*lines, '  "epoch": [2020,1,1,9,0,0]']) + "\n}"
    lines = [f"{name} = {value}" for name, value in values.items()]
    return "\n".join([*lines, "epoch = [2020  1  1  9  0  0]"])


def as_json(header):
    """A header of lines as ScanImage writes it with useJsonHeaderFormat."""
    tree = {}
    for line in header.splitlines():
        name, value = line.split(" = ")
        *groups, last = name.split(".")
        node = tree
        for group in groups:
            node = node.setdefault(group, {})
        rows = value.strip("[]").split(";")
        listed = [[int(row)] for row in rows] if value.startswith("[") else None
        node[last] = listed or (value.strip("'") if "'" in value else json.loads(value))
    return json.dumps(tree, indent=1)


def write(path, images, header, numbers=None, channels=1, rate=RATE, regions="", texts=None):
    """Images with ScanImage's tags; `numbers` are those of the frames, from 1 on.

    Without `texts` beside the frames, numbers and time stamps are all that is said.
    """
    frames = -(-len(images) // channels)
    if texts is None:
        numbers = list(numbers or range(1, frames + 1))
        numbers += [1] * (frames - len(numbers))
        texts = [
            f"frameNumbers = {number}\nframeTimestamps_sec = {(number - 1) / rate:.6f}\n"
            "epoch = [2020  1  1  9  0  0]"
            for number in numbers
        ]
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for index, image in enumerate(images):
            writer.write(
                image,
                contiguous=False,
                metadata=None,
                software=header,
                description=texts[index // channels],
                extratags=[(315, 2, None, regions, True)] if regions else [],
            )


def bigtiff_with_block(path, images, header, regions):
    """Two-channel images behind ScanImage's block after the header of a BigTIFF."""
    block = header.encode() + b"\0" + regions.encode() + b"\0"
    sizes = struct.pack("<4I", 117637889, 4, len(header) + 1, len(regions) + 1)
    content = bytearray(struct.pack("<HHHHQ", 0x4949, 43, 8, 0, 0)) + sizes + block
    link = 8
    for image in images:
        data = len(content)
        content += image.tobytes()
        content[link : link + 8] = struct.pack("<Q", len(content))
        height, width = image.shape
        tags = {256: width, 257: height, 258: 16, 259: 1, 262: 1, 273: data, 277: 1, 278: height}
        tags |= {279: image.nbytes, 339: 1}
        content += struct.pack("<Q", len(tags))
        for tag, value in sorted(tags.items()):
            content += struct.pack("<HHQQ", tag, 16, 1, value)
        link = len(content)
        content += bytes(8)
    path.write_bytes(content)
