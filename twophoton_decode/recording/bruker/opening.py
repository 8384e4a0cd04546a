"""A movie as Bruker's PrairieView saves it: TIFFs, ordered by the .xml beside them.

The OME-XML in these TIFFs lists the files of the whole recording in the first file only, or
in a companion file, and is not used: every page is read where the .xml names it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.acquisition import Acquisition
from twophoton_decode.recording.bruker.xml import BrukerFrame, BrukerSequence, BrukerXml, read_xml
from twophoton_decode.recording.file import check_frames_agree, recording_of
from twophoton_decode.recording.series.paths import SUFFIXES, MoviePath
from twophoton_decode.recording.tiff.file import TiffFile, understand_pages
from twophoton_decode.recording.tiff.imagej import rate_from_interval
from twophoton_decode.recording.times.rates import doubt_about_asked, measured_rate
from twophoton_decode.recording.times.stamps import mid_times, times_of_stamps
from twophoton_decode.records import Recording
from twophoton_decode.records.movie.frame_times import FrameTimes
from twophoton_decode.words import counted

_XML = "Bruker .xml"
_STAMPS = "frame times in Bruker's .xml"
MOVIES = ("TSeries Timed Element", "TSeries Brightness Over Time Element", "BrightnessOverTime")
"""Kinds of sequences whose frames follow each other in time, in one plane."""

_VOLUMES = "TSeries ZSeries Element"


def open_bruker(paths: Sequence[MoviePath]) -> Recording:
    """The recording that one PrairieView .xml describes; its TIFFs lie in the same folder.

    Raises
    ------
    MovieError
        The .xml is damaged; it describes no movie; files or pages that it names are missing;
        frames differ.
    """
    if len(paths) > 1:
        names = ", ".join(str(path.file) for path in paths)
        raise MovieError(
            f"{len(paths)} Bruker recordings were given ({names}). Expected one: extract them one "
            "by one, since the time between them is not in the movie."
        )
    xml = paths[0].file
    found = read_xml(xml)
    volumes, short = _volumes(xml, found)
    files = _files(xml, found)
    check_frames_agree(files)
    page = _page(xml, volumes, files)
    began = np.array([[frame.time_s for frame in volume] for volume in volumes])
    times, unused = times_of_stamps(began[:, 0], _begins(found, len(volumes)), by=_STAMPS)
    rate, source, odd = _rate(found, began[:, 0], times, planes=began.shape[1])
    delay = mid_times(began, rate)
    warnings = [*short, *unused, *_cycles(found), *odd, *_unnamed(xml, files)]
    interleaved = page.shape[1:] != (1, 1) or (page.ravel() != np.arange(page.size)).any()
    acquisition = Acquisition(
        page=page if interleaved else None,
        plane_delay_s=delay,
        rate_hz=rate,
        times=times,
        source={
            "planes": _XML,
            "channels": _XML,
            "frame_rate_hz": source if rate else "",
            "plane_delay_s": "" if delay is None else _STAMPS,
        },
        warnings=tuple(warnings),
    )
    return recording_of(files, acquisition, layout="bruker")


def _volumes(xml: Path, found: BrukerXml) -> tuple[list[list[BrukerFrame]], list[str]]:
    """The frames of each volume, one each where there is one plane; notes on what is left out."""
    types = sorted({sequence.type for sequence in found.sequences})
    if not any(sequence.frames for sequence in found.sequences):
        raise MovieError(f"{xml} names no frames: expected those of a time series.")
    if set(types) <= set(MOVIES):
        return [[frame] for sequence in found.sequences for frame in sequence.frames], []
    if types != [_VOLUMES]:
        raise MovieError(
            f"{xml} describes no movie, but {', '.join(map(repr, types))}. Expected a time series "
            f"({', '.join(map(repr, (*MOVIES, _VOLUMES)))})."
        )
    return _whole_volumes(xml, found.sequences)


def _whole_volumes(
    xml: Path, sequences: list[BrukerSequence]
) -> tuple[list[list[BrukerFrame]], list[str]]:
    planes = len(sequences[0].frames)
    if planes > 1 and any(sequence.both_ways for sequence in sequences):
        raise MovieError(
            f"{xml}: planes were taken downwards and upwards in turn (bidirectionalZ), so that "
            "their frames are not evenly spaced in time. Such a movie is not read."
        )
    sizes = [len(sequence.frames) for sequence in sequences]
    aborted = len(sizes) > 1 and sizes[-1] < planes
    kept = sequences[:-1] if aborted else sequences
    wrong = [number for number, size in enumerate(sizes[: len(kept)], 1) if size != planes]
    if wrong:
        raise MovieError(
            f"{xml}: volume {wrong[0]} has {counted(sizes[wrong[0] - 1], 'frame')}, but the first "
            f"has {planes}. Frames are missing; copy the folder again from the microscope's "
            "computer."
        )
    note = f"the last volume has {sizes[-1]} of {planes} planes, and is left out"
    return [sequence.frames for sequence in kept], [note] if aborted else []


def _files(xml: Path, found: BrukerXml) -> list[TiffFile]:
    """Every file that the .xml names, in the order in which it does."""
    names = dict.fromkeys(
        name
        for sequence in found.sequences
        for frame in sequence.frames
        for name, _ in frame.images.values()
    )
    # Not by `Path.is_file`, which raises where a name is longer than names may be.
    missing = [name for name in names if not os.path.isfile(xml.parent / name)]
    if not names:
        raise MovieError(f"{xml} names no files: expected those of a time series.")
    if missing:
        more = ", …" if len(missing) > 1 else ""
        raise MovieError(
            f"{xml}: {len(missing)} of the {counted(len(names), 'file')} that it names cannot be "
            f"found in the folder ({missing[0]}{more}). Copy the folder again from the "
            "microscope's computer."
        )
    return [understand_pages(xml.parent / name) for name in names]


def _page(xml: Path, volumes: list[list[BrukerFrame]], files: list[TiffFile]) -> np.ndarray:
    """(frame, plane, channel) -> image, counted over all files."""
    begins = np.cumsum([0, *(file.pages for file in files)])
    number = {file.file.name: index for index, file in enumerate(files)}
    channels = sorted(volumes[0][0].images)
    page = np.full((len(volumes), len(volumes[0]), len(channels)), -1, dtype=np.int64)
    for index, volume in enumerate(volumes):
        for plane, frame in enumerate(volume):
            if sorted(frame.images) != channels:
                raise MovieError(
                    f"{xml}: frame {index + 1} has the channels {sorted(frame.images)}, but the "
                    f"first has {channels}. Images are missing; copy the folder again from the "
                    "microscope's computer."
                )
            for place, channel in enumerate(channels):
                name, at = frame.images[channel]
                file = number[name]
                if at > files[file].pages:
                    raise MovieError(
                        f"{xml.parent / name} is truncated: it holds {files[file].pages} whole "
                        f"frames, but {xml.name} names page {at}. Copy it again from the "
                        "microscope's computer."
                    )
                page[index, plane, place] = begins[file] + at - 1
    if np.unique(page).size != page.size:
        raise MovieError(
            f"{xml} names one image for several frames. The order of images is unknown; copy the "
            "folder again from the microscope's computer."
        )
    return page


def _begins(found: BrukerXml, frames: int) -> list[int]:
    """Frames at which a cycle begins; the sequences of volumes are none."""
    cycles = [len(sequence.frames) for sequence in found.sequences if sequence.type in MOVIES]
    return [begin for begin in np.cumsum([0, *cycles]).tolist() if begin < frames]


def _rate(
    found: BrukerXml, stamp: np.ndarray, times: FrameTimes, *, planes: int
) -> tuple[float, str, list[str]]:
    """Frames per second and plane, who says so, and whether the two that say it disagree.

    The times of the frames count what was; the frame period is what was asked for, without
    averages and without the way back to the first plane.
    """
    asked = rate_from_interval(found.period_s) if planes == 1 else 0.0
    measured = measured_rate(stamp, times)
    if not measured:
        return asked, _XML, []
    return (
        measured,
        _STAMPS,
        doubt_about_asked(asked, "framePeriod", measured, "the times of the frames"),
    )


def _cycles(found: BrukerXml) -> list[str]:
    """Movies of one plane that were taken in several cycles, some frames each."""
    cycles = [sequence for sequence in found.sequences if sequence.type in MOVIES]
    if len(cycles) < 2 or max(len(cycle.frames) for cycle in cycles) == 1:
        return []
    return [f"{len(cycles)} cycles follow each other"]


def _unnamed(xml: Path, files: list[TiffFile]) -> list[str]:
    named = {file.file.name for file in files}
    others = [
        file.name
        for file in sorted(xml.parent.iterdir())
        if SUFFIXES.get(file.suffix.lower()) == "tiff"
        and not file.name.startswith(".")
        and file.name not in named
    ]
    if not others:
        return []
    note = f"{counted(len(others), 'TIFF')} in the folder, such as {others[0]}, "
    return [note + f"{'is' if len(others) == 1 else 'are'} not named by {xml.name}, and not read"]
