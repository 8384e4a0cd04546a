"""Fresh processes, one after the other: how long they take, and how much memory with children."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

HERE = Path(__file__).parent
OFTEN_S, SELDOM_S = 0.1, 0.5
"""Between looks at memory: where memory is measured, and where time is."""


@dataclass(frozen=True)
class Run:
    """What one process and its children took.

    `resident` is the largest sum of resident memory over all of them at one moment, in which
    pages that several share count once, GB; `own` the same without pages of files, which are
    given back on need.
    """

    seconds: float
    resident: float
    own: float


def run(command, home, every_s=SELDOM_S):
    """Run one command to its end; stop with its output where it fails."""
    # A home without earlier settings or classifiers, the same for both sides.
    home.mkdir(parents=True, exist_ok=True)
    private = {"HOME": str(home), "CELLPOSE_LOCAL_MODELS_PATH": str(home / "cellpose")}
    log = home / "output.txt"
    start = time.perf_counter()
    resident = own = 0.0
    with log.open("w") as stream:
        process = subprocess.Popen(
            [str(part) for part in command],
            env=os.environ | private,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        while not _ended(process, every_s):
            everything, anonymous = memory_of(process.pid)
            resident, own = max(resident, everything), max(own, anonymous)
    if process.returncode:
        raise SystemExit(f"{command} failed:\n{log.read_text()[-3000:]}")
    return Run(time.perf_counter() - start, resident, own)


def _ended(process, within_s):
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        return False
    return True


def memory_of(pid):
    """Memory of a process and all its descendants, and what of it is no file; GB."""
    total = np.zeros(2)
    waiting = [pid]
    while waiting:
        each = Path(f"/proc/{waiting.pop()}")
        try:
            lines = (each / "smaps_rollup").read_text().splitlines()[1:]
            for task in (each / "task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
        kb = {name: int(size.split()[0]) for name, size in (line.split(":") for line in lines)}
        total += [kb["Pss"], kb["Pss_Anon"] + kb["Pss_Shmem"]]
    return total * 1024 / 1e9


def registered_by_suite2p(movie, out, reference=None):
    """suite2p's registration of a raw binary, as a command."""
    return _registered("registered_by_suite2p.py", movie, out, reference)


def registered_here(movie, out, reference=None):
    """The same by tpdecode."""
    return _registered("registered_here.py", movie, out, reference)


def _registered(script, movie, out, reference):
    given = [reference] if reference else []
    return [sys.executable, HERE / script, movie.raw, *movie.shape, movie.block, out, *given]


def plain_suite2p(movie, out):
    """``suite2p.run_s2p`` on the TIFFs, as a command."""
    script = HERE / "plain_suite2p.py"
    return [sys.executable, script, movie.folder / "tiff", out, movie.rate_hz, movie.block]


def tpdecode_extract(movie, out):
    """The stage `extract` on the same TIFFs, without the judgement of quality that the command
    adds; the session is made beforehand.
    """
    settings = f'[source]\nmovie = ["{movie.folder / "tiff"}/*.tif"]\n\n' + (
        f'[recording]\nframe_rate_hz = {movie.rate_hz}\n\n[extraction]\nregistration = "tpdecode"\n'
    )
    out.mkdir(parents=True, exist_ok=True)
    (out / "session.toml").write_text(settings)
    return [sys.executable, HERE / "extracted_here.py", out]


def pairs(theirs, ours, count, home):
    """Runs of both commands in turn, each made anew by a function of the pair's number."""
    found = []
    for number in range(count):
        sides = [("theirs", theirs), ("ours", ours)]
        one = {}
        for name, command in sides if number % 2 == 0 else sides[::-1]:
            one[name] = run(command(number), home)
        sys.stderr.write(f"{one['theirs'].seconds:.1f} s, {one['ours'].seconds:.1f} s\n")
        found.append((one["theirs"], one["ours"]))
    return found


def ratio(found):
    """How many times faster: median and range, in words."""
    ratios = [theirs.seconds / ours.seconds for theirs, ours in found]
    return f"**{median(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f})"


def middle(runs, name):
    return median(getattr(each, name) for each in runs)
