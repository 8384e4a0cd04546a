"""How long it takes to export 726 cells x 50 000 frames as NWB and read them again, and the memory.

Writes a record of traces as extraction does, exports it, and imports it into a record again:
what `export nwb` and `import nwb` do but for figures and statistics.

    python benchmarks/nwb_round_trip.py [FOLDER]
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from twophoton_decode.formats.nwb.export import About, Exported, write_nwb
from twophoton_decode.formats.nwb.traces import read_nwb
from twophoton_decode.records import Traces
from twophoton_decode.session.netcdf import read_record, write_record

CELLS, FRAMES, SIDE, PIXELS = 726, 50_000, 512, 80


class Drawn:
    """A signal that is drawn a block of rows at a time, so that none is held."""

    shape, dtype = (CELLS, FRAMES), np.dtype(np.float32)

    def __len__(self):
        return CELLS

    def __getitem__(self, index):
        rows = np.arange(CELLS)[index[0] if isinstance(index, tuple) else index]
        rng = np.random.default_rng(0)
        return rng.normal(100, 5, (rows.size, FRAMES)).astype(np.float32)


def traces():
    """Cells of 80 pixels on a field of 512 x 512 px."""
    rng = np.random.default_rng(1)
    still = np.zeros((1, FRAMES))
    return Traces(
        fluorescence=Drawn(),
        neuropil=Drawn(),
        deconvolved=Drawn(),
        is_cell=np.ones(CELLS, bool),
        cell_probability=np.ones(CELLS),
        plane=np.zeros(CELLS, int),
        center_y=np.zeros(CELLS),
        center_x=np.zeros(CELLS),
        pixel_offset=PIXELS * np.arange(CELLS + 1),
        pixel_y=rng.integers(0, SIDE, PIXELS * CELLS),
        pixel_x=rng.integers(0, SIDE, PIXELS * CELLS),
        pixel_weight=np.ones(PIXELS * CELLS),
        mean_image=np.ones((1, SIDE, SIDE)),
        motion_y=still,
        motion_x=still,
        bad_frame=np.zeros(FRAMES, bool),
        plane_delay_s=np.zeros(1),
        frame_rate_hz=30.0,
        intensity_offset=0.0,
        intensity_scale=1.0,
    )


def main(folder):
    """Print seconds and the peak of memory."""
    write_record(folder / "traces.nc", traces())
    begun = (time.monotonic(), time.process_time())
    record = read_record(folder / "traces.nc", Traces)
    write_nwb(folder / "out.nwb", Exported(About(), record))
    wall, cpu = time.monotonic() - begun[0], time.process_time() - begun[1]
    print(f"export: {wall:.1f} s, {cpu:.1f} s of CPU")
    begun = (time.monotonic(), time.process_time())
    found = read_nwb(folder / "out.nwb")
    write_record(folder / "again.nc", found)
    wall, cpu = time.monotonic() - begun[0], time.process_time() - begun[1]
    print(f"import: {wall:.1f} s, {cpu:.1f} s of CPU")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak {peak:.2f} GB; file {(folder / 'out.nwb').stat().st_size / 1e9:.2f} GB")
    again = read_record(folder / "again.nc", Traces)
    same = np.array_equal(record.fluorescence[10:20], again.fluorescence[10:20])
    print(f"equal: {same}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
