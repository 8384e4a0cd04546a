"""ABN-ResNet-50 [Fukui et al. 2019]: a ResNet that learns where to attend while it classifies.

From the maps f of the third stage an attention branch names the picture once and makes a map M
from 0 to 1; the perception branch goes on from (1 + M) f. Names of tensors are those of the
authors' checkpoints, which no hash was published of.
"""

from __future__ import annotations

from typing import Any

from twophoton_decode.deep.extra import imported
from twophoton_decode.deep.networks.architecture import Architecture, Place
from twophoton_decode.deep.networks.pairing import by_name
from twophoton_decode.deep.weights.published import Published

NAME = "abn-resnet50"


def _build() -> Any:
    imported("torchvision")
    from twophoton_decode.deep.networks.attention_branch_resnet import AttentionBranchResNet

    return AttentionBranchResNet()


def places(network: Any) -> dict[str, Place]:
    """The stages of the perception branch; the fourth sees what attention has weighed."""
    stages = {f"layer{n}": Place(getattr(network, f"layer{n}")) for n in range(1, 5)}
    return {"stem": Place(network.relu), **stages, "gap": Place(network.avgpool)}


ARCHITECTURES = (
    Architecture(
        name=NAME,
        title="ABN-ResNet-50, with an attention branch",
        build=_build,
        places=places,
        library="torchvision",
        fitted=by_name,
        weights=Published(sha256="", licence="that of your file", ending=".pth"),
        traits={"fully_connected": 1, "skip_connections": True},
    ),
)
