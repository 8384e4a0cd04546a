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
without the note that says what was done again. Figures are written as empty pictures, as drawing
takes most of a tiny session's time. Where a movie's ROIs are detected again, only `extract` runs:
from the same traces the rest follows.
"""


def table(chosen, what, found, faults):
    """A table in Markdown; `found` are the outcomes of single cases."""
    outcomes = sorted({each["outcome"] for each in found})
    rows = dict.fromkeys((each["source"], each["kind"]) for each in found)
    lines = [
        f"`python benchmarks/reliability/session {what} --seed {chosen.seed}`, the first "
        f"{len(found)} cases, {time.strftime('%Y-%m-%d')}, {processor()}:",
        "",
        f"| session | kind | cases | {' | '.join(outcomes)} |",
        f"|{' --- |' * (len(outcomes) + 3)}",
    ]
    for source, kind in rows:
        counts = Counter(
            each["outcome"] for each in found if (each["source"], each["kind"]) == (source, kind)
        )
        cells = [source, kind, counts.total(), *(counts[each] or "" for each in outcomes)]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    wrong = [each for each in found if each["outcome"] in faults]
    for each in wrong[:SHOWN]:
        detail = " ".join(each["detail"].split())
        lines.append(f"- {each['source']} case {each['case']} {each['outcome']}: {detail}")
    return "\n".join([*lines, ""])


def add_page(what, text):
    """Put the table of `what` into the page of results, in place of its former one."""
    old = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else MEANING
    kept = re.sub(rf"\n## {what}\n.*?(?=\n## |\Z)", "", old, flags=re.DOTALL)
    RESULTS.write_text(f"{kept.rstrip()}\n\n## {what}\n\n{text}", encoding="utf-8")
