"""Shifts against suite2p's, with the same reference, and against the true motion."""

import numpy as np
from movies import real, simulated
from processes import registered_by_suite2p, registered_here, run

from twophoton_decode.simulation.microscope.residual_motion import residual_motion

SIZES = ((256, 1000), (512, 300))


def shifts(options):
    """Both given suite2p's reference image; the references themselves compared beside it."""
    movies = [simulated(options, *SIZES[0], seed) for seed in (0, 1)]
    movies += [simulated(options, *SIZES[1]), *[each for each in [real(options)] if each]]
    rows = [_row(movie, options) for movie in movies]
    return (
        "Both given suite2p's reference image. Equal: frames whose rigid shifts are both the\n"
        "same; blocks: difference of rigid plus block shift, 95th percentile over frames, blocks\n"
        "and axes. Error: distance of rigid plus block shift from the true displacement at the\n"
        "block's centre, each block without its median over frames (where the reference lies),\n"
        "root mean square and 95th percentile, px. Own reference: share of pixels of tpdecode's\n"
        "reference image that are those of suite2p's.\n\n"
        "| movie | rigid equal | reach | blocks, px | reach | error suite2p | error tpdecode "
        "| own reference |\n|---|---|---|---|---|---|---|---|\n" + "".join(rows)
    )


def _row(movie, options):
    theirs = _motion(registered_by_suite2p, movie, options)
    np.save(options.scratch / "reference.npy", theirs["reference"])
    ours = _motion(registered_here, movie, options, options.scratch / "reference.npy")
    own = _motion(registered_here, movie, options)
    equal = ((theirs["dy"] == ours["dy"]) & (theirs["dx"] == ours["dx"])).mean()
    difference = np.percentile(abs(total(theirs) - total(ours)), 95)
    same = (theirs["reference"] == own["reference"]).mean()
    errors = " | ".join(_error(movie, side) for side in (theirs, ours))
    return (
        f"| {movie.name}, {movie.shape[0]} frames | **{100 * equal:.2f} %** | ≥ 99.9 % "
        f"| **{difference:.3f}** | ≤ 0.1 | {errors} | {100 * same:.1f} % |\n"
    )


def _motion(command, movie, options, *reference):
    out = options.scratch / "out"
    run(command(movie, out, *reference), options.scratch / "home")
    with np.load(out / "motion.npz") as found:
        return dict(found)


def total(found):
    """Rigid plus block shift, (frames, blocks, 2), px."""
    return np.stack(
        [found[name][:, None] + found[f"block_{name}"] for name in ("dy", "dx")], axis=2
    )


def _error(movie, found):
    if movie.truth is None:
        return ""
    distance = errors(movie.truth, movie.shape, movie.block, total(found))
    return f"{np.sqrt((distance**2).mean()):.3f}, {np.percentile(distance, 95):.3f}"


def errors(truth, shape, block, shift):
    """What is left of the true motion at the centres of blocks, (frames, blocks), px."""
    frames, height, width = shape
    centres = _centres(height, block), _centres(width, block)
    y, x = (place.ravel() for place in np.meshgrid(*centres, indexing="ij"))
    motion = np.stack([truth["motion_y"], truth["motion_x"]], axis=1)[:frames]
    return residual_motion(shift, y, x, motion, truth["bend"][:frames], height)


def _centres(side, block):
    count = 1 if block >= side else int(np.ceil(1.5 * side / block))
    return np.linspace(0, side - block, count).astype(int) + (block - 1) / 2
