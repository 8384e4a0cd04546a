"""Features of a session's pictures, for the stages that compare networks with cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twophoton_decode.errors import AnalysisError
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.records.deep.feature_set import FeatureSet

if TYPE_CHECKING:
    from twophoton_decode.stimulus.colour_pictures import ColourPictures

SETTINGS = (
    "deep.weights", "deep.input_px", "deep.colour", "deep.units", "source.images",
    "source.image_shape", "source.image_axes",
)  # fmt: skip
"""Settings that features depend on; the device gives the same to rounding."""
SOURCES = ("images",)


def features_of(work: StageInput, network: str, images: int | None = None) -> FeatureSet:
    """Layers of `network` for every picture of the session, from its cache where they are there.

    Parameters
    ----------
    network : str
        NAME, or NAME@random:SEED.
    images : int, optional
        How many pictures there have to be, as responses have them.

    Raises
    ------
    AnalysisError
        Another number of pictures.
    WeightsError, MissingExtraError, DeviceError, UnknownNameError
        The network cannot be had, or not on this device.
    """
    from twophoton_decode.deep.features.cache import FeatureCache
    from twophoton_decode.deep.features.extract import FeatureChoice, extract_features
    from twophoton_decode.deep.networks.named import open_network
    from twophoton_decode.pipeline.inputs.sources import input_paths

    settings = work.settings.deep
    weights = input_paths(work.folder, work.settings, "deep.weights")
    opened = open_network(network, weights[0] if weights else None)
    pictures = colour_pictures(work)
    if images is not None and len(pictures) != images:
        raise AnalysisError(
            f"[source] images has {len(pictures)} pictures, but the responses are to {images}. "
            "Run `tpdecode respond` on the session again."
        )
    choice = FeatureChoice(
        settings.input_px, settings.colour == "grey", settings.units, settings.device
    )
    cache = FeatureCache(work.folder.private / "deep" / "features")
    return extract_features(opened, pictures, choice, cache, work.progress)


def colour_pictures(work: StageInput) -> ColourPictures:
    """The pictures of ``[source] images``, in the order of those in the responses."""
    from twophoton_decode.pipeline.inputs.sources import source_paths, split_key
    from twophoton_decode.stimulus.colour_pictures import open_colour_pictures

    source = work.settings.source
    return open_colour_pictures(
        source_paths(work.folder, source, "images")[0],
        key=split_key(source.images)[1],
        axes=source.image_axes,
        shape=source.picture_shape,
    )
