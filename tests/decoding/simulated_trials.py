"""Small response sets with known structure, for the decoding tests."""

import numpy as np

from twophoton_decode.records import Responses
from twophoton_decode.records.fields.population import PopulationStatistics


def trials(images=12, repeats=4, cells=7, pixels=9, noise=0.5, seed=0, dimensions=None):
    """Cells that see random linear filters of the images, plus noise, presentations shuffled.

    With `dimensions`, the images are mixtures of so few patterns and can be learned.
    Returns response (presentations, cells), image (presentations,), pictures (images, pixels).
    """
    generator = np.random.default_rng(seed)
    pictures = generator.standard_normal((images, pixels))
    if dimensions is not None:
        patterns = generator.standard_normal((dimensions, pixels))
        pictures = generator.standard_normal((images, dimensions)) @ patterns / np.sqrt(dimensions)
    filters = generator.standard_normal((pixels, cells)) / np.sqrt(pixels)
    counts = np.broadcast_to(repeats, images)
    image = generator.permutation(np.repeat(np.arange(images), counts))
    response = pictures[image] @ filters
    return response + noise * generator.standard_normal(response.shape), image, pictures


def responses(response, image, pictures, names=None):
    """A `Responses` record around arrays; pictures (images, y, x). Statistics stay empty."""
    presentations, cells = response.shape
    images = len(pictures)
    return Responses(
        **PopulationStatistics.undefined(cells, images),
        response=response,
        image=image,
        repeat=np.zeros(presentations),
        onset_s=np.full(presentations, np.nan),
        picture=pictures,
        image_name=np.arange(images).astype(str) if names is None else names,
        roi=np.full(cells, -1),
        responsive=np.zeros((cells, images)),
        responsive_others=np.zeros((presentations, cells)),
        excluded_line=[],
        excluded_reason=np.array([], dtype=str),
        response_unit="a.u.",
        has_baseline=False,
        responsiveness_test="",
        dropped_cells=0,
        dropped_rois=[],
        notes=[],
    )
