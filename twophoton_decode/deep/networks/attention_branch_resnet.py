"""The modules of an attention branch network, imported only where one is built."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.resnet import Bottleneck


class AttentionBranchResNet(nn.Module):
    """A ResNet with an attention branch behind its third stage [Fukui et al. 2019].

    The map is what `sigmoid` gives, (picture, 1, y, x); the network returns the scores of the
    attention branch and of the perception branch, each (picture, class).

    Parameters
    ----------
    block : type
        Kind of residual block: torchvision's ``Bottleneck`` or ``BasicBlock``.
    blocks : 4 int
        How many each stage has.
    channels : int
        Of the first stage, before blocks expand them; every stage doubles them.
    classes : int
    """

    def __init__(
        self,
        block: Any = Bottleneck,
        blocks: tuple[int, int, int, int] = (3, 4, 6, 3),
        channels: int = 64,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, channels, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        first, second, third, fourth = (channels * block.expansion * 2**n for n in range(4))
        self.layer1 = _stage(block, blocks[0], channels, first, stride=1)
        self.layer2 = _stage(block, blocks[1], first, second)
        self.layer3 = _stage(block, blocks[2], second, third)
        self.att_layer4 = _stage(block, blocks[3], third, fourth, stride=1)
        self.bn_att = nn.BatchNorm2d(fourth)
        self.att_conv = nn.Conv2d(fourth, classes, kernel_size=1, bias=False)
        self.bn_att2 = nn.BatchNorm2d(classes)
        self.att_conv2 = nn.Conv2d(classes, classes, kernel_size=1, bias=False)
        self.att_conv3 = nn.Conv2d(classes, 1, kernel_size=3, padding=1, bias=False)
        self.bn_att3 = nn.BatchNorm2d(1)
        self.att_gap = nn.AdaptiveAvgPool2d(1)
        self.sigmoid = nn.Sigmoid()
        self.layer4 = _stage(block, blocks[3], third, fourth)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(fourth, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Scores by the attention branch and by the perception branch."""
        stem = self.maxpool(self.relu(self.bn1(self.conv1(picture))))
        features = self.layer3(self.layer2(self.layer1(stem)))
        named = self.bn_att(self.att_layer4(features))
        named = torch.relu(self.bn_att2(self.att_conv(named)))
        attention = self.sigmoid(self.bn_att3(self.att_conv3(named)))
        by_attention = self.att_gap(self.att_conv2(named)).flatten(1)
        perceived = self.avgpool(self.layer4((1 + attention) * features)).flatten(1)
        return by_attention, self.fc(perceived)


def _stage(block: Any, blocks: int, given: int, made: int, stride: int = 2) -> nn.Sequential:
    """Blocks one after the other, from `given` to `made` channels; the first has the stride."""
    shortcut = None
    if stride != 1 or given != made:
        convolution = nn.Conv2d(given, made, kernel_size=1, stride=stride, bias=False)
        shortcut = nn.Sequential(convolution, nn.BatchNorm2d(made))
    inner = made // block.expansion
    others = [block(made, inner) for _ in range(blocks - 1)]
    return nn.Sequential(block(given, inner, stride, shortcut), *others)
