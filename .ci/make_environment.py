"""Set up .venv for this checkout, or find that it is already right. Standard library only.

The environment is stamped with the hash of pyproject.toml and constraints.txt, so it is
made once and brought up to date when either changes. What would fail after minutes of
downloading is looked at first.
"""

import hashlib
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
NEEDED_GB = 10


def main():
    """Make the environment unless its stamp says that it is right."""
    stamp = VENV / "stamp"
    wanted = fingerprint()
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    preflight()
    print("Setting up .venv; suite2p brings several GB of PyTorch, which takes some minutes.")
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    install = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "-q"]
    subprocess.run([*install, "-c", "constraints.txt", "-e", ".[dev]"], cwd=ROOT, check=True)
    stamp.write_text(wanted)


def fingerprint():
    """What the environment depends on: both requirement files and this Python."""
    files = [ROOT / "pyproject.toml", ROOT / "constraints.txt"]
    content = b"".join(file.read_bytes() for file in files) + sys.version.encode()
    return hashlib.sha256(content).hexdigest()


def preflight():
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
    if free < NEEDED_GB:
        sys.exit(
            f"{ROOT} has {free:.1f} GB free; setting up needs {NEEDED_GB} GB, since suite2p "
            "brings PyTorch."
        )


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit("Setting up failed: {}".format(" ".join(error.cmd)))
