"""The clips that were shown, as luminance at working size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image, ImageSequence

from twophoton_decode.errors import StimulusImageError, UsageError
from twophoton_decode.files.array import open_array
from twophoton_decode.files.arrays.names import SUFFIXES as ARRAY_SUFFIXES
from twophoton_decode.files.damage.read_errors import readable
from twophoton_decode.files.natural_order import natural_order
from twophoton_decode.stimulus.picture_files.folder import TIFF_SUFFIXES
from twophoton_decode.stimulus.picture_files.luminance import luminance
from twophoton_decode.stimulus.picture_files.tiff_picture import read_tiff_stack
from twophoton_decode.stimulus.pictures import is_folder_of_pictures, to_working_size

GIF = ".gif"
CLIP_SUFFIXES = (".npy", GIF, *TIFF_SUFFIXES)
_COLOURS = (3, 4)


@dataclass(frozen=True, eq=False)
class StimulusClips:
    """Every clip, in the order to which indices in the log refer.

    Attributes
    ----------
    picture : ndarray, shape (clip, frame, y, x), float32
        Luminance, 0 to 1 where the files hold 8- or 16-bit integers; 0 beyond a clip's end.
    frames : ndarray of int, shape (clip,)
        How many frames each clip has.
    name : ndarray of str, shape (clip,)
        File names, or "0", "1", … for a stack.
    rate_hz : ndarray, shape (clip,)
        Frames per second, where the file says it; else NaN.
    notes : list of str
        What was cropped, resized or left out.
    """

    picture: np.ndarray
    frames: np.ndarray
    name: np.ndarray
    rate_hz: np.ndarray
    notes: list[str]


def read_clips(source: Path, size_px: int, *, key: str = "") -> StimulusClips:
    """Clips as luminance, each frame as `read_pictures` would read it.

    Parameters
    ----------
    source : Path
        A folder whose files are clips (.npy with the axes frame, y, x, and colour where there is
        one; .tif of several pages; .gif), in natural order of their names; or one array or .tif
        with the axes clip, frame, y, x.
    size_px : int
        Side of the frames at working size.
    key : str
        Which array of the file.

    Raises
    ------
    UsageError
        No such folder or file.
    StimulusImageError
        Unreadable clips, frames whose sizes differ, NaN or infinite values, no frames.
    """
    if not source.exists():
        raise UsageError(f"{source}: there is no such file or folder of clips.")
    if is_folder_of_pictures(source):
        files, notes = _clip_files(source)
        names = [file.name for file in files]
        found = [_read_clip(file) for file in files]
        whole, rates = [frames for frames, _ in found], [rate for _, rate in found]
        labels = [str(file) for file in files]
    else:
        whole, notes = list(_read_stack(source, key)), []
        names = [str(place) for place in range(len(whole))]
        rates, labels = [np.nan] * len(whole), [f"{source}, clip {name}" for name in names]
    clips = [_sized(one, label, size_px) for one, label in zip(whole, labels, strict=True)]
    _refuse_other_sizes(clips, labels)
    frames = np.array([len(clip) for clip in clips])
    picture = np.zeros((len(clips), frames.max(), *clips[0].shape[1:]), np.float32)
    for place, clip in enumerate(clips):
        picture[place, : len(clip)] = clip
    notes += [*_resized(whole, clips), *_other_lengths(frames, names)]
    return StimulusClips(picture, frames, np.array(names), np.array(rates, float), notes)


def _clip_files(folder: Path) -> tuple[list[Path], list[str]]:
    visible = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    files = [p for p in visible if p.is_file() and p.suffix.lower() in CLIP_SUFFIXES]
    others = [path.name for path in visible if path not in files]
    if not files:
        raise StimulusImageError(
            f"{folder}: expected clips ({', '.join(CLIP_SUFFIXES)}), found none among "
            f"{len(others)} entries. Name the folder in which the clips themselves lie."
        )
    left_out = f"Left out of {folder.name}, as no clips: {', '.join(others[:3])}"
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    return sorted(files, key=natural_order), [f"{left_out}{more}."] if others else []


def _read_clip(path: Path) -> tuple[np.ndarray, float]:
    """Frames of one file, (frame, y, x) or (frame, y, x, colour), and its rate, Hz or NaN."""
    suffix = path.suffix.lower()
    if suffix == GIF:
        return _read_gif(path)
    if suffix in TIFF_SUFFIXES:
        return read_tiff_stack(path)[0], float("nan")
    frames = open_array(path, error=StimulusImageError).values
    grey, colour = frames.ndim == 3, frames.ndim == 4 and frames.shape[-1] in _COLOURS
    if not (grey or colour):
        raise StimulusImageError(
            f"{path}: expected a clip with the axes (frame, y, x), found an array of shape "
            f"{frames.shape}."
        )
    return frames, float("nan")


def _read_gif(path: Path) -> tuple[np.ndarray, float]:
    """Frames as they are displayed; the rate is known where all last equally long."""
    expected = "an animated GIF"
    with (
        readable(path, expected, StimulusImageError, "Save the clip again."),
        Image.open(path, formats=["GIF"]) as file,
    ):
        frames, lasting = [], []
        for frame in ImageSequence.Iterator(file):
            frames.append(np.asarray(frame.convert("RGB")))
            lasting.append(float(frame.info.get("duration", 0.0)))
    even = min(lasting) == max(lasting) > 0
    return np.stack(frames), 1000 / lasting[0] if even else float("nan")


def _read_stack(source: Path, key: str) -> np.ndarray:
    """All clips of one file, (clip, frame, y, x)."""
    suffix = source.suffix.lower()
    if suffix in TIFF_SUFFIXES:
        with (
            readable(source, "a TIFF of clips", StimulusImageError),
            tifffile.TiffFile(source) as tiff,
        ):
            stack = tiff.series[0].asarray()
    elif suffix in ARRAY_SUFFIXES:
        stack = open_array(source, key, error=StimulusImageError).values
    else:
        raise UsageError(
            f"{source}: expected a folder of clips ({', '.join(CLIP_SUFFIXES)}), or one array "
            f"(clip, frame, y, x) ending in {', '.join((*ARRAY_SUFFIXES, *TIFF_SUFFIXES))}."
        )
    if stack.ndim != 4 or 0 in stack.shape:
        raise StimulusImageError(
            f"{source}: expected clips with the axes (clip, frame, y, x), found an array of shape "
            f"{stack.shape}. Clips of different lengths go into a folder, one file each."
        )
    return np.asarray(stack)


def _sized(frames: np.ndarray, label: str, size_px: int) -> np.ndarray:
    """Frames as luminance at working size, (frame, y, x), float32."""
    if not len(frames):
        raise StimulusImageError(f"{label} has no frames.")
    sized = [
        to_working_size(luminance(frame, f"{label}, frame {place}"), size_px)
        for place, frame in enumerate(frames)
    ]
    return np.stack(sized).astype(np.float32)


def _refuse_other_sizes(clips: Sequence[np.ndarray], labels: Sequence[str]) -> None:
    sizes = [clip.shape[1:] for clip in clips]
    expected = max(sizes, key=sizes.count)
    for size, label in zip(sizes, labels, strict=True):
        if size != expected:
            raise StimulusImageError(
                f"{label}: expected frames of {expected[0]} × {expected[1]} pixels like the other "
                f"clips, found {size[0]} × {size[1]}. Clips below the working size must all have "
                "one size; resize this one."
            )


def _resized(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> list[str]:
    pairs = zip(before, after, strict=True)
    changed = sum(whole.shape[1:3] != sized.shape[1:] for whole, sized in pairs)
    size = f"{after[0].shape[1]} × {after[0].shape[2]}"
    return [
        f"{changed} of {len(after)} clips were cropped to their central square where they are no "
        f"square, and averaged to {size} pixels."
    ] * bool(changed)


def _other_lengths(frames: np.ndarray, names: Sequence[str]) -> list[str]:
    """Clips that are longer or shorter than most, by name."""
    values, counts = np.unique(frames, return_counts=True)
    usual = int(values[np.argmax(counts)])
    others = [f"{n} {c}" for n, c in zip(names, frames.tolist(), strict=True) if c != usual]
    if not others:
        return []
    more = f" and {len(others) - 5} more" if len(others) > 5 else ""
    return [
        f"{len(others)} of {len(names)} clips do not have {usual} frames as the others: "
        f"{', '.join(others[:5])}{more}."
    ]
