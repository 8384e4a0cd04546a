import shutil

import pytest
from front_door_session import make_population

import twophoton_decode as tp


@pytest.fixture(scope="session")
def simulated(tmp_path_factory):
    return make_population(tmp_path_factory.mktemp("front door") / "population")


@pytest.fixture
def session(simulated, tmp_path):
    """A copy of the session, which a test may change."""
    shutil.copytree(simulated.session.path, tmp_path / "population")
    return tp.open(tmp_path / "population")
