"""A user's own suite2p settings: taken over, passed on, or without effect."""

import os

import numpy as np
import pytest
from suite2p_results import save_objects

from twophoton_decode.errors import SettingsError
from twophoton_decode.extraction.suite2p.users_settings import laid_over, read_users_settings

OLD = {
    "tau": np.float64(0.7), "fs": 30, "threshold_scaling": 2, "max_overlap": 0.5, "neucoeff": 0.6,
    "spatial_hp_detect": 40, "nonrigid": 0, "block_size": [64, 64], "win_baseline": 20.0,
    "inner_neuropil_radius": 3, "high_pass": 50, "maxregshift": 0.2, "smooth_sigma": 1.15,
    "sparse_mode": False, "spatial_taper": 40,
}  # fmt: skip
NEW = {
    "tau": 0.7, "fs": 30.0,
    "registration": {"nonrigid": False, "block_size": (64, 64), "maxregshift": 0.2},
    "detection": {"threshold_scaling": 2.0, "max_overlap": 0.5, "algorithm": "sourcery",
                  "highpass_time": 50, "block_size": (32, 32),
                  "sparsery_settings": {"highpass_neuropil": 40}},
    "extraction": {"neuropil_coefficient": 0.6, "inner_neuropil_radius": 3},
    "dcnv_preprocess": {"win_baseline": 20.0},
}  # fmt: skip


@pytest.mark.parametrize(("values", "left"), [
    (OLD, {"maxregshift": 0.2, "sparse_mode": False}),
    (NEW, {"maxregshift": 0.2, "algorithm": "sourcery"}),
])  # fmt: skip
def test_settings_of_either_layout_come_to_the_same(tmp_path, values, left):
    save_objects(tmp_path / "ops.npy", values)
    found = read_users_settings(tmp_path / "ops.npy")
    assert found.taken == {
        "extraction.indicator_decay_s": 0.7,
        "extraction.threshold_scaling": 2.0,
        "extraction.max_overlap": 0.5,
        "extraction.highpass_neuropil_px": 40,
        "extraction.nonrigid": False,
        "extraction.block_size_px": 64,
        "traces.neuropil_coefficient": 0.6,
    }
    assert found.passed == {
        "detection": {"highpass_time": 50},
        "extraction": {"inner_neuropil_radius": 3},
        "dcnv_preprocess": {"win_baseline": 20.0},
    }
    assert found.overridden == left


def test_what_this_program_tells_suite2p_counts():
    users = {"detection": {"denoise": True, "nbins": 3}, "extraction": {"lam_percentile": 20}}
    told = {"detection": {"nbins": 500}, "fs": 8.0}
    assert laid_over(users, told) == {
        "detection": {"denoise": True, "nbins": 500},
        "extraction": {"lam_percentile": 20},
        "fs": 8.0,
    }


class Hostile:
    def __reduce__(self):
        return os.system, ("exit 1",)


@pytest.mark.parametrize(("values", "said"), [
    ({"tau": Hostile()}, r"posix\.system"),
    ([1, 2], "it holds list"),
    ({"win_baseline": [1, 2, 3]}, "win_baseline is"),
    ({"tau": float("nan")}, "tau is 'nan'"),
])  # fmt: skip
def test_other_files_are_refused(tmp_path, values, said):
    path = tmp_path / "ops.npy"
    holder = np.empty((), dtype=object)
    holder[()] = values
    np.save(path, holder, allow_pickle=True)
    with pytest.raises(SettingsError, match=said):
        read_users_settings(path)


def test_the_real_ops_of_2020(real_data):
    found = read_users_settings(real_data / "suite2p_2020" / "ops.npy")
    assert found.taken["extraction.indicator_decay_s"] == 0.7
    assert found.passed["extraction"]["min_neuropil_pixels"] == 350
