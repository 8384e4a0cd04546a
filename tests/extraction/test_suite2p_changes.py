"""What is changed in suite2p: found by name, and never its results."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from suite2p.detection import sparsedetect
from suite2p.extraction import masks
from suite2p.io.binary import BinaryFile
from suite2p.registration import register

from twophoton_decode.extraction.suite2p import patches as suite2p_changes
from twophoton_decode.extraction.suite2p.mask_growth import extend_roi, multiscale_mask


@pytest.fixture(autouse=True)
def unchanged(monkeypatch):
    """suite2p as it was, after each test."""
    for owner, name in (
        (sparsedetect, "extendROI"),
        (sparsedetect, "multiscale_mask"),
        (masks, "extendROI"),
        (BinaryFile, "__getitem__"),
        (register, "pick_initial_reference"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))


def test_masks_grow_by_our_functions():
    suite2p_changes.grow_masks_faster()
    assert sparsedetect.extendROI is masks.extendROI is extend_roi
    assert sparsedetect.multiscale_mask is multiscale_mask


def test_a_suite2p_without_what_is_replaced_is_noticed(monkeypatch):
    monkeypatch.delattr(sparsedetect, "extendROI")
    with pytest.raises(AssertionError, match=r"sparsedetect\.extendROI"):
        suite2p_changes.grow_masks_faster()


@pytest.fixture
def movie(tmp_path):
    frames = np.random.default_rng(0).integers(-999, 999, (60, 16, 20)).astype(np.int16)
    frames.tofile(tmp_path / "data.bin")
    return frames, {"Ly": 16, "Lx": 20, "filename": str(tmp_path / "data.bin"), "n_frames": 60}


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("index", [slice(10, 20), slice(55, 99), np.array([3, 1, 59]), 7])
def test_frames_are_read_as_before(movie, index, write):
    frames, described = movie
    suite2p_changes.give_pages_back()
    with BinaryFile(**described, write=write) as file:
        assert np.array_equal(file[index], frames[index])


def test_written_frames_are_kept_when_pages_are_given_back(movie):
    frames, described = movie
    suite2p_changes.give_pages_back()
    with BinaryFile(**described, write=True) as file:
        file[10:20] = 2 * file[10:20]
        frames[10:20] *= 2
        assert np.array_equal(file[0:60], frames)
    assert np.array_equal(np.fromfile(described["filename"], np.int16), frames.ravel())


RESIDENT = """
import sys
import numpy as np
from suite2p.io.binary import BinaryFile
from twophoton_decode.extraction.suite2p import patches as suite2p_changes

def resident():
    lines = open("/proc/self/smaps_rollup").read().splitlines()[1:]
    return int(dict(line.split(":") for line in lines)["Rss"].split()[0]) / 1024

if sys.argv[2] == "changed":
    suite2p_changes.give_pages_back()
with BinaryFile(512, 512, sys.argv[1]) as file:
    before = resident()
    for start in range(0, 600, 50):
        file[start : start + 50].sum()
    print(resident() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_memory_does_not_grow_with_the_frames_that_were_read(tmp_path):
    np.zeros((600, 512, 512), np.int16).tofile(tmp_path / "data.bin")
    home = {"HOME": str(tmp_path), "CELLPOSE_LOCAL_MODELS_PATH": str(tmp_path), "PATH": ""}

    def grown(how):
        command = [sys.executable, "-c", RESIDENT, str(tmp_path / "data.bin"), how]
        said = subprocess.run(command, check=True, capture_output=True, text=True, env=home).stdout
        return float(said.splitlines()[-1])

    # 300 MiB were read, 25 at a time.
    assert grown("as it was") > 250
    assert grown("changed") < 60


def test_a_bright_pixel_does_not_wrap_in_the_reference():
    frames = np.full((30, 32, 32), -32000, np.int16)
    frames += np.random.default_rng(1).integers(0, 50, frames.shape).astype(np.int16)
    frames[:, 10:13, 10:13] = 32000
    frames = torch.from_numpy(frames)
    assert register.pick_initial_reference(frames)[11, 11] < 0
    suite2p_changes.keep_reference_from_wrapping()
    reference = register.pick_initial_reference(frames)
    assert reference[11, 11] == reference.max() > 0
