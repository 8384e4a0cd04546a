"""Which mouse visual areas represent textures alike? Real recordings, Yu et al. 2022.

python benchmarks/deep/yu2022.py [FOLDER]

`Data_Texture.mat` lists deconvolved events, (event, repeat) in seconds, 0 where there is none.
They are counted in bins of 2 s of the 64-s sequence: 32 conditions. Populations with another
number of repeats keep theirs; those of fewer than 10 cells are left out. "One area" leaves out
populations that lie across a border (AM/PM, LM/LI).
"""

import os
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import scipy.io

from twophoton_decode.deep.comparison.between_sessions import named_agreement
from twophoton_decode.deep.comparison.population_rdms import Trials, population_rdms
from twophoton_decode.deep.comparison.representation import LEAST_RELIABILITY

BIN_S, LENGTH_S = 2.0, 64.0
BINS = int(LENGTH_S / BIN_S)
SPLITS = 50


def recordings(folder):
    """Recording, area and trials of every population."""
    data = scipy.io.loadmat(folder / "Data_Texture.mat", squeeze_me=True, struct_as_record=False)
    for recording, (areas, events) in enumerate(
        zip(data["area"], data["SpikeTime_Texture"], strict=True)
    ):
        for area, cells in zip(areas, events, strict=True):
            if isinstance(area, str):
                yield recording, area.strip(), counted(cells.st)


def counted(cells):
    """Events of each cell in each bin of each repeat, as trials."""
    tables = [np.atleast_1d(cell) for cell in cells]
    repeats = Counter(cell.shape[1] for cell in tables if cell.ndim == 2).most_common(1)[0][0]
    # One event a repeat comes as a row without its second axis, no event as nothing.
    tables = [cell.reshape(-1, repeats) for cell in tables]
    edges = np.arange(BINS + 1) * BIN_S
    R = np.zeros((repeats, BINS, len(tables)))
    for place, cell in enumerate(tables):
        for repeat in range(repeats):
            times = cell[:, repeat]
            R[repeat, :, place] = np.histogram(times[times > 0], edges)[0]
    image = np.tile(np.arange(BINS), repeats)
    return Trials(R.reshape(-1, len(tables)), image, np.repeat(np.arange(repeats), BINS), BINS)


def main(folder):
    rng = np.random.default_rng(0)
    rows = []
    for recording, area, trials in recordings(folder):
        cells = np.flatnonzero(trials.R.std(axis=0) > 0)
        if len(cells) < 10:
            print(f"{recording} {area}: {len(cells)} cells, left out")
            continue
        found = population_rdms(trials, {area: cells}, "crossnobis", SPLITS, rng)
        rows.append((recording, area, len(cells), found.between[0, 0], found.rdm[0]))
        print(f"{recording} {area}: {len(cells)} cells, reliability {found.between[0, 0]:.2f}")
    session, area, _, reliability, rdm = (np.array(each) for each in zip(*rows, strict=True))
    reliable = reliability >= LEAST_RELIABILITY
    pure = np.array(["/" not in name for name in area])
    sets = {"all": pure | True, "reliable": reliable, "one area, all": pure,
            "one area, reliable": pure & reliable}  # fmt: skip
    for which, kept in sets.items():
        print(f"{which}: {kept.sum()} populations")
        for each in named_agreement(rdm[kept], area[kept], session[kept], 2000, rng):
            print(f"  {each.sentence()}")


if __name__ == "__main__":
    default = os.environ.get("TPDECODE_REAL_DATA", "../shared/data") + "/yu2022"
    main(Path(sys.argv[1] if len(sys.argv) > 1 else default))
