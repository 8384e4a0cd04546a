"""Workers that are watched: one that hangs or dies is replaced, and its case counted."""

import json
import os
import select
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

STALLED_SECONDS = 20
STARTING_SECONDS = 300
FINE = ("same", "told", "refused", "unseen")
"""What may come of a damaged file."""

FAULTS = (
    "WRONG", "traceback", "hang", "crash", "memory", "library warning", "nameless",
)  # fmt: skip
KEPT_EACH = 5


@dataclass
class Tally:
    """The outcomes of one door, and for each fault the first cases that show it."""

    door: str
    counts: Counter = field(default_factory=Counter)
    faults: list = field(default_factory=list)

    def add(self, found):
        self.counts[found["outcome"]] += 1
        if found["outcome"] in FAULTS:
            self.faults.append(found)


def run(doors, cases, seed, processes, told):
    """`cases` of every door, `processes` at a time; tallies by door name."""
    with ThreadPoolExecutor(processes) as pool:
        tallies = pool.map(lambda door: run_door(door.name, range(cases), seed, told), doors)
        return {tally.door: tally for tally in tallies}


def run_door(name, numbers, seed, told=lambda tally: None):
    tally = Tally(name)
    left = numbers
    while left:
        last, why = _worker(name, left, seed, tally)
        if why:
            tally.add({"case": last, "outcome": why, "detail": f"the process ended: {why}"})
        left = range(last + 1, numbers.stop)
    told(tally)
    return tally


def _worker(name, numbers, seed, tally):
    """The last case begun, and "hang" or "crash" where the worker did not survive it."""
    command = [
        sys.executable, str(Path(__file__).parent), "--worker", name, "--seed", str(seed),
        "--case", str(numbers.start), str(numbers.stop - 1),
    ]  # fmt: skip
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    # Unbuffered: `select` does not see what a buffer has taken already.
    process = subprocess.Popen(
        command,
        bufsize=0,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | one_thread,
    )
    last, patience = None, STARTING_SECONDS
    try:
        while True:
            if not select.select([process.stdout], [], [], patience)[0]:
                if last is None:
                    raise RuntimeError(f"{name}: no case begun after {patience} s")
                return last, "hang"
            line = process.stdout.readline()
            if not line:
                break
            found = json.loads(line)
            if "begins" in found:
                last, patience = found["begins"], STALLED_SECONDS
            else:
                tally.add(found)
        if process.wait() == 0:
            return last, ""
        if last is None:
            raise RuntimeError(f"{name}: {process.stderr.read().decode()}")
        return last, "crash"
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
