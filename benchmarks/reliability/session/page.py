"""The page of results: outcomes by kind, and the first faults of each."""

import re
import time
from collections import Counter
from pathlib import Path

from table import processor

RESULTS = Path(__file__).parents[2] / "results" / "session_faults.md"
SHOWN = 20
MEANING = """\
# Sessions that are damaged, killed or told nonsense

**harmless**: unnoticed, and the results are those of an undisturbed session. **healed**:
noticed, and the next `run` made the same results again. **told**: noticed in what a user may
change, so that results may differ. **refused**: an error in words. **taken**: a setting that
can be meant. **at work**: one that takes long, such as a million refits; after two minutes the
program still said how far it was. **WRONG**: other results without a word.

Compared are records, tables, the summary, the report and suite2p's arrays, without times and
without the note that says what was done again. A changed file of suite2p's folder that only the
next extraction reads is harmless until then. Figures are written as empty pictures, as drawing
takes most of a tiny session's time. Where a movie's ROIs are detected again, only `extract` runs:
from the same traces the rest follows.
"""


def table(chosen, what, source, found, faults):
    """A table in Markdown; `found` are the outcomes of single cases."""
    outcomes = sorted({each["outcome"] for each in found})
    kinds = dict.fromkeys(each["kind"] for each in found)
    lines = [
        f"`python benchmarks/reliability/session {what} --only {source} --seed {chosen.seed} "
        f"--first {chosen.first} --cases {len(found)}`, {time.strftime('%Y-%m-%d')}, "
        f"{processor()}:",
        "",
        f"| kind | cases | {' | '.join(outcomes)} |",
        f"|{' --- |' * (len(outcomes) + 2)}",
    ]
    for kind in kinds:
        counts = Counter(each["outcome"] for each in found if each["kind"] == kind)
        cells = [kind, counts.total(), *(counts[each] or "" for each in outcomes)]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    wrong = [each for each in found if each["outcome"] in faults]
    for each in wrong[:SHOWN]:
        detail = " ".join(each["detail"].split())
        lines.append(f"- case {each['case']} {each['outcome']}: {detail}")
    return "\n".join([*lines, ""])


def add_page(name, text):
    """Put the table into the page of results, in place of its former one of that name."""
    old = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else MEANING
    kept = re.sub(rf"\n## {name}\n.*?(?=\n## |\Z)", "", old, flags=re.DOTALL)
    RESULTS.write_text(f"{kept.rstrip()}\n\n## {name}\n\n{text}", encoding="utf-8")
