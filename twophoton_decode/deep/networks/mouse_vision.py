"""Networks for mouse vision [Nayebi et al. 2023], trained on pictures of 64 px without labels.

Their checkpoints lie at github.com/neuroailab/mouse-vision, whose `get_checkpoints.sh` fetches
them; no hash was published, so a file is checked by the names and shapes of its tensors.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.networks.architecture import Architecture, Place
from twophoton_decode.deep.networks.pairing import by_name
from twophoton_decode.deep.weights.published import Published

SIDE_PX = 64
ENDS = ("VISpor", "VISam")
SIX = ("VISl", "VISrl", "VISal", "VISli", "VISpm", "VISpl")


def _convolved(sizes: tuple[int, int], kernel: int, pooled: bool, **more: int) -> list[Any]:
    """A convolution, batch normalisation and ReLU, pooled or not."""
    nn = torch_or_error().nn
    made = [nn.Conv2d(*sizes, kernel_size=kernel, **more), nn.BatchNorm2d(sizes[1]), nn.ReLU()]
    return [*made, nn.MaxPool2d(kernel_size=3, stride=2)] if pooled else made


def _alexnet() -> Any:
    """AlexNet with batch normalisation, without its last layer."""
    nn = torch_or_error().nn

    def full(units: int) -> list[Any]:
        return [nn.Dropout(), nn.Linear(units, 4096), nn.BatchNorm1d(4096), nn.ReLU()]

    features = [
        *_convolved((3, 64), 11, True, stride=4, padding=2),
        *_convolved((64, 192), 5, True, padding=2),
        *_convolved((192, 384), 3, False, padding=1),
        *_convolved((384, 256), 3, False, padding=1),
        *_convolved((256, 256), 3, True, padding=1),
    ]
    parts = {
        "features": nn.Sequential(*features),
        "avgpool": nn.AdaptiveAvgPool2d((6, 6)),
        "flatten": nn.Flatten(),
        "classifier": nn.Sequential(*full(256 * 36), *full(4096)),
    }
    network = nn.Sequential()
    for name, part in parts.items():
        network.add_module(name, part)
    return network


def _alexnet_places(network: Any) -> dict[str, Place]:
    """Where the study reads it: pooled or rectified convolutions, rectified linear layers."""
    conv = {f"conv{n}": Place(network.features[at]) for n, at in enumerate((3, 7, 10, 13, 17), 1)}
    return {**conv, "fc6": Place(network.classifier[3]), "fc7": Place(network.classifier[7])}


@cache
def _streams_class() -> Any:
    """V1, areas beside each other, and two ends that add what comes from them and from V1."""
    torch = torch_or_error()
    nn = torch.nn

    class Streams(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self, parallel: tuple[str, ...]) -> None:
            super().__init__()
            self.parallel = parallel
            made = {"input_VISp": _convolved((3, 64), 11, True, stride=4, padding=2)}
            for area in parallel:
                made[f"VISp_{area}"] = [
                    *_convolved((64, 192), 5, True, padding=2),
                    *_convolved((192, 384), 3, False, padding=1),
                ]
            for end in ENDS:
                made[f"VISp_{end}"] = _convolved((64, 256), 3, False, stride=2)
                for area in parallel:
                    made[f"{area}_{end}"] = _convolved((384, 256), 3, False, padding=1)
            self.model_layers = nn.ModuleDict(
                {name: nn.Sequential(*steps) for name, steps in made.items()}
            )
            self.areas = nn.ModuleDict({name: nn.Identity() for name in ("VISp", *parallel, *ENDS)})

        def forward(self, pictures: Any) -> Any:
            step, area = self.model_layers, self.areas
            first = area["VISp"](step["input_VISp"](pictures))
            middle = {name: area[name](step[f"VISp_{name}"](first)) for name in self.parallel}
            return torch.cat([
                area[end](step[f"VISp_{end}"](first)
                          + sum(step[f"{name}_{end}"](each) for name, each in middle.items()))
                for end in ENDS
            ], dim=1)  # fmt: skip

    return Streams


def _streams(parallel: tuple[str, ...]) -> Any:
    return _streams_class()(parallel)


def _area_places(network: Any) -> dict[str, Place]:
    return {name: Place(area) for name, area in network.areas.items()}


def _published(file: str) -> Published:
    return Published(
        sha256="",
        licence="see neuroailab/mouse-vision",
        ending=".pt",
        file_name=file,
        source="github.com/neuroailab/mouse-vision (get_checkpoints.sh there fetches it)",
        terms="Trained on ImageNet, whose terms allow non-commercial research and education.",
    )


ARCHITECTURES = (
    Architecture(
        name="mouse-alexnet",
        title="AlexNet with batch normalisation, 64 px, instance recognition",
        build=_alexnet,
        places=_alexnet_places,
        library="torch",
        fitted=by_name,
        weights=_published("alexnet_bn_ir.pt"),
        fixed_px=SIDE_PX,
    ),
    *(
        Architecture(
            name=f"mouse-{name}-stream",
            title=f"{name} streams beside each other, 64 px, {trained}",
            build=partial(_streams, areas),
            places=_area_places,
            library="torch",
            fitted=by_name,
            weights=_published(file),
            fixed_px=SIDE_PX,
        )
        for name, areas, trained, file in (
            ("dual", ("ventral", "dorsal"), "instance recognition", "dual_stream_ir.pt"),
            ("six", SIX, "SimCLR", "six_stream_simclr.pt"),
        )
    ),
)
