"""What was seen of the movie is kept, and looked at again where that was damaged."""

from types import SimpleNamespace

import pytest

from twophoton_decode.pipeline.inputs import intensities as step
from twophoton_decode.settings import Settings


@pytest.fixture
def looked(tmp_path, monkeypatch):
    """Intensities as the stage asks for them, and how often the movie was read for them."""
    times = []

    def look(work, recording):
        times.append(1)
        return step.Intensities(32768.0, 1.0, 2, ["a blank frame"])

    monkeypatch.setattr(step, "_looked_at", look)
    work = SimpleNamespace(folder=SimpleNamespace(private=tmp_path), settings=Settings())
    recording = SimpleNamespace(grey_scale=1.0, grey_offset=0.0)
    return lambda: (step.intensities(work, recording, "whole:ab"), len(times))


def test_kept_intensities_are_used(looked):
    first, _ = looked()
    assert looked() == (first, 1)


def test_a_flipped_byte_never_changes_them(looked, tmp_path):
    first, times = looked()
    whole = (tmp_path / "intensities.json").read_bytes()
    for at in range(len(whole)):
        content = bytearray(whole)
        content[at] ^= 2
        (tmp_path / "intensities.json").write_bytes(bytes(content))
        found, times = looked()
        assert found == first
        (tmp_path / "intensities.json").write_bytes(whole)
    assert times > 0.7 * len(whole)
