"""``import twophoton_decode`` offers names, loads nothing, and says what it does not have."""

import json
import subprocess
import sys

import pytest

import twophoton_decode as tp

HEAVY = {"numpy", "numba", "xarray", "pandas", "sklearn", "scipy", "matplotlib", "pydantic",
         "torch", "h5py"}  # fmt: skip


def in_a_fresh_python(script):
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_loads_nothing_and_is_quick():
    """0.1 s by the process's own clock, which other processes do not disturb."""
    found = json.loads(in_a_fresh_python(
        "import json, sys, time\nbegun = time.process_time()\nimport twophoton_decode as tp\n"
        "dir(tp), tp.__all__, tp.__version__\n"
        "print(json.dumps([time.process_time() - begun, sorted(sys.modules)]))"
    ))  # fmt: skip
    seconds, loaded = found
    assert seconds < 0.1
    assert not {name.split(".")[0] for name in loaded} & HEAVY


def test_every_name_is_there_and_dir_shows_them():
    assert set(dir(tp)) == {*tp.__all__, "__version__"}
    for name in tp.__all__:
        assert getattr(tp, name) is not None


@pytest.mark.parametrize("first", ["tp.features", "tp.decoders"])
def test_the_order_in_which_names_are_used_does_not_matter(first):
    """A room is called features too."""
    found = in_a_fresh_python(
        f"import twophoton_decode as tp\n{first}\nfrom twophoton_decode import features\n"
        "print(tp.features.Gabor((8, 8)), features is tp.features)"
    )
    assert found == "Gabor((8, 8)) True\n"


def test_a_name_that_is_not_there_is_an_error_that_lists_the_names():
    with pytest.raises(AttributeError, match="has no 'opn'; it offers Session, Simulation"):
        _ = tp.opn
    with pytest.raises(AttributeError, match="no feature space is called 'Wavelets'"):
        _ = tp.features.Wavelets
    with pytest.raises(ImportError):
        from twophoton_decode import wavelets  # noqa: F401
