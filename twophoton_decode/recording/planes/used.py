"""Which planes and channels of a recording are used, and when each plane was scanned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from twophoton_decode.errors import MovieError, SettingsError
from twophoton_decode.recording.file import volume_in_words
from twophoton_decode.recording.planes.answers import SETTINGS, answered
from twophoton_decode.recording.times.stamps import at_rate
from twophoton_decode.records import Recording
from twophoton_decode.settings import RecordingSettings
from twophoton_decode.words import counted


def used(recording: Recording, settings: RecordingSettings) -> Recording:
    """The recording as the settings want it: interleaved images told apart, planes chosen.

    All channels stay, see `select` for one of them; `plane_number` and `plane_delay_s` are
    always there.

    Raises
    ------
    MovieError
        As `interleaved`.
    SettingsError
        A plane or channel is asked for that the movie does not have, or no frame rate is
        known.
    """
    recording = interleaved(recording, settings.planes, settings.channels)
    if settings.functional_channel > recording.channels:
        raise SettingsError(
            f"functional_channel = {settings.functional_channel}, but the movie has "
            f"{counted(recording.channels, 'channel')}. {_NAMES_CHANNELS}"
        )
    rate = settings.frame_rate_hz or recording.frame_rate_hz
    if not rate:
        raise SettingsError(
            "the movie's files do not state the frame rate. Set frame_rate_hz in [recording]."
        )
    chosen = _chosen(recording, settings.use_planes)
    return replace(
        recording,
        page=None if recording.page is None else recording.page[:, chosen],
        planes=len(chosen),
        plane_number=np.asarray(chosen) + 1,
        plane_delay_s=plane_delays(recording, rate)[chosen],
        frame_time_s=at_rate(recording, rate),
    )


_NAMES_CHANNELS = (
    "Saved channels are counted from 1; if the files do not say how many there are, set channels "
    "in [recording]."
)


def _chosen(recording: Recording, use_planes: Sequence[int]) -> list[int]:
    """The planes to use, from 0, rising; `use_planes` counts from 1, and empty means all."""
    wanted = sorted(use_planes) or list(range(1, recording.planes + 1))
    if len(set(wanted)) < len(wanted) or not 1 <= wanted[0] <= wanted[-1] <= recording.planes:
        raise SettingsError(
            f"use_planes = {list(use_planes)}, but the movie has "
            f"{counted(recording.planes, 'plane')}. Expected numbers from 1 to {recording.planes}, "
            "each once; if the files do not say how many planes there are, set planes in "
            "[recording]."
        )
    return [number - 1 for number in wanted]


def structural_channel(recording: Recording, functional_channel: int) -> int | None:
    """The channel that marks cells, from 0: with two channels, the one that is not functional.

    None with one channel, and with more than two, of which none can be preferred.
    `functional_channel` counts from 1, as in the settings.
    """
    return 2 - functional_channel if recording.channels == 2 else None


def plane_delays(recording: Recording, frame_rate_hz: float) -> np.ndarray:
    """Time from the start of a volume to the middle of each plane's frame, (plane,) in s.

    What the files say; else planes are taken as evenly spaced: (p + 1/2) / (planes x rate).
    """
    if recording.plane_delay_s is not None:
        return recording.plane_delay_s
    return (np.arange(recording.planes) + 0.5) / (recording.planes * frame_rate_hz)


def interleaved(recording: Recording, planes: int, channels: int) -> Recording:
    """Images of files that do not say their order, told apart: channels fastest, then planes.

    0 means: as the files say, or 1. A last volume without all its images is left out, which
    a warning says. A rate that the files give for their images is divided over the planes;
    channels are scanned at once. Time stamps are those of a volume's first image. Where files
    leave their order open, or contradict themselves, `planes` and `channels` decide; see
    `answered`.

    Raises
    ------
    MovieError
        The files say something else; they leave open what nobody says; there is no whole volume.
    """
    if recording.question or recording.guess:
        recording = answered(recording, planes, channels)
    if "planes" in recording.source:
        _check_agreement(recording, planes, channels)
        return recording
    if "channels" in recording.source:
        # By the names of files: each channel has its own, in which planes may take turns.
        _check_agreement(recording, 0, channels)
        channels = recording.channels
    planes, channels = planes or 1, channels or 1
    each = planes * channels // recording.channels
    if each == 1:
        return recording
    volumes, left_over = divmod(recording.frames, each)
    whole = volume_in_words(planes, channels)
    if not volumes:
        raise MovieError(
            f"the files hold {counted(recording.frames, 'image')}, but {SETTINGS} say that one "
            f"volume is {each}: {whole}. Were all files named?"
        )
    times = recording.times.every(each, volumes)
    pages = np.arange(recording.frames) if recording.page is None else recording.page
    note = f"{counted(left_over, 'image')} at the end, no whole volume of {whole}, left out"
    return replace(
        recording,
        page=pages[: volumes * each].reshape(volumes, planes, channels),
        planes=planes,
        channels=channels,
        frame_rate_hz=times.rate_hz() or recording.frame_rate_hz / planes,
        frame_time_s=times.began_s,
        unknown_pause=times.unknown_pause,
        source={"channels": SETTINGS, **recording.source, "planes": SETTINGS},
        warnings=(*recording.warnings, *([note] if left_over else [])),
    )


def _check_agreement(recording: Recording, planes: int, channels: int) -> None:
    for name, given, found in (
        ("planes", planes, recording.planes),
        ("channels", channels, recording.channels),
    ):
        if given not in (0, found):
            raise MovieError(
                f"[recording] {name} = {given}, but the files say {found} "
                f"({recording.source.get(name, 'the files')}). Set it to 0 to follow the files; "
                "to use only some planes, list them in use_planes."
            )
