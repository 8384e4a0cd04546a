"""Are the program's intervals, tests, counts and scores what they say? Simulated recordings.

    python benchmarks/validation [QUANTITY …] [--runs 500] [--seed 0] [--write]

A QUANTITY is a group of studies (scores, leakage, planted …) or the name of a field, such as
r_average_ci95: only the studies that measure it are run. --write keeps the page as
docs/validation.md, for which all studies have to be run.
"""

import argparse
import shlex
import sys
import time
from pathlib import Path

from catalogue import registered, studies
from validation_page import page

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"


def main():
    given = arguments()
    start = time.process_time()
    tallies = []
    for study in studies():
        if given.quantity and not wanted(study, set(given.quantity)):
            continue
        found, seconds = study.tallies(given.runs, given.seed)
        tallies += found
        print(f"{study.name}: {study.setting}, {seconds:.2f} s a run", flush=True)
        for each in found:
            name = f"  {each.quantity.names[0]} {each.about}".rstrip()
            print(f"{name}: {each.measured:.3f} ± {each.error:.3f}, {each.verdict}", flush=True)
    command = shlex.join(["python", "benchmarks/validation", *sys.argv[1:]])
    text = page(tallies, command, time.process_time() - start)
    if given.write:
        PAGE.write_text(text, encoding="utf-8")


def wanted(study, names):
    own = {name for quantity in study.quantities for name in quantity.names}
    return bool(names & (own | {study.name}))


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("quantity", nargs="*", metavar="QUANTITY")
    parser.add_argument("--runs", type=int, default=500, help="simulated recordings a setting")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}")
    given = parser.parse_args()
    known = registered() | {study.name for study in studies()}
    unknown = sorted(set(given.quantity) - known)
    if unknown:
        parser.error(
            f"{', '.join(unknown)}: no such quantity. Known are {', '.join(sorted(known))}"
        )
    if given.write and given.quantity:
        parser.error("--write keeps a page of all quantities: run it without QUANTITY")
    return given


if __name__ == "__main__":
    main()
