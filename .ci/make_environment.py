"""Set up .venv for this checkout, or find that it is already right. Standard library only.

The environment is stamped with the hash of pyproject.toml and constraints.txt, so it is
made once and brought up to date when either changes. What would fail after minutes of
downloading is looked at first. Each phase says what it does and what it costs.
"""

import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
TORCH = ("torch", "torchvision")
# Measured on Linux with Python 3.11; downloads are compressed to about half.
GB_OF_TORCH, GB_OF_THE_REST = 5.3, 1.2
# pip keeps downloads beside what it unpacks.
ROOM = 1.5


def main():
    """Make the environment unless its stamp says that it is right."""
    stamp = VENV / "stamp"
    wanted = fingerprint()
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    kept = installed(TORCH)
    preflight(size_gb(kept))
    begun = time.monotonic()
    say(announcement(kept))
    if not PYTHON.exists():
        phase("making .venv", [sys.executable, "-m", "venv", str(VENV)])
    with constraints_file(kept) as constraints:
        for title, packages in phases(kept):
            phase(title, [str(PYTHON), *PIP_INSTALL, "-c", constraints, *packages])
    stamp.write_text(wanted)
    say(f"Set up in {duration(time.monotonic() - begun)}. This is done once.")


# Quiet but for errors.
PIP_INSTALL = ("-m", "pip", "install", "--disable-pip-version-check", "-qq")


def phases(kept):
    """What is installed one after the other: a title and pip's arguments."""
    if len(kept) < len(TORCH):
        yield f"installing PyTorch, which suite2p needs ({GB_OF_TORCH:g} GB)", [*TORCH]
    yield (
        f"installing suite2p, NumPy and {packages_pinned()} others ({GB_OF_THE_REST:g} GB)",
        ["-e", ".[dev]"],
    )


def announcement(kept):
    """What is about to happen, how large it is, and how to make it smaller."""
    text = (
        f"Setting up .venv in {ROOT}: about {size_gb(kept):.1f} GB on disk, half of it to "
        "download; some 5 to 15 minutes, as your network allows."
    )
    if kept:
        names = " and ".join(f"{name} {version}" for name, version in kept.items())
        return f"{text}\nUsing {names} as found in .venv."
    return (
        f"{text}\nMost of that is PyTorch for GPUs, which tpdecode does not need: README.md says "
        "how to use its CPU build, which saves 5 GB."
    )


def size_gb(kept):
    """Disk space that will be taken, GB."""
    return GB_OF_THE_REST + (0 if len(kept) == len(TORCH) else GB_OF_TORCH)


def phase(title, command):
    """Run one step; a line when it begins, completed with its time when it is done."""
    say(f"  {title} …", end="")
    begun = time.monotonic()
    try:
        subprocess.run(command, cwd=ROOT, check=True)
    except BaseException:
        say("")
        raise
    say(f" {duration(time.monotonic() - begun)}")


def installed(names):
    """Those of the packages that .venv has already, with their versions."""
    if not PYTHON.exists():
        return {}
    script = (
        "import sys; from importlib import metadata\n"
        "for name in sys.argv[1:]:\n"
        "    try: print(name, metadata.version(name))\n"
        "    except metadata.PackageNotFoundError: pass\n"
    )
    run = subprocess.run(
        [str(PYTHON), "-c", script, *names], capture_output=True, text=True, check=True
    )
    return dict(line.split() for line in run.stdout.splitlines())


@contextlib.contextmanager
def constraints_file(kept):
    """A file of constraints for pip, in which what is installed already is kept as it is."""
    handle, path = tempfile.mkstemp(prefix="tpdecode-constraints-", suffix=".txt")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(constraints_keeping(kept))
        yield path
    finally:
        os.unlink(path)


def constraints_keeping(kept):
    """constraints.txt with the versions of `kept` in place of those it names.

    torchvision belongs to one version of torch: where either is kept, neither is prescribed.
    """
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    free = TORCH if kept else ()
    others = [line for line in lines if re.split("[=<>~! ;]", line)[0] not in free]
    return "\n".join([*others, *(f"{name}=={version}" for name, version in kept.items()), ""])


def packages_pinned():
    """How many packages constraints.txt names for this platform, in round numbers."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    names = {re.split("[=<>~! ;]", line)[0] for line in lines}
    return len([name for name in names if not name.startswith(("nvidia", "cuda", "torch"))])


def say(text, end="\n"):
    """Print at once: the steps take minutes."""
    print(text, end=end, flush=True)


def duration(seconds):
    """As a person says it: "48 s", "6 min"."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def fingerprint():
    """What the environment depends on: both requirement files and this Python."""
    files = [ROOT / "pyproject.toml", ROOT / "constraints.txt"]
    content = b"".join(file.read_bytes() for file in files) + sys.version.encode()
    return hashlib.sha256(content).hexdigest()


def preflight(needed_gb):
    """Leave with a message where setting up could not succeed."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        sys.exit(
            "tpdecode needs Python 3.11 to 3.13, this is {}.{} ({}). Name another one: "
            "make PYTHON=python3.11 …".format(*sys.version_info[:2], sys.executable)
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        sys.exit(
            "This Python cannot make virtual environments. On Debian and Ubuntu: "
            "apt install python{}.{}-venv".format(*sys.version_info[:2])
        )
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < ROOM * needed_gb:
        sys.exit(
            f"{ROOT} has {free:.1f} GB free; setting up needs {ROOM * needed_gb:.0f} GB for a "
            "moment. Most of it is PyTorch, which suite2p needs; README.md says how to use its "
            "CPU build, which saves 5 GB."
        )


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit("Setting up failed: {}".format(" ".join(error.cmd)))
    except KeyboardInterrupt:
        sys.exit("\nInterrupted. Run the command again to go on.")
