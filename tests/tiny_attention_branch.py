"""A small attention branch network, trained on simulated pictures: what is where is known."""

import numpy as np
import torch
from torchvision.models.resnet import BasicBlock

from twophoton_decode.deep.networks.attention_branch_resnet import AttentionBranchResNet

SIDE, PATCH, CLASSES = 64, 20, 3


def tiny():
    return AttentionBranchResNet(BasicBlock, (1, 1, 1, 1), channels=8, classes=CLASSES)


def simulated_pictures(count, seed):
    """Grey pictures (picture, y, x) from 0 to 1 of one grating on noise; which; where (y, x)."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(CLASSES, size=count)
    corner = rng.integers(0, SIDE - PATCH, size=(count, 2))
    y, x = np.mgrid[:PATCH, :PATCH]
    gratings = [np.sin(0.9 * along) for along in (y, x, y + x)]
    pictures = rng.normal(0.5, 0.08, (count, SIDE, SIDE))
    for place, (top, left) in enumerate(corner):
        pictures[place, top : top + PATCH, left : left + PATCH] += 0.4 * gratings[kind[place]]
    return pictures.clip(0, 1), kind, corner + PATCH / 2


def as_input(pictures):
    """As networks get grey pictures: three equal channels."""
    return torch.from_numpy(np.repeat(pictures[:, None], 3, axis=1).astype(np.float32))


def trained(steps=40, batch=16, seed=0):
    """The network after `steps`, in evaluation mode, and its losses, summed over branches."""
    torch.manual_seed(seed)
    network = tiny().train()
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    pictures, kind, _ = simulated_pictures(steps * batch, seed)
    given, wanted = (as_input(pictures) - 0.5) / 0.2, torch.from_numpy(kind)
    losses = []
    for start in range(0, len(given), batch):
        by_attention, perceived = network(given[start : start + batch])
        target = wanted[start : start + batch]
        loss = sum(torch.nn.functional.cross_entropy(each, target)
                   for each in (by_attention, perceived))  # fmt: skip
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return network.eval().requires_grad_(False), losses
