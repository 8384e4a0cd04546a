"""The modules of an attention branch network, imported only where one is built."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

_CHANNELS = 256
"""Of the third stage, before its blocks expand them."""


class AttentionBranchResNet(ResNet):
    """A ResNet with an attention branch behind its third stage.

    The map is what `sigmoid` gives, (picture, 1, y, x); the network returns the scores of the
    attention branch and of the perception branch, each (picture, class).

    Parameters
    ----------
    block : type
        Kind of residual block.
    blocks : sequence of 4 int
        How many each stage has.
    classes : int
    """

    def __init__(
        self,
        block: type[BasicBlock | Bottleneck] = Bottleneck,
        blocks: tuple[int, int, int, int] = (3, 4, 6, 3),
        classes: int = 1000,
    ) -> None:
        super().__init__(block, list(blocks), num_classes=classes)
        wide = 2 * _CHANNELS * block.expansion
        self.inplanes = _CHANNELS * block.expansion
        self.att_layer4 = self._make_layer(block, 2 * _CHANNELS, blocks[3])
        self.bn_att = nn.BatchNorm2d(wide)
        self.att_conv = nn.Conv2d(wide, classes, kernel_size=1, bias=False)
        self.bn_att2 = nn.BatchNorm2d(classes)
        self.att_conv2 = nn.Conv2d(classes, classes, kernel_size=1, bias=False)
        self.att_conv3 = nn.Conv2d(classes, 1, kernel_size=3, padding=1, bias=False)
        self.bn_att3 = nn.BatchNorm2d(1)
        self.att_gap = nn.AdaptiveAvgPool2d(1)
        self.sigmoid = nn.Sigmoid()
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, picture: Tensor) -> Any:
        """Scores by the attention branch and by the perception branch."""
        stem = self.maxpool(self.relu(self.bn1(self.conv1(picture))))
        features = self.layer3(self.layer2(self.layer1(stem)))
        named = self.bn_att(self.att_layer4(features))
        named = torch.relu(self.bn_att2(self.att_conv(named)))
        attention = self.sigmoid(self.bn_att3(self.att_conv3(named)))
        by_attention = self.att_gap(self.att_conv2(named)).flatten(1)
        perceived = self.avgpool(self.layer4((1 + attention) * features)).flatten(1)
        return by_attention, self.fc(perceived)
