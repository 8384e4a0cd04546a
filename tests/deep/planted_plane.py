"""A plane of suite2p's folder with clear cells, dim ones, and a registered movie."""

import json

import numpy as np

from twophoton_decode.extraction.suite2p.output import ORIGIN, seal_origin

SIDE, FRAMES, RADIUS = 96, 240, 4.0


def discs(centres, radius=RADIUS, side=SIDE):
    y, x = np.mgrid[:side, :side]
    return [np.hypot(y - cy, x - cx) <= radius for cy, cx in centres]


def grid(count, start=12, step=18):
    places = [(start + step * (i // 5), start + step * (i % 5)) for i in range(count)]
    return np.array(places, float)


def planted_movie(clear, active, silent, seed=0, frames=FRAMES):
    """int16 (frames, y, x): clear cells bright, others dim; `silent` ones never fire."""
    rng = np.random.default_rng(seed)
    movie = rng.normal(300, 12, (frames, SIDE, SIDE))
    for centres, bright, event in ((clear, 60, 60), (active, 8, 14), (silent, 8, 0)):
        for mask in discs(centres):
            train = np.convolve(rng.random(frames) < 0.03, np.exp(-np.arange(12) / 4))[:frames]
            movie[:, mask] += bright + event * train[:, None]
    return np.clip(movie, 0, 32767).astype(np.int16)


def write_plane(folder, movie, cells, rejected=(), name="plane0"):
    plane = folder / name
    plane.mkdir(parents=True)
    movie.tofile(plane / "data.bin")
    mean = movie.mean(axis=0)
    np.savez(plane / "motion.npz", mean_image=mean, rows=[0, SIDE], columns=[0, SIDE])
    rois = np.empty(len(cells) + len(rejected), object)
    masks = discs([*cells, *rejected])
    for number, (mask, centre) in enumerate(zip(masks, [*cells, *rejected], strict=True)):
        y, x = np.nonzero(mask)
        rois[number] = {"ypix": y, "xpix": x, "lam": np.ones(len(y)), "med": [*map(float, centre)]}
    np.save(plane / "stat.npy", rois)
    judged = [[1.0, 0.9]] * len(cells) + [[0.0, 0.1]] * len(rejected)
    np.save(plane / "iscell.npy", np.array(judged, np.float32).reshape(-1, 2))


def write_origin(folder, planes=1):
    origin = {
        "planes": [{"name": f"plane{i}", "delay_s": 0.0} for i in range(planes)],
        "intensity": {"offset": 0.0, "scale": 1.0},
        "frame_rate_hz": 2.0,
        "notes": [],
        "rois": "",
    }
    (folder / ORIGIN).write_text(json.dumps(seal_origin(origin)))
