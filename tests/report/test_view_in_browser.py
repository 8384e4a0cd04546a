"""``tpdecode view`` in a real browser: the page asks for what is opened, and notices a new run."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from test_page_in_browser import TEXT, needs_browser, visited

from twophoton_decode.pipeline.page.viewed import ViewedSession
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.report.serving import PageServer
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.session.settings.file import change_setting


@pytest.fixture
def session(simulated_population, tmp_path) -> Path:
    """A copy of a session, to be changed at will."""
    return Path(shutil.copytree(simulated_population.session.path, tmp_path / "S"))


@contextmanager
def served(viewed: ViewedSession) -> Iterator[str]:
    """The address at which it is shown."""
    with PageServer(viewed) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.address
        finally:
            server.shutdown()
            thread.join()


@needs_browser
def test_pictures_are_computed_from_what_is_fetched_when_they_are_opened(session):
    shown = read_record(session / "responses.nc", Responses)
    made = read_record(session / "reconstruction" / "ridge.nc", Reconstruction)
    trial = 9
    image = int(shown.image[trial])
    with served(ViewedSession(session)) as address:
        found = visited(
            {"url": address},
            ("ready", None),
            ("requests", None),
            ("evaluate", "document.querySelectorAll('#wall button').length"),
            ("evaluate", f"tpdecode.picture(0, [{trial}], {shown.cells})"),
            ("click", "#next"),
            ("evaluate", TEXT.format("#picture-name")),
            ("evaluate", "document.querySelector('#trouble').hidden"),
            ("axe", None),
        )
    assert found["trouble"] == []
    _, asked, tiles, picture, _, name, quiet, broken = found["results"]
    assert all(each.startswith((address, "data:")) for each in asked)
    assert sum(each.endswith("/core") for each in asked) == 1
    assert tiles == shown.images
    error = np.abs(np.array(picture["picture"]) - made.single[trial].ravel()).max()
    assert error < 1e-3 * np.ptp(made.picture)
    mean = made.mean_picture[made.fold[image]]
    r = np.corrcoef((made.single[trial] - mean).ravel(), (made.picture[image] - mean).ravel())
    assert picture["r"] == pytest.approx(r[0, 1], abs=0.005)
    assert name in list(shown.image_name)
    assert quiet is True
    assert broken == []


class RunAgainWhenAsked(ViewedSession):
    """A session whose settings change after the page has asked a first time."""

    def version(self) -> str:
        """As before, or after the change."""
        told = super().version()
        # The page is made, and no other question takes the lock.
        if self._made is not None and not self._lock.locked():
            change_setting(self.path / "session.toml", "decoding", "bootstraps", 150)
        return told


@needs_browser
def test_a_session_that_is_run_again_is_noticed(session):
    with served(RunAgainWhenAsked(session)) as address:
        found = visited(
            {"url": address},
            ("ready", None),
            ("appear", "#trouble:not([hidden])"),
            ("evaluate", TEXT.format("#trouble")),
            ("click", "#trouble button"),
            ("appear", "#notes li"),
            ("evaluate", TEXT.format("#notes")),
        )
    assert found["results"][2].startswith("This session was run again: reload the page")
    assert "reconstruct:ridge: stale, and therefore not shown" in found["results"][5]
