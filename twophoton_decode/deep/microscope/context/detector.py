"""torchvision's Faster R-CNN, small, with a second stage that sees the whole field.

The first stage proposes places by what they look like there. The second judges each of them,
by itself or beside the other proposals of the same field (`heads`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import torch
from torch import nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.roi_heads import RoIHeads, fastrcnn_loss
from torchvision.ops import MultiScaleRoIAlign, box_iou

from twophoton_decode.deep.microscope.context.heads import ATTENTION, WIDTH, ContextHead

CHANNELS: Final = 32
POOLED: Final = 5
_PROPOSING: Final = 48
_ANCHORS: Final = (8, 12, 18)
_MOST_FOUND: Final = 2000


def detector(seed: int = 0, attentions: Sequence[str] = ATTENTION) -> FieldDetector:
    """A detector with first weights that follow from `seed`.

    Parameters
    ----------
    attentions : sequence of str
        Second stages that it has, of `heads.ATTENTION`; all see the same features.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return FieldDetector(attentions)


def _stage(inside: int, outside: int, size: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, size, stride, size // 2, bias=False),
        nn.GroupNorm(8, outside),
        nn.ReLU(),
    )


class _Backbone(nn.Module):
    """Three stages: proposals are judged by features 2 px wide, and made from those of 4 px."""

    out_channels = _PROPOSING

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(_stage(3, 16, 5, 2), _stage(16, CHANNELS, 3, 1))
        self.coarse = _stage(CHANNELS, _PROPOSING, 3, 2)

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        fine = self.fine(pictures)
        return fine, self.coarse(fine)


class SecondStage(nn.Module):
    """One way to judge proposals: what is seen of them, and what follows."""

    def __init__(self, attention: str) -> None:
        super().__init__()
        self.head = ContextHead(attention, CHANNELS * POOLED**2)
        self.predictor = FastRCNNPredictor(WIDTH, 2)

    def forward(
        self,
        pooled: torch.Tensor,
        sure: torch.Tensor,
        context: tuple[torch.Tensor, torch.Tensor] | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits (proposals, 2) and shifts of boxes (proposals, 8) of one field's proposals."""
        logits, shifts = self.predictor(self.head(pooled, sure, context))
        return logits, shifts


class FieldHeads(RoIHeads):  # type: ignore[misc]  # torchvision has no types
    """torchvision's second stage, given which proposals belong to one field.

    `stages` are trained together, on the same samples; `attention` is the one that judges.
    """

    stages: nn.ModuleDict
    first_stage: Callable[[torch.Tensor], torch.Tensor]
    attention: str

    def forward(
        self,
        features: tuple[torch.Tensor, torch.Tensor],
        proposals: list[torch.Tensor],
        image_shapes: list[tuple[int, int]],
        targets: list[dict[str, torch.Tensor]] | None = None,
    ) -> tuple[list[dict[str, torch.Tensor]], dict[str, torch.Tensor]]:
        """As torchvision's, for boxes alone."""
        if not self.training:
            seen = self.pooled(features, proposals, image_shapes)
            logits, shifts = self.judged(self.attention, seen)
            found = self.postprocess_detections(logits, shifts, proposals, image_shapes)
            names = ("boxes", "scores", "labels")
            return [dict(zip(names, each, strict=True)) for each in zip(*found, strict=True)], {}
        proposals, _, labels, wanted = self.select_training_samples(proposals, targets)
        seen = self.pooled(features, proposals, image_shapes)
        losses: dict[str, torch.Tensor] = {}
        for name in self.stages:
            both = fastrcnn_loss(*self.judged(name, seen), labels, wanted)
            losses |= {f"{name} classes": both[0], f"{name} boxes": both[1]}
        return [], losses

    def judged(
        self, attention: str, seen: list[tuple[torch.Tensor, torch.Tensor]]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits and shifts of all proposals, each field by itself."""
        logits, shifts = zip(*(self.stages[attention](*each) for each in seen), strict=True)
        return torch.cat(logits), torch.cat(shifts)

    def pooled(
        self,
        features: tuple[torch.Tensor, torch.Tensor],
        boxes: list[torch.Tensor],
        image_shapes: list[tuple[int, int]],
    ) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """What each field's boxes look like, and what the first stage makes of their middles."""
        fine, coarse = features
        looks = self.box_roi_pool({"0": fine}, boxes, image_shapes).split([*map(len, boxes)])
        best = torch.sigmoid(self.first_stage(coarse).detach().amax(dim=1))
        pairs = zip(best, boxes, strict=True)
        return list(zip(looks, [_at_middle(*each) for each in pairs], strict=True))


def _at_middle(scores: torch.Tensor, box: torch.Tensor) -> torch.Tensor:
    """The score in the middle of each box; a score is 4 px wide."""
    x, y = ((box[:, i] + box[:, i + 2]) / 8 for i in range(2))
    row = y.long().clamp(0, scores.shape[0] - 1)
    return scores[row, x.long().clamp(0, scores.shape[1] - 1)]


class FieldDetector(nn.Module):
    """Pictures of fields to boxes of cells, with a probability each.

    Parameters
    ----------
    attentions : sequence of str
        Of `heads.ATTENTION`.
    """

    def __init__(self, attentions: Sequence[str]) -> None:
        super().__init__()
        net = FasterRCNN(
            _Backbone(),
            rpn_anchor_generator=AnchorGenerator((_ANCHORS,), ((1.0,),)),
            rpn_fg_iou_thresh=0.6,
            rpn_pre_nms_top_n_train=200,
            rpn_post_nms_top_n_train=50,
            rpn_pre_nms_top_n_test=_MOST_FOUND,
            rpn_post_nms_top_n_test=_MOST_FOUND // 2,
            rpn_score_thresh=0.05,
            rpn_nms_thresh=0.5,
            box_roi_pool=MultiScaleRoIAlign(["0"], POOLED, 2),
            box_head=nn.Identity(),
            box_predictor=nn.Identity(),
            box_batch_size_per_image=64,
            box_positive_fraction=0.5,
            box_nms_thresh=0.3,
            box_detections_per_img=_MOST_FOUND,
        )
        heads = net.roi_heads
        heads.__class__ = FieldHeads
        heads.stages = nn.ModuleDict({name: SecondStage(name) for name in attentions})
        heads.attention = attentions[0]
        rpn = net.rpn
        heads.first_stage = lambda coarse: rpn.head([coarse])[0][0]
        self.backbone, self.rpn, self.roi_heads = net.backbone, net.rpn, heads

    def loss(
        self, pictures: torch.Tensor, cells: list[torch.Tensor], also: list[torch.Tensor]
    ) -> torch.Tensor:
        """Losses of both stages, summed.

        Parameters
        ----------
        pictures : Tensor, shape (fields, 3, y, x)
        cells : list of Tensor, shape (cells, 4)
            Left, top, right, bottom.
        also : list of Tensor, shape (boxes, 4)
            Other places to judge.
        """
        targets = [{"boxes": box, "labels": torch.ones(len(box)).long()} for box in cells]
        features, sizes, proposals, first = self._proposed(pictures, targets)
        together = [torch.cat(pair) for pair in zip(proposals, also, strict=True)]
        _, second = self.roi_heads(features, together, sizes, targets)
        return sum((first | second).values(), start=pictures.new_zeros(()))

    @torch.no_grad()
    def find(
        self, attention: str, picture: torch.Tensor, also: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """Boxes (found, 4) and scores (found,) in one field, (3, y, x); `also` are judged too."""
        self.roi_heads.attention = attention
        features, sizes, proposals, _ = self._proposed(picture[None], None)
        (found,), _ = self.roi_heads(features, [torch.cat([proposals[0], also])], sizes)
        return found

    @torch.no_grad()
    def judge(
        self,
        attention: str,
        picture: torch.Tensor,
        boxes: torch.Tensor,
        context: tuple[torch.Tensor, torch.Tensor] | None = None,
    ) -> torch.Tensor:
        """Probability that each box holds a cell, (boxes,).

        Parameters
        ----------
        picture : Tensor, shape (3, y, x)
        boxes : Tensor, shape (boxes, 4)
        context : tuple of Tensor, optional
            Another picture and boxes in it, to attend over in place of the field's own.
        """
        pooled, sure = self._pooled(picture, boxes)
        other = None if context is None else self._pooled(*context)
        logits, _ = self.roi_heads.stages[attention](pooled, sure, other)
        return torch.softmax(logits, dim=1)[:, 1]

    def _pooled(
        self, picture: torch.Tensor, boxes: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.backbone(picture[None])
        (found,) = self.roi_heads.pooled(features, [boxes], [tuple(picture.shape[-2:])])
        return found

    def _proposed(self, pictures: torch.Tensor, targets: Any) -> tuple[Any, Any, Any, Any]:
        sizes = [tuple(pictures.shape[-2:])] * len(pictures)
        features = self.backbone(pictures)
        proposals, losses = self.rpn(ImageList(pictures, sizes), {"0": features[1]}, targets)
        return features, sizes, proposals, losses


def matched(boxes: torch.Tensor, cells: torch.Tensor) -> torch.Tensor:
    """Largest overlap (intersection over union) of each box with any cell, (boxes,)."""
    if not len(cells):
        return torch.zeros(len(boxes))
    return box_iou(boxes, cells).amax(dim=1)
