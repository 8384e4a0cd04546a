"""How much of a simulated truth comes back: cells, traces, and reconstructions.

    python benchmarks/recovery.py [--seeds 5] [--write]

For every seed, the demo's recording is simulated, written as TIFFs, and taken through the
project's own functions: extraction, responses, ridge. Beside it, the same decoder gets the
true responses of the same presentations.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.extraction.signals.delta_f import signal_of, signal_unit
from twophoton_decode.pipeline.run import Session
from twophoton_decode.records import Responses, Traces
from twophoton_decode.responses.describe import Measured, describe
from twophoton_decode.responses.respond import respond
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.settings import DecodingSettings, Settings
from twophoton_decode.simulation.matching import match_rois
from twophoton_decode.simulation.microscope.calcium import count_transients
from twophoton_decode.simulation.parameters import demo_parameters
from twophoton_decode.simulation.recording import SimulatedRecording, simulate
from twophoton_decode.simulation.writing import write
from twophoton_decode.stimulus.log import read_log
from twophoton_decode.stimulus.pictures import read_pictures

RESULTS = Path(__file__).parent / "results" / "recovery.md"
SETTINGS = Settings()
DECODING = DecodingSettings(permutations=0)
FEWEST_TRANSIENTS = 5

COLUMNS = {
    "seed": "seed",
    "cells": "cells with 5 transients",
    "found": "found by a classified cell",
    "share": "share",
    "rois": "classified / ROIs",
    "trace": "trace correlation",
    "responsive": "responsive cells per image",
    "r_true": "r_average, true responses",
    "r_average": "r_average, extracted",
    "ratio": "ratio",
    "seconds": "seconds",
}


def recovered(seed: int) -> dict[str, float | str]:
    """Every number of one seed's row."""
    start = time.perf_counter()
    simulated = simulate(demo_parameters(seed))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write(simulated, folder)
        traces = extracted(folder, simulated.parameters.frame_rate_hz)
        responses = measured(folder, traces)
    true = truly(simulated, responses)
    r_average = reconstruct(responses, "ridge", DECODING).r_average.mean()
    r_true = reconstruct(true, "ridge", DECODING).r_average.mean()
    return {
        "seed": seed,
        **found_cells(simulated, traces),
        "responsive": float(np.median(responses.responsive.sum(0))),
        "r_true": r_true,
        "r_average": r_average,
        "ratio": r_average / r_true,
        "seconds": time.perf_counter() - start,
    }


def extracted(folder: Path, frame_rate_hz: float) -> Traces:
    source, recording = {"movie": [str(folder / "raw")]}, {"frame_rate_hz": frame_rate_hz}
    settings = Settings.model_validate({"source": source, "recording": recording})
    session = SessionFolder.create(folder / "S", settings)
    Session(session).run_only("extract")
    return read_record(session.path / "traces.nc", Traces)


def measured(folder: Path, traces: Traces) -> Responses:
    pictures = read_pictures(folder / "pictures", SETTINGS.images.size_px)
    names = pictures.name
    shown = read_log(folder / "shown.csv", names, frame_rate_hz=traces.frame_rate_hz)
    return respond(
        shown,
        pictures.picture,
        names,
        signal=partial(signal_of, traces, settings=SETTINGS.traces),
        traces=traces,
        unit=signal_unit(SETTINGS.traces),
        settings=SETTINGS.responses,
    )


def truly(simulated: SimulatedRecording, responses: Responses) -> Responses:
    """The true responses to the pictures as the decoder sees them."""
    session = simulated.session
    measured = Measured(
        response=session.response.astype(float),
        image=session.image,
        repeat=session.repeat,
        onset_s=session.onset_s,
        roi=np.arange(session.response.shape[1]),
        unit="spikes",
        has_baseline=False,
    )
    return describe(measured, responses.picture, responses.image_name, settings=SETTINGS.responses)


def found_cells(simulated: SimulatedRecording, traces: Traces) -> dict[str, float | str]:
    side = simulated.parameters.field_px
    pixels = (traces.pixel_offset, traces.pixel_y, traces.pixel_x)
    match = match_rois(simulated.mask_pixels(), pixels, (side, side))
    active = count_transients(simulated.dff) >= FEWEST_TRANSIENTS
    found = active & (match >= 0) & traces.is_cell[match]
    signal, _ = signal_of(traces, match[found], SETTINGS.traces)
    pairs = zip(signal, simulated.dff[found], strict=True)
    correlations = [np.corrcoef(ours, true)[0, 1] for ours, true in pairs]
    return {
        "cells": int(active.sum()),
        "found": int(found.sum()),
        "share": found.sum() / active.sum(),
        "rois": f"{traces.is_cell.sum()} / {traces.is_cell.size}",
        "trace": float(np.median(correlations)),
    }


def table(rows: list[dict[str, float | str]]) -> str:
    numeric = [name for name in COLUMNS if not isinstance(rows[0][name], str)]
    median = {name: statistics.median(float(row[name]) for row in rows) for name in numeric}
    lines = [list(COLUMNS.values()), ["---"] * len(COLUMNS)]
    lines += [[shown(row[name]) for name in COLUMNS] for row in rows]
    closing = {**{name: shown(value) for name, value in median.items()}, "seed": "**median**"}
    lines.append([closing.get(name, "") for name in COLUMNS])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def shown(value: float | str) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help=f"keep the table in {RESULTS.name}")
    options = parser.parse_args()
    rows = []
    for seed in range(options.seeds):
        rows.append(recovered(seed))
        print(" ".join(f"{name}={shown(value)}" for name, value in rows[-1].items()), flush=True)
    text = (
        "# Recovery of simulated recordings\n\n"
        "`python benchmarks/recovery.py --write`: the demo's recording with five seeds, default "
        "settings.\nA simulated cell is found when a classified ROI overlaps its mask with an "
        "IoU above 0.5;\nridge in the default feature space, folds over images, mean training "
        "image subtracted.\nAsked for: share at least 0.9, ratio at least 0.85, as medians.\n\n"
        f"{table(rows)}\n"
    )
    print(text)
    if options.write:
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
