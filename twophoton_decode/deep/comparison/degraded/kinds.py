"""How pictures were degraded: as the log says, else by how like their original they still are."""

from __future__ import annotations

import numpy as np

from twophoton_decode.deep.comparison.degraded.assignment import FEWEST_PICTURES

MOST_GROUPS = 3


def picture_correlation(shown: np.ndarray, original: np.ndarray) -> np.ndarray:
    """Pearson correlation over pixels of pairs of pictures (n, y, x), (n,); NaN if uniform."""
    rows = [each.reshape(len(each), -1).astype(np.float64) for each in (shown, original)]
    a, b = (each - each.mean(axis=1, keepdims=True) for each in rows)
    norm = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return np.asarray((a * b).sum(axis=1) / np.where(norm > 0, norm, np.nan))


def degradations(given: np.ndarray, picture_r: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """How each picture was degraded, (degraded,), and a note where nothing says so.

    Where nothing does, pictures are grouped by `picture_r`: up to three groups of equal size,
    of ten pictures or more each [ours].

    Parameters
    ----------
    given : ndarray of str, shape (degraded,)
        As the log says; empty where it does not.
    picture_r : ndarray, shape (degraded,)
    """
    unknown = np.flatnonzero(given == "")
    if not unknown.size:
        return given, []
    kinds = given.astype(object)
    groups = min(MOST_GROUPS, max(1, unknown.size // FEWEST_PICTURES))
    # Uniform pictures correlate with nothing, and are as unlike the original as can be.
    r = np.nan_to_num(picture_r[unknown], nan=0.0)
    for part in np.array_split(np.argsort(-r, kind="stable"), groups):
        kinds[unknown[part]] = f"r {r[part].min():.2f} to {r[part].max():.2f}".replace("-", "−")
    return kinds.astype(str), [
        f"nothing says how {unknown.size} of {len(given)} pictures were degraded: they are grouped "
        "by their correlation with the original. degradation_column under [deep] can name a column."
    ]
