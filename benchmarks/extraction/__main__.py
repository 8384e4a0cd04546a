"""Extraction against suite2p 1.1.0: seconds, memory, shifts, and the cells that are found.

    python benchmarks/extraction [PART]… [--pairs 5] [--sizes 256 512] [--movies FOLDER]
                                 [--quick] [--write]

PART, with about how long it takes on two quiet cores, all by default:

    registration    6 min   reference, rigid, non-rigid and writing, from a raw binary
    whole          13 min   from TIFF to classified traces, with the memory of all processes
    shifts          2 min   shifts found against the same reference, and against the true motion
    cells           5 min   suite2p's cells found by tpdecode, and by suite2p after ±1 grey level
    memory         10 min   registration and whole, 512 x 512 px, 1 000 and 10 000 frames (20 GB
                            of disk in --movies; suite2p at 1 000 frames)

These are estimates for five pairs; without `memory` all takes half an hour. `shifts` and
`cells` measure no time, so they need no quiet machine. Simulated movies are made when they are
first needed, 3 to 5 min for all, and kept in --movies (a temporary folder by default), so that
several commands can share them. The real movie is
mouse2p/mouse2p_2000f.tif in the folder that TPDECODE_REAL_DATA names (../shared/data beside this
checkout by default); it is left out, with words, where it is not there. Both sides of a pair
are fresh processes, one after the other, in alternating order, with suite2p's default settings
and its registration metrics off. --quick makes everything small: to see that it runs.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from cells import cells
from motion import shifts
from seconds import memory, registration, whole

RESULTS = Path(__file__).parents[1] / "results" / "extraction.md"
TITLE = "# Extraction against suite2p 1.1.0\n"
PARTS = {
    "registration": registration,
    "whole": whole,
    "shifts": shifts,
    "cells": cells,
    "memory": memory,
}


def machine(load):
    threads = os.environ.get("OMP_NUM_THREADS", "as many as cores")
    packages = ", ".join(f"{name} {version(name)}" for name in ("suite2p", "torch", "numpy"))
    return (
        f"Machine: {platform.machine()}, {os.cpu_count()} cores, load average {load:.1f} before "
        f"and {os.getloadavg()[0]:.1f} after; threads: {threads}; Python "
        f"{platform.python_version()}, {packages}; {time.strftime('%Y-%m-%d')}.\n"
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--pairs", type=int, default=5, help="of fresh processes")
    parser.add_argument("--seeds", type=int, default=3, help="simulated movies of `cells`")
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=[256, 512], help="of movies that are timed, px"
    )
    parser.add_argument("--movies", type=Path, help="where movies are kept")
    parser.add_argument("--quick", action="store_true", help="small movies, to see that it runs")
    parser.add_argument("--write", action="store_true", help=f"write results/{RESULTS.name}")
    options = parser.parse_args()
    if unknown := set(options.part) - set(PARTS):
        parser.error(f"no part is called {', '.join(sorted(unknown))}; there are {list(PARTS)}")
    with tempfile.TemporaryDirectory() as scratch:
        options.scratch = Path(scratch)
        options.movies = (options.movies or Path(scratch) / "movies").resolve()
        for part in options.part or PARTS:
            load = os.getloadavg()[0]
            given = " ".join(sys.argv[1:]).replace(str(options.movies), "FOLDER")
            command = f"Command: `python benchmarks/extraction {given}`.\n"
            text = f"{PARTS[part](options)}\n{machine(load)}{command}"
            sys.stdout.write(f"## {part}\n\n{text}\n")
            if options.write:
                write(part, text)


def write(part, text):
    """Put one part into the results; the others keep what an earlier run wrote."""
    title, *old = (RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else TITLE).split(
        "\n## "
    )
    found = dict(section.split("\n", 1) for section in old) | {part: f"\n{text}"}
    sections = [f"## {name}\n{found[name].rstrip()}\n" for name in PARTS if name in found]
    RESULTS.write_text("\n".join([title.rstrip() + "\n", *sections]), encoding="utf-8")


if __name__ == "__main__":
    main()
