"""Which axis of a stack is time, where its description has none that is called so [ours].

ImageJ calls the images of any plain stack slices; tifffile calls those of an OME-TIFF channels.
"""

from __future__ import annotations

from collections.abc import Mapping

MOST_CHANNELS = 4
"""More channels than that a two-photon microscope does not save."""


def time_axis(sizes: Mapping[str, int]) -> str:
    """The one of frames, slices and channels that is taken as time; empty where two could be.

    Frames, if there are several; else slices beside at most four channels; else more than
    four channels.
    """
    many_channels = sizes["channels"] > MOST_CHANNELS
    if sizes["frames"] > 1:
        return "frames"
    if sizes["slices"] == 1:
        return "channels" if many_channels else "frames"
    return "" if many_channels else "slices"


def taken_as_time(by: str, axis: str, size: int) -> str:
    """What to tell about an axis that `by` names, and that is taken as time."""
    otherwise = {
        "slices": "; a stack of depths would look the same",
        "channels": "; if they are channels, set channels in [recording]",
    }
    return f"{by} names no time axis: its {size} {axis} are taken as frames{otherwise[axis]}"


ASK = (
    "Set planes and channels in [recording], or give --planes and --channels to `tpdecode "
    "inspect`: "
)
"""How a question about the order of images ends."""
