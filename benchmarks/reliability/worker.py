"""Cases of one door, in a process whose memory and time are limited; one JSON line a case.

A case is made from (seed, door, number) alone, so that it can be made again by itself.
"""

import contextlib
import gc
import json
import logging
import os
import resource
import signal
import sys
import tempfile
import traceback
import warnings
import zlib
from pathlib import Path

import numpy as np
from mutations import mutated
from reading import Whole, verdict

from twophoton_decode.errors import TpDecodeError, UsageError

ADDRESS_SPACE = 2**30
TAKEN_BYTES = 128 * 2**20
CASE_SECONDS = 10


class TimeUp(BaseException):
    """The case took longer than it may; no `except Exception` may catch it."""


def work(doors, door, seed, numbers, send):
    """Run the cases `numbers` of `door`, and `send` a line before and after each."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as scratch:
        whole = whole_file(door, Path(scratch))
        others = spliced_in(doors, door, Path(scratch))
        _limit_memory()
        for number in numbers:
            send({"begins": number})
            send(case(whole, others, seed, number))


def case_bytes(door, seed, number, content, others):
    """The damaged file of one case, and what was done to it."""
    rng = np.random.default_rng([seed, zlib.crc32(door.name.encode()), number])
    return mutated(content, others, rng)


def whole_file(door, scratch):
    folder = scratch / "whole"
    folder.mkdir()
    file = door.make(folder)
    content = file.read_bytes()
    pixels = door.places(content) if door.places else None
    whole = Whole(door, file, content, door.read(file), pixels)
    if verdict(whole, content, door.read(file))[0] != "same":
        raise AssertionError(f"{door.name}: the whole file is not read the same twice")
    return whole


def spliced_in(doors, door, scratch):
    """Valid files of the doors of the same group, to splice in."""
    contents = []
    for number, other in enumerate(each for each in doors if each.group == door.group):
        folder = scratch / f"other{number}"
        folder.mkdir()
        contents.append(other.make(folder).read_bytes())
    return contents


def _limit_memory():
    """So much address space beyond what the libraries have."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + ADDRESS_SPACE
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


def case(whole, others, seed, number):
    content, changes = case_bytes(whole.door, seed, number, whole.content, others)
    whole.file.write_bytes(content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with _unraisable() as ignored:
        outcome, detail = _outcome(whole, whole.file, content)
    if ignored:
        outcome, detail = "traceback", f"printed while freed: {ignored[0]}; {outcome}: {detail}"
    taken = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    if taken > TAKEN_BYTES:
        outcome, detail = "memory", f"{taken // 2**20} MB taken; {outcome}: {detail}"
    return {"case": number, "outcome": outcome, "detail": detail, "changes": changes}


@contextlib.contextmanager
def _unraisable():
    """Errors in destructors, which Python prints with their traceback and ignores."""
    ignored, before = [], sys.unraisablehook
    sys.unraisablehook = lambda found: ignored.append(repr(found.exc_value))
    try:
        yield ignored
        gc.collect(0)
    finally:
        sys.unraisablehook = before


def _outcome(whole, file, content):
    try:
        with warnings.catch_warnings(record=True) as said, _time_limit():
            warnings.simplefilter("always")
            reading = whole.door.read(file)
    except TimeUp:
        return "hang", f"longer than {CASE_SECONDS} s"
    except TpDecodeError as error:
        return _refused(error, file)
    except Exception as error:
        return "traceback", _where(error)
    outcome, detail = verdict(whole, content, reading)
    if said and outcome != "WRONG":
        return "library warning", f"{said[0].category.__name__}: {said[0].message}"[:300]
    return outcome, detail


def _refused(error, file):
    """An error in words has to name the file, and may not come from memory that ran out."""
    cause = error
    while cause is not None:
        if isinstance(cause, MemoryError):
            return "memory", _where(cause)
        cause = cause.__cause__ or cause.__context__
    named = any(part in str(error) for part in (file.name, file.stem, str(file.parent)))
    if not named and not isinstance(error, UsageError):
        return "nameless", str(error)[:300]
    return "refused", str(error)[:300]


def _where(error):
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "twophoton_decode" in frame.filename] or frames
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno} {ours[-1].name}"
    return f"{type(error).__name__} in {place}: {error}"[:300]


@contextlib.contextmanager
def _time_limit():
    before = signal.signal(signal.SIGALRM, _time_up)
    signal.setitimer(signal.ITIMER_REAL, CASE_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _time_up(signum, frame):
    raise TimeUp


def sender():
    """A function that writes lines to standard output, which nothing else may write to."""
    lines = os.fdopen(os.dup(1), "w", buffering=1)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    return lambda found: print(json.dumps(found), file=lines)
