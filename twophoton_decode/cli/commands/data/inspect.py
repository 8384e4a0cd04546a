"""``tpdecode inspect``: what is understood of a raw movie, before hours are spent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from twophoton_decode.cli.data_options import layout_options
from twophoton_decode.words import in_percent

if TYPE_CHECKING:
    from twophoton_decode.recording.inspection import Inspection
    from twophoton_decode.recording.levels.glance import Look

_MOST_FRAMES = 1000
_COLUMNS = 60
_MOST_PICTURES = 4
_FILES_SHOWN = 5
_LAYOUTS = {"hdf5": "HDF5", "nwb": "NWB", "sbx": "Scanbox", "bruker": "Bruker's TIFFs"}


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="RAW…")
@layout_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON, without the mean image.")
def inspect(paths: tuple[str, ...], planes: int, channels: int, as_json: bool) -> None:
    """Show how a raw movie is read, and warn of anything odd.

    Reads the structure of every file, and the pixels of at most 1000 evenly spaced frames.
    Writes nothing.

    \b
    Example:
      tpdecode inspect raw/
      tpdecode inspect "raw/*.tif" --json
      tpdecode inspect plain.tif --planes 3 --channels 2
      tpdecode inspect movie.h5::/data
    """
    from twophoton_decode.cli.console import Console, echo, echo_json
    from twophoton_decode.recording.inspection import facts
    from twophoton_decode.recording.inspection import inspect as look_at

    with Console(0) as console:
        found = look_at(
            paths,
            most_frames=_MOST_FRAMES,
            planes=planes,
            channels=channels,
            progress=console.progress,
        )
    if as_json:
        everything = facts(found) | {"free_bytes": _free_bytes()}
        echo_json(json.dumps(everything, indent=1, ensure_ascii=False))
        return
    for line in [*_about_files(found), *_about_time(found), *_about_pixels(found)]:
        echo(line)
    for warning in found.warnings:
        echo(f"warning: {warning}.")


def _about_files(found: Inspection) -> list[str]:
    from twophoton_decode.recording.levels.calibration import calibration_note

    recording = found.recording
    names = recording.file.tolist()
    if recording.dataset is not None:
        names = [
            f"{name}::{dataset}" for name, dataset in zip(names, recording.dataset, strict=True)
        ]
    files = [
        f"  {name}: {images} image{'' if images == 1 else 's'}"
        for name, images in zip(names, recording.file_frames.tolist(), strict=True)
    ]
    if len(files) > 2 * _FILES_SHOWN:
        left_out = len(files) - 2 * _FILES_SHOWN
        files = [*files[:_FILES_SHOWN], f"  … {left_out} more …", *files[-_FILES_SHOWN:]]
    kind = _LAYOUTS.get(recording.layout, f"{recording.layout} TIFF")
    shape = f"{recording.frames} x {recording.planes} x {recording.channels}"
    return [
        f"files     {len(recording.file)}, {kind}, in this order:",
        *files,
        f"shape     {shape} x {recording.height} x {recording.width} "
        "(frames x planes x channels x height x width)",
        f"pixels    {', '.join(filter(None, (recording.dtype, calibration_note(recording))))}",
    ]


def _about_time(found: Inspection) -> list[str]:
    from twophoton_decode.words import counted

    recording = found.recording
    by = recording.source.get("frame_rate_hz", "")
    rate = f"{recording.frame_rate_hz:.6g} Hz per plane ({by})" if by else "not in the files"
    lines = [f"rate      {rate}"]
    if by:
        lines.append(f"duration  {found.duration_s:.1f} s")
    lines.append(f"times     {_about_gaps(found)}")
    order = sorted({recording.source.get(name, "") for name in ("planes", "channels")} - {""})
    lines.append(f"order     {' and '.join(order) or 'every image is a frame'}")
    lines += _about_planes(found)
    if recording.bidirectional is not None:
        lines.append(
            f"scanning  {'both directions' if recording.bidirectional else 'one direction'}"
        )
    if recording.layout == "scanimage":
        lines.append(f"dropped   {counted(recording.dropped_frames, 'frame')}")
    return lines


def _about_gaps(found: Inspection) -> str:
    """How frames are timed, and the gaps between them."""
    from twophoton_decode.recording.times.gap_words import gaps_in_words

    times = found.recording.times
    gaps = gaps_in_words(times)
    if times.by:
        return f"{gaps or 'no gaps'}; frames are timed by {times.by}"
    even = "frames are assumed evenly spaced, as the files give no times"
    return f"{gaps}; {even}" if gaps else even


def _about_planes(found: Inspection) -> list[str]:
    """When the middle of each plane's frame is scanned; needless with one plane."""
    delays = found.plane_delay_s
    if delays is None or len(delays) == 1:
        return []
    by = found.recording.source.get("plane_delay_s", "assumed evenly spaced")
    times = ", ".join(f"{plane} at {delay:.4g} s" for plane, delay in enumerate(delays, start=1))
    return [f"planes    of a volume: {times} ({by})"]


def _about_pixels(found: Inspection) -> list[str]:
    lines = []
    for number, seen in enumerate(found.looks):
        lines += _about_look(seen, found.recording.frames)
        if number < _MOST_PICTURES:
            lines += _picture_of(seen)
    return [*lines, _about_mapping(found), _about_disk(found)]


def _about_look(seen: Look, frames: int) -> list[str]:
    from twophoton_decode.records.movie.dark_level import DARKEST_PERCENT, estimated_dark_level

    looked = "all" if seen.frames == frames else f"{seen.frames} evenly spaced"
    return [
        f"plane {seen.plane + 1}, channel {seen.channel + 1}: {looked} of {frames} frames read",
        f"  levels  {seen.lowest:g} to {seen.highest:g}; "
        f"{in_percent(seen.saturated, 3)} of pixels saturated, "
        f"{in_percent(seen.blank_frames / seen.frames, 1)} of frames blank",
        f"  dark    at most {estimated_dark_level(seen.mean):.4g}, estimated from the darkest "
        f"{DARKEST_PERCENT:g} % of the mean image",
    ]


def _picture_of(seen: Look) -> list[str]:
    from twophoton_decode.cli.terminal_picture import picture

    return ["  mean:", *(f"  {line}" for line in picture(seen.mean, _COLUMNS - 2))]


def _about_mapping(found: Inspection) -> str:
    mapping = found.mapping
    if mapping is None:
        return "int16     the frames read hold no finite pixel"
    if (mapping.offset, mapping.scale) == (0.0, 1.0):
        return "int16     grey levels are kept, judging by the frames read"
    steps = "" if mapping.scale == 1.0 else f", in steps of {mapping.scale:g} grey levels"
    return (
        f"int16     (grey - {mapping.offset:g}) / {mapping.scale:g}{steps}, judging by the frames "
        "read; undone in the traces"
    )


def _about_disk(found: Inspection) -> str:
    free = _free_bytes()
    short = "; not enough" if free < found.disk_bytes else ""
    return (
        f"disk      extraction needs {found.disk_bytes / 1e9:.2f} GB for 16-bit copies of planes; "
        f"{free / 1e9:.1f} GB are free here{short}"
    )


def _free_bytes() -> int:
    """On the disk of the folder one is in, where a session would be made."""
    import shutil

    return shutil.disk_usage(".").free
