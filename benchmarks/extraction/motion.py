"""Shifts against suite2p's, with the same reference, and against the true motion."""

import numpy as np
from movies import real, simulated
from processes import registered_by_suite2p, registered_here, run

from twophoton_decode.simulation.bending import bending_modes

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
        "block's centre, each block without its median over frames (where the reference lies), root\n"
        "mean square and 95th percentile, px. Own reference: share of pixels of tpdecode's\n"
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
    """Distance from the true motion, (frames, blocks), px, with each block's median taken off.

    What a frame shows at q lies at q - d(q) in still tissue; a registered frame shows at p what
    the frame shows at p + shift. Where registration is right, p + shift - d(p + shift) is the
    same in every frame.
    """
    frames, height, width = shape
    y, x = (
        place.ravel()
        for place in np.meshgrid(*map(_centres, (height, width), (block,) * 2), indexing="ij")
    )
    at_y, at_x = y + shift[..., 0], x + shift[..., 1]
    modes = bending_modes(at_y, at_x, height)
    rest = []
    for axis, name in enumerate(("motion_y", "motion_x")):
        bend = np.einsum("fm,mfb->fb", truth["bend"][:frames, :, axis], modes)
        rest.append(shift[..., axis] - truth[name][:frames, None] - bend)
    residual = np.stack(rest)
    return np.hypot(*(residual - np.median(residual, axis=1, keepdims=True)))


def _centres(side, block):
    count = 1 if block >= side else int(np.ceil(1.5 * side / block))
    return np.linspace(0, side - block, count).astype(int) + (block - 1) / 2
