"""How many images ScanImage took of each plane, and in between, by its header.

Numbers of slices and of frames per slice stay in the header from earlier recordings; which
of them count follows from the flags of the stack.
"""

from __future__ import annotations

from dataclasses import dataclass

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.tiff.scanimage.lines import HeaderLines


@dataclass(frozen=True)
class Volume:
    """A volume is `slots` saved images per channel; the first `planes` of them are planes."""

    planes: int
    slots: int
    warnings: tuple[str, ...] = ()


def read_volume(lines: HeaderLines, averaged: int) -> Volume:
    """The volume by the header, of which each saved image is the mean of `averaged`.

    Raises
    ------
    MovieError
        The header does not say whether planes were taken, or contradicts itself; several
        images were taken at one depth before the next; an image is the mean of several planes;
        one depth was taken over and over with flyback in between.
    """
    flags = [lines.flag("hStackManager.enable"), lines.flag("hFastZ.enable", "fastZEnable")]
    if flags == [None, None]:
        raise lines.missing("whether planes were taken", "hFastZ.enable")
    slices = lines.count("hStackManager.numSlices", "stackNumSlices", default=1)
    if not any(flags):
        return Volume(1, 1, _stack_off(lines, slices, stated=flags[0] is not None))
    planes = lines.count("hStackManager.actualNumSlices", default=slices)
    slots = _slots(lines, planes)
    repeats = _repeats(lines, planes, slots)
    if planes == 1 and repeats > 1:
        _refuse_flyback_between_frames(lines.file, repeats, slots - repeats)
        return Volume(1, 1)
    return _saved(lines.file, planes, slots, repeats, averaged)


def _slots(lines: HeaderLines, planes: int) -> int:
    """Frames that were acquired per volume, flyback among them."""
    flyback = lines.count("hFastZ.numDiscardFlybackFrames", "fastZNumDiscardFrames", default=0)
    stated = lines.count("hStackManager.numFramesPerVolumeWithFlyback", default=0)
    return stated or lines.count("hFastZ.numFramesPerVolume", default=planes + flyback)


def _repeats(lines: HeaderLines, planes: int, slots: int) -> int:
    """Frames at one depth before the next; 1 where the number cannot be of this recording."""
    repeats = lines.number("hStackManager.framesPerSlice", default=1)
    if planes > 1 and repeats > 1 and _is_slow(lines):
        raise slow_stack(lines.file, planes, repeats)
    return int(repeats) if repeats > 1 and slots >= planes * repeats else 1


def _is_slow(lines: HeaderLines) -> bool:
    mode = lines.get("hStackManager.stackMode")
    return mode == "slow" if isinstance(mode, str) else not lines.flag("hFastZ.enable")


def _saved(file: str, planes: int, slots: int, repeats: int, averaged: int) -> Volume:
    """The images of a volume that lie in the file: ScanImage averages on through flyback."""
    if slots < planes:
        raise MovieError(
            f"{file}: ScanImage's header contradicts itself: {planes} planes in volumes of "
            f"{slots} images. The order of images cannot be known."
        )
    if slots == 1:
        return Volume(1, 1)
    if repeats % averaged or slots % averaged:
        raise MovieError(
            f"{file}: each saved image is the mean of {averaged} frames (logAverageFactor), but "
            f"volumes have {slots} with {repeats} at each of {planes} depths: images are means "
            "over several depths, or over depths and flyback. Planes cannot be told apart; record "
            "without averaging."
        )
    slots, repeats = slots // averaged, repeats // averaged
    if repeats > 1:
        raise slow_stack(file, planes, repeats)
    idle = f"{slots - planes} of every {slots} images are flyback and are left out"
    return Volume(planes, slots, (idle,) if slots > planes else ())


def _stack_off(lines: HeaderLines, slices: int, *, stated: bool) -> tuple[str, ...]:
    """What is odd about several slices without a fast stack.

    Versions that do not state whether the stack was on take a slow one if there are several.
    """
    if slices == 1:
        return ()
    if stated:
        return (f"the header names {slices} slices, but its stack is off: taken as one plane",)
    repeats = lines.number("hStackManager.framesPerSlice", default=1)
    if repeats > 1:
        raise slow_stack(lines.file, slices, repeats)
    return (
        f"the header names {slices} slices, and does not say that its stack was off: taken as one "
        "plane, but the images may be of several depths",
    )


def slow_stack(file: str, depths: int, repeats: float) -> MovieError:
    """The error about several images at one depth before the next."""
    return MovieError(
        f"{file} is a stack of {depths} depths with {repeats:g} images at each, one depth after "
        "the other. Expected a movie: split it into one plain TIFF for each depth."
    )


def _refuse_flyback_between_frames(file: str, repeats: int, flyback: int) -> None:
    if flyback:
        raise MovieError(
            f"{file}: one depth was taken {repeats} times, then come {flyback} images of flyback, "
            "and so on: frames are not evenly spaced in time. Expected a movie: record one plane "
            "with the stack switched off, or save the frames as one plain TIFF for each run."
        )
