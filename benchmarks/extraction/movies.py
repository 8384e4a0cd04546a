"""The movies that extraction is measured on: simulated ones with their truth, and a real one."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile

from twophoton_decode.simulation.parameters import SimulationParameters
from twophoton_decode.simulation.recording import simulate
from twophoton_decode.simulation.writing import truth

RATE_HZ = 8.0
CELLS_PER_PX = 110 / 140**2
MOTION_PX, BEND_PX = 4.0, 1.0
REAL_RATE_HZ = 30.0


@dataclass(frozen=True)
class Movie:
    """A movie in TIFFs, with its truth if it is simulated."""

    name: str
    folder: Path
    rate_hz: float
    shape: tuple[int, int, int]

    @property
    def tiffs(self):
        return sorted((self.folder / "tiff").glob("*.tif"))

    @property
    def block(self):
        """Blocks of suite2p's default, or what fits twice into the frame."""
        return min(128, min(self.shape[1:]) // 2)

    @property
    def truth(self):
        path = self.folder / "truth.npz"
        return np.load(path, allow_pickle=False) if path.exists() else None

    @property
    def raw(self):
        """All frames as raw int16, as both sides' conversions have them."""
        path = self.folder / "raw.bin"
        if not path.exists():
            with path.open("wb") as stream:
                for tiff in self.tiffs:
                    for page in tifffile.TiffFile(tiff).pages:
                        frame = page.asarray()
                        # As suite2p's reader brings 16 unsigned bits to 15.
                        frame = frame // 2 if frame.dtype == np.uint16 else frame
                        stream.write(frame.astype(np.int16).tobytes())
        return path


def simulated(options, side, frames, seed=0):
    """A simulated movie of int16, `side` px wide: shaken, bent, bleaching, with neuropil."""
    side, frames = (96, 300) if options.quick else (side, frames)
    folder = options.movies / f"{side}px_{frames}f_seed{seed}"
    movie = Movie(f"{side}², seed {seed}", folder, RATE_HZ, (frames, side, side))
    if not (folder / "truth.npz").exists():
        sys.stderr.write(f"making {folder.name}\n")
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "tiff").mkdir(parents=True)
        _simulate(movie, seed)
    return movie


def _simulate(movie, seed):
    frames, side, _ = movie.shape
    presentations = int(np.ceil(frames / RATE_HZ / 1.3))
    recording = simulate(
        SimulationParameters(
            cells=round(CELLS_PER_PX * side**2),
            images=int(np.ceil(presentations / 8)),
            repeats=8,
            seed=seed,
            picture_px=32,
            field_px=side,
            motion_px=MOTION_PX,
            bend_px=BEND_PX,
            bleaching=0.1,
        )
    )
    left = frames
    with tifffile.TiffWriter(movie.folder / "tiff" / "movie.tif", bigtiff=True) as writer:
        for chunk in recording.frames():
            for frame in chunk[:left]:
                writer.write(frame.astype(np.int16), contiguous=True, metadata=None)
            left -= len(chunk[:left])
    np.savez_compressed(movie.folder / "truth.npz", allow_pickle=False, **truth(recording))


def repeated(options, movie, times):
    """The same frames again and again, in as many files: long, and quickly made."""
    frames = movie.shape[0] * times
    folder = options.movies / f"{movie.folder.name}_x{times}"
    (folder / "tiff").mkdir(parents=True, exist_ok=True)
    for number in range(times):
        target = folder / "tiff" / f"movie_{number:03d}.tif"
        if not target.exists():
            shutil.copy(movie.tiffs[0], target)
    return Movie(f"{movie.shape[1]}²", folder, movie.rate_hz, (frames, *movie.shape[1:]))


def perturbed(options, movie, seed):
    """The movie with every pixel one grey level up, down, or as it was, by chance."""
    folder = options.movies / f"{movie.folder.name}_perturbed{seed}"
    target = folder / "tiff" / "movie.tif"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        generator = np.random.default_rng(seed)
        frames = tifffile.imread(movie.tiffs[0]).astype(np.int32)
        limits = np.iinfo(tifffile.TiffFile(movie.tiffs[0]).pages[0].dtype)
        frames += generator.integers(-1, 2, frames.shape)
        frames = frames.clip(limits.min, limits.max).astype(limits.dtype)
        tifffile.imwrite(target, frames, metadata=None)
    return Movie(movie.name, folder, movie.rate_hz, movie.shape)


def real(options):
    """The real movie, or None where it is not there."""
    root = Path(__file__).parents[2]
    data = Path(os.environ.get("TPDECODE_REAL_DATA", "../shared/data"))
    source = root / data / "mouse2p" / "mouse2p_2000f.tif"
    if options.quick or not source.exists():
        sys.stderr.write(f"without the real movie: {'--quick' if options.quick else source}\n")
        return None
    folder = options.movies / "real"
    (folder / "tiff").mkdir(parents=True, exist_ok=True)
    if not (folder / "tiff" / source.name).exists():
        shutil.copy(source, folder / "tiff")
    with tifffile.TiffFile(source) as tiff:
        shape = (len(tiff.pages), *tiff.pages[0].shape)
    return Movie("real", folder, REAL_RATE_HZ, shape)
