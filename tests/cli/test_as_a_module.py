"""``python -m twophoton_decode`` is the program ``tpdecode``."""

import subprocess
import sys

from twophoton_decode import __version__


def test_the_package_runs_as_a_module():
    command = [sys.executable, "-m", "twophoton_decode"]
    told = subprocess.run([*command, "--version"], capture_output=True, text=True)
    assert told.stdout == f"tpdecode, version {__version__}\n"
    wrong = subprocess.run([*command, "no-such"], capture_output=True, text=True)
    assert wrong.returncode == 2
    assert "No such command 'no-such'" in wrong.stderr
