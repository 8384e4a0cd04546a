"""A population of visual cells: receptive fields, sparse rates, and variable trials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Tuning:
    """How the simulated cells respond to pictures.

    Parameters
    ----------
    responsive_share : float
        Share of the pictures to which a cell responds, on average over cells; equally the
        share of the cells that respond to one picture.
    share_spread : float
        Standard deviation over cells of the logarithm of that share.
    coarse_share : float
        Share of the cells with large receptive fields of low spatial frequency.
    exponent : float
        Rates grow with this power of the drive above threshold.
    mean_spikes : float
        Mean spikes per presentation over the pictures to which a cell responds.
    gain_spread : float
        Standard deviation of the logarithm of the gain that all cells share in a trial.
    running_gain : float
        Factor on all responses while the animal runs.
    private_spread : float
        As `gain_spread`, for the gain that each cell draws for itself in each trial.
    dropout : float
        Probability that a responding cell stays silent in a trial.
    shared_noise : float
        Spikes per presentation that a shared fluctuation adds, at a loading of one.
    carriers : int or None
        Number of cells that carry the picture; None: all. The others respond as often and
        as strongly, but to pictures drawn at random in each trial, so they carry nothing.
    """

    responsive_share: float = 0.2
    share_spread: float = 0.3
    coarse_share: float = 0.5
    exponent: float = 0.5
    mean_spikes: float = 6.0
    gain_spread: float = 0.2
    running_gain: float = 1.3
    private_spread: float = 0.25
    dropout: float = 0.1
    shared_noise: float = 0.1
    carriers: int | None = None


@dataclass(frozen=True, eq=False)
class Population:
    """Cells with their receptive fields and their mean responses to a set of pictures.

    Attributes
    ----------
    receptive_field : ndarray, shape (cells, side, side), float32
        Unit norm and zero sum.
    rate : ndarray, shape (images, cells), spikes per presentation
        Mean response to each picture, before the variability of single trials.
    loading : ndarray, shape (cells,)
        How strongly the shared fluctuation reaches a cell, mean 1.
    carries : ndarray of bool, shape (cells,)
        Whether the cell's responses depend on the picture shown.
    """

    receptive_field: np.ndarray
    rate: np.ndarray
    loading: np.ndarray
    carries: np.ndarray


def population(
    pictures: np.ndarray, cells: int, tuning: Tuning, generator: np.random.Generator
) -> Population:
    """Draw `cells` cells and compute their rates for `pictures`.

    Drive = receptive field · (picture - mean picture), in units of its standard deviation
    over pictures; divided by the root mean square over the population (contrast
    normalisation); rate = (drive - threshold)₊^exponent, scaled to `mean_spikes`, with a
    threshold per cell that lets through its share of the pictures.

    Parameters
    ----------
    pictures : ndarray, shape (images, side, side), luminance 0…1
    cells : int
    tuning : Tuning
    generator : numpy.random.Generator

    Returns
    -------
    Population
    """
    fields = receptive_fields(cells, pictures.shape[1], tuning.coarse_share, generator)
    share = tuning.responsive_share * np.exp(
        generator.normal(-(tuning.share_spread**2) / 2, tuning.share_spread, cells)
    )
    strength = tuning.mean_spikes * np.exp(generator.normal(0.0, 0.3, cells))
    carriers = cells if tuning.carriers is None else tuning.carriers
    carries = np.zeros(cells, dtype=bool)
    carries[generator.permutation(cells)[:carriers]] = True
    return Population(
        receptive_field=fields.astype(np.float32),
        rate=_sparse_rates(_drive(pictures, fields), share, strength, tuning.exponent),
        loading=generator.gamma(4.0, 0.25, cells),
        carries=carries,
    )


def receptive_fields(
    cells: int, side: int, coarse_share: float, generator: np.random.Generator
) -> np.ndarray:
    """Gabor receptive fields spread over the visual field, unit norm, zero sum.

    Fine ones have envelopes of 0.06…0.12 of the side, coarse ones 0.14…0.26; wavelength
    is 2.5…5 envelopes, phase and orientation are free, so that edges, bars, and ON and OFF
    patches all occur.

    Returns
    -------
    ndarray, shape (cells, side, side), float64
    """
    return GaborFields.drawn(cells, side, coarse_share, generator).fields()


@dataclass(frozen=True, eq=False)
class GaborFields:
    """Gabor receptive fields by their parameters, all (cells,) or (2, cells), px and radians."""

    side: int
    centre: np.ndarray
    envelope: np.ndarray
    angle: np.ndarray
    wavelength: np.ndarray
    phase: np.ndarray

    @classmethod
    def drawn(
        cls, cells: int, side: int, coarse_share: float, generator: np.random.Generator
    ) -> GaborFields:
        """As `receptive_fields` says."""
        coarse = generator.permutation(cells) < round(coarse_share * cells)
        low, high = np.where(coarse, 0.14, 0.06), np.where(coarse, 0.26, 0.12)
        envelope = generator.uniform(low, high) * side
        centre = generator.uniform(0.08, 0.92, (2, cells)) * side
        angle = generator.uniform(0.0, np.pi, cells)
        wavelength = generator.uniform(2.5, 5.0, cells) * envelope
        phase = generator.uniform(0.0, 2 * np.pi, cells)
        return cls(side, centre, envelope, angle, wavelength, phase)

    def fields(self, shift: float = 0.0) -> np.ndarray:
        """The fields with their phase moved on by `shift`, (cells, side, side), float64."""

        def column(values: np.ndarray) -> np.ndarray:
            return values[:, None, None]

        pixel = np.arange(self.side) + 0.5
        dy = pixel[None, :, None] - column(self.centre[0])
        dx = pixel[None, None, :] - column(self.centre[1])
        along = dx * column(np.cos(self.angle)) + dy * column(np.sin(self.angle))
        gauss = np.exp(-(dy**2 + dx**2) / (2 * column(self.envelope) ** 2))
        gabor = gauss * np.cos(
            2 * np.pi * along / column(self.wavelength) + column(self.phase + shift)
        )
        gabor -= gauss * column(gabor.sum((1, 2)) / gauss.sum((1, 2)))
        return np.asarray(gabor / column(np.sqrt((gabor**2).sum((1, 2)))))


def trial_responses(
    drawn: Population,
    image: np.ndarray,
    running: np.ndarray,
    tuning: Tuning,
    generator: np.random.Generator,
) -> np.ndarray:
    """Spikes of every cell in every presentation.

    Poisson around rate × shared gain × private gain × (0 where the cell drops out), plus
    the shared fluctuation where it is positive.

    Parameters
    ----------
    drawn : Population
    image : ndarray of int, shape (presentations,)
        Index of the picture shown.
    running : ndarray of bool, shape (presentations,)
        Whether the animal runs.
    tuning : Tuning
    generator : numpy.random.Generator

    Returns
    -------
    ndarray of int64, shape (presentations, cells)
    """
    shape = (image.size, drawn.rate.shape[1])
    seen = np.where(drawn.carries, image[:, None], generator.integers(len(drawn.rate), size=shape))
    rate = np.take_along_axis(drawn.rate, seen, axis=0)
    rate = rate * _gain(tuning.gain_spread, (image.size, 1), generator)
    rate = rate * np.where(running, tuning.running_gain, 1.0)[:, None]
    rate = rate * _gain(tuning.private_spread, shape, generator)
    rate = rate * (generator.random(shape) >= tuning.dropout)
    fluctuation = np.maximum(generator.normal(size=(image.size, 1)), 0.0)
    return generator.poisson(rate + tuning.shared_noise * fluctuation * drawn.loading)


def _gain(spread: float, shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    """Log-normal factors of mean one."""
    return np.exp(generator.normal(-(spread**2) / 2, spread, shape))


def _drive(pictures: np.ndarray, fields: np.ndarray) -> np.ndarray:
    """Contrast-normalised linear drive, shape (images, cells)."""
    flat = pictures.reshape(len(pictures), -1)
    drive = (flat - flat.mean(0)) @ fields.reshape(len(fields), -1).T
    drive = drive / drive.std(0)
    if drive.shape[1] == 1:
        return drive  # A single cell has no population to normalise it.
    return drive / np.sqrt((drive**2).mean(1, keepdims=True))


def _sparse_rates(
    drive: np.ndarray, share: np.ndarray, strength: np.ndarray, exponent: float
) -> np.ndarray:
    """Rates that are zero but for each cell's `share` of images, where they average `strength`."""
    rate = np.empty_like(drive)
    for cell, (column, part) in enumerate(zip(drive.T, share, strict=True)):
        above = np.maximum(column - np.quantile(column, 1 - min(part, 0.5)), 0.0) ** exponent
        rate[:, cell] = above / above[above > 0].mean()
    return rate * strength
