"""Damaged and hostile files at every door of the program: what comes of them.

    python benchmarks/reliability [--cases 50000] [--seed 0] [--only DOOR]… [--processes 1]
                                  [--write]
    python benchmarks/reliability --only DOOR --case N [LAST] [--keep FILE]

A door is a kind of file that a user brings, read by the program's own entry point. From a
small valid file of each, `--cases` damaged ones are made in all: bits and bytes turned over,
blocks cut, doubled, moved and blanked, counts and offsets set to extremes or nudged, numbers
turned round or replaced, files spliced. Each is read in a process of limited memory and time.
What comes out must be an error in words that names the file, the right result, or a result
with a note. Every case follows from seed, door and number: the second form runs it again and
prints what came of it; --keep writes the damaged file. DOOR may be a group, such as pictures.
The exit code is 1 if anything went wrong.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import array_doors
import movie_doors
import picture_doors
import record_doors
import text_doors
from batches import run, run_door
from table import line, page
from worker import case_bytes, sender, spliced_in, whole_file, work

RESULTS = Path(__file__).parents[1] / "results" / "reliability.md"
DOORS = [
    *array_doors.DOORS,
    *picture_doors.DOORS,
    *text_doors.DOORS,
    *movie_doors.DOORS,
    *record_doors.DOORS,
]


def main():
    chosen = arguments()
    if chosen.worker:
        door = next(door for door in DOORS if door.name == chosen.worker)
        numbers = range(chosen.case[0], chosen.case[1] + 1)
        return work(DOORS, door, chosen.seed, numbers, sender())
    doors = [door for door in DOORS if not chosen.only or {door.name, door.group} & chosen.only]
    if chosen.case:
        return again(doors[0], chosen)
    each = -(-chosen.cases // len(doors))
    tallies = run(doors, each, chosen.seed, chosen.processes, lambda tally: print(line(tally)))
    text = page(doors, tallies, chosen)
    if chosen.write:
        RESULTS.write_text(text, encoding="utf-8")
    else:
        print(text)
    return int(any(tally.faults for tally in tallies.values()))


def again(door, chosen):
    """Run single cases, and say what came of them."""
    tally = run_door(door.name, range(chosen.case[0], chosen.case[-1] + 1), chosen.seed)
    print(line(tally))
    for fault in tally.faults:
        print(fault)
    if chosen.keep:
        with tempfile.TemporaryDirectory() as scratch:
            content = whole_file(door, Path(scratch)).content
            others = spliced_in(DOORS, door, Path(scratch))
        chosen.keep.write_bytes(case_bytes(door, chosen.seed, chosen.case[0], content, others)[0])
    return int(bool(tally.faults))


def arguments():
    names = sorted({door.name for door in DOORS} | {door.group for door in DOORS})
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", action="append", choices=names, metavar="DOOR", default=[])
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--case", type=int, nargs="+", help="one case, or the first and the last")
    parser.add_argument("--keep", type=Path, help="where to write the damaged file of the case")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    chosen.only = set(chosen.only)
    return chosen


if __name__ == "__main__":
    sys.exit(main())
