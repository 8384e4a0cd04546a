"""A vision transformer's weights from the initialisers of an ONNX file.

Biases, norms and scales have their names; the matrices have only numbers, in the order in
which the graph uses them, and are transposed. Positions are resampled to the network's grid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from twophoton_decode.deep.extra import imported
from twophoton_decode.deep.networks.pairing import in_order

_MATRICES = ("key", "value", "query", "attn.proj", "mlp.fc1", "mlp.fc2")
"""In each block, in the order of use."""
_VECTORS = {
    "norm1": "norm1", "norm2": "norm2", "attn.proj": "attention.output.dense",
    "mlp.fc1": "mlp.fc1", "mlp.fc2": "mlp.fc2",
}  # fmt: skip


def vision_transformer(network: Any, held: Mapping[str, Any]) -> dict[str, Any]:
    """The state of timm's network; raises `WeightsError` where the file is of another one."""
    blocks = [_block(held, place) for place in range(len(network.blocks))]
    found = {
        "cls_token": held.get("backbone.embeddings.cls_token"),
        "pos_embed": _positions(network, held),
        **_pair(held, "patch_embed.proj", "backbone.embeddings.patch_embeddings.projection"),
        **{f"blocks.{n}.{key}": value for n, block in enumerate(blocks) for key, value in block},
        **_pair(held, "norm", "backbone.layernorm"),
    }
    known = {key: value for key, value in found.items() if value is not None}
    return in_order(network, {key: known[key] for key in network.state_dict() if key in known})


def _pair(held: Mapping[str, Any], mine: str, theirs: str) -> dict[str, Any]:
    return {f"{mine}.{kind}": held.get(f"{theirs}.{kind}") for kind in ("weight", "bias")}


def _block(held: Mapping[str, Any], place: int) -> list[tuple[str, Any]]:
    torch = imported("torch")
    prefix = f"backbone.encoder.layer.{place}"
    matrices = _matrices(held)[len(_MATRICES) * place : len(_MATRICES) * (place + 1)]
    matrix = dict(zip(_MATRICES, matrices, strict=False))
    parts = ("query", "key", "value")
    biases = [held.get(f"{prefix}.attention.attention.{part}.bias") for part in parts]
    found: dict[str, Any] = {}
    for mine, theirs in _VECTORS.items():
        found |= _pair(held, mine, f"{prefix}.{theirs}")
        if mine in matrix:
            found[f"{mine}.weight"] = matrix[mine]
    for scale in (1, 2):
        found[f"ls{scale}.gamma"] = held.get(f"{prefix}.layer_scale{scale}.lambda1")
    if len(matrix) == len(_MATRICES) and all(bias is not None for bias in biases):
        found["attn.qkv.weight"] = torch.cat([matrix[part] for part in parts])
        found["attn.qkv.bias"] = torch.cat(biases)
    return list(found.items())


def _matrices(held: Mapping[str, Any]) -> list[Any]:
    """The numbered matrices in the order of their numbers, as PyTorch lays them out."""
    named = ((re.fullmatch(r"onnx::MatMul_(\d+)", name), each) for name, each in held.items())
    numbered = sorted(((int(match[1]), each) for match, each in named if match), key=_number)
    return [each.T for _, each in numbered]


def _number(pair: tuple[int, Any]) -> int:
    return pair[0]


def _positions(network: Any, held: Mapping[str, Any]) -> Any:
    """The CLS token's place, then those of the patches, bicubic on the network's grid."""
    torch = imported("torch")
    width = network.pos_embed.shape[-1]
    flat = [each for each in held.values() if each.ndim == 3 and each.shape[-1] == width]
    patches = [each for each in flat if each.shape[1] > 1]
    # The CLS token itself is named; its place is not.
    own = [each for name, each in held.items() if name.startswith("onnx::Concat")]
    if len(patches) != 1 or len(own) != 1:
        return None
    before = round(patches[0].shape[1] ** 0.5)
    after = round((network.pos_embed.shape[1] - 1) ** 0.5)
    grid = patches[0].reshape(1, before, before, width).permute(0, 3, 1, 2)
    grid = torch.nn.functional.interpolate(grid, (after, after), mode="bicubic")
    return torch.cat([own[0], grid.flatten(2).transpose(1, 2)], dim=1)
