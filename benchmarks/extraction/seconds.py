"""How long registration and the whole of extraction take, and how much memory."""

import shutil

from movies import real, repeated, simulated
from processes import (
    OFTEN_S,
    middle,
    pairs,
    plain_suite2p,
    ratio,
    registered_by_suite2p,
    registered_here,
    run,
    tpdecode_extract,
)

FRAMES = {256: 1500, 512: 750}
MEMORY_FRAMES = (1_000, 10_000)


def registration(options):
    """From a raw binary to a registered one: reference, rigid, non-rigid, writing."""
    movies = [simulated(options, size, FRAMES[size]) for size in options.sizes]
    text = (
        "From a raw binary to a registered one: reference, rigid, non-rigid, writing; imports\n"
        f"included. {options.pairs} pairs of fresh processes; medians, ratios with their range.\n\n"
        "| movie | suite2p, s | tpdecode, s | times faster | reach |\n|---|---|---|---|---|\n"
    )
    for movie in movies:
        found = _in_pairs(movie, registered_by_suite2p, registered_here, options)
        text += f"| {_described(movie)} | {_seconds(found)} | {ratio(found)} | ≥ 5 |\n"
    return text


def whole(options):
    """From TIFFs to classified traces."""
    movies = [simulated(options, size, FRAMES[size]) for size in options.sizes]
    movies += [movie for movie in [real(options)] if movie]
    text = (
        "`suite2p.run_s2p` and tpdecode's stage `extract`, from the TIFFs to classified traces on\n"
        "disk; imports included, registration metrics off on both sides. "
        f"{options.pairs} pairs of fresh\nprocesses; medians, ratios with their range. Memory: "
        "largest sum over all processes of a run\nat one moment, looked at twice a second, of "
        "which without pages of files."
        "\n\n| movie | suite2p, s | tpdecode, s | times faster | reach | suite2p, GB "
        "| tpdecode, GB |"
        "\n|---|---|---|---|---|---|---|\n"
    )
    for movie in movies:
        found = _in_pairs(movie, plain_suite2p, tpdecode_extract, options)
        theirs, ours = (_memory([one[side] for one in found]) for side in (0, 1))
        text += f"| {_described(movie)} | {_seconds(found)} | {ratio(found)} | ≥ 3 "
        text += f"| {theirs} | {ours} |\n"
    return text


def memory(options):
    """Peak memory of a long movie."""
    short = simulated(options, 512, MEMORY_FRAMES[0])
    times = 2 if options.quick else MEMORY_FRAMES[1] // MEMORY_FRAMES[0]
    text = (
        "Largest sum of memory over all processes at one moment, looked at ten times a second,\n"
        "pages that several share counted once; and the same without pages of files, which are\n"
        f"given back on need. The long movie is the short one {times} times.\n\n"
        "| what | movie | s | GB | GB without pages of files | reach |\n|---|---|---|---|---|---|\n"
    )
    for movie, commands in (
        (short, (registered_by_suite2p, registered_here, plain_suite2p, tpdecode_extract)),
        (repeated(options, short, times), (registered_here, tpdecode_extract)),
    ):
        for command in commands:
            text += _memory_row(movie, command, options)
    shutil.rmtree(options.movies / f"{short.folder.name}_x{times}")
    return text


def _memory_row(movie, command, options):
    out = options.scratch / "out"
    one = run(command(movie, out), options.scratch / "home", OFTEN_S)
    shutil.rmtree(out)
    reach = {"registered_here": "≤ 1.5", "tpdecode_extract": "≤ 4"}.get(command.__name__, "")
    if command.__name__.startswith("registered"):
        movie.raw.unlink()
    return (
        f"| {command.__name__.replace('_', ' ')} | {_described(movie)} | {one.seconds:.0f} "
        f"| **{one.resident:.2f}** | {one.own:.2f} | {reach} |\n"
    )


def _in_pairs(movie, theirs, ours, options):
    """Runs of both on one movie, each into a folder that is empty."""
    out = options.scratch / "out"

    def side(command):
        def of(_):
            shutil.rmtree(out, ignore_errors=True)
            return command(movie, out)

        return of

    # Both read the movie from memory, the first run as well as the last.
    for file in (*movie.tiffs, movie.raw):
        file.read_bytes()
    found = pairs(side(theirs), side(ours), options.pairs, options.scratch / "home")
    shutil.rmtree(out)
    return found


def _described(movie):
    return f"{movie.name}, {movie.shape[0]} frames"


def _seconds(found):
    theirs, ours = (middle([one[side] for one in found], "seconds") for side in (0, 1))
    return f"{theirs:.1f} | {ours:.1f}"


def _memory(runs):
    return f"{middle(runs, 'resident'):.2f} ({middle(runs, 'own'):.2f})"
