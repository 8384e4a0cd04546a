"""The page of a session of 2 000 pictures: as a file of 15 MB, and as `tpdecode view` shows it.

    python benchmarks/large_page.py FOLDER

Simulates 726 cells, 2 000 pictures of 32 x 32 pixels, 12 repeats, reconstructs the pictures by
ridge with three penalties (closed form, ten folds), and makes the page of these records: decoding
itself, and its tests, would take hours. Needs node, and `npm ci` in twophoton_decode/report/script.
"""

from __future__ import annotations

import argparse
import re
import resource
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from report_page import CELLS, REPEATS, ROOT, make_arrays, visited

from twophoton_decode.pipeline.page.viewed import Made, explorer_data
from twophoton_decode.records import Reconstruction, Record, Responses
from twophoton_decode.report.data.gather import PageData, SessionRecords, small_page_data
from twophoton_decode.report.page import report_page
from twophoton_decode.report.serving import PageServer

sys.path.insert(0, str(ROOT / "tests" / "report"))
import invented_recording as invented

PICTURES, FOLDS, SIDE = 2000, 10, 32
PENALTIES = {"ridge": 30.0, "all-cells": 300.0, "cell-selection": 3000.0}
LENGTHS = {
    "image": PICTURES,
    "presentation": PICTURES * REPEATS,
    "cell": CELLS,
    "fold": FOLDS,
    "y": SIDE,
    "x": SIDE,
    "pixel": SIDE * SIDE,
}


def resized(record: Record, **known: Any) -> Any:
    """A record with axes of other lengths: what is `known` of it, the rest repeated."""
    changed = dict(known)
    for name, spec in record.arrays():
        values = getattr(record, name)
        if values is None or name in known:
            continue
        values = np.asarray(values)
        shape = [LENGTHS.get(axis, old) for axis, old in zip(spec.axes, values.shape, strict=True)]
        changed[name] = np.resize(values, shape)
    return replace(record, **changed)


def records_of(folder: Path) -> SessionRecords:
    """Responses of the simulated population, and three decoders of the pictures."""
    response = np.load(folder / "responses.npy").transpose(1, 0, 2).reshape(-1, CELLS)
    picture = np.load(folder / "images.npy").astype(np.float32) / 255
    image = np.repeat(np.arange(PICTURES), REPEATS)
    average = response.reshape(PICTURES, REPEATS, CELLS).mean(axis=1)
    responsive = average > np.quantile(average, 0.8)
    shown = resized(
        invented.responses(),
        response=response.astype(float),
        image=image,
        repeat=np.tile(np.arange(REPEATS), PICTURES),
        picture=picture,
        image_name=np.array([f"picture_{i:04d}.png" for i in range(PICTURES)]),
        roi=np.full(CELLS, -1),
        responsive=responsive.T,
        responsive_others=responsive[image],
    )
    made = {name: decoded(name, shown, penalty) for name, penalty in PENALTIES.items()}
    return SessionRecords(shown, made)


def decoded(name: str, shown: Responses, penalty: float) -> Reconstruction:
    """Ridge in pixels, each picture by a fit that never saw it."""
    flat = shown.picture.reshape(PICTURES, -1).astype(np.float64)
    fold = np.arange(PICTURES) % FOLDS
    of_trial = fold[shown.image]
    single = np.empty((len(shown.image), flat.shape[1]), np.float32)
    filters, means, resting = [], [], []
    for f in range(FOLDS):
        train, test = of_trial != f, of_trial == f
        R, S = shown.response[train], flat[shown.image[train]]
        centred, mean = R - R.mean(axis=0), S.mean(axis=0)
        gram = centred.T @ centred + penalty * np.eye(CELLS)
        filters.append(np.linalg.solve(gram, centred.T @ (S - mean)).astype(np.float32))
        means.append(mean)
        resting.append(R.mean(axis=0))
        single[test] = mean + (shown.response[test] - resting[f]) @ filters[f]
    average = single.reshape(PICTURES, REPEATS, -1).mean(axis=1)
    centre = np.array(means)[fold]
    return resized(
        invented.reconstruction(name),
        picture=shown.picture,
        image_name=shown.image_name,
        image=shown.image,
        fold=fold,
        single=single.reshape(-1, SIDE, SIDE),
        average=average.reshape(-1, SIDE, SIDE),
        mean_picture=np.array(means, np.float32).reshape(-1, SIDE, SIDE),
        mean_response=np.array(resting),
        reverse_filter=np.array(filters),
        r_average=invented.correlation(average - centre, flat - centre),
        transform=np.full(FOLDS, "none"),
    )


def page(explorer: Any, served: str = "") -> str:
    """A page of the explorer alone."""
    return report_page(
        title="2000 pictures",
        version="0",
        summary={"reconstruct": {name: {} for name in PENALTIES}},
        drawings=[],
        settings=[],
        provenance=[],
        notes=[],
        explorer=explorer,
        served=served,
    )


class Held:
    """The records as a server shows them."""

    def __init__(self, made: Made) -> None:
        self.made = made

    def version(self) -> str:
        """Always the same."""
        return "held"

    def page(self) -> bytes:
        """The page."""
        return self.made.html

    def group(self, version: str, name: str) -> bytes | None:
        """A group, packed as `tpdecode view` packs it."""
        return self.made.packed(name) if name in self.made.groups else None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "responses.npy").exists():
        make_arrays(folder, PICTURES)
    records = records_of(folder)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, cpu = time.perf_counter(), time.process_time()
    html = page(partial(small_page_data, records))
    print(
        f"page {len(html) / 1e6:.1f} MB with {pictures_in(html)} pictures, "
        f"in {time.perf_counter() - start:.0f} s, "
        f"{time.process_time() - cpu:.0f} s of CPU; memory {before / 1e6:.2f} GB with the records "
        f"alone, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB at most"
    )
    (folder / "report.html").write_text(html)
    told("file", {"page": str(folder / "report.html")})
    start = time.perf_counter()
    facts, groups = explorer_data(records)
    held = Held(Made("held", page(lambda _: PageData(facts, {}), "held").encode(), groups))
    print(f"page of view {len(held.page()) / 1e6:.2f} MB, in {time.perf_counter() - start:.1f} s")
    for name in ("core", "decoder-0", "decoder-0-fold-0", "image-0"):
        start = time.perf_counter()
        size = len(held.group("held", name) or b"")
        print(f"  {name}: {size / 1e6:.2f} MB, in {time.perf_counter() - start:.2f} s")
    with PageServer(held) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        told("view", {"url": server.address})
        server.shutdown()


def pictures_in(html: str) -> int:
    """How many pictures a page has."""
    return int(re.findall(r'"images": (\d+)', html)[0])


def told(what: str, where: dict[str, str]) -> None:
    for _ in range(3):
        ready, cpu, step = visited(where)
        print(
            f"{what}: usable after {ready:.2f} s; {cpu:.2f} s of CPU until all is drawn; a step of "
            f"the slider {1000 * step:.0f} ms of CPU"
        )


if __name__ == "__main__":
    main()
