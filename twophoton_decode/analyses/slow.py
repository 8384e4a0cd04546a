"""Decoders that take long for a picture: whether many of them are worth asking for."""

from __future__ import annotations

from twophoton_decode.analyses.cell_count.predicted_curves import count_grid
from twophoton_decode.analyses.stability.drop_out import DRAWS as REMOVALS
from twophoton_decode.analyses.stability.drop_out import removal_counts
from twophoton_decode.analyses.stability.presentations import MOST
from twophoton_decode.analyses.stability.surrogates import DRAWS as SURROGATES
from twophoton_decode.errors import AnalysisError
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.settings import CellCountSettings
from twophoton_decode.words import duration

ORDERS = 4
"""Orders of the cells beside random ones: own, weakest, of other trials, strongest alone."""
S_IN_H = 3600.0


def pictures_of_curves(responses: Responses, settings: CellCountSettings) -> int:
    """How many pictures cell-count curves predict."""
    counts = count_grid(settings.largest_count or responses.cells, responses.cells)
    return responses.presentations * len(counts) * (ORDERS + settings.random_draws)


def pictures_of_stability(responses: Responses) -> int:
    """How many pictures drop-out and surrogates predict."""
    each = len(removal_counts(responses.cells)) * (1 + REMOVALS) + 2 * SURROGATES
    return min(responses.presentations, MOST) * each


def require_time(made: Reconstruction, pictures: int, most_hours: float) -> None:
    """`AnalysisError` where a slow decoder would predict for longer than that.

    Parameters
    ----------
    made : Reconstruction
        Says how long its decoder takes for a picture.
    pictures : int
        That would be predicted.
    """
    if made.seconds_per_picture is None:
        return
    needed = pictures * made.seconds_per_picture
    if needed > most_hours * S_IN_H:
        raise AnalysisError(
            f"{made.decoder} takes {made.seconds_per_picture:.2g} s for a picture, and {pictures} "
            f"would be predicted: about {duration(needed)}. Allow it by most_hours in [deep], now "
            f"{most_hours:g}."
        )
