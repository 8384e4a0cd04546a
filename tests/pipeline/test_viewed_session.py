"""A session as a server shows it: everything is there, nothing is written, a new run is noticed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from twophoton_decode.errors import SessionError
from twophoton_decode.pipeline.page.viewed import ViewedSession
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.report.data.block import Group
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.session.settings.file import change_setting


@pytest.fixture
def session(simulated_population, tmp_path) -> Path:
    """A copy of a session, as fresh as the first."""
    return Path(shutil.copytree(simulated_population.session.path, tmp_path / "S"))


def facts_of(html: bytes) -> dict:
    return json.loads(re.search(rb'id="facts">(.*?)</script>', html)[1])


def unpacked(stored: bytes) -> dict[str, np.ndarray]:
    from page_arrays import unpacked as unpack

    return unpack(stored)


def fingerprint(folder: Path) -> dict[str, tuple[int, str]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path): (path.stat().st_mtime_ns, hashlib.sha1(path.read_bytes()).hexdigest())
        for path in files
    }


def test_every_group_that_the_page_names_is_there_and_only_these(session):
    before = fingerprint(session)
    viewed = ViewedSession(session)
    facts = facts_of(viewed.page())
    version = facts["served"]
    assert version == viewed.version()
    shown = read_record(session / "responses.nc", Responses)
    assert facts["images"] == facts["images_of_session"] == shown.images
    assert [each["kind"] for each in facts["decoders"]] == ["filters"]
    expected = {"core", "decoder-0", *(f"image-{i}" for i in range(shown.images))}
    made = read_record(session / "reconstruction" / "ridge.nc", Reconstruction)
    expected |= {f"decoder-0-fold-{fold}" for fold in range(len(made.transform))}
    assert expected <= set(facts["groups"])
    for name in set(facts["groups"]) - {"tables"}:  # which stands in the page
        assert unpacked(viewed.group(version, name))
    for name in ("image-9999", "decoder-1", "responses.nc", "session.toml", "..", ""):
        assert viewed.group(version, name) is None
    assert viewed.group("another", "core") is None
    assert fingerprint(session) == before


def test_pictures_come_out_of_its_groups_as_out_of_the_record(session):
    viewed = ViewedSession(session)
    version = facts_of(viewed.page())["served"]
    shown = read_record(session / "responses.nc", Responses)
    made = read_record(session / "reconstruction" / "ridge.nc", Reconstruction)
    base = unpacked(viewed.group(version, "decoder-0"))
    pixels = made.picture[0].size
    for image in (0, 7):
        fold = made.fold[image]
        code = unpacked(viewed.group(version, f"decoder-0-fold-{fold}"))["code"]
        weights = code.T * base["step"][:, None]
        assert "basis" in base
        filters = weights @ (base["basis"] / np.float32(32767))
        given = unpacked(viewed.group(version, f"image-{image}"))
        squares = given["response"].astype(float) * np.abs(given["response"])
        response = squares * given["response_scale"][:, None]
        less = (response - base["mean_response"][fold]) @ filters
        rows = np.flatnonzero(shown.image == image)
        expected = made.single[rows].reshape(len(rows), pixels)
        error = np.abs(base["mean_picture"][fold] + less - expected).max()
        assert error < 1e-3 * np.ptp(made.picture)


def test_a_session_that_is_run_again_has_another_page(session):
    viewed = ViewedSession(session)
    first = viewed.version()
    assert facts_of(viewed.page())["served"] == first
    # What says nothing of the results changes nothing.
    os.utime(session / ".tpdecode" / "ledger.json")
    assert viewed.version() == first
    change_setting(session / "session.toml", "decoding", "bootstraps", 150)
    second = viewed.version()
    assert second != first
    # The page that is open must be loaded again before it is told more.
    assert viewed.group(first, "core") is None
    assert viewed.group(second, "core") is None
    page = viewed.page()
    assert facts_of(page)["served"] == second
    assert b"reconstruct:ridge: stale, and therefore not shown" in page


def test_a_session_without_results_says_so(session):
    shutil.rmtree(session / ".tpdecode")
    with pytest.raises(SessionError, match="has no up-to-date results to report"):
        ViewedSession(session).page()


@pytest.mark.parametrize("name", ["responses.nc", "figures", "figures/CSV"])
def test_what_links_out_of_the_session_is_not_shown(session, tmp_path, name):
    path = session / name
    if name == "figures/CSV":
        path = next((session / "figures").glob("*.csv"))
    outside = tmp_path / f"outside{path.suffix}"
    path.rename(outside)
    path.symlink_to(outside, target_is_directory=outside.is_dir())
    with pytest.raises(SessionError, match="is a link to"):
        ViewedSession(session).page()


def test_groups_are_quick_to_pack_or_small():
    group = Group([("code", np.arange(-9, 9, dtype=np.int16))], {"low": 0.5})
    for level in (1, 7):
        assert (unpacked(group.packed(level))["code"] == np.arange(-9, 9)).all()
