"""The denoiser's stages on the way from a noised code to a clean one, beside random weights.

Every picture has noise of its own here: the one noise of the decoder would be the same for all
pictures, and a regression would not see it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.latent.components.component import CODE, NOISED, Component, some_units
from twophoton_decode.deep.latent.denoiser.condition import told
from twophoton_decode.deep.latent.denoiser.file import Denoiser
from twophoton_decode.deep.latent.denoiser.noise import denoised, noise_levels, sampled
from twophoton_decode.deep.latent.denoiser.unet import STAGES, Shape, build
from twophoton_decode.progress import Progress, silent

STRENGTH, STEPS = 0.8, 10
"""Of the way that is looked at: as far up as in Takagi & Nishimoto (2023)."""
LOOKED_AT = (0, 2, 4, 6, 8)
"""Steps of it."""
NOISED_TO = (0.2, 0.5, 0.8, 1.0)
"""Strengths at which z is looked at by itself."""
DRAWS = 3
"""Networks with random weights beside the trained one."""
_AT_ONCE = 32
CODE_PLACE = len(STAGES)
"""All codes are cut to the same units."""


@dataclass(frozen=True, eq=False)
class Codes:
    """What goes into the denoiser.

    Attributes
    ----------
    standard : ndarray, shape (picture, channels, y, x)
        True codes, as the denoiser's scale makes them.
    components : ndarray, shape (picture, components)
        True ones.
    noise : ndarray
        Standard normal, in the shape of the codes.
    """

    standard: np.ndarray
    components: np.ndarray
    noise: np.ndarray

    @classmethod
    def of(cls, standard: np.ndarray, components: np.ndarray, seed: int) -> Codes:
        """With noise drawn for every picture."""
        rng = np.random.default_rng([seed, 8])
        noise = rng.standard_normal(standard.shape, dtype=np.float32)
        return cls(standard, components, noise)

    def noised(self, sigma: float) -> np.ndarray:
        """Codes with so much noise."""
        return self.standard + np.float32(sigma) * self.noise


def noised_codes(codes: Codes, units: int) -> list[Component]:
    """z with more and more noise."""
    levels = [float(noise_levels(strength, 1)[0]) for strength in NOISED_TO]
    return [
        Component(NOISED, some_units(codes.noised(sigma), units, CODE_PLACE), sigma=sigma)
        for sigma in levels
    ]


def path_components(
    denoiser: Denoiser, codes: Codes, units: int, seed: int, progress: Progress = silent
) -> list[Component]:
    """The code and every stage at the steps that are looked at.

    Networks with random weights are given the trained one's codes, so that its weights alone
    make the difference. Beside the code itself stands z with as much noise, none taken off.

    Parameters
    ----------
    denoiser : Denoiser
    codes : Codes
    units : int
        At most, of each component; 0: all.
    seed : int
        Of random weights.
    """
    networks = denoiser.network, *_random_twins(denoiser, seed)
    levels = noise_levels(STRENGTH, STEPS)
    seen: dict[tuple[int, str, int], list[np.ndarray]] = {}
    for start in range(0, len(codes.standard), _AT_ONCE):
        progress(start, len(codes.standard), "codes through the denoiser and random ones")
        rows = slice(start, start + _AT_ONCE)
        for key, values in _seen(networks, codes, rows, levels, units).items():
            seen.setdefault(key, []).append(values)
    found = {key: np.concatenate(parts) for key, parts in seen.items()}
    made = []
    for step in LOOKED_AT:
        sigma = float(levels[step])
        bare = some_units(codes.noised(sigma), units, CODE_PLACE)
        made.append(Component(CODE, found[step, CODE, 0], (bare,), step, sigma))
        for stage in STAGES:
            twins = tuple(found[step, stage, draw + 1] for draw in range(DRAWS))
            made.append(Component(stage, found[step, stage, 0], twins, step, sigma))
    return made


def _random_twins(denoiser: Denoiser, seed: int) -> tuple[Any, ...]:
    """Networks of the same shape, all of whose weights are random."""
    device = next(denoiser.network.parameters()).device
    width = denoiser.origin.width
    shape = Shape(len(denoiser.scale.mean), 2 * denoiser.components.count, width)
    drawn = (build(shape, seed + draw, quiet=False) for draw in range(DRAWS))
    return tuple(each.to(device).eval().requires_grad_(False) for each in drawn)


def _seen(
    networks: tuple[Any, ...], codes: Codes, rows: slice, levels: np.ndarray, units: int
) -> Mapping[tuple[int, str, int], np.ndarray]:
    """Values of some pictures by step, stage and network."""
    torch, trained = torch_or_error(), networks[0]
    device = next(trained.parameters()).device
    condition = told(codes.components[rows], np.ones(codes.components.shape[1]))
    start, noise, condition = (
        torch.from_numpy(np.ascontiguousarray(each, np.float32)).to(device)
        for each in (codes.standard[rows], codes.noise[rows], condition)
    )
    found: dict[tuple[int, str, int], np.ndarray] = {}

    def look(step: int, code: Any, sigma: Any) -> None:
        if step not in LOOKED_AT:
            return
        found[step, CODE, 0] = some_units(code.numpy(force=True), units, CODE_PLACE)
        for number, network in enumerate(networks):
            with _stages(network) as stage:
                denoised(network, code, sigma, condition)
            for place, name in enumerate(STAGES):
                found[step, name, number] = some_units(stage[name], units, place)

    with torch.inference_mode():
        sampled(trained, start, noise, levels, condition, look)
    return found


@contextmanager
def _stages(network: Any) -> Iterator[dict[str, np.ndarray]]:
    """What every stage gives in the calls inside."""
    given: dict[str, np.ndarray] = {}

    def keep(name: str) -> Any:
        def kept(module: Any, args: Any, output: Any) -> None:
            given[name] = output.numpy(force=True)

        return kept

    hooks = [network.blocks[name].register_forward_hook(keep(name)) for name in STAGES]
    try:
        yield given
    finally:
        for each in hooks:
            each.remove()
