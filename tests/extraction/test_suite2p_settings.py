"""What suite2p is told: bounded memory, and blocks and classifier where they differ."""

import json
import subprocess
import sys

import pytest

from twophoton_decode.extraction.suite2p.settings import (
    coarse_bins_note,
    most_bins,
    suite2p_settings,
)
from twophoton_decode.settings import ExtractionSettings


@pytest.mark.parametrize(
    ("memory_gb", "field", "bins"),
    [(4.0, (512, 512), 635), (4.0, (128, 128), 5000), (2.0, (2048, 2048), 100)],
)
def test_bins_are_as_many_as_memory_holds(memory_gb, field, bins):
    assert most_bins(memory_gb, field) == bins


def test_longer_bins_than_suite2ps_are_said():
    settings = ExtractionSettings(indicator_decay_s=1.0)
    assert coarse_bins_note(settings, 10.0, (6000, 512, 512)) == ""
    note = coarse_bins_note(settings, 10.0, (20_000, 512, 512))
    assert "averages of 31 frames, not 10" in note
    assert "memory_gb = 4;" in note
    more = ExtractionSettings(indicator_decay_s=1.0, memory_gb=16)
    assert coarse_bins_note(more, 10.0, (20_000, 512, 512)) == ""


def test_only_what_differs_is_told():
    told = suite2p_settings(ExtractionSettings(), 30.0, (64, 64), (128, 128))
    assert told["registration"] == {"nonrigid": True, "batch_size": 100, "block_size": (64, 64)}
    assert told["classification"] == {"use_builtin_classifier": True, "classifier_path": None}
    assert not told["run"]["do_regmetrics"]
    rigid = suite2p_settings(ExtractionSettings(batch_frames=50), 30.0, None, (128, 128))
    assert rigid["registration"] == {"nonrigid": False, "batch_size": 50}


def test_detection_is_told_what_differs_from_suite2ps_own_settings():
    """So that ROIs that were detected before a setting existed are kept."""
    usual = suite2p_settings(ExtractionSettings(), 30.0, None, (128, 128))
    assert usual["detection"] == {"threshold_scaling": 1.0, "nbins": 5000}
    assert "diameter" not in usual
    settings = ExtractionSettings(spatial_scale=3, max_overlap=0.5, highpass_neuropil_px=40)
    told = suite2p_settings(settings, 30.0, None, (128, 128))["detection"]
    assert told["max_overlap"] == 0.5
    assert told["sparsery_settings"] == {"spatial_scale": 3, "highpass_neuropil": 40}


DETECTED = """
import json, sys
import numpy as np
import torch
from twophoton_decode.extraction.suite2p.patches import grow_masks_faster, leave_out_network

leave_out_network()
import suite2p
from suite2p.detection import detection_wrapper

from twophoton_decode.extraction.suite2p.child import _settings
from twophoton_decode.extraction.suite2p.settings import suite2p_settings
from twophoton_decode.settings import ExtractionSettings

grow_masks_faster()
rng = np.random.default_rng(0)
y, x = np.mgrid[:64, :64]
movie = rng.normal(1000, 30, (400, 64, 64))
for row, column in rng.uniform(4, 60, (24, 2)):
    events = np.convolve(rng.random(400) < 0.03, np.exp(-np.arange(12) / 3))[:400]
    cell = np.hypot(y - row, x - column) < rng.uniform(2, 6)
    movie += 300 * events[:, None, None] * cell
movie = movie.astype(np.int16)
for change in json.loads(sys.argv[1]):
    told = suite2p_settings(ExtractionSettings(**change), 3.0, None, (64, 64))
    s = _settings(suite2p.default_settings(), told)
    _, rois, _ = detection_wrapper(
        movie, diameter=np.array(s["diameter"]), tau=s["tau"], fs=s["fs"],
        settings=s["detection"], device=torch.device("cpu"),
    )
    print(json.dumps([[int(v) for v in (*r["med"], r["npix"])] for r in rois]))
"""


@pytest.mark.slow
def test_every_setting_of_detection_changes_the_rois_that_suite2p_finds():
    changes = [
        {},
        {"spatial_scale": 3},
        {"threshold_scaling": 2.0},
        {"max_overlap": 0.0},
        {"highpass_neuropil_px": 9},
        {"indicator_decay_s": 0.2},
    ]
    done = subprocess.run(
        [sys.executable, "-c", DETECTED, json.dumps(changes)],
        check=True, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    usual, *others = [json.loads(line) for line in done.stdout.splitlines() if line[0] == "["]
    assert len(usual) >= 10
    assert len(others) == len(changes) - 1
    for change, found in zip(changes[1:], others, strict=True):
        assert found != usual, f"{change} changes nothing"
    # Higher is stricter, as its comment in session.toml says.
    assert len(others[1]) <= len(usual)
