"""Simulated movies through the whole of extraction: motion, cells and traces come back."""

from types import SimpleNamespace

import numpy as np
import pytest

from twophoton_decode.extraction.signals.delta_f import signal_of
from twophoton_decode.pipeline.run import Session
from twophoton_decode.records import Traces
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.settings import Settings, Source
from twophoton_decode.simulation.matching import match_rois
from twophoton_decode.simulation.microscope.calcium import count_transients
from twophoton_decode.simulation.microscope.residual_motion import residual_motion
from twophoton_decode.simulation.parameters import SimulationParameters
from twophoton_decode.simulation.recording import simulate
from twophoton_decode.simulation.writing import write

pytestmark = pytest.mark.slow

SIDE, BLOCK = 96, 48
SEEDS = (1, 2, 3)
FEWEST_TRANSIENTS = 5


def parameters(seed):
    """A field that is shaken by up to 3 px and bent by up to 1 px at its borders."""
    return SimulationParameters(
        cells=40,
        images=12,
        repeats=4,
        seed=seed,
        picture_px=16,
        field_px=SIDE,
        motion_px=3.0,
        bend_px=1.0,
        spontaneous_hz=0.1,
        files=2,
    )


def extracted(folder, simulated):
    write(simulated, folder)
    settings = {
        "source": Source(movie=[str(folder / "raw")]),
        "recording": {"frame_rate_hz": simulated.parameters.frame_rate_hz},
        "extraction": {"registration": "tpdecode", "block_size_px": BLOCK},
    }
    session = SessionFolder.create(folder / "S", Settings.model_validate(settings))
    Session(session).run_only("extract")
    return session


@pytest.fixture(scope="module", params=SEEDS)
def recovered(request, tmp_path_factory):
    simulated = simulate(parameters(request.param))
    session = extracted(tmp_path_factory.mktemp(f"seed{request.param}"), simulated)
    return SimpleNamespace(
        simulated=simulated,
        session=session,
        traces=read_record(session.path / "traces.nc", Traces),
    )


def left_over(recovered, of_blocks):
    """What is left of the true motion at the centres of blocks, (frames, blocks), px."""
    plane = recovered.session.suite2p / "plane0"
    found = np.load(plane / "reg_outputs.npy", allow_pickle=True).item()
    shift = np.stack(
        [
            found[f"{axis}off"][:, None] + of_blocks * found[f"{axis}off1"].astype(float)
            for axis in "yx"
        ],
        axis=2,
    )
    centre = np.linspace(0, SIDE - BLOCK, 3) + (BLOCK - 1) / 2
    y, x = (place.ravel() for place in np.meshgrid(centre, centre, indexing="ij"))
    scene = recovered.simulated.scene
    return residual_motion(shift, y, x, scene.motion, scene.bend, SIDE)


def test_known_motion_is_found_and_bending_with_it(recovered):
    rigid, all_of_it = (left_over(recovered, of_blocks) for of_blocks in (0, 1))
    before = np.hypot(*(recovered.simulated.scene.motion).T)
    assert np.percentile(before, 95) > 1.5
    assert np.sqrt((all_of_it**2).mean()) < 0.2
    assert np.sqrt((all_of_it**2).mean()) < 0.4 * np.sqrt((rigid**2).mean())
    assert np.percentile(all_of_it, 99) < 0.5


def test_the_record_holds_the_rigid_motion(recovered):
    traces, motion = recovered.traces, recovered.simulated.scene.motion
    for found, true in ((traces.motion_y, motion[:, 0]), (traces.motion_x, motion[:, 1])):
        difference = found[0] - true
        assert abs(difference - np.median(difference)).max() < 1
        assert np.corrcoef(found[0], true)[0, 1] > 0.8
    assert not traces.bad_frame.any()


def test_active_cells_and_their_traces_come_back(recovered):
    simulated, traces = recovered.simulated, recovered.traces
    pixels = (traces.pixel_offset, traces.pixel_y, traces.pixel_x)
    match = match_rois(simulated.mask_pixels(), pixels, (SIDE, SIDE))
    active = count_transients(simulated.dff) >= FEWEST_TRANSIENTS
    found = active & (match >= 0) & traces.is_cell[match]
    assert active.sum() >= 20
    assert found.sum() / active.sum() > 0.85
    signal, usable = signal_of(traces, match[found], Settings().traces)
    pairs = zip(signal, simulated.dff[found], strict=True)
    r = [np.corrcoef(ours, true)[0, 1] for ours, true in pairs]
    assert usable.all()
    assert np.median(r) > 0.8
    # By chance: the same traces against those of other cells.
    others = zip(signal, np.roll(simulated.dff[found], 1, axis=0), strict=True)
    assert np.median([np.corrcoef(ours, other)[0, 1] for ours, other in others]) < 0.3
