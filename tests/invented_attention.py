"""Attention on and off as a record that no analysis made."""

import numpy as np

from twophoton_decode.records import AttentionEncoding

CELLS, LAYERS = 14, ("b1", "b2")
PER_CELL = (
    "r_off", "r_on", "r_other_map", "r_mean_map", "p_off", "p_on", "p_either", "delta",
    "delta_counted", "r_pixels", "noise_ceiling_r", "position_x", "position_y", "field_x",
    "field_y",
)  # fmt: skip


def attention_encoding():
    """A record with every field, of 14 cells of which 12 are laid out."""
    rng = np.random.default_rng(0)
    laid_out = np.arange(2, CELLS)
    medians = {"r_off": 0.21, "r_pixels": 0.12, "noise_ceiling_r": 0.6}
    for kind, values in {"layer_r": (0.2, 0.25), "layer_r_random": (0.1, 0.15)}.items():
        medians |= {f"{kind}:{name}": r for name, r in zip(LAYERS, values, strict=True)}
    return AttentionEncoding(
        **{name: rng.random(CELLS) for name in PER_CELL},
        predicted=np.ones(CELLS, bool),
        r_bin=np.r_[-1, -1, rng.integers(4, size=CELLS - 2)],
        layer_r=rng.random((2, CELLS)),
        layer_r_random=rng.random((2, CELLS)),
        chance_r_off=rng.random(9),
        chance_r_on=rng.random(9),
        layer=np.array(LAYERS),
        fold_layer=np.array(["b1", "b2", "b2"]),
        fold_strength=np.ones(3),
        plane=np.zeros(CELLS),
        embedded_cell=laid_out,
        dissimilarity=rng.random((12, 12)),
        layout=rng.random((5, 12, 3)),
        colour=rng.random((12, 3)),
        order=np.arange(12),
        example_image=np.arange(3),
        example_picture=rng.random((3, 8, 8)),
        example_map=rng.random((3, 4, 4)),
        mean_map=rng.random((4, 4)),
        delta_ci95=(-0.01, 0.02),
        beyond_other=0.004,
        beyond_other_ci95=(0.001, 0.007),
        beyond_mean=0.003,
        beyond_mean_ci95=(-0.002, 0.008),
        neighbours=5,
        neighbours_kept=0.4,
        neighbours_by_chance=5 / 11,
        seeds_agree=0.65,
        dissimilarity_off_rho=0.9,
        field_distance=3.1,
        field_distance_by_chance=3.2,
        field_distance_p=0.4,
        view_distance=np.nan,
        view_distance_by_chance=np.nan,
        view_distance_p=np.nan,
        images=40,
        network="efficientnet-lite0@random:0",
        sha256="",
        twin="efficientnet-lite0@random:1",
        attention="maps.npy",
        attention_sha256="",
        notes=[],
        medians=medians,
        means={"delta": 0.005},
        counts={"predicted": 9} | {f"bin:{place}": 3 for place in range(-1, 4)},
    )
