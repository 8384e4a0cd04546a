"""What a decoder is told of its session, and what it depends on."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from twophoton_decode.errors import AnalysisError, PlugInError
from twophoton_decode.pipeline.stage import Needs, StageInput
from twophoton_decode.records import Responses

if TYPE_CHECKING:
    import numpy as np

    from twophoton_decode.decoding.folds.context import SessionContext
    from twophoton_decode.stimulus.colour_pictures import ColourPictures

LINEAR = "decoding/decoders"
"""Decoders of this folder know nothing of the session; they need not be imported to say so."""


@cache
def needs_of(decoder: str) -> Needs:
    """The settings and sources that the decoder reads by itself."""
    from twophoton_decode.registry import DECODERS

    if DECODERS.folder_of(decoder) == LINEAR or decoder not in DECODERS.names():
        return Needs()
    from twophoton_decode.decoding.contract import MadeForSession

    try:
        found = DECODERS.load(decoder)
    except PlugInError:
        # Said when it runs; what it made before can be read without it.
        return Needs()
    if not isinstance(found, MadeForSession):
        return Needs()
    return Needs(tuple(found.settings_read), tuple(found.sources_read))


def time_allowed(decoder: str) -> Needs:
    """What a stage needs that predicts many pictures by the decoder: the time that it may take."""
    from twophoton_decode.registry import DECODERS

    linear = DECODERS.folder_of(decoder) == LINEAR
    return Needs() if linear else Needs(("deep.most_hours",))


def session_context(work: StageInput, responses: Responses) -> SessionContext:
    """What decoders may know of this session; pictures are opened when one asks for them."""
    from twophoton_decode.decoding.folds.context import SessionContext
    from twophoton_decode.pipeline.inputs.sources import input_paths

    weights = input_paths(work.folder, work.settings, "deep.weights")
    return SessionContext(
        deep=work.settings.deep,
        weights=weights[0] if weights else None,
        population=responses.population,
        read=_Pictures(work).read,
        checkpoints=work.checkpoints,
    )


class _Pictures:
    """The pictures of ``[source] images`` by name."""

    def __init__(self, work: StageInput) -> None:
        self.work = work
        self._opened: tuple[ColourPictures, dict[str, int]] | None = None

    def read(self, name: str, side: int) -> np.ndarray:
        from twophoton_decode.pipeline.inputs.network_features import colour_pictures

        if self._opened is None:
            pictures = colour_pictures(self.work)
            self._opened = pictures, {each: at for at, each in enumerate(pictures.name.tolist())}
        pictures, place = self._opened
        if name not in place:
            raise AnalysisError(
                f"the picture {name} has gone from the session's images. Run `tpdecode respond` "
                "on the session again."
            )
        grey = self.work.settings.deep.colour == "grey"
        return pictures.read(place[name], side, grey=grey)
