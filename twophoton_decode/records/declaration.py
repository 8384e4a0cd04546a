"""How a record declares what it holds: every array with its axes and unit, in one place.

The shape check, the netCDF reader and writer, datasets and the documentation all read these
declarations, so a field is described once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.errors import RecordError


@dataclass(frozen=True)
class ArraySpec:
    """What an array field holds.

    `axes` are names shared by all fields of a record: equal names mean equal lengths. An
    axis written ``roi+1`` is one longer than ``roi`` (the edges of ragged arrays). An
    `opened` array may be larger than memory: it is opened, not loaded, from a session. A `unit`
    such as ``{response_unit}`` is what the record's scalar of that name says.
    A `later` array is absent from files of earlier versions: there it is NaN (zero, False,
    empty), and without entries along axes that no other array has.
    """

    axes: tuple[str, ...]
    unit: str
    dtype: type
    doc: str
    optional: bool
    opened: bool
    later: bool = False


@dataclass(frozen=True)
class ScalarSpec:
    """What a scalar field holds: a number, a text, or a JSON-like structure.

    One that is `optional` is not written where it is None, and None where a file lacks it.
    """

    unit: str
    doc: str
    optional: bool = False


def array(
    axes: str,
    unit: str = "",
    *,
    dtype: type = float,
    doc: str,
    optional: bool = False,
    opened: bool = False,
    later: bool = False,
) -> Any:
    """Declare an array field; `axes` is one string, ``"presentation cell"``."""
    spec = ArraySpec(tuple(axes.split()), unit, dtype, doc, optional, opened, later)
    if optional or later:
        return dataclasses.field(default=None, kw_only=True, metadata={"spec": spec})
    return dataclasses.field(kw_only=True, metadata={"spec": spec})


def scalar(
    unit: str = "",
    *,
    doc: str,
    default: Any = dataclasses.MISSING,
    factory: Any = dataclasses.MISSING,
    optional: bool = False,
) -> Any:
    """Declare a scalar field; `factory` makes a default that could be changed."""
    spec = ScalarSpec(unit, doc, optional)
    if optional:
        return dataclasses.field(default=None, kw_only=True, metadata={"spec": spec})
    return dataclasses.field(
        default=default, default_factory=factory, kw_only=True, metadata={"spec": spec}
    )


class Record:
    """What one stage hands to the next: a frozen dataclass of declared fields.

    Arrays are converted to the declared type, checked against each other's axes, and made
    read-only; arrays declared as opened stay as they are given.
    """

    def __post_init__(self) -> None:
        lengths: dict[str, tuple[int, str]] = {}
        for name, spec in self.arrays():
            value = getattr(self, name)
            if (value is None and spec.optional) or _left_to_fill(spec, value):
                continue
            if value is None:
                raise RecordError(f"{type(self).__name__}.{name} is missing: {spec.doc}")
            if not spec.opened:
                value = _frozen(np.asarray(value, dtype=spec.dtype))
                object.__setattr__(self, name, value)
            self._check_axes(name, spec, value.shape, lengths)
        self._fill_later({axis: size for axis, (size, _) in lengths.items()})

    @classmethod
    def arrays(cls) -> Iterator[tuple[str, ArraySpec]]:
        """Name and declaration of every array field."""
        for field in dataclasses.fields(cls):  # type: ignore[arg-type]
            if isinstance(field.metadata.get("spec"), ArraySpec):
                yield field.name, field.metadata["spec"]

    @classmethod
    def scalars(cls) -> Iterator[tuple[str, ScalarSpec]]:
        """Name and declaration of every scalar field."""
        for field in dataclasses.fields(cls):  # type: ignore[arg-type]
            if isinstance(field.metadata.get("spec"), ScalarSpec):
                yield field.name, field.metadata["spec"]

    @classmethod
    def has_default(cls, name: str) -> bool:
        """Whether a field need not be given."""
        field = cls.__dataclass_fields__[name]  # type: ignore[attr-defined]
        missing = dataclasses.MISSING
        return field.default is not missing or field.default_factory is not missing

    @classmethod
    def variable_name(cls, name: str) -> str:
        """The name of an array field in files and datasets.

        There a variable called like an axis is taken for its coordinate, so the image of
        each presentation is called ``image_of_presentation``.
        """
        specs = dict(cls.arrays())
        is_axis = any(name in spec.axes for spec in specs.values())
        return f"{name}_of_{specs[name].axes[0]}" if is_axis else name

    def attributes(self, name: str) -> dict[str, str]:
        """``long_name``, and ``units`` where there are any, of an array in files and datasets."""
        spec = dict(self.arrays())[name]
        units = spec.unit.format_map(vars(self))
        return ({"units": units} if units else {}) | {"long_name": spec.doc}

    def _fill_later(self, lengths: dict[str, int]) -> None:
        """Stand-ins for what files of earlier versions lack; `lengths` are those of the axes."""
        for name, spec in self.arrays():
            if _left_to_fill(spec, getattr(self, name)):
                shape = [
                    lengths.get(axis.removesuffix("+1"), 0) + axis.endswith("+1")
                    for axis in spec.axes
                ]
                unknown = np.nan if spec.dtype in (float, np.float32) else spec.dtype()
                filled: np.ndarray[Any, Any] = np.full(shape, unknown, dtype=spec.dtype)
                object.__setattr__(self, name, _frozen(filled))

    def _check_axes(
        self,
        name: str,
        spec: ArraySpec,
        shape: tuple[int, ...],
        lengths: dict[str, tuple[int, str]],
    ) -> None:
        where = f"{type(self).__name__}.{name}"
        if len(shape) != len(spec.axes):
            raise RecordError(
                f"{where} has shape {shape}, but its axes are ({', '.join(spec.axes)})."
            )
        for axis, size in zip(spec.axes, shape, strict=True):
            base, extra = (axis[:-2], 1) if axis.endswith("+1") else (axis, 0)
            expected, source = lengths.setdefault(base, (size - extra, name))
            if size - extra != expected:
                raise RecordError(
                    f"{where} has {size - extra} along {base!r}, but {source} has {expected}."
                )


def _left_to_fill(spec: ArraySpec, value: Any) -> bool:
    """Whether an array that files may lack was not given, or holds nothing."""
    return spec.later and (value is None or np.size(value) == 0)


def given(values: np.ndarray[Any, Any] | None) -> np.ndarray[Any, Any]:
    """The values of an optional field that must be there.

    Raises
    ------
    RecordError
        The field is missing: the stage found nothing, or an earlier version wrote the record.
    """
    if values is None:
        raise RecordError(
            "these results lack what is to be shown: they were made by an earlier version, or "
            "the data do not allow it. `tpdecode run` on the session brings them up to date."
        )
    return values


def _frozen(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A read-only view, so that no stage changes what another one made."""
    view = values.view()
    view.flags.writeable = False
    return view
