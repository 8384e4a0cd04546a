"""Dim cells by the context of clear ones: what context adds, and when it must add nothing.

    python benchmarks/deep/context.py [--seeds 3] [--keep FOLDER] [--ship] [--write]

Detectors are trained on simulated fields (CPU, one thread, about two minutes each) and kept in
a folder, so that what was trained is not trained again. ``--ship`` makes the detector of seed 0
the one that comes with the program, and prints its SHA-256.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir

import numpy as np
import torch
from result_sections import write_section
from sklearn.metrics import roc_auc_score
from torchvision.ops import box_iou

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.deep.microscope.context.detector import FieldDetector
from twophoton_decode.deep.microscope.context.fields import CLEAR, DIM, ONE_STYLE, Field
from twophoton_decode.deep.microscope.context.heads import ATTENTION
from twophoton_decode.deep.microscope.context.learning import (
    BUDGET,
    FIELDS,
    HELD_OUT,
    learn,
    training_fields,
)
from twophoton_decode.deep.microscope.context.shipped import FILE, packed, unpacked

RESULTS = Path(__file__).parents[1] / "results" / "deep_context.md"
TESTED = 60
ONE_STYLE_STEPS = 200
"""One style is learned sooner."""
SIZES = {"small": (0, 11), "medium": (11, 15), "large": (15, 100)}
"""Sides of boxes, px."""
OVERLAPS = np.arange(0.5, 1.0, 0.05)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seeds", type=int, default=3)
    given.add_argument("--keep", type=Path, default=Path(gettempdir()) / "tpdecode_context")
    given.add_argument("--ship", action="store_true")
    given.add_argument("--write", action="store_true")
    options = given.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    if options.ship:
        ship(trained(0, False, options.keep))
        return
    many = [measured(seed, False, options.keep) for seed in range(options.seeds)]
    one = [measured(seed, True, options.keep) for seed in range(options.seeds)]
    lines = tables(many, one)
    print("\n".join(lines))
    if options.write:
        write_section(RESULTS, ["## Fields", "", *lines])


def ship(model: FieldDetector) -> None:
    import hashlib

    FILE.write_bytes(packed(model))
    print(f"{FILE}: {hashlib.sha256(FILE.read_bytes()).hexdigest()}")


def trained(seed: int, one_style: bool, keep: Path) -> FieldDetector:
    """The detector of a seed, learned now or before."""
    file = keep / f"seed{seed}_{'one' if one_style else 'many'}.npz"
    if not file.exists():
        styles = ONE_STYLE if one_style else None
        begun = time.process_time()
        fields = training_fields(10 * seed, FIELDS, styles)
        held_out = training_fields(10 * seed + 1, HELD_OUT, styles)
        budget = replace(BUDGET, steps=ONE_STYLE_STEPS) if one_style else BUDGET
        model, how = learn(fields, held_out, TrainingRun(seed=seed), budget)
        print(f"{file.stem}: {time.process_time() - begun:.0f} CPU s, {how.held_out.round(2)}")
        np.savez(file, **{name: each.detach().numpy() for name, each in model.named_parameters()})
    with np.load(file, allow_pickle=False) as arrays:
        return unpacked(dict(arrays))


def measured(seed: int, one_style: bool, keep: Path) -> dict[str, dict[str, float]]:
    """For each second stage: AUC with its own and another field's context, and AP."""
    model = trained(seed, one_style, keep)
    fields = training_fields(10 * seed + 2, TESTED, ONE_STYLE if one_style else None)
    found = {}
    for attention in ATTENTION:
        found[attention] = {
            "own": dim_auc(model, attention, fields, foreign=False),
            "foreign": dim_auc(model, attention, fields, foreign=True),
        }
        if not one_style:
            found[attention] |= precision(model, attention, fields[: TESTED // 3])
        print(seed, "one style" if one_style else "many styles", attention, found[attention])
    return found


@torch.no_grad()
def dim_auc(model: FieldDetector, attention: str, fields: list[Field], *, foreign: bool) -> float:
    """How well dim cells are told from look-alikes, given where both are."""
    is_cell, score = [], []
    for number, field in enumerate(fields):
        other = fields[(number + 1) % len(fields)]
        context = (torch.from_numpy(other.picture), torch.from_numpy(other.box))
        found = model.judge(
            attention, torch.from_numpy(field.picture), torch.from_numpy(field.box),
            context if foreign else None,
        )  # fmt: skip
        asked = field.kind != CLEAR
        is_cell.append(field.kind[asked] == DIM)
        score.append(found.numpy()[asked])
    return float(roc_auc_score(np.concatenate(is_cell), np.concatenate(score)))


def precision(model: FieldDetector, attention: str, fields: list[Field]) -> dict[str, float]:
    """COCO's AP over whole frames: mean over overlaps .5 to .95, at .5, and by size."""
    found, cells = [], []
    for field in fields:
        result = model.find(attention, torch.from_numpy(field.picture), torch.empty(0, 4))
        found.append((result["boxes"], result["scores"].numpy()))
        cells.append(torch.from_numpy(field.cells))
    every = {f"{low:.2f}": average_precision(found, cells, low) for low in OVERLAPS}
    by_size = {
        name: float(np.mean([average_precision(found, cells, low, limits) for low in OVERLAPS]))
        for name, limits in SIZES.items()
    }
    return {"mAP": float(np.mean(list(every.values()))), "AP50": every["0.50"], **by_size}


def average_precision(found, cells, overlap, limits=(0, 1000)) -> float:
    """Area under precision against recall; cells, and misses, of other sizes do not count."""
    hit, score, total = [], [], 0
    for (boxes, scores), truth in zip(found, cells, strict=True):
        side = (truth[:, 2] - truth[:, 0]).numpy()
        counted = (side >= limits[0]) & (side < limits[1])
        total += counted.sum()
        shared = box_iou(boxes, truth).numpy()
        width = (boxes[:, 2] - boxes[:, 0]).numpy()
        free = np.ones(len(truth), bool)
        for box in np.argsort(-scores):
            best = np.argmax(np.where(free, shared[box], -1)) if free.any() else -1
            if best >= 0 and shared[box, best] >= overlap:
                free[best] = False
                if counted[best]:
                    hit.append(True)
                    score.append(scores[box])
            elif limits[0] <= width[box] < limits[1]:
                hit.append(False)
                score.append(scores[box])
    ranked = np.array(hit)[np.argsort(-np.array(score), kind="stable")]
    recall = np.cumsum(ranked) / max(total, 1)
    exact = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    envelope = np.maximum.accumulate(exact[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0) * envelope))


def tables(many, one) -> list[str]:
    model = unpacked_size()
    lines = [
        f"{len(many)} seeds, {TESTED} tested fields each (128 px), {FIELDS} training fields; mean "
        "and each seed. AUC: dim cells against look-alikes of equal brightness, both given. Each "
        f"second stage has {model} parameters.",
        "",
        "| second stage | own context | another field's | one style: own | one style: other |",
        "|---|---|---|---|---|",
    ]
    for name in ATTENTION:
        cells = [
            told([each[name][key] for each in runs])
            for runs in (many, one)
            for key in ("own", "foreign")
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", "Whole frames, boxes proposed by the first stage:", ""]
    keys = ("mAP", "AP50", *SIZES)
    lines += [f"| second stage | {' | '.join(keys)} |", "|---" * (len(keys) + 1) + "|"]
    for name in ATTENTION:
        row = [told([each[name][key] for each in many]) for key in keys]
        lines.append(f"| {name} | {' | '.join(row)} |")
    return lines


def unpacked_size() -> str:
    from twophoton_decode.deep.microscope.context.detector import detector

    stages = detector().roi_heads.stages
    counts = {sum(p.numel() for p in stages[name].parameters()) for name in ATTENTION}
    return " or ".join(map(str, sorted(counts)))


def told(values: list[float]) -> str:
    each = ", ".join(f"{value:.3f}" for value in values)
    return f"{np.mean(values):.3f} ({each})"


if __name__ == "__main__":
    main()
