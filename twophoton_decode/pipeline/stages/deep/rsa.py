"""Which layers represent the pictures as each population of cells does?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.errors import AnalysisError
from twophoton_decode.pipeline.inputs.cell_populations import cell_populations
from twophoton_decode.pipeline.inputs.network_features import SETTINGS, SOURCES, features_of
from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records import Representation, Responses
from twophoton_decode.words import counted_are

if TYPE_CHECKING:
    from twophoton_decode.deep.comparison.models import Model
    from twophoton_decode.deep.comparison.population_rdms import Trials
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "deep/rsa.nc"
LEAST_IMAGES, _MOST_IMAGES, _LEAST_CELLS = 20, 1000, 10


def run(work: StageInput) -> StageOutput:
    """Dissimilarities of every population, compared with layers, random twins and pixels."""
    from twophoton_decode.deep.comparison.population_rdms import population_rdms
    from twophoton_decode.deep.comparison.representation import (
        Comparison,
        PopulationData,
        represent,
    )
    from twophoton_decode.deep.networks.named import random_twin

    responses = work.read(Responses, "responses.nc")
    notes: list[str] = []
    trials, chosen = _trials(work, responses, notes)
    populations = _populations(work, responses, notes)
    settings = work.settings
    rng = np.random.default_rng(settings.decoding.seed)
    found = population_rdms(trials, populations, settings.deep.dissimilarity,
                            settings.deep.splits, rng)  # fmt: skip
    twins = {name: random_twin(name) for name in dict.fromkeys(settings.deep.networks)}
    made = represent(
        Comparison(
            populations=[
                PopulationData(name, len(cells), found.rdm[[place]], found.between[place, place],
                               tuple(found.ceiling[place]))
                for place, (name, cells) in enumerate(populations.items())
            ],
            models=_models(work, responses, chosen, twins, notes),
            twins=twins,
            picture_name=responses.image_name[chosen],
            between=found.between,
            measure=settings.deep.dissimilarity,
            halves_measure=found.halves_measure,
            splits=settings.deep.splits,
            bootstraps=settings.decoding.bootstraps,
            seed=settings.decoding.seed,
            notes=notes,
        ),
        work.progress,
    )  # fmt: skip
    return StageOutput(record=made, summary=summary_of(made), notes=notes)


def draw(work: StageInput) -> list[Drawing]:
    """Layers against populations, and populations against each other; of two, profiles too."""
    from twophoton_decode.figures.deep.area_profile import area_profile
    from twophoton_decode.figures.deep.representation import layers_and_populations

    found = work.read(Representation, FILE)
    several = len(found.compared) and found.ranked.sum() > 1
    return [layers_and_populations(found), *([area_profile(found)] if several else [])]


def _trials(work: StageInput, responses: Responses, notes: list[str]) -> tuple[Trials, np.ndarray]:
    """Presentations of the pictures that are compared, and which pictures these are.

    Pictures with identical pixels are one; those with too few repeats are left out.
    """
    from twophoton_decode.deep.comparison.population_rdms import Trials
    from twophoton_decode.statistics.by_image import shown_alike

    identity, first = shown_alike(responses)
    image = identity[responses.image]
    measured = responses.known.all(axis=1)
    if not measured.all():
        notes.append(
            f"{counted_are(int((~measured).sum()), 'presentation')} left out, as responses in it "
            "were filled in: a cell's mean would make pictures alike."
        )
        image = np.where(measured, image, len(first))
    times = np.bincount(image, minlength=len(first))[: len(first)]
    least = 2 if work.settings.deep.dissimilarity == "crossnobis" else 1
    kept = np.flatnonzero(times >= least)
    if len(kept) < len(first):
        notes.append(
            f"{len(first) - len(kept)} of {len(first)} pictures are left out: they were shown "
            f"fewer than {least} times."
        )
    kept = _not_too_many(kept, work.settings.decoding.seed, notes)
    if len(kept) < LEAST_IMAGES:
        raise AnalysisError(
            f"representational similarity needs {LEAST_IMAGES} pictures shown {least} times or "
            f"more, this session has {len(kept)}."
        )
    place = np.full(len(first) + 1, -1)
    place[kept] = np.arange(len(kept))
    rows = np.flatnonzero(place[image] >= 0)
    image = place[image[rows]]
    trials = Trials(responses.response[rows], image, _occurrence(image), len(kept))
    return trials, first[kept]


def _not_too_many(kept: np.ndarray, seed: int, notes: list[str]) -> np.ndarray:
    if len(kept) <= _MOST_IMAGES:
        return kept
    notes.append(
        f"{_MOST_IMAGES} of {len(kept)} pictures are compared, chosen at random: pairs grow with "
        "the square of their number."
    )
    return np.sort(np.random.default_rng(seed).choice(kept, _MOST_IMAGES, replace=False))


def _occurrence(image: np.ndarray) -> np.ndarray:
    """How often each presentation's picture was shown before, in the order of presentations."""
    seen = np.zeros(int(image.max()) + 1, dtype=np.int64)
    repeat = np.empty(len(image), dtype=np.int64)
    for row, shown in enumerate(image.tolist()):
        repeat[row] = seen[shown]
        seen[shown] += 1
    return repeat


def _populations(work: StageInput, responses: Responses, notes: list[str]) -> dict[str, np.ndarray]:
    """Cells of each population of ten or more that change; planes where no file names any."""
    from twophoton_decode.responses.populations import by_population

    population = cell_populations(work, responses)
    changing = responses.response.std(axis=0) > 0
    found = {
        name: cells[changing[cells]]
        for name, cells in by_population(population, responses.cells).items()
    }
    small = {name: len(cells) for name, cells in found.items() if len(cells) < _LEAST_CELLS}
    said = ", ".join(f"{name} ({number})" for name, number in small.items())
    if len(small) == len(found):
        raise AnalysisError(
            f"a population needs {_LEAST_CELLS} cells that respond to something; found {said}."
        )
    if small:
        notes.append(f"left out for fewer than {_LEAST_CELLS} cells: {said}.")
    return {name: cells for name, cells in found.items() if name not in small}


def _models(
    work: StageInput,
    responses: Responses,
    chosen: np.ndarray,
    twins: dict[str, str],
    notes: list[str],
) -> list[Model]:
    """Layers of the networks and of their random twins, and the pixels; none without pictures."""
    from twophoton_decode.deep.comparison.models import layer_models, pixel_model

    if not responses.has_pictures:
        notes.append(
            f"{', '.join(twins)}: no layers are compared, as conditions have no pictures; "
            "populations are compared with each other."
        )
        return []
    found: list[Model] = []
    for network in dict.fromkeys([*twins, *twins.values()]):
        features = features_of(work, network, responses.images)
        notes += [note for note in features.notes if note not in notes]
        found += layer_models(features, chosen, notes)
    return [*found, *pixel_model(responses.picture[chosen], notes)]


def summary_of(found: Representation) -> dict[str, Any]:
    """Agreement by network, layer and population; reliability by population; the sentences."""
    from twophoton_decode.figures.deep.representation_words import sentences

    numbers: dict[str, Any] = {}
    for model, (network, layer) in enumerate(zip(found.network, found.layer, strict=True)):
        by_layer = numbers.setdefault(str(network), {})
        by_layer[str(layer)] = {
            str(name): _pair(found, model, place) for place, name in enumerate(found.population)
        }
    populations = {
        str(name): {
            "cells": int(found.population_cells[place]),
            "reliability": float(found.reliability[place]),
            "ceiling": [float(found.ceiling_low[place]), float(found.ceiling_high[place])],
        }
        for place, name in enumerate(found.population)
    }
    return {**numbers, "populations": populations, "said": sentences(found)}


def _pair(found: Representation, model: int, place: int) -> dict[str, Any]:
    values = {
        "agreement": float(found.agreement[model, place]),
        "ci95": [float(found.agreement_low[model, place]),
                 float(found.agreement_high[model, place])],
        "whitened": float(found.whitened[model, place]),
    }  # fmt: skip
    for name in ("over_random", "over_pixels"):
        if np.isfinite(getattr(found, name)[model, place]):
            values[name] = float(getattr(found, name)[model, place])
            values[f"{name}_ci95"] = [
                float(getattr(found, f"{name}_{end}")[model, place]) for end in ("low", "high")
            ]
    return values


def _told(numbers: Numbers) -> str:
    return " ".join(numbers["said"])


DEEP_RSA = Stage(
    name="deep-rsa",
    command="deep rsa",
    title="which layers represent the pictures as populations of cells do",
    section="What networks and populations have in common",
    page_place=82,
    run=run,
    draw=draw,
    file=FILE,
    record=Representation,
    summary_key="deep.rsa",
    numbers=(
        Number("populations", "cells, reliability and noise ceiling of each population"),
        Number("said", "what the comparison shows, in sentences"),
    ),
    reads=("respond",),
    sources=SOURCES,
    depends_on=(
        *SETTINGS, "deep.networks", "deep.dissimilarity", "deep.splits", "decoding.bootstraps",
        "decoding.seed",
    ),
    on_request=True,
    revision=3,
    figure_revision=3,
    told=_told,
)  # fmt: skip
