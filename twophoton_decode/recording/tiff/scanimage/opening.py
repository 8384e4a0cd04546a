"""ScanImage's movies: which image is which frame of which plane and channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.acquisition import Acquisition
from twophoton_decode.recording.file import disagreement
from twophoton_decode.recording.tiff.file import TiffFile
from twophoton_decode.recording.tiff.scanimage.frame_numbers import (
    FrameNumbers,
    ImageNumbers,
    image_numbers,
    place_frames,
)
from twophoton_decode.recording.tiff.scanimage.header import ScanImageHeader, read_header
from twophoton_decode.recording.times.rates import doubt_about_asked
from twophoton_decode.recording.times.stamps import mid_times, times_of_places, times_of_stamps
from twophoton_decode.records.movie.frame_times import FrameTimes
from twophoton_decode.words import counted

_HEADER, _STAMPS = "ScanImage header", "ScanImage frame timestamps"
_MUST_AGREE = {
    "channels": "saved channel",
    "planes": "plane",
    "slots": "image",
    "averaged": "frame",
}
_OF_WHAT = {"slots": " per volume", "averaged": " averaged in each image"}


def understand_scanimage(files: Sequence[TiffFile]) -> Acquisition:
    """The order of images over all files: channels fastest, then planes, then time.

    Raises
    ------
    MovieError
        The files' headers disagree, or the numbers of frames contradict them.
    """
    header = _common_header(files)
    pages = sum(file.pages for file in files)
    numbers = image_numbers(text for file in files for text in file.page_texts())
    header, question = _channels_by_numbers(files, header, numbers)
    blocks = pages // header.channels
    warnings = list(header.warnings)
    if pages % header.channels:
        warnings.append(
            f"the last {pages % header.channels} images are not of all {header.channels} "
            "channels, and are left out"
        )
    placed = _placed(files, header, numbers, blocks)
    if placed is None:
        warnings.append("the files do not number their frames: dropped frames would not be noticed")
        placed = FrameNumbers(np.arange(blocks), np.zeros(1, np.int64), 0, 0.0)
    page, more = _volumes(placed.place, header)
    rate, source, doubt = _frame_rate(header, placed)
    delay, timed_by = _plane_delays(header, placed, rate)
    times, unused = _times(placed, header, page, rate)
    dropped = _dropped(placed, header)
    warnings += [*_odd_times(placed, header, dropped, times), *more, *doubt, *unused]
    return Acquisition(
        page=page,
        plane_delay_s=delay,
        rate_hz=rate,
        times=times,
        bidirectional=header.bidirectional,
        dropped_frames=dropped,
        question=question,
        source={
            "planes": _HEADER,
            "channels": "" if question else _HEADER,
            "frame_rate_hz": source if rate else "",
            "plane_delay_s": timed_by,
        },
        warnings=(*warnings, *_begun_anew(placed, header, files)),
    )


def _odd_times(
    placed: FrameNumbers, header: ScanImageHeader, dropped: int, times: FrameTimes
) -> list[str]:
    """What makes times of frames, or their planes, doubtful."""
    found = []
    if placed.uneven and header.slots > header.planes:
        found.append(
            "the frames' timestamps are uneven, as if flyback images were neither numbered nor "
            "saved: planes may be mixed up"
        )
    if dropped:
        untimed = "" if times.by else ": times after a gap are too early"
        found.append(f"the microscope dropped {counted(dropped, 'frame')}{untimed}")
    return found


def _common_header(files: Sequence[TiffFile]) -> ScanImageHeader:
    headers = [read_header(file.header, file.regions, str(file.file)) for file in files]
    first = headers[0]
    for header, file in zip(headers, files, strict=True):
        for name, noun in _MUST_AGREE.items():
            found, expected = getattr(header, name), getattr(first, name)
            if found != expected:
                raise disagreement(
                    f"{file.file} has {counted(found, noun)}{_OF_WHAT.get(name, '')}, but "
                    f"{files[0].file} has {expected}"
                )
    warnings = dict.fromkeys(warning for header in headers for warning in header.warnings)
    return replace(first, warnings=tuple(warnings))


def _channels_by_numbers(
    files: Sequence[TiffFile], header: ScanImageHeader, found: ImageNumbers | None
) -> tuple[ScanImageHeader, str]:
    """The header with as many channels as images share a number; a question if it says others."""
    together = found.together() if found is not None else 0
    if not together or together == header.channels:
        return header, ""
    said, saved = counted(header.channels, "saved channel"), counted(together, "channel")
    numbers = (
        f"{files[0].file}: ScanImage's header names {said}, but each frame number stands beside "
        f"{counted(together, 'image')}, so {saved} {'was' if together == 1 else 'were'} saved"
    )
    warning = f"{numbers.partition(': ')[2]}: {saved} {'is' if together == 1 else 'are'} taken"
    question = (
        f"{numbers}. If that is right, set channels = {together} in [recording], or give "
        f"--channels {together} to `tpdecode inspect`; if files of another recording were named "
        "too, leave them out."
    )
    return replace(header, channels=together, warnings=(*header.warnings, warning)), question


def _placed(
    files: Sequence[TiffFile], header: ScanImageHeader, found: ImageNumbers | None, blocks: int
) -> FrameNumbers | None:
    """Where each frame belongs by its number; None where images have no numbers."""
    if found is None or found.number.size != sum(file.pages for file in files) or not blocks:
        return None
    if blocks > 1 and found.again().all():
        # Other programs copy the first image's description to all.
        return None
    frames = found.frames(blocks, header.channels)
    if frames is None or _stands_still(frames, files, header.channels):
        raise MovieError(
            f"{files[0].file}: ScanImage's header names {header.channels} saved channels, but the "
            "frame numbers beside the images do not come in such groups. Were files of another "
            "recording named too?"
        )
    return place_frames(frames, header.slots, averaged=header.averaged > 1)


def _stands_still(frames: ImageNumbers, files: Sequence[TiffFile], channels: int) -> bool:
    """Whether frames of one file share a number; where a file begins, an acquisition may."""
    begins = np.cumsum([file.pages for file in files]) / channels
    return not np.isin(np.flatnonzero(frames.again()) + 1, begins).all()


def _volumes(place: np.ndarray, header: ScanImageHeader) -> tuple[np.ndarray | None, list[str]]:
    """The images of every whole volume, (frame, plane, channel)."""
    channels, planes, slots = header.channels, header.planes, header.slots
    image = np.arange(place.size)[:, None] * channels + np.arange(channels)
    if slots == 1:
        return (None if channels == 1 else image[:, None, :]), []
    volume, slot = place // slots, place % slots
    kept = slot < planes
    numbers, row = np.unique(volume[kept], return_inverse=True)
    page = np.full((numbers.size, planes, channels), -1, dtype=np.int64)
    page[row, slot[kept]] = image[kept]
    whole = (page >= 0).all(axis=(1, 2))
    left_out = int((~whole).sum())
    note = f"images of some planes are missing in {counted(left_out, 'volume')}, left out whole"
    return page[whole], [note] if left_out else []


def _dropped(placed: FrameNumbers, header: ScanImageHeader) -> int:
    """Frames missing in gaps, of flyback images that were never saved apart."""
    if header.slots == header.planes or not placed.dropped:
        return placed.dropped
    runs = np.split(placed.place, placed.begins[1:])
    missing = [np.setdiff1d(np.arange(run[0], run[-1] + 1), run) for run in runs]
    return int((np.concatenate(missing) % header.slots < header.planes).sum())


def _frame_rate(
    header: ScanImageHeader, placed: FrameNumbers
) -> tuple[float, str, tuple[str, ...]]:
    """Rate per plane, who says so, and whether the two that say it disagree."""
    measured = placed.rate_hz / header.slots
    if not measured:
        return header.rate_hz, _HEADER, ()
    doubt = doubt_about_asked(header.rate_hz, "the header", measured, "the frames' timestamps")
    return measured, _STAMPS, tuple(doubt)


def _times(
    placed: FrameNumbers, header: ScanImageHeader, page: np.ndarray | None, rate_hz: float
) -> tuple[FrameTimes, list[str]]:
    """When each frame (volume) began, by its stamp, else by its number; why not by its stamp."""
    # Of a volume, the frame of the first plane is the first.
    first = np.arange(placed.place.size) if page is None else page[:, 0, 0] // header.channels
    begins = np.searchsorted(first, placed.begins)
    begins = np.unique(begins[begins < first.size])
    if begins.size == first.size:
        # Acquisitions of one frame each are a time lapse.
        begins = begins[:1]
    unused: list[str] = []
    if placed.stamp_s is not None and first.size:
        times, unused = times_of_stamps(placed.stamp_s[first], begins, by=_STAMPS)
        if times.by:
            return times, unused
    return times_of_places(placed.place[first] // header.slots, begins, rate_hz), unused


def _plane_delays(
    header: ScanImageHeader, placed: FrameNumbers, rate_hz: float
) -> tuple[np.ndarray | None, str]:
    """Mid-time of each plane since its volume began, s, and who says so.

    Time stamps are those of the beginnings of frames. Without them, frames and flyback
    frames of a volume follow each other evenly.
    """
    if header.slots == 1 or not rate_hz:
        return None, ""
    even = (np.arange(header.planes) + 0.5) / (header.slots * rate_hz)
    if placed.stamp_s is None or not placed.rate_hz or header.planes == 1:
        return even, _HEADER
    volume, slot = np.divmod(placed.place, header.slots)
    rows, row = np.unique(volume, return_inverse=True)
    stamp = np.full((rows.size, header.slots), np.nan)
    stamp[row, slot] = placed.stamp_s
    timed = mid_times(stamp[:, : header.planes], rate_hz)
    return (even, _HEADER) if timed is None else (timed, _STAMPS)


def _begun_anew(
    placed: FrameNumbers, header: ScanImageHeader, files: Sequence[TiffFile]
) -> list[str]:
    """New acquisitions; how long the pauses between them are is said elsewhere."""
    begins = placed.begins[1:]
    if not begins.size:
        return []
    ends = np.cumsum([file.pages for file in files])
    number = int(np.searchsorted(ends, begins[0] * header.channels, side="right"))
    return [
        f"frames are numbered anew {counted(begins.size, 'time')}, first in "
        f"{files[number].file.name}: these are several acquisitions"
    ]
