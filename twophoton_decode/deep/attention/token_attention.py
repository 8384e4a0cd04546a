"""Where the class token of a vision transformer looks [Caron et al. 2021]: the last block."""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.deep.attention.maps import AttentionMaps, peak_at_one
from twophoton_decode.deep.attention.passes import outputs_of
from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.features.extract import FeatureChoice
from twophoton_decode.deep.networks.named import Network
from twophoton_decode.progress import Progress, silent
from twophoton_decode.stimulus.colour_pictures import ColourPictures


def token_attention_maps(
    network: Network,
    pictures: ColourPictures,
    choice: FeatureChoice,
    progress: Progress = silent,
) -> AttentionMaps:
    """Attention of DINOv2's class token to the patches, mean over heads, each peak at 1.

    softmax(q k / √d) of the class token's query with the keys of all tokens; its own share
    is left out.
    """
    module: Any = network.module
    attention = module.blocks[-1].attn
    heads, scale = attention.num_heads, attention.scale
    side = network.architecture.side(choice.input_px) // module.patch_embed.patch_size[0]
    torch = torch_or_error()

    def of(outputs: dict[str, Any]) -> np.ndarray:
        projected = outputs["qkv"].unflatten(2, (3, heads, -1))
        query, keys = projected[:, 0, 0], projected[:, :, 1]
        likeness = torch.einsum("nhd,nthd->nht", query, keys) * scale
        given = likeness.softmax(dim=2).mean(dim=1)[:, 1:]
        return np.asarray(given.unflatten(1, (side, side)).numpy(force=True))

    found = outputs_of(network, {"qkv": attention.qkv}, of, pictures, choice, progress)
    value, _ = peak_at_one(found)
    return AttentionMaps(value, f"class token of {network.name}", network.sha256, [])
