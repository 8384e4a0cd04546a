"""A session that is damaged, killed or told nonsense: what becomes of its results.

    python benchmarks/reliability/session flips    [--cases 1000] [--seed 0] [--only movie]
    python benchmarks/reliability/session signals  [--cases 200]
    python benchmarks/reliability/session settings [--cases 500]
    python benchmarks/reliability/session kills    [--cases 120] [--only end-to-end]
    … [--first N] [--kind KIND] [--minutes M] [--write]

Two tiny sessions are made, one of arrays and one of a movie, and every case works on a copy.
**flips**: one byte of one file is changed, then `status` and `run` are called. The change is
noticed, in words, or it is harmless: the results are those of an undisturbed session.
**signals**: `run` gets SIGKILL or SIGINT at a random moment, once or twice; the results after
the next `run` are those of an undisturbed session. **settings**: a value that nobody means; it
is taken, or an error in words names its key. Every case follows from seed and number.
**kills**: decoders that learn get SIGKILL while they do, and the same command is called again.
The exit code is 1 if anything went wrong.
"""

import argparse
import logging
import math
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
# GNU OpenMP ends a process that forks after using it.
os.environ["NUMBA_THREADING_LAYER"] = "workqueue"

sys.path.append(str(Path(__file__).parents[1]))

from byte_flips import ARRAYS, MOVIE, Flips
from deep_sessions import DEEP, make_quick
from odd_settings import OddSettings
from page import add_page, table
from program import command, leave_figures_blank, warm
from signals import Signals
from tiny_sessions import SMALL, make_arrays, make_movie, set_values

CASES = {"flips": 1000, "signals": 200, "settings": 500, "kills": 20 * len(DEEP)}
FAULTS = {"WRONG", "traceback", "hang", "not finished", "nameless", "library warning"}
_MAKE = {"arrays": make_arrays, "movie": make_movie}
_KINDS = {"arrays": ARRAYS, "movie": MOVIE}


def main():
    chosen = arguments()
    logging.disable(logging.CRITICAL)
    leave_figures_blank()
    faults = 0
    if "kills" in chosen.what:
        return int(kills(chosen) > 0)
    for source in [chosen.only] if chosen.only else list(_MAKE):
        with tempfile.TemporaryDirectory() as scratch:
            folders = made(source, Path(scratch))
            for what in chosen.what:
                found = cases(chosen, what, source, tests(what, source, chosen, *folders))
                faults += sum(one["outcome"] in FAULTS for one in found)
                text = table(chosen, what, source, found, FAULTS)
                print(text, flush=True)
                if chosen.write:
                    add_page(f"{what}, {source}", text)
    return int(faults > 0)


def kills(chosen):
    """Each decoder that learns, or the denoiser's training, killed and called again; the faults."""
    make_quick()
    faults = 0
    for source in [chosen.only] if chosen.only else list(DEEP):
        with tempfile.TemporaryDirectory() as scratch:
            new, work = (Path(scratch) / name for name in ("new", "work"))
            new.mkdir()
            work.mkdir()
            test = Signals(new, work, DEEP[source](new, command), (signal.SIGKILL,))
            found = cases(chosen, "kills", source, test)
        faults += sum(one["outcome"] in FAULTS for one in found)
        text = table(chosen, "kills", source, found, FAULTS)
        print(text, flush=True)
        if chosen.write:
            add_page(f"kills, {source}", text)
    return faults


def made(source, scratch):
    """Folders of a session that was never run, of the same finished, and for copies."""
    new, finished, work = (scratch / name for name in ("new", "finished", "work"))
    new.mkdir()
    work.mkdir()
    set_values(_MAKE[source](new, command), SMALL)
    shutil.copytree(new, finished)
    warm("run", finished / "session", "--decoder", "ridge")
    return new, finished, work


def tests(what, source, chosen, new, finished, work):
    if what == "flips":
        return Flips(finished, _KINDS[source], work, chosen.kind)
    return Signals(new, work) if what == "signals" else OddSettings(finished, work)


def cases(chosen, what, source, test):
    """Run the cases on one session while there is time, a line for each fault."""
    count = chosen.cases or CASES[what]
    sources = len(DEEP if what == "kills" else _MAKE)
    end = time.monotonic() + 60 * chosen.minutes
    found = []
    for number in range(
        chosen.first, chosen.first + (count if chosen.only else -(-count // sources))
    ):
        if time.monotonic() > end:
            break
        one = test.case(chosen.seed, number)
        found.append(one)
        if one["outcome"] in FAULTS:
            print(source, number, one["kind"], one["outcome"], one["detail"], flush=True)
    return found


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=list(CASES), nargs="+")
    parser.add_argument("--cases", type=int)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=[*_MAKE, *DEEP])
    parser.add_argument("--kind", help="flips in files of this kind only, such as ledger")
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="at most, for a session and a kind of test"
    )
    parser.add_argument("--write", action="store_true", help="write results/session_faults.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
