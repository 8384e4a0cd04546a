"""The cells that suite2p finds: how many of them tpdecode finds, and suite2p itself once more."""

import pickle

import numpy as np
from movies import perturbed, real, simulated
from processes import plain_suite2p, run, tpdecode_extract

from twophoton_decode.simulation.matching import match_rois
from twophoton_decode.simulation.microscope.calcium import count_transients

SIZE = (256, 1200)
PERTURBATIONS, OF_REAL = 1, 2
COEFFICIENT = 0.7
FEWEST_TRANSIENTS = 5


class Found:
    """What one run found: pixels, traces without neuropil, and which ROIs are cells."""

    def __init__(self, folder, shape):
        plane = folder / "suite2p" / "plane0"
        with (plane / "stat.npy").open("rb") as stream:
            np.lib.format.read_magic(stream)
            np.lib.format.read_array_header_1_0(stream)
            rois = pickle.load(stream)  # written by a run of this benchmark a moment ago
        self.pixels = [(roi["ypix"], roi["xpix"]) for roi in rois]
        self.trace = np.load(plane / "F.npy") - COEFFICIENT * np.load(plane / "Fneu.npy")
        self.cell = np.flatnonzero(np.load(plane / "iscell.npy")[:, 0])
        self.shape = shape[1:]

    def ragged(self, rois):
        y, x = (np.concatenate([self.pixels[roi][axis] for roi in rois]) for axis in (0, 1))
        return np.cumsum([0, *(len(self.pixels[roi][0]) for roi in rois)]), y, x


def cells(options):
    """Suite2p's cells matched by tpdecode's, pooled, and as ceiling by suite2p's own."""
    movies = [simulated(options, *SIZE, seed) for seed in range(options.seeds)]
    movies += [each for each in [real(options)] if each]
    rows, true = [], []
    for movie in movies:
        theirs = _found(plain_suite2p, movie, options)
        ours = _found(tpdecode_extract, movie, options)
        rows.append((movie, "tpdecode", _compared(theirs, ours)))
        count = OF_REAL if movie.truth is None else PERTURBATIONS
        again = [
            _found(plain_suite2p, perturbed(options, movie, seed), options)
            for seed in range(1, count + 1)
        ]
        rows += [(movie, "suite2p, ±1 grey level", _compared(theirs, each)) for each in again]
        if movie.truth is not None:
            true.append((movie, *(_of_truth(movie, each) for each in (theirs, ours))))
    return _head() + _table(rows) + _against_truth(true)


def _found(command, movie, options):
    out = options.scratch / "cells" / command.__name__ / movie.folder.name
    run(command(movie, out), options.scratch / "home")
    found = Found(out, movie.shape)
    (out / "suite2p" / "plane0" / "data.bin").unlink(missing_ok=True)
    return found


def _compared(theirs, ours):
    """Cells, those matched by a cell and by any ROI, and trace correlations of the former."""
    here = theirs.ragged(theirs.cell)
    by_cell = match_rois(here, ours.ragged(ours.cell), theirs.shape)
    by_roi = match_rois(here, ours.ragged(range(len(ours.pixels))), theirs.shape)
    pairs = np.flatnonzero(by_cell >= 0)
    both = zip(theirs.trace[theirs.cell[pairs]], ours.trace[ours.cell[by_cell[pairs]]], strict=True)
    r = np.array([np.corrcoef(*pair)[0, 1] for pair in both])
    return len(theirs.cell), len(ours.cell), len(pairs), int((by_roi >= 0).sum()), r


def _of_truth(movie, found):
    """Simulated cells with transients that a classified ROI covers, and how many there are."""
    truth = movie.truth
    true = tuple(truth[f"pixel_{name}"] for name in ("offset", "y", "x"))
    match = match_rois(true, found.ragged(found.cell), found.shape)
    active = count_transients(truth["dff"][:, : movie.shape[0]]) >= FEWEST_TRANSIENTS
    return int((active & (match >= 0)).sum()), int(active.sum())


def _head():
    return (
        "`suite2p.run_s2p` and `tpdecode extract` on the same TIFFs. Matched: suite2p's\n"
        "classified cells that overlap a classified cell of the other side with an IoU above\n"
        "0.5, in brackets any ROI. Trace correlation: neuropil-corrected F of\n"
        "the matched, median and the share of at least 0.99.\n"
        "Reach: matched ≥ 97 %, correlation ≥ 0.99.\n\n"
        "| movie | other side | suite2p's cells | its own | matched | share | trace correlation |\n"
        "|---|---|---|---|---|---|---|\n"
    )


def _table(rows):
    text = "".join(_line(f"{m.name}, {m.shape[0]} frames", side, [one]) for m, side, one in rows)
    for side in dict.fromkeys(side for _, side, _ in rows):
        text += _line("**pooled**", side, [one for _, kind, one in rows if kind == side])
    return text


def _line(name, side, compared):
    theirs, ours, matched, by_roi = (sum(one[place] for one in compared) for place in range(4))
    r = np.concatenate([one[4] for one in compared])
    return (
        f"| {name} | {side} | {theirs} | {ours} | {matched} ({by_roi}) | "
        f"**{100 * matched / theirs:.1f} %** ({100 * by_roi / theirs:.1f} %) | "
        f"{np.median(r):.4f}, {100 * (r >= 0.99).mean():.0f} % |\n"
    )


def _against_truth(true):
    if not true:
        return ""
    text = (
        f"\nSimulated cells with at least {FEWEST_TRANSIENTS} transients that a classified cell "
        "covers (IoU above 0.5):\n\n| movie | suite2p | tpdecode | of |\n|---|---|---|---|\n"
    )
    for movie, (theirs, cells), (ours, _) in true:
        text += f"| {movie.name} | {theirs} | {ours} | {cells} |\n"
    return text
