"""A simulated population with known truth, in memory or as a session."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from twophoton_decode.errors import ArgumentError

if TYPE_CHECKING:
    import xarray

    from twophoton_decode.api.session import Session
    from twophoton_decode.simulation.parameters import SimulationParameters

_INPUTS = "simulated"


@dataclass(frozen=True, eq=False)
class Simulation:
    """Responses of a simulated population, and what is true of it.

    Attributes
    ----------
    responses : ndarray, shape (presentations, cells), float64, spikes per presentation
    image, repeat : ndarray of int, shape (presentations,)
        Which picture was shown, as an index of `pictures`, and how often before.
    pictures : ndarray, shape (images, y, x), uint8, grey levels
    rates : ndarray, shape (images, cells), spikes per presentation
        Truth: the mean response to each picture, before the variability of trials.
    receptive_fields : ndarray, shape (cells, y, x)
        Truth: of unit norm, without mean.
    informative : ndarray of bool, shape (cells,)
        Truth: the cell's responses depend on the picture.
    session : Session or None
        The session that was made of it.
    """

    responses: np.ndarray
    image: np.ndarray
    repeat: np.ndarray
    pictures: np.ndarray
    rates: np.ndarray
    receptive_fields: np.ndarray
    informative: np.ndarray
    session: Session | None

    def to_xarray(self) -> xarray.Dataset:
        """All of it as a dataset with the axes presentation, image, cell, y and x.

        Examples
        --------
        >>> dict(tp.simulate(cells=5, images=4, repeats=2, picture_px=8).to_xarray().sizes)
        {'presentation': 8, 'cell': 5, 'image': 4, 'y': 8, 'x': 8}
        """
        import xarray

        spikes = {"units": "spikes per presentation"}
        return xarray.Dataset(
            {
                "response": (("presentation", "cell"), self.responses, spikes),
                "picture": (("image", "y", "x"), self.pictures, {"units": "grey level"}),
                "rate": (("image", "cell"), self.rates, spikes),
                "receptive_field": (("cell", "y", "x"), self.receptive_fields),
                "informative": ("cell", self.informative),
            },
            coords={
                "image": np.arange(len(self.pictures)),
                "cell": np.arange(len(self.informative)),
                "shown": ("presentation", self.image, {"long_name": "image shown"}),
                "repeat": ("presentation", self.repeat),
            },
        )

    def __repr__(self) -> str:
        presentations, cells = self.responses.shape
        made = f", session {self.session.path}" if self.session is not None else ""
        return (
            f"Simulation of {cells} cells ({int(self.informative.sum())} informative), "
            f"{len(self.pictures)} pictures, {presentations} presentations{made}"
        )


def simulate(
    *,
    cells: int = 110,
    images: int = 60,
    repeats: int = 8,
    picture_px: int = 64,
    informative_cells: int | None = None,
    seed: int = 0,
    session: str | PathLike[str] | None = None,
) -> Simulation:
    """Simulate a population of visual cells that respond to natural pictures.

    Responses are as ``tpdecode simulate --responses-only`` makes them; that command without
    the option makes movies.

    Parameters
    ----------
    cells : int
    images : int
        Pictures, 2 to 120: crops of the photographs that come with scikit-image.
    repeats : int
        Presentations of each picture.
    picture_px : int
        Side of the pictures, 8 to 512 px.
    informative_cells : int, optional
        Cells whose responses depend on the picture; by default all.
    seed : int
        Another seed makes another population of the same kind.
    session : str or path, optional
        Make a session of it in this folder, which must not be there yet. ``simulated/`` in it
        then holds the arrays and the truth, and ``run()`` analyses them.

    Returns
    -------
    Simulation

    Raises
    ------
    UsageError
        A number is out of its range, or the folder holds files already.

    Examples
    --------
    >>> made = tp.simulate(cells=30, images=12, repeats=4, picture_px=16, seed=3)
    >>> made
    Simulation of 30 cells (30 informative), 12 pictures, 48 presentations
    >>> made.responses.shape, made.rates.shape
    ((48, 30), (12, 30))
    """
    from twophoton_decode.simulation.session import simulate_session

    parameters = _parameters(cells, images, repeats, picture_px, informative_cells, seed)
    made = simulate_session(parameters)
    return Simulation(
        responses=made.response.astype(float),
        image=made.image,
        repeat=made.repeat,
        pictures=made.picture,
        rates=made.population.rate,
        receptive_fields=made.population.receptive_field,
        informative=made.population.carries,
        session=None if session is None else _session_of(parameters, Path(session)),
    )


def _parameters(
    cells: int, images: int, repeats: int, picture_px: int, informative: int | None, seed: int
) -> SimulationParameters:
    from twophoton_decode.simulation.parameters import SimulationParameters
    from twophoton_decode.simulation.population import Tuning

    ranges = {
        "cells": (cells, 1, None),
        "images": (images, 2, 120),
        "repeats": (repeats, 1, None),
        "picture_px": (picture_px, 8, 512),
        "informative_cells": (cells if informative is None else informative, 1, cells),
        "seed": (seed, 0, None),
    }
    for name, (value, low, high) in ranges.items():
        whole = isinstance(value, Integral)
        if not whole or value < low or (high is not None and value > high):
            upper = "or more" if high is None else f"to {high}"
            raise ArgumentError(f"{name} must be a whole number, {low} {upper}, found {value!r}.")
    return SimulationParameters(
        cells=cells,
        images=images,
        repeats=repeats,
        picture_px=picture_px,
        seed=seed,
        tuning=Tuning(carriers=informative),
    )


def _session_of(parameters: SimulationParameters, path: Path) -> Session:
    """A session whose source are the simulated arrays, which lie in it."""
    from twophoton_decode.api.session import Session
    from twophoton_decode.session.folder import SessionFolder
    from twophoton_decode.settings import Settings, Source
    from twophoton_decode.simulation.writing import write_responses

    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ArgumentError(f"{path} is there already; name a session that is not there yet.")
    write_responses(parameters, path / _INPUTS)
    source = Source(
        kind="arrays",
        responses=f"{_INPUTS}/responses.npy",
        axes="repeat image cell",
        images=f"{_INPUTS}/images.npy",
    )
    SessionFolder.create(path, Settings(source=source))
    return Session(path)
