"""A record of a session for notebooks: its arrays, as an xarray dataset, as a table."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.api.stored.coordinates import Population, coordinates
from twophoton_decode.api.stored.read_only import ReadOnly
from twophoton_decode.errors import ArgumentError
from twophoton_decode.records import Record

if TYPE_CHECKING:
    import pandas
    import xarray

_WIDTH = 100
_MAIN_AXES = ("image", "cell", "roi", "planted_cell")
"""The axis of which a table has one row each, unless another one is named."""


class StoredRecord(ReadOnly):
    """One record of a session, such as ``session.responses``.

    Its arrays and values are attributes: ``session.responses.response`` is an ndarray
    (presentations, cells). Which there are, with axes, units and meaning: print the record, or
    see the page Records of the documentation. An array that this session lacks is None. Arrays
    that may be larger than memory (fluorescence, reverse filters) are read where they are
    indexed: ``session.traces.fluorescence[:10]``.
    """

    def __init__(
        self, path: Path, record: Record, population: Callable[[], Population | None]
    ) -> None:
        self._path, self._record, self._population = path, record, population

    @property
    def path(self) -> Path:
        """The file it was read from."""
        return self._path

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # While it is unpickled there is no record yet.
            raise AttributeError(name)
        if not hasattr(self._record, name):
            raise AttributeError(
                f"{type(self._record).__name__} has no {name!r}; print the record to see what "
                "there is.",
                name=name,
                obj=self,
            )
        found = getattr(self._record, name)
        # Arrays are read-only; of mappings and lists, the reader gets some of his own.
        return copy.deepcopy(found) if isinstance(found, dict | list) else found

    def __dir__(self) -> list[str]:
        fields = [*self._record.arrays(), *self._record.scalars()]
        return ["path", "to_frame", "to_xarray", *(name for name, _ in fields)]

    def to_xarray(self) -> xarray.Dataset:
        """The record as a dataset whose axes have coordinates.

        Images are called by name, cells and ROIs by number, ends of intervals low and high,
        and presentations carry the image shown, its repeat and its onset. Arrays have
        ``long_name`` and ``units``. What may be larger than memory is read where it is used.
        Values are attributes as netCDF can hold them, so that ``to_netcdf`` writes the dataset:
        true and false are 1 and 0, a mapping is JSON text, and what is unknown is left out.

        Returns
        -------
        xarray.Dataset
            Its ``.sel`` raises xarray's KeyError for a name that is not there; those there are
            stand in ``dataset["image"].values``.

        Examples
        --------
        >>> data = session.reconstruction["ridge"].to_xarray()
        >>> data["average"].sel(image="3").shape
        (32, 32)
        >>> by_image = session.responses.to_xarray()["response"].groupby("shown").mean()
        >>> dict(by_image.sizes)
        {'shown': 16, 'cell': 30}
        """
        import xarray

        from twophoton_decode.api.stored.lazy_array import lazily
        from twophoton_decode.session.netcdf import OpenedArray

        record = self._record
        dataset = xarray.Dataset(attrs=_attributes(record))
        for name, spec in record.arrays():
            value = getattr(record, name)
            if value is not None:
                axes = [axis.replace("+1", "_edge") for axis in spec.axes]
                values = lazily(value) if isinstance(value, OpenedArray) else np.asarray(value)
                dataset[record.variable_name(name)] = (axes, values, record.attributes(name))
        sizes = {str(axis): size for axis, size in dataset.sizes.items()}
        found = coordinates(record, sizes, self._population())
        return dataset.assign_coords(
            {name: (axis, values, attrs) for name, axis, values, attrs in found}
        )

    def to_frame(self, *axes: str) -> pandas.DataFrame:
        """A tidy table: a row for each entry of an axis, a column for each array along it.

        Parameters
        ----------
        *axes : str
            The axis, such as ``"presentation"``; of several, a row for each combination. By
            default the images, cells or ROIs, whichever the record is about.

        Returns
        -------
        pandas.DataFrame
            Indexed by the names or numbers of the entries.

        Raises
        ------
        UsageError
            The record has no such axis, or no array along it alone.

        Examples
        --------
        >>> session.reconstruction["ridge"].to_frame()[["r_single", "two_way_single"]].shape
        (16, 2)
        >>> list(session.responses.to_frame("presentation", "cell").columns)
        ['repeat', 'onset_s', 'shown', 'response', 'responsive_others']
        """
        dataset = self.to_xarray()
        axes = axes or tuple(axis for axis in _MAIN_AXES if axis in dataset.dims)[:1]
        names = [name for name, each in dataset.data_vars.items() if set(each.dims) == set(axes)]
        if not names:
            known = sorted({", ".join(map(str, each.dims)) for each in dataset.data_vars.values()})
            raise ArgumentError(
                f"{type(self._record).__name__} has no arrays along {', '.join(axes)} alone; it "
                f"has arrays along: {'; '.join(known)}."
            )
        chosen = dataset[names]
        # In the order of the dataset: xarray's own choice of coordinates has none.
        beside = [name for name in dataset.variables if name in chosen.coords and name not in axes]
        columns = [str(name) for name in (*beside, *names)]
        return chosen.to_dataframe(dim_order=list(axes))[columns]

    def __repr__(self) -> str:
        record = self._record
        lines = [f"{type(record).__name__} from {self._path}", _first_line(record), "", "Arrays"]
        for name, spec in record.arrays():
            value = getattr(record, name)
            if value is not None:
                sizes = zip(spec.axes, value.shape, strict=True)
                axes = ", ".join(f"{axis} {size}" for axis, size in sizes)
                unit = f" [{units}]" if (units := record.attributes(name).get("units")) else ""
                lines.append(_cut(f"  {name} ({axes}){unit}  {spec.doc}"))
        lines += ["", "Values"]
        for name, _ in record.scalars():
            lines.append(_cut(f"  {name} = {getattr(record, name)!r}"))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return self.to_xarray()._repr_html_()


def _attributes(record: Record) -> dict[str, Any]:
    """The record's scalars as its file has them, without those that are not known.

    Several texts are a list, as xarray does not write arrays of texts by way of netCDF4.
    """
    from twophoton_decode.session.attributes import attribute_of

    given = {name: getattr(record, name) for name, _ in record.scalars()}
    found = {name: attribute_of(value) for name, value in given.items() if value is not None}
    return {
        name: value.tolist() if isinstance(value, np.ndarray) and value.dtype == object else value
        for name, value in found.items()
    }


def _first_line(record: Record) -> str:
    return (type(record).__doc__ or "").strip().splitlines()[0]


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
