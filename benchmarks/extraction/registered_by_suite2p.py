"""suite2p's registration: RAW FRAMES ROWS COLUMNS BLOCK OUT [REFERENCE.npy]."""

import sys
from pathlib import Path

import numpy as np
import torch
from suite2p import default_settings
from suite2p.io import BinaryFile
from suite2p.registration import registration_wrapper

raw, frames, rows, columns, block = sys.argv[1], *map(int, sys.argv[2:6])
out = Path(sys.argv[6])
out.mkdir(parents=True, exist_ok=True)
reference = np.load(sys.argv[7]) if len(sys.argv) > 7 else None
settings = default_settings()["registration"] | {"block_size": (block, block)}
shape = {"Ly": rows, "Lx": columns, "n_frames": frames}
with (
    BinaryFile(filename=raw, **shape) as source,
    BinaryFile(filename=str(out / "data.bin"), write=True, **shape) as target,
):
    found = registration_wrapper(
        target, f_raw=source, refImg=reference, settings=settings, device=torch.device("cpu")
    )
names = {"refImg": "reference", "yoff": "dy", "xoff": "dx", "corrXY": "correlation"}
names |= {"yoff1": "block_dy", "xoff1": "block_dx", "meanImg": "mean_image"}
np.savez(out / "motion.npz", **{ours: found[theirs] for theirs, ours in names.items()})
