"""Are the program's intervals, tests, counts and scores what they say? Simulated recordings.

    python benchmarks/validation [QUANTITY …] [--runs 500] [--seed 0] [--keep FOLDER] [--write]

A QUANTITY is a group of studies (scores, leakage, planted …) or the name of a field, such as
r_average_ci95: only the studies that measure it are run. --write keeps the page as
docs/validation.md; with QUANTITY, rows of quantities of which every study was run take the
place of older ones there. --keep FOLDER keeps every run in a file, so that runs broken off go
on where they were.
"""

import argparse
import shlex
from pathlib import Path

from catalogue import registered, studies
from page_update import updated
from validation_page import page

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"


def main():
    given = arguments()
    tallies, total = [], 0.0
    every = studies()
    chosen = [each for each in every if not given.quantity or wanted(each, set(given.quantity))]
    for study in chosen:
        found, seconds = study.tallies(given.runs, given.seed, given.keep)
        tallies += found
        total += seconds * max(len(each.found) for each in found)
        print(f"{study.name}: {study.setting}, {seconds:.2f} s a run", flush=True)
        for each in found:
            name = f"  {each.quantity.names[0]} {each.about}".rstrip()
            print(f"{name}: {each.measured:.3f} ± {each.error:.3f}, {each.verdict}", flush=True)
    if given.write:
        asked = [*given.quantity, "--runs", str(given.runs), "--seed", str(given.seed)]
        command = shlex.join(["python", "benchmarks/validation", *asked])
        PAGE.write_text(page_of(every, chosen, tallies, command, total), encoding="utf-8")


def page_of(every, chosen, tallies, command, seconds):
    """The whole page, or the one that is there with the rows that all their studies gave."""
    if len(chosen) == len(every):
        return page(tallies, command, seconds)
    left = {each for study in every if study not in chosen for each in study.quantities}
    told = [each for each in tallies if each.quantity not in left]
    known = {each for study in every for each in study.quantities}
    return updated(PAGE.read_text(encoding="utf-8"), told, known, command, seconds)


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
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep runs there, and go on")
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}")
    given = parser.parse_args()
    known = registered() | {study.name for study in studies()}
    unknown = sorted(set(given.quantity) - known)
    if unknown:
        parser.error(
            f"{', '.join(unknown)}: no such quantity. Known are {', '.join(sorted(known))}"
        )
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    return given


if __name__ == "__main__":
    main()
