"""Dissimilarities that another program made: of fMRI, monkeys, models."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from twophoton_decode.deep.comparison.agreement import ceilings
from twophoton_decode.deep.comparison.dissimilarity import as_matrix
from twophoton_decode.deep.comparison.representation import PopulationData
from twophoton_decode.errors import ResponseError
from twophoton_decode.files.array import open_array
from twophoton_decode.words import counted_are

_SYMMETRIC = 1e-6
_FEWEST_PICTURES = 20


def given_population(path: Path, key: str, pictures: int) -> PopulationData:
    """A matrix (picture, picture), or one for each subject (subject, picture, picture).

    Also rows of pairs (0, 1), (0, 2), … in place of matrices, (pair,) or (subject, pair).

    Several subjects have a noise ceiling, and their reliability is its lower bound; of one
    matrix neither is known.

    Raises
    ------
    ResponseError
        Another shape, NaN or infinite values, or a matrix that is not symmetric.
    """
    where = f"{path}{f' ({key})' if key else ''}"
    values = np.asarray(open_array(path, key).values, float)
    if values.ndim <= 2 and values.shape[-1:] == (pictures * (pictures - 1) // 2,):
        values = as_matrix(values)
    stack = values[None] if values.ndim == 2 else values
    if stack.ndim != 3 or stack.shape[1:] != (pictures, pictures):
        raise ResponseError(
            f"{where}: expected dissimilarities of the shape ({pictures}, {pictures}), one row and "
            f"column for each of the {pictures} pictures, or (subject, {pictures}, {pictures}); "
            f"found {values.shape}."
        )
    if pictures < _FEWEST_PICTURES:
        raise ResponseError(f"{where}: {pictures} pictures are too few; {_FEWEST_PICTURES} needed.")
    if not np.isfinite(stack).all():
        bad = int(np.count_nonzero(~np.isfinite(stack)))
        raise ResponseError(f"{where}: {counted_are(bad, 'value')} NaN or infinite.")
    if np.abs(stack - stack.swapaxes(1, 2)).max() > _SYMMETRIC * np.abs(stack).max():
        raise ResponseError(f"{where}: not symmetric. Are these dissimilarities of pictures?")
    first, second = np.triu_indices(pictures, 1)
    rdms = stack[:, first, second]
    ceiling = ceilings(rdms)
    return PopulationData(key.rpartition("/")[2] or path.stem, 0, rdms, ceiling[0], ceiling)
