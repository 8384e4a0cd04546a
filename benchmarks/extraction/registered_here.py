"""tpdecode's registration: RAW FRAMES ROWS COLUMNS BLOCK OUT [REFERENCE.npy]."""

import sys
from pathlib import Path

import numpy as np

from twophoton_decode.extraction.motion.correct import correct_motion


class RawMovie:
    """Raw int16 frames in a file, read a few at a time."""

    def __init__(self, path, shape):
        self.path, self.shape = path, shape

    def sample(self, frames):
        return np.memmap(self.path, np.int16, "r", shape=self.shape)[frames]

    def chunks(self, start, size):
        with open(self.path, "rb") as stream:
            stream.seek(2 * start * self.shape[1] * self.shape[2])
            for at in range(start, self.shape[0], size):
                count = min(size, self.shape[0] - at)
                frames = np.fromfile(stream, np.int16, count * self.shape[1] * self.shape[2])
                yield frames.reshape(count, *self.shape[1:]), None


raw, block = sys.argv[1], int(sys.argv[5])
movie = RawMovie(raw, tuple(map(int, sys.argv[2:5])))
out = Path(sys.argv[6])
out.mkdir(parents=True, exist_ok=True)
reference = np.load(sys.argv[7]) if len(sys.argv) > 7 else None
correct_motion(movie, out, (block, block), {}, reference=reference)
