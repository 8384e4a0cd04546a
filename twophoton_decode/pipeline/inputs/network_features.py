"""Features of a session's pictures, for the stages that compare networks with cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from twophoton_decode.errors import AnalysisError
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.records.deep.feature_set import FeatureSet
from twophoton_decode.session.own_files import refuse_link_on_the_way

if TYPE_CHECKING:
    import numpy as np

    from twophoton_decode.deep.features.extract import FeatureChoice
    from twophoton_decode.deep.networks.named import Network
    from twophoton_decode.records import Responses
    from twophoton_decode.stimulus.colour_pictures import ColourPictures

SETTINGS = (
    "deep.weights", "deep.input_px", "deep.colour", "deep.units", "source.images",
    "source.image_shape", "source.image_axes",
)  # fmt: skip
"""Settings that features depend on; the device gives the same to rounding."""
SOURCES = ("images",)


def pictures_shown(work: StageInput, responses: Responses) -> tuple[int, np.ndarray]:
    """How many pictures the session has, and which of them the responses are to, (images,).

    Raises
    ------
    AnalysisError
        The responses are to pictures that are not there any more.
    """
    import numpy as np

    name = colour_pictures(work).name.tolist()
    place = {each: index for index, each in enumerate(name)}
    gone = [each for each in responses.image_name.tolist() if each not in place]
    if gone:
        raise AnalysisError(
            f"{len(gone)} of the pictures shown have gone from the session's images, the first "
            f"being {gone[0]}. Run `tpdecode respond` on the session again."
        )
    return len(name), np.array([place[each] for each in responses.image_name.tolist()])


def distractor_pictures(work: StageInput) -> ColourPictures | None:
    """The pictures of ``[source] distractors``; None without any."""
    from twophoton_decode.pipeline.inputs.sources import source_paths, split_key
    from twophoton_decode.stimulus.colour_pictures import open_colour_pictures

    source = work.settings.source
    paths = source_paths(work.folder, source, "distractors")
    if not paths:
        return None
    key = split_key(source.distractors)[1]
    return open_colour_pictures(
        paths[0], key=key, axes=source.image_axes, shape=source.picture_shape
    )


def features_of(
    work: StageInput,
    network: str,
    images: int | None = None,
    pictures: ColourPictures | None = None,
    beside: Sequence[str] = (),
) -> FeatureSet:
    """Layers of `network` for every picture of the session, from its cache where they are there.

    Parameters
    ----------
    network : str
        NAME, or NAME@random:SEED.
    images : int, optional
        How many pictures there have to be, as responses have them.
    pictures : ColourPictures, optional
        Others than those of the session.
    beside : sequence of str
        Other networks of the command, which a file of weights may be meant for.

    Raises
    ------
    AnalysisError
        Another number of pictures.
    WeightsError, MissingExtraError, DeviceError, UnknownNameError
        The network cannot be had, or not on this device.
    """
    from twophoton_decode.deep.features.cache import FeatureCache
    from twophoton_decode.deep.features.extract import extract_features

    opened = opened_network(work, network, beside)
    pictures = colour_pictures(work) if pictures is None else pictures
    if images is not None and len(pictures) != images:
        raise AnalysisError(
            f"[source] images has {len(pictures)} pictures, but the responses are to {images}. "
            "Run `tpdecode respond` on the session again."
        )
    kept = work.folder.private / "deep" / "features"
    # Also of a session that is only read, and that no lock has looked through.
    refuse_link_on_the_way(work.folder.path, kept / "any")
    cache = FeatureCache(kept)
    return extract_features(opened, pictures, feature_choice(work), cache, work.progress)


def opened_network(work: StageInput, network: str, beside: Sequence[str] = ()) -> Network:
    """`open_network` with the weights of ``[deep] weights``; raises as it does."""
    from twophoton_decode.deep.networks.named import open_network
    from twophoton_decode.pipeline.inputs.sources import input_paths

    weights = input_paths(work.folder, work.settings, "deep.weights")
    return open_network(network, weights[0] if weights else None, beside)


def feature_choice(work: StageInput) -> FeatureChoice:
    """How pictures are given to networks, as ``[deep]`` says."""
    from twophoton_decode.deep.features.extract import FeatureChoice

    deep = work.settings.deep
    return FeatureChoice(deep.input_px, deep.colour == "grey", deep.units, deep.device)


def colour_pictures(work: StageInput) -> ColourPictures:
    """The pictures of ``[source] images``, in the order of those in the responses.

    Raises
    ------
    AnalysisError
        There are none.
    """
    from twophoton_decode.pipeline.inputs.sources import require_pictures, source_paths, split_key
    from twophoton_decode.stimulus.colour_pictures import open_colour_pictures

    source = work.settings.source
    require_pictures(source, f"a network ({work.folder.path})")
    return open_colour_pictures(
        source_paths(work.folder, source, "images")[0],
        key=split_key(source.images)[1],
        axes=source.image_axes,
        shape=source.picture_shape,
    )
