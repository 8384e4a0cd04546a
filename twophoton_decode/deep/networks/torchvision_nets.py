"""torchvision's classification networks, each by the name that torchvision gives it.

Their weights are those of torchvision's own registry: an address, whose file name ends in
the first eight digits of the file's SHA-256.
"""

from __future__ import annotations

import itertools
import re
from functools import partial
from typing import Any

from twophoton_decode.deep.extra import imported
from twophoton_decode.deep.networks.architecture import Architecture, Place
from twophoton_decode.deep.weights.published import Published

USUAL = ("alexnet", "resnet18", "resnet50", "vgg19")
"""Those that are listed; any other that torchvision knows can be named too."""
_LEAST_PX = {"alexnet": 63, "inception_v3": 75}
_HOLDS_NO_LAYER = ("Dropout", "Identity", "AuxLogits")


def all_names() -> tuple[str, ...]:
    """The names of all classification networks of torchvision."""
    models = imported("torchvision.models")
    return tuple(models.list_models(module=models))


def is_known(name: str) -> bool:
    """Whether torchvision has a classification network of this name."""
    return name in all_names()


def architecture(name: str) -> Architecture:
    """The network called `name`, with what torchvision publishes of it."""
    models = imported("torchvision.models")
    published = _first(models.get_model_weights(name)).transforms()
    return Architecture(
        name=name,
        mean=tuple(published.mean),
        sd=tuple(published.std),
        title=f"{name} of torchvision",
        build=partial(_build, name),
        places=_places,
        weights=_published(name),
        least_px=_LEAST_PX.get(name, 32),
        fixed_px=_fixed_px(name),
        traits=_traits(models.get_model_weights(name)),
        library="torchvision",
    )


def _build(name: str) -> Any:
    models = imported("torchvision.models")
    # These two draw their weights by a slow sampler unless told not to, and scale pictures once
    # more, as their published weights were trained.
    own = name in ("googlenet", "inception_v3")
    options = {"init_weights": True, "transform_input": True} if own else {}
    return models.get_model(name, weights=None, **options)


def _fixed_px(name: str) -> int:
    """Transformers have a place for every patch of one size."""
    sides = {"vit_h_14": 518}
    return sides.get(name, 224) if name.startswith(("vit_", "maxvit")) else 0


def _published(name: str) -> Published | None:
    chosen = _first(imported("torchvision.models").get_model_weights(name))
    match = re.search(r"-([0-9a-f]{8})\.pth$", chosen.url)
    if match is None:
        return None
    return Published(
        sha256=match[1],
        licence="BSD-3-Clause (torchvision)",
        ending=".pth",
        url=chosen.url,
        terms="Trained on ImageNet, whose terms allow non-commercial research and education.",
    )


def _first(weights: Any) -> Any:
    """The first weights that were published for a network; later ones differ in training."""
    return next(iter(weights))


def _traits(weights: Any) -> dict[str, Any]:
    metrics = _first(weights).meta.get("_metrics", {}).get("ImageNet-1K", {})
    return {"top1": metrics["acc@1"] / 100} if "acc@1" in metrics else {}


def _places(network: Any) -> dict[str, Place]:
    kind = type(network).__name__
    if kind in ("AlexNet", "VGG"):
        return _stacked(network)
    if kind == "ResNet":
        stages = {f"layer{n}": Place(getattr(network, f"layer{n}")) for n in range(1, 5)}
        return {"stem": Place(network.relu), **stages, "gap": Place(network.avgpool)}
    return _children(network)


def _stacked(network: Any) -> dict[str, Place]:
    """AlexNet and VGG: each block's last ReLU before it is pooled, or each convolution's."""
    torch = imported("torch")
    relu, pool = torch.nn.ReLU, torch.nn.MaxPool2d
    steps = list(network.features)
    every = type(network).__name__ == "AlexNet"
    ends = [
        step
        for step, after in itertools.pairwise(steps)
        if isinstance(step, relu) and (every or isinstance(after, pool))
    ]
    places = {f"conv{n}": Place(end) for n, end in enumerate(ends, start=1)}
    full = [step for step in network.classifier if isinstance(step, relu)]
    return {**places, "fc6": Place(full[0]), "fc7": Place(full[1]),
            "fc8": Place(network.classifier[-1])}  # fmt: skip


def _children(network: Any) -> dict[str, Place]:
    """Any other network: its parts one after the other, a stack of features part by part."""
    found: dict[str, Place] = {}
    for name, child in network.named_children():
        opened = name in ("features", "encoder", "blocks") and list(child.named_children())
        parts = [(f"{name}.{part}", each) for part, each in child.named_children()]
        for label, part in parts if opened else [(name, child)]:
            if not type(part).__name__.startswith(_HOLDS_NO_LAYER):
                found[label] = Place(part)
    return found
