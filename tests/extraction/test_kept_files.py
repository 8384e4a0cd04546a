"""What lies in a session's folders of suite2p is taken up only as it was written, and only data."""

import hashlib
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from twophoton_decode.extraction.kept.markers import digests_marked, mark_done
from twophoton_decode.extraction.kept.pickles import holds_only_data, read_objects


class Bait:
    """Unpickled, it makes a folder."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def planted(file, path):
    np.save(file, np.array({"yoff": Bait(path)}, dtype=object))


@pytest.mark.parametrize("name", ["a.npy", "raw pickle"])
def test_a_planted_pickle_is_not_read(tmp_path, name):
    if name == "a.npy":
        planted(tmp_path / "a.npy", tmp_path / "RAN")
    else:
        (tmp_path / "a.npy").write_bytes(pickle.dumps(Bait(tmp_path / "RAN")))
    assert not holds_only_data(tmp_path / "a.npy")
    with pytest.raises((pickle.UnpicklingError, ValueError)):
        read_objects(tmp_path / "a.npy")
    assert not (tmp_path / "RAN").exists()


def test_an_array_that_claims_more_than_its_file_holds_is_not_data(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((10, 10)))
    content = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(content.replace(b"(10, 10)", b"(99, 99)"))
    assert not holds_only_data(tmp_path / "a.npy")


def test_suite2ps_process_loads_only_data(tmp_path):
    """As suite2p itself would unpickle a planted file."""
    planted(tmp_path / "reg_outputs.npy", tmp_path / "RAN")
    np.save(tmp_path / "ops.npy", np.array({"a": np.arange(3)}, dtype=object))
    script = (
        "import sys, numpy as np\n"
        "from twophoton_decode.extraction.suite2p.patches import load_only_data\n"
        "load_only_data()\n"
        "assert np.load('ops.npy', allow_pickle=True).item()['a'].sum() == 3\n"
        "np.load('reg_outputs.npy', allow_pickle=True).item()\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "UnpicklingError: it refers to posix.mkdir" in done.stderr
    assert not (tmp_path / "RAN").exists()


def test_a_digest_that_is_known_is_not_taken_again(tmp_path):
    for name in ("data.bin", "motion.npz", "frame_mean.npy"):
        (tmp_path / name).write_bytes(name.encode())
    mark_done(tmp_path, "registered", {}, {"data.bin": "known"})
    digests = digests_marked(tmp_path, "registered")
    assert digests["data.bin"] == "known"
    assert digests["motion.npz"] == hashlib.blake2b(b"motion.npz", digest_size=20).hexdigest()
