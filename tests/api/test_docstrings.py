"""Every example in the docstrings of the front door runs and prints what it shows."""

import doctest
import inspect
import shutil

import pytest

import twophoton_decode as tp
from twophoton_decode.api.figure import Figure
from twophoton_decode.api.status import Status
from twophoton_decode.api.stored.by_decoder import ByDecoder
from twophoton_decode.api.stored.record import StoredRecord

RETURNED = (StoredRecord, ByDecoder, Figure, Status)
MODULES = (
    tp.decoders, tp.features, tp.folds, tp.layer_decoding, tp.over_sessions, tp.representation,
    tp.restoration, tp.scores,
)  # fmt: skip


def documented():
    """Each function, class and method of the front door by its name."""
    things = {
        name: getattr(tp, name)
        for name in ("open", "from_arrays", "simulate", "Session", "Simulation")
    }
    things |= {kind.__name__: kind for kind in RETURNED}
    for module in MODULES:
        short = module.__name__.rpartition(".")[2]
        things |= {f"{short}.{name}": getattr(module, name) for name in module.__all__}
    for name, thing in list(things.items()):
        if inspect.isclass(thing):
            own = {key: each for key, each in vars(thing).items() if not key.startswith("_")}
            things |= {f"{name}.{key}": each for key, each in own.items()
                       if callable(each) or isinstance(each, property)}  # fmt: skip
    return things


THINGS = documented()
NO_EXAMPLE = {"restoration.restore", "over_sessions.hierarchy", "over_sessions.representation",
              "over_sessions.unit_agreement", "features.LinearFeatures", "Simulation",
              "StoredRecord", "ByDecoder", "Figure", "Status"}  # fmt: skip
"""What trains for minutes, takes several sessions (docs/deep.md runs it), a protocol for
extensions, and what other functions return: their examples show these."""


@pytest.mark.parametrize("name", THINGS)
def test_it_says_what_it_is(name):
    text = inspect.getdoc(THINGS[name])
    assert text
    assert text.splitlines()[0].endswith((".", ":", "?"))


@pytest.mark.parametrize("name", sorted(n for n in THINGS if n[0].islower() and n.count(".") < 2))
def test_it_has_an_example(name):
    if name not in NO_EXAMPLE:
        assert ">>>" in inspect.getdoc(THINGS[name])


@pytest.mark.parametrize(
    "name", [name for name, thing in THINGS.items() if ">>>" in (inspect.getdoc(thing) or "")]
)
def test_the_example_prints_what_it_shows(name, simulated_population, tmp_path, monkeypatch):
    shutil.copytree(simulated_population.session.path, tmp_path / "population")
    monkeypatch.chdir(tmp_path)
    names = {"tp": tp, "session": tp.open("population")}
    test = doctest.DocTestParser().get_doctest(
        inspect.getdoc(THINGS[name]), names, name, None, None
    )
    assert test.examples
    failures = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    runner.run(test, out=failures.append)
    assert failures == []
