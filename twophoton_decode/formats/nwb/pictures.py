"""Pictures of an NWB file, written as files of a session."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from twophoton_decode.errors import StimulusImageError, UsageError
from twophoton_decode.files.hdf5_dataset import item_at
from twophoton_decode.files.natural_order import natural_order
from twophoton_decode.formats.nwb.contents import Contents
from twophoton_decode.progress import Progress, silent

_MOST_BYTES = 2 * 10**9
_UNFIT = re.compile(r"[^\w-]+")


@dataclass(frozen=True)
class Templates:
    """Pictures by their place: datasets of single pictures, or pages of a stack.

    Attributes
    ----------
    path : str
    names : tuple of str
        Names of files, without a suffix.
    places : tuple of str
        Paths of datasets.
    is_stack : bool
    labels : tuple of str
        What the file calls each; empty for a stack.
    pages : tuple of int
        Of a stack, the page of each picture; empty for all pages in their order.
    """

    path: str
    names: tuple[str, ...]
    places: tuple[str, ...]
    is_stack: bool
    labels: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()

    @property
    def words(self) -> str:
        """``natural_scenes_template (118 pictures)``."""
        return f"{self.path.rsplit('/', 1)[-1]} ({len(self.names)} pictures)"


def all_templates(contents: Contents) -> list[Templates]:
    """Every stack and every collection of pictures under the stimuli."""
    paths = [path for path in contents.types if path.startswith("stimulus/templates/")]
    return [found for path in paths if (found := templates_at(contents, path)) is not None]


def templates_at(contents: Contents, path: str) -> Templates | None:
    """The pictures in the group at `path`; None where it holds none."""
    data = item_at(contents.file, f"{path}/data")
    if isinstance(data, h5py.Dataset):
        if data.ndim not in (3, 4) or not data.size:
            return None
        digits = len(str(len(data) - 1))
        names = tuple(f"image{place:0{digits}d}" for place in range(len(data)))
        return Templates(path, names, (f"{path}/data",), True)
    inside = [image for image in contents.images if image.startswith(f"{path}/")]
    if not inside:
        return None
    places = _in_order(contents, path, inside)
    labels = tuple(each.rsplit("/", 1)[-1] for each in places)
    return Templates(path, _file_names(labels), places, False, labels)


def _in_order(contents: Contents, path: str, inside: list[str]) -> tuple[str, ...]:
    """By the file's own order of images, else by names, in which 2 comes before 10."""
    order = item_at(contents.file, f"{path}/order_of_images")
    if isinstance(order, h5py.Dataset) and h5py.check_ref_dtype(order.dtype) is not None:
        named = [str(contents.file[each].name).strip("/") for each in np.ravel(order[()]) if each]
        if sorted(named) == sorted(inside):
            return tuple(named)
    return tuple(sorted(inside, key=lambda each: natural_order(Path(each))))


def _file_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names that are fit for files, and all different whatever the case."""
    plain = [_UNFIT.sub("_", Path(name).stem or name) or "image" for name in names]
    if len({name.lower() for name in plain}) == len(plain):
        return tuple(plain)
    digits = len(str(len(plain)))
    return tuple(f"{name}_{place:0{digits}d}" for place, name in enumerate(plain))


def choose_templates(found: list[Templates], name: str) -> Templates | None:
    """The pictures that are named, or the only ones; None where there are none.

    Raises
    ------
    UsageError
        There are several, or none of that name.
    """
    listed = ", ".join(each.words for each in found) or "none"
    if name:
        chosen = [each for each in found if f"/{each.path}".endswith(f"/{name.strip('/')}")]
        if len(chosen) != 1:
            raise UsageError(
                f"--templates {name}: {len(chosen)} of that name. The file has {listed}."
            )
        return chosen[0]
    if len(found) > 1:
        raise UsageError(f"The file has several sets of pictures: {listed}. Name one with "
                         "--templates.")  # fmt: skip
    return found[0] if found else None


def write_pictures(
    contents: Contents,
    templates: Templates,
    folder: Path,
    *,
    transpose: bool = False,
    progress: Progress = silent,
) -> None:
    """Write every picture as ``NAME.tif``, one in memory at a time.

    Pictures are taken as (y, x), as nearly all files have them though NWB names x first; with
    `transpose` as (x, y). Whole numbers from 0 to 255 are written as bytes, whatever their type.

    Raises
    ------
    StimulusImageError
        Values that are no picture, or more than can be meant.
    """
    import tifffile

    folder.mkdir(parents=True)
    total = len(templates.names)
    levels = _type_of_all(contents, templates, progress)
    for place, name in enumerate(templates.names):
        progress(place, total, "pictures written")
        picture = _picture(contents, templates, place).astype(levels)
        turned = np.swapaxes(picture, 0, 1) if transpose else picture
        kind = "rgb" if turned.ndim == 3 else "minisblack"
        tifffile.imwrite(
            folder / f"{name}.tif", np.ascontiguousarray(turned), photometric=kind, metadata=None
        )
    progress(total, total, "pictures written")


def _picture(contents: Contents, templates: Templates, place: int) -> np.ndarray:
    data = contents.data(templates.places[0 if templates.is_stack else place])
    what = f"{templates.path}, picture {templates.names[place]}"
    if data is None or data.dtype.kind not in "biuf":
        raise StimulusImageError(f"{what}: expected numbers.")
    shape = data.shape[1:] if templates.is_stack else data.shape
    colours = shape[2] if len(shape) == 3 else 1
    if len(shape) not in (2, 3) or colours not in (1, 3) or min(shape) < 1:
        raise StimulusImageError(
            f"{what}: expected (y, x) or (y, x, colour), found the shape {tuple(shape)}."
        )
    if int(np.prod(shape)) * 8 > _MOST_BYTES:
        raise StimulusImageError(f"{what} is said to have {shape[0]} x {shape[1]} px.")
    page = templates.pages[place] if templates.pages else place
    values = np.asarray(data[page] if templates.is_stack else data[()])
    if not np.isfinite(values).all():
        raise StimulusImageError(f"{what}: has values that are NaN or infinite.")
    return values[..., 0] if values.ndim == 3 and colours == 1 else values


def _type_of_all(
    contents: Contents, templates: Templates, progress: Progress = silent
) -> type[np.generic]:
    """One type for all pictures: a dark one must not be taken for another range."""
    low, high, whole, kinds = 0.0, 0.0, True, set()
    total = len(templates.names)
    for place in range(total):
        progress(place, total, "pictures read")
        values = _picture(contents, templates, place)
        kinds.add(values.dtype)
        low, high = min(low, float(values.min())), max(high, float(values.max()))
        whole = whole and np.array_equal(values, np.round(values))
    if kinds in ({np.dtype(np.uint8)}, {np.dtype(np.uint16)}):
        return kinds.pop().type
    if kinds == {np.dtype(bool)} or (whole and low == 0 and 1 < high <= 255):
        return np.uint8
    return np.float32
