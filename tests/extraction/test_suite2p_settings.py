"""What suite2p is told: bounded memory, and blocks and classifier where they differ."""

import pytest

from twophoton_decode.extraction.suite2p_settings import (
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
