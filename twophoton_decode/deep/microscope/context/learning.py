"""How a detector learns: fields of many styles, seen turned and mirrored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.deep.microscope.context.detector import FieldDetector, detector
from twophoton_decode.deep.microscope.context.fields import LOOK_ALIKE, Field, Style, draw_field
from twophoton_decode.deep.training.loop import Budget, Trained, train

TOGETHER = 4
BUDGET = Budget(steps=600, learning_rate=3e-3, check_every=100, patience=8)
FIELDS, HELD_OUT = 400, 16
_JITTER = 0.12
_TAKEN_TWICE = 2


def training_fields(
    seed: int, count: int, styles: tuple[Style, Style] | None = None
) -> list[Field]:
    """Fields that follow from `seed`; those of different seeds have nothing in common."""
    generator = np.random.default_rng([seed, count])
    return [draw_field(generator, styles=styles) for _ in range(count)]


def learn(
    fields: Sequence[Field],
    held_out: Sequence[Field],
    run: TrainingRun,
    budget: Budget = BUDGET,
    begin: FieldDetector | None = None,
) -> tuple[FieldDetector, Trained]:
    """A detector with all second stages fitted to `fields`; of its steps the best is kept.

    The best is that of the smallest loss on `held_out`.

    Parameters
    ----------
    begin : FieldDetector, optional
        Fitted further in place; without it, a new one that follows from the run's seed.
    """
    model = detector(run.seed) if begin is None else begin

    def loss(generator: np.random.Generator) -> torch.Tensor:
        chosen = [fields[i] for i in generator.integers(len(fields), size=TOGETHER)]
        return _loss(model, [turned(each, generator) for each in chosen], generator)

    def check() -> torch.Tensor:
        model.train()
        generator = np.random.default_rng(0)
        parts = [held_out[i : i + TOGETHER] for i in range(0, len(held_out), TOGETHER)]
        return torch.stack([_loss(model, part, generator) for part in parts]).mean()

    return model, train(model, loss, check, budget, run, "context")


def _loss(
    model: FieldDetector, fields: Sequence[Field], generator: np.random.Generator
) -> torch.Tensor:
    cells = [torch.from_numpy(each.cells) for each in fields]
    also = [torch.from_numpy(_also(each, generator)) for each in fields]
    pictures = torch.from_numpy(np.stack([each.picture for each in fields]))
    with torch.random.fork_rng(devices=[]):
        # torchvision samples proposals with the global generator.
        torch.manual_seed(int(generator.integers(2**31)))
        return model.loss(pictures, cells, also)


def _also(field: Field, generator: np.random.Generator) -> np.ndarray:
    """Where candidates would lie: on every object, not quite in its middle, and on spots."""
    alike = field.box[field.kind == LOOK_ALIKE]
    box = np.concatenate([field.box, *[alike] * _TAKEN_TWICE])
    size = (box[:, 2:] - box[:, :2]).mean(axis=1, keepdims=True)
    shift = generator.normal(0, _JITTER, (len(box), 2)) * size
    grown = generator.normal(0, _JITTER / 2, (len(box), 1)) * size
    moved = box + np.tile(shift, 2) + np.concatenate([-grown, -grown, grown, grown], axis=1)
    return np.concatenate([moved, field.spot]).astype(np.float32)


def turned(field: Field, generator: np.random.Generator) -> Field:
    """The field mirrored and transposed at random."""
    picture, boxes = field.picture, np.concatenate([field.box, field.spot])
    height, width = picture.shape[1:]
    left, top, right, bottom = boxes.T
    if generator.random() < 0.5:
        picture, left, right = picture[:, :, ::-1], width - right, width - left
    if generator.random() < 0.5:
        picture, top, bottom = picture[:, ::-1], height - bottom, height - top
    if generator.random() < 0.5 and height == width:
        picture, left, top, right, bottom = picture.transpose(0, 2, 1), top, left, bottom, right
    boxes = np.stack([left, top, right, bottom], axis=1).astype(np.float32)
    box, spot = np.split(boxes, [len(field.box)])
    return Field(np.ascontiguousarray(picture), box, field.kind, spot)
