"""One byte of a file in a finished session is changed: noticed, or without effect?"""

import shutil
from dataclasses import dataclass

import numpy as np
from contents import DONE_AGAIN, contents, differing
from program import command
from tiny_sessions import set_values

BROUGHT = ("settings", "inputs", "figures", "tables", "suite2p", "suite2p, detected again")
"""Kinds that a user may change, ROIs in suite2p's GUI and figures among them: told, and kept."""

DETECT_AGAIN = "extraction.threshold_scaling=1.1"


@dataclass(frozen=True)
class Kind:
    """Files of one kind, by patterns relative to the folder of the session's inputs.

    `again` is a setting whose change makes `extract` read them; from the same traces the rest
    follows.
    """

    name: str
    patterns: tuple[str, ...]
    again: str = ""


SETTINGS = Kind("settings", ("session/session.toml",))
KEPT = (
    Kind("records", ("session/**/*.nc",)),
    Kind("ledger", ("session/.tpdecode/ledger.json",)),
    Kind("fingerprints", ("session/.tpdecode/fingerprints.json",)),
    Kind("other of .tpdecode", ("session/.tpdecode/**/*",)),
    Kind("summary", ("session/summary.json",)),
    Kind("figures", ("session/figures/**/*",)),
    Kind("tables", ("session/**/*.csv",)),
    Kind("page", ("session/report.html",)),
    Kind("logs", ("session/logs/*",)),
)
ARRAYS = (*KEPT, SETTINGS, Kind("inputs", ("*.npy",)))
MOVIE = (
    *KEPT,
    SETTINGS,
    Kind("inputs", ("raw/*", "pictures/*", "*.csv")),
    Kind("suite2p", ("session/suite2p/**/*.npy", "session/suite2p/**/*.npz")),
    Kind("suite2p, detected again", ("session/suite2p/**/*.np?",), DETECT_AGAIN),
    Kind("registered movie, detected again", ("session/suite2p/**/data.bin",), DETECT_AGAIN),
    Kind("building", ("session/suite2p.building/**/*",)),
)  # fmt: skip


def files_of(folder, kind):
    return sorted(
        {f for each in kind.patterns for f in folder.glob(each) if f.is_file() and f.stat().st_size}
    )


def flip(folder, kind, rng):
    """Change one byte of one file; which file, and where and what."""
    files = files_of(folder, kind)
    file = files[rng.integers(len(files))]
    content = bytearray(file.read_bytes())
    at, by = int(rng.integers(len(content))), int(rng.integers(1, 256))
    content[at] ^= by
    file.write_bytes(content)
    return file.relative_to(folder).as_posix(), f"byte {at} xor {by}"


class Flips:
    """Cases on copies of the finished session in `folder`; `undisturbed` results by setting.

    Noticed is what `status` shows, or what `run` says of work that it did again.
    """

    def __init__(self, folder, kinds, scratch, only=None):
        self.folder, self.scratch = folder, scratch
        kinds = [kind for kind in kinds if only in (None, kind.name)]
        self.kinds = [kind for kind in kinds if files_of(folder, kind)]
        self.status = command("status", folder / "session").text
        self.undisturbed = {}
        for again in {kind.again for kind in self.kinds}:
            copy = self._copy()
            ended = self._run(copy, again)
            if ended.code:
                raise RuntimeError(ended.text)
            self.undisturbed[again] = contents(copy / "session")

    def case(self, seed, number):
        """Outcome and detail of one case; kinds take turns."""
        rng = np.random.default_rng([seed, number])
        kind = self.kinds[number % len(self.kinds)]
        copy = self._copy()
        file, what = flip(copy, kind, rng)
        said = command("status", copy / "session")
        ended = self._run(copy, kind.again)
        outcome, detail = self._outcome(kind, file.removeprefix("session/"), copy, said, ended)
        detail = f"{file} {what}: {detail}"[:400]
        return {"case": number, "kind": kind.name, "outcome": outcome, "detail": detail}

    def _outcome(self, kind, file, copy, said, ended):
        for each in (said, ended):
            if not each.in_words:
                return "hang" if each.code is None else "traceback", each.text[-300:]
        if ended.code:
            return "refused", ended.text.strip()[-300:]
        noticed = (
            said.code != 0
            or _plain(said.text, copy) != _plain(self.status, self.folder)
            or DONE_AGAIN.search(ended.text) is not None
        )
        differ = differing(self.undisturbed[kind.again], contents(copy / "session"))
        # What was changed itself, and in suite2p's folder is read by the next extraction only.
        own = {"session.toml", *({file} if file.startswith("suite2p/") else ())}
        differ = [name for name in differ if name not in own]
        if not differ:
            return ("healed" if noticed else "harmless"), ""
        if noticed and kind.name in BROUGHT:
            return "told", ", ".join(differ)[:200]
        return "WRONG", ("noticed, but " if noticed else "") + ", ".join(differ)[:200]

    def _copy(self):
        copy = self.scratch / "case"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.folder, copy, symlinks=True)
        return copy

    def _run(self, copy, again):
        if again:
            set_values(copy / "session", [again])
            return command("extract", copy / "session")
        return command("run", copy / "session", "--decoder", "ridge")


def _plain(text, folder):
    return text.replace(str(folder), "")
