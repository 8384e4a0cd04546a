"""The page of results: outcomes by door, and how to make each fault again."""

import platform
import shlex
import sys
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path

from batches import FAULTS, FINE, KEPT_EACH

PACKAGES = ("numpy", "scipy", "h5py", "tifffile", "imagecodecs", "pillow")
MEANING = """\
- **same**: what the whole file gives. **told**: something else, with a note or warning.
  **refused**: an error in words that names the file, or what was asked of it.
- **unseen**: another result without a word, where nothing in the file tells: a changed pixel of
  an uncompressed picture, a digit of a log, the header of an .npy file.
- **WRONG**: another result without a word, although the file could tell: a checksum, a size that
  is stored twice, a change beside the pixels; or other than what a text plainly says.
- **memory**: more than 128 MB taken for a file of a few kB, or more asked for than there was.
- **library warning**: a library's own warning, in its words. **nameless**: an error that does
  not say which file.
"""


def line(tally):
    counts = ", ".join(f"{name} {count}" for name, count in tally.counts.most_common())
    return f"{tally.door}: {counts}"


def page(doors, tallies, chosen):
    total = sum(sum(tally.counts.values()) for tally in tallies.values())
    faults = sum(len(tally.faults) for tally in tallies.values())
    rows = [_row(door.group, door.name, tallies[door.name].counts) for door in doors]
    every = sum((tally.counts for tally in tallies.values()), Counter())
    head = ["", "door", "cases", *FINE, *FAULTS]
    return "\n".join([
        "# Damaged and hostile files",
        "",
        f"`python benchmarks/reliability {_options(chosen)}`: {total} cases, {faults} faults.",
        "",
        MEANING,
        f"| {' | '.join(head)} |",
        f"|{' --- |' * len(head)}",
        *rows,
        _row("**all**", "", every),
        "",
        *_faults(tallies, chosen.seed),
        machine(),
    ])  # fmt: skip


def _row(group, name, counts):
    cells = [group, name, sum(counts.values()), *(counts[each] or "" for each in (*FINE, *FAULTS))]
    return f"| {' | '.join(map(str, cells))} |"


def _options(chosen):
    options = ["--cases", str(chosen.cases), "--seed", str(chosen.seed)]
    for name in sorted(chosen.only):
        options += ["--only", name]
    return shlex.join(options)


def _faults(tallies, seed):
    """The first cases of every kind of fault."""
    lines = []
    for tally in tallies.values():
        shown = Counter()
        for fault in tally.faults:
            shown[fault["outcome"]] += 1
            if shown[fault["outcome"]] <= KEPT_EACH:
                again = f"--only {shlex.quote(tally.door)} --seed {seed} --case {fault['case']}"
                lines.append(f"- `{again}` {fault['outcome']}: {fault['detail']}")
    return ["## Faults", "", *lines, ""] if lines else []


def machine():
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Machine: {processor()}; Python "
        f"{platform.python_version()}, {packages}; {time.strftime('%Y-%m-%d')}.\n"
    )


def processor():
    """Cores and model, as Linux tells them."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return sys.platform
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} cores ({models[0] if models else 'unknown'}), {sys.platform}"
