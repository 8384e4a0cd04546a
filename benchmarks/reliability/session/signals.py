"""A run that is killed or interrupted at any moment: the next one gives the same results."""

import shutil
import signal

import numpy as np
from contents import contents, differing
from program import INTERRUPTED, command

LEARNED = (".tpdecode/training", ".d.npz.unfinished/learned")
"""Where what was learned before a signal lies."""


def whole_run(copy):
    return "run", copy / "session", "--decoder", "ridge"


class Signals:
    """Cases on copies of the session in `folder`, which was made but never run.

    `arguments` gives the command for a copy, which is sent the signals in turn.
    """

    def __init__(self, folder, scratch, arguments=whole_run, sent=(signal.SIGKILL, signal.SIGINT)):
        self.folder, self.scratch = folder, scratch
        self.arguments, self.sent = arguments, sent
        copy = self._copy()
        ended = self._run(copy)
        if ended.code:
            raise RuntimeError(ended.text)
        self.seconds = ended.seconds
        self.undisturbed = contents(copy / "session")

    def case(self, seed, number):
        """The signals take turns; some runs are disturbed twice before the last."""
        rng = np.random.default_rng([seed, number])
        sent = self.sent[number % len(self.sent)]
        copy, moments = self._copy(), []
        for _ in range(1 + int(rng.integers(2))):
            moments.append(round(float(rng.uniform(0, self.seconds)), 3))
            ended = command(*self.arguments(copy), after_s=moments[-1], number=sent)
            if sent == signal.SIGINT and (not ended.in_words or ended.code not in (0, INTERRUPTED)):
                return self._found(number, sent, moments, "traceback", ended)
        if (copy / "session" / "session.toml").exists():
            said = command("status", copy / "session")
            if not said.in_words:
                return self._found(number, sent, moments, "traceback", said)
        resumed = any(list((copy / "session").glob(f"{name}*")) for name in LEARNED)
        ended = self._run(copy)
        if ended.code:
            return self._found(number, sent, moments, "not finished", ended)
        differ = differing(self.undisturbed, contents(copy / "session"))
        same = "same, went on with what was learned" if resumed else "same"
        outcome = "WRONG" if differ else same
        return self._found(number, sent, moments, outcome, ended, ", ".join(differ)[:300])

    def _found(self, number, sent, moments, outcome, ended, detail=""):
        words = detail or ("" if outcome.startswith("same") else ended.text[-300:])
        return {
            "case": number, "kind": sent.name, "outcome": outcome,
            "detail": f"after {moments} of {self.seconds:.1f} s: {words}",
        }  # fmt: skip

    def _copy(self):
        copy = self.scratch / "case"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.folder, copy, symlinks=True)
        return copy

    def _run(self, copy):
        return command(*self.arguments(copy))
