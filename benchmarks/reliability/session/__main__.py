"""A session that is damaged, killed or told nonsense: what becomes of its results.

    python benchmarks/reliability/session flips    [--cases 1000] [--seed 0] [--only movie]
    python benchmarks/reliability/session signals  [--cases 200]
    python benchmarks/reliability/session settings [--cases 500]
    … [--first N] [--kind KIND] [--write]

Two tiny sessions are made, one of arrays and one of a movie, and every case works on a copy.
**flips**: one byte of one file is changed, then `status` and `run` are called. The change is
noticed, in words, or it is harmless: the results are those of an undisturbed session.
**signals**: `run` gets SIGKILL or SIGINT at a random moment, once or twice; the results after
the next `run` are those of an undisturbed session. **settings**: a value that nobody means; it
is taken, or an error in words names its key. Every case follows from seed and number.
The exit code is 1 if anything went wrong.
"""

import argparse
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
# GNU OpenMP ends a process that forks after using it.
os.environ["NUMBA_THREADING_LAYER"] = "workqueue"

sys.path.append(str(Path(__file__).parents[1]))

from byte_flips import ARRAYS, MOVIE, Flips
from odd_settings import OddSettings
from page import add_page, table
from program import command, leave_figures_blank, warm
from signals import Signals
from tiny_sessions import SMALL, make_arrays, make_movie, set_values

CASES = {"flips": 1000, "signals": 200, "settings": 500}
FAULTS = {"WRONG", "traceback", "hang", "not finished", "nameless", "library warning"}
_MAKE = {"arrays": make_arrays, "movie": make_movie}
_KINDS = {"arrays": ARRAYS, "movie": MOVIE}


def main():
    chosen = arguments()
    logging.disable(logging.CRITICAL)
    found = []
    for source in [chosen.only] if chosen.only else list(_MAKE):
        numbers = range(chosen.first, chosen.first + -(-chosen.cases // (1 if chosen.only else 2)))
        with tempfile.TemporaryDirectory() as scratch:
            found += list(cases(chosen, source, numbers, Path(scratch)))
    text = table(chosen, found, FAULTS)
    print(text)
    if chosen.write:
        add_page(chosen.what, text)
    return int(any(each["outcome"] in FAULTS for each in found))


def cases(chosen, source, numbers, scratch):
    """Run the cases on one session, a line for each fault."""
    whole, work = scratch / "whole", scratch / "work"
    whole.mkdir()
    work.mkdir()
    session = _MAKE[source](whole, command)
    set_values(session, SMALL)
    leave_figures_blank()
    if chosen.what == "signals":
        shutil.copytree(whole, scratch / "warm")
        warm("run", scratch / "warm" / "session", "--decoder", "ridge")
    else:
        warm("run", session, "--decoder", "ridge")
    tests = {
        "flips": lambda: Flips(whole, _KINDS[source], work, chosen.kind),
        "signals": lambda: Signals(whole, work),
        "settings": lambda: OddSettings(whole, work),
    }[chosen.what]()
    for number in numbers:
        one = {"source": source, **tests.case(chosen.seed, number)}
        if one["outcome"] in FAULTS:
            print(source, number, one["kind"], one["outcome"], one["detail"], flush=True)
        yield one


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=list(CASES))
    parser.add_argument("--cases", type=int)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=list(_MAKE))
    parser.add_argument("--kind", help="flips in files of this kind only, such as ledger")
    parser.add_argument("--write", action="store_true", help="write results/session_faults.md")
    chosen = parser.parse_args()
    chosen.cases = chosen.cases or CASES[chosen.what]
    return chosen


if __name__ == "__main__":
    sys.exit(main())
