"""Setting up .venv: what is said, and that an installed PyTorch is kept."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from conftest import ROOT


@pytest.fixture
def setting_up(tmp_path, monkeypatch):
    """The script, for a checkout of its own; what it would run is written down instead."""
    spec = importlib.util.spec_from_file_location("setting_up", ROOT / ".ci/make_environment.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr(module, "preflight", lambda needed_gb: None)
    module.ran = []

    def run(command, **options):
        constraints = command[command.index("-c") + 1] if "pip" in command else None
        text = Path(constraints).read_text() if constraints else ""
        module.ran.append((command, text))
        (tmp_path / ".venv").mkdir(exist_ok=True)

    monkeypatch.setattr(module.subprocess, "run", run)
    return module


def test_every_phase_is_announced_with_what_it_costs(setting_up, capsys):
    setting_up.main()
    first, hint, *phases, last = capsys.readouterr().out.splitlines()
    assert "about 6.5 GB on disk" in first
    assert "minutes" in first
    assert "README.md says how to use its CPU build, which saves 5 GB" in hint
    assert [re.sub(r" \d+ s$", "", line) for line in phases[:2]] == [
        "  making .venv …",
        "  installing PyTorch, which suite2p needs (5.3 GB) …",
    ]
    assert re.fullmatch(r"  installing suite2p, NumPy and \d+ others \(1.2 GB\) … \d+ s", phases[2])
    assert last.startswith("Set up in ")
    assert len(phases) == len(setting_up.ran) == 3
    setting_up.PYTHON.parent.mkdir(parents=True)
    setting_up.PYTHON.touch()
    setting_up.main()
    assert capsys.readouterr().out == ""


def test_an_installed_pytorch_is_kept(setting_up, monkeypatch, capsys):
    kept = {"torch": "2.16.0+cpu", "torchvision": "0.30.0+cpu"}
    monkeypatch.setattr(setting_up, "installed", lambda names: kept)
    setting_up.main()
    output = capsys.readouterr().out
    assert "about 1.2 GB" in output
    assert "Using torch 2.16.0+cpu and torchvision 0.30.0+cpu as found in .venv." in output
    [(_, _), (command, constraints)] = setting_up.ran
    assert command[-2:] == ["-e", ".[dev]"]
    pins = [line for line in constraints.splitlines() if line.startswith("torch")]
    assert pins == ["torch==2.16.0+cpu", "torchvision==0.30.0+cpu"]
    others = (ROOT / "constraints.txt").read_text().splitlines()
    assert set(others) - set(constraints.splitlines()) == {
        line for line in others if line.startswith("torch")
    }


def test_torchvision_is_not_prescribed_for_another_torch(setting_up):
    pins = setting_up.constraints_keeping({"torch": "2.13.0+cpu"})
    assert [line for line in pins.splitlines() if line.startswith("torch")] == ["torch==2.13.0+cpu"]


def test_what_is_installed_is_asked_of_the_environment(setting_up, monkeypatch):
    assert setting_up.installed(("pytest", "torch")) == {}
    monkeypatch.undo()
    monkeypatch.setattr(setting_up, "PYTHON", Path(sys.executable))
    found = setting_up.installed(("pytest", "no-such-package"))
    assert found == {"pytest": pytest.__version__}


def test_a_step_that_fails_is_named_and_leaves_no_stamp(setting_up, monkeypatch):
    def fail(command, **options):
        raise setting_up.subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(setting_up.subprocess, "run", fail)
    with pytest.raises(setting_up.subprocess.CalledProcessError):
        setting_up.main()
    assert not (setting_up.VENV / "stamp").exists()
